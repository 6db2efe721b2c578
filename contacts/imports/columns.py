"""The columns of the staging table of people, in the order of COPY; `line` comes first: the place in the file."""

from contacts.people.models import Contact

TEXTS = (
    "name", "phone", "title", "company", "country", "region", "city", "postcode", "street", "language",
    "time_zone", "source",
)  # fmt: skip
COLUMNS = (
    "line", "email", "email_key", *TEXTS, "birthday", "company_key", "business_number", "consents", "consent_at",
    "refused_at", "attributes", "tags", "account_roles", "under_14", "excluded", "changed_at",
)  # fmt: skip
PLACE = {name: place for place, name in enumerate(COLUMNS)}
LONGEST = {field.name: field.max_length or 200 for field in Contact._meta.concrete_fields if field.name in TEXTS}
