-- The trail: one row for each change of a watched row that a person makes. Installed by crm.team.trail.watching.
-- Arguments of the trigger: kind, id column, label columns, part, columns left out, secret columns, columns to spread
-- (lists with commas). Who acts stands in the session setting wayfare.trail as JSON; empty: nobody, and then the
-- triggers of most tables do not fire at all (their WHEN; not measurable in an UPDATE of 200,000 rows).
CREATE OR REPLACE FUNCTION team_trail_value(value jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN length(value #>> '{}') > 600 THEN to_jsonb(left(value #>> '{}', 600) || '…') ELSE value END
$$;

CREATE OR REPLACE FUNCTION team_trail_facts(facts jsonb, left_out text[], spread text) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN spread <> '' AND jsonb_typeof(facts -> spread) = 'object'
        THEN (facts - left_out - spread) || coalesce(
            (SELECT jsonb_object_agg(spread || '.' || key, value) FROM jsonb_each(facts -> spread)), '{}')
        ELSE facts - left_out END
$$;

CREATE OR REPLACE FUNCTION team_trail_note() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    who jsonb := coalesce(nullif(current_setting('wayfare.trail', true), ''), '{"door": "system"}')::jsonb;
    left_out text[] := string_to_array(TG_ARGV[4], ',');
    secret text[] := string_to_array(TG_ARGV[5], ',');
    row_was jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}' ELSE to_jsonb(OLD) END;
    row_is jsonb := CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
    was jsonb := team_trail_facts(row_was, left_out, TG_ARGV[6]);
    becomes jsonb := CASE WHEN TG_OP = 'DELETE' THEN '{}' ELSE team_trail_facts(row_is, left_out, TG_ARGV[6]) END;
    gone jsonb;
    come jsonb;
BEGIN
    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(secret) THEN '"•••"' ELSE team_trail_value(value) END)
      INTO gone FROM jsonb_each(was)
     WHERE value IS DISTINCT FROM coalesce(becomes -> key, 'null') AND value NOT IN ('null', '""', '[]', '{}');
    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(secret) THEN '"•••"' ELSE team_trail_value(value) END)
      INTO come FROM jsonb_each(becomes)
     WHERE value IS DISTINCT FROM coalesce(was -> key, 'null') AND value NOT IN ('null', '""', '[]', '{}');
    IF TG_OP = 'UPDATE' AND gone IS NULL AND come IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO team_trail (at, by_id, door, place, network, through, kind, object_id, label, verb, part, before, after)
    VALUES (
        clock_timestamp(), (who ->> 'by')::bigint, who ->> 'door', coalesce(who ->> 'place', ''),
        coalesce(who ->> 'network', ''), coalesce(who ->> 'through', ''), TG_ARGV[0], (row_is ->> TG_ARGV[1])::bigint,
        left(coalesce((SELECT row_is ->> name FROM unnest(string_to_array(TG_ARGV[2], ',')) WITH ORDINALITY AS c(name, n)
                       WHERE row_is ->> name <> '' ORDER BY n LIMIT 1), ''), 200),
        CASE TG_OP WHEN 'INSERT' THEN 'added' WHEN 'DELETE' THEN 'deleted' ELSE 'changed' END, TG_ARGV[3], gone, come
    );
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION team_trail_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('wayfare.trail_retention', true) = 'on'
       OR TG_OP = 'UPDATE' AND current_setting('wayfare.trail_erasure', true) = 'on' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION 'the trail is only added to: % of entry % refused', TG_OP, OLD.id USING ERRCODE = 'raise_exception';
END
$$;

CREATE OR REPLACE TRIGGER team_trail_only_grows BEFORE UPDATE OR DELETE ON team_trail
    FOR EACH ROW EXECUTE FUNCTION team_trail_refuse();
