"""SQL that brings a staged row together with the contact and account it meets. Used by preview and merge."""

from contacts.imports.plan import Plan, Policy

# The person behind a mailbox: a live contact before a merged one (which leads to its survivor), the very address before
# another name of the same mailbox. Index scans for each row, whatever the statistics of an empty or growing table say.
KNOWN = """
LEFT JOIN LATERAL (
    SELECT coalesce(survivor.merged_into_id, found.merged_into_id, found.id) AS id
    FROM contacts_contact found LEFT JOIN contacts_contact survivor ON survivor.id = found.merged_into_id
    WHERE found.email_key = s.email_key AND NOT found.email_key = ''
    ORDER BY found.merged_into_id IS NOT NULL, found.email <> s.email, found.id LIMIT 1
) AS known ON true
"""
ACCOUNT = """
LEFT JOIN LATERAL (
    SELECT a.id FROM contacts_account a
    WHERE a.business_number = s.business_number AND NOT a.business_number = '' LIMIT 1
) AS by_number ON true
LEFT JOIN LATERAL (
    SELECT a.id FROM contacts_account a WHERE a.name_key = s.company_key ORDER BY a.id LIMIT 1
) AS by_name ON true
"""
ACCOUNT_ID = "coalesce(by_number.id, by_name.id)"
_BLANK = {"birthday": "NULL", "attributes": "'{}'::jsonb", "account_roles": "'{}'::varchar[]", "under_14": "false"}


def blank(column: str) -> str:
    """Return what an empty column of a contact holds, as SQL."""
    return _BLANK.get(column, "''")


def taken(plan: Plan, column: str) -> str:
    """Return the value that contact c's `column` gets from staged row s, as SQL; an empty cell changes nothing."""
    return _taken(plan.policy_of(column), column)


def _taken(policy: Policy, column: str) -> str:
    if policy == Policy.KEEP:
        return f"c.{column}"
    if policy == Policy.NEWEST:
        newer, older = _taken(Policy.OVERWRITE, column), _taken(Policy.FILL, column)
        return f"CASE WHEN s.changed_at > c.updated_at THEN {newer} ELSE {older} END"
    if column == "attributes":
        mine, theirs = "c.attributes", "coalesce(s.attributes, '{}'::jsonb)"
        return f"{mine} || {theirs}" if policy == Policy.OVERWRITE else f"{theirs} || {mine}"
    return f"coalesce(s.{column}, c.{column})" if policy == Policy.OVERWRITE else _filled(column)


def _filled(column: str) -> str:
    """Return what is there, else what the row says."""
    if column == "account_roles":
        return "CASE WHEN c.account_roles = '{}' THEN coalesce(s.account_roles, '{}') ELSE c.account_roles END"
    if column == "under_14":
        return "(c.under_14 OR coalesce(s.under_14, false))"
    if column == "birthday":
        return "coalesce(c.birthday, s.birthday)"
    return f"coalesce(nullif(c.{column}, ''), s.{column}, '')"


def as_text(column: str, value: str) -> str:
    """Return SQL that shows a value of `column` as text."""
    return f"array_to_string({value}, ', ')" if column == "account_roles" else f"({value})::text"


def differs(plan: Plan) -> str:
    """Return the condition under which staged row s changes contact c, as SQL."""
    if not plan.changing:
        return "false"
    return "(" + " OR ".join(f"{taken(plan, column)} IS DISTINCT FROM c.{column}" for column in plan.changing) + ")"


def account_taken(plan: Plan) -> str:
    """Return the account that contact c gets from row r of the range and staged row s, as SQL."""
    theirs, mine = "coalesce(r.account_id, c.account_id)", "coalesce(c.account_id, r.account_id)"
    policy = plan.policy_of("company")
    if policy == Policy.NEWEST:
        return f"CASE WHEN s.changed_at > c.updated_at THEN {theirs} ELSE {mine} END"
    return {Policy.OVERWRITE: theirs, Policy.FILL: mine}.get(policy, "c.account_id")
