"""What brought a person in, as mails show it: `{{ journey.order }}` and the like (campaigns/templating/fields.py)."""

# Over `e`, with the facts (jsonb) and the key (text) of a start: a property of that name, else what the event is about.
SHOWN = """jsonb_build_object(
    'order', coalesce(e.facts ->> 'order', CASE WHEN starts_with(e.facts ->> 'kind', 'order.')
        THEN e.facts ->> 'key' END, nullif(e.key, '')),
    'product', coalesce(e.facts ->> 'product', CASE e.facts ->> 'kind' WHEN 'product.viewed'
        THEN e.facts ->> 'name' END, (SELECT p.name FROM contacts_product p
        WHERE p.key = coalesce(e.facts -> 'items' ->> 0, e.facts -> 'products' ->> 0))),
    'form', coalesce(e.facts ->> 'form', CASE e.facts ->> 'kind' WHEN 'form.submitted'
        THEN e.facts ->> 'name' END),
    'value', CASE WHEN jsonb_typeof(e.facts -> 'value') = 'number' THEN e.facts -> 'value'
        WHEN e.facts ->> 'total' ~ '^[0-9]{1,15}([.][0-9]{1,6})?$' THEN to_jsonb((e.facts ->> 'total')::numeric)
        END)"""
