"""Forms in the product's look wherever {{ form }} is written."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Draws forms and fields by templates/components/form.html and field.html."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
