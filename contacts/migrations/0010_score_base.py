from django.db import migrations

TABLE = """
-- Which dropped event earned something by which rule; contact_id is the one it was recorded under (see event_base).
CREATE TABLE score_entry_base (
    event_id bigint NOT NULL,
    rule_id bigint NOT NULL,
    contact_id bigint NOT NULL,
    tx bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    month date NOT NULL,
    PRIMARY KEY (event_id, rule_id)
);
CREATE INDEX score_entry_base_contact ON score_entry_base (contact_id);
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0009_ledger_base")]
    operations = [migrations.RunSQL(TABLE, "DROP TABLE score_entry_base")]
