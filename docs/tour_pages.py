"""The pages of the tour: one line in PAGES is one page. Read by docs/tour.py."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """A page of the tour: who opens what. `{contact}` and the like are filled from the demo data by `examples`."""

    name: str
    who: str  # the part of a demo log-in before the @; empty for somebody who is not logged in
    path: str
    shown: tuple[str, ...] = ("en-light-1440",)  # the variants that are committed


WIDE, PHONE, KOREAN, DARK = "en-light-1440", "en-light-390", "ko-light-1440", "en-dark-1440"
KOREAN_PHONE = "ko-light-390"
BOTH, ON_PHONES = (WIDE, KOREAN), (PHONE, KOREAN_PHONE)  # the guide shows these in either language
PAGES = [
    Page("login", "", "/team/login/"),
    Page("home", "marketer", "/", BOTH),
    Page("people", "marketer", "/people/", BOTH),
    Page("person", "marketer", "/people/{contact}/", (WIDE, DARK)),
    Page("leads", "rep", "/leads/", ON_PHONES),
    Page("lead", "rep", "/people/{lead}/", ON_PHONES),
    Page("leads-unowned", "rep", "/leads/unowned/", ()),
    Page("leads-later", "rep", "/leads/later/", ()),
    Page("lead-add", "rep", "/leads/add/", ()),
    Page("accounts", "marketer", "/accounts/"),
    Page("account", "rep", "/accounts/{account}/", ()),
    Page("roles", "marketer", "/settings/roles/", ()),
    Page("duplicates", "marketer", "/duplicates/"),
    Page("duplicates-many", "marketer", "/duplicates/many/?reason=mailbox&agreeing=1", ()),
    Page("merge", "marketer", "/duplicates/compare/{twin}/{other}/"),
    Page("lists", "marketer", "/lists/", ()),
    Page("segments", "marketer", "/segments/"),
    Page("segment", "marketer", "/segments/{segment}/", ()),
    Page("segment-new", "marketer", "/segments/new/", ()),
    Page("segment-edit", "marketer", "/segments/{segment}/edit/", ()),
    Page("segment-nested", "marketer", "/segments/{nested}/edit/", BOTH),
    Page("segment-people", "marketer", "/segments/{segment}/people/", ()),
    Page("segment-why", "marketer", "/segments/{segment}/why/?person={contact}"),
    Page("segment-overlap", "marketer", "/segments/{segment}/overlap/?with={other_segment}&with={third_segment}", ()),
    Page("segment-versions", "marketer", "/segments/{segment}/versions/", ()),
    Page("segment-act", "marketer", "/segments/{segment}/act/", ()),
    Page("imports", "marketer", "/imports/", ()),
    Page("import", "marketer", "/imports/{import}/", BOTH),
    Page("orders", "success", "/orders/", ()),
    Page("products", "analyst", "/products/", ()),
    Page("templates", "marketer", "/admin/campaigns/mailtemplate/", ()),
    Page("mail-editor", "marketer", "/admin/campaigns/mailtemplate/{template}/change/", BOTH),
    Page("journeys", "marketer", "/journeys/", ()),
    Page("journey", "marketer", "/journeys/{journey}/", BOTH),
    Page("journeys-admin", "marketer", "/admin/journeys/journey/", ()),
    Page("journey-editor", "marketer", "/admin/journeys/journey/{journey_draft}/change/", (*BOTH, DARK)),
    Page("journey-new", "marketer", "/admin/journeys/journey/add/"),
    Page("journey-versions", "marketer", "/admin/journeys/journey/{journey}/versions/", ()),
    Page("journeys-of-person", "marketer", "/people/{contact}/journeys/", ()),
    Page("campaigns", "marketer", "/campaigns/", ()),
    Page("campaign-edit", "marketer", "/campaigns/{draft}/edit/", ()),
    Page("campaign-check", "marketer", "/campaigns/{draft}/check/", BOTH),
    Page("campaign-result", "analyst", "/campaigns/{campaign}/", BOTH),
    Page("mail-of-person", "rep", "/mails/{message}/", ()),
    Page("senders", "marketer", "/senders/", ()),
    Page("sending", "marketer", "/settings/sending/", ()),
    Page("in-doubt", "marketer", "/mails/in-doubt/", ()),
    Page("consent-notices", "marketer", "/settings/consent-notices/", ()),
    Page("company", "admin", "/team/company/", ()),
    Page("attributes", "marketer", "/settings/attributes/", ()),
    Page("scores", "marketer", "/settings/scores/"),
    Page("score-rule", "marketer", "/settings/scores/{rule}/", ()),
    Page("habits", "marketer", "/settings/activity/", ()),
    Page("stages", "marketer", "/settings/stages/"),
    Page("stage-rule", "marketer", "/settings/stages/rules/{stage}/", ()),
    Page("roles-of-users", "admin", "/team/roles/", BOTH),
    Page("trail", "admin", "/team/trail/", BOTH),
    Page("health", "admin", "/health/", ()),
    Page("personal-data", "admin", "/people/{contact}/data/", BOTH),
    Page("help", "rep", "/help/", ()),
    Page("help-page", "marketer", "/help/marketer/", ()),
    Page("users", "admin", "/admin/team/user/", BOTH),
    Page("mailbox", "marketer", "/mailbox/", ()),
    Page("mail", "marketer", "/mailbox/{mail}/", ()),
    Page("notices", "rep", "/team/notices/", ()),
    Page("profile", "rep", "/team/profile/", ()),
]
