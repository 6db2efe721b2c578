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
PAGES = [
    Page("login", "", "/team/login/", (WIDE, KOREAN_PHONE)),
    Page("home", "marketer", "/", (WIDE, KOREAN)),
    Page("people", "marketer", "/people/", (WIDE, KOREAN)),
    Page("person", "marketer", "/people/{contact}/", (WIDE, DARK)),
    Page("leads", "rep", "/leads/", (PHONE, KOREAN_PHONE)),
    Page("leads-unowned", "rep", "/leads/unowned/", ()),
    Page("leads-later", "rep", "/leads/later/", ()),
    Page("lead-add", "rep", "/leads/add/", ()),
    Page("accounts", "marketer", "/accounts/"),
    Page("account", "rep", "/accounts/{account}/", (WIDE,)),
    Page("roles", "marketer", "/settings/roles/", ()),
    Page("duplicates", "marketer", "/duplicates/", (WIDE,)),
    Page("duplicates-many", "marketer", "/duplicates/many/?reason=mailbox&agreeing=1", ()),
    Page("merge", "marketer", "/duplicates/compare/{twin}/{other}/", (WIDE, KOREAN_PHONE)),
    Page("lists", "marketer", "/lists/"),
    Page("segments", "marketer", "/segments/", (WIDE,)),
    Page("segment", "marketer", "/segments/{segment}/", (WIDE,)),
    Page("segment-new", "marketer", "/segments/new/", ()),
    Page("segment-edit", "marketer", "/segments/{segment}/edit/", (DARK,)),
    Page("segment-nested", "marketer", "/segments/{nested}/edit/", (WIDE, KOREAN, PHONE)),
    Page("segment-people", "marketer", "/segments/{segment}/people/", ()),
    Page("segment-why", "marketer", "/segments/{segment}/why/?person={contact}", (WIDE,)),
    Page(
        "segment-overlap", "marketer", "/segments/{segment}/overlap/?with={other_segment}&with={third_segment}", (WIDE,)
    ),
    Page("segment-versions", "marketer", "/segments/{segment}/versions/", ()),
    Page("segment-act", "marketer", "/segments/{segment}/act/", ()),
    Page("imports", "marketer", "/imports/"),
    Page("import", "marketer", "/imports/{import}/", (WIDE,)),
    Page("orders", "success", "/orders/", ()),
    Page("products", "analyst", "/products/", ()),
    Page("templates", "marketer", "/admin/campaigns/mailtemplate/", ()),
    Page("mail-editor", "marketer", "/admin/campaigns/mailtemplate/{template}/change/", (WIDE, KOREAN)),
    Page("journeys", "marketer", "/journeys/", (WIDE,)),
    Page("journey", "marketer", "/journeys/{journey}/", (WIDE, KOREAN)),
    Page("journeys-admin", "marketer", "/admin/journeys/journey/", ()),
    Page("journey-editor", "marketer", "/admin/journeys/journey/{journey_draft}/change/", (WIDE, KOREAN, DARK)),
    Page("journey-new", "marketer", "/admin/journeys/journey/add/", (WIDE,)),
    Page("journey-versions", "marketer", "/admin/journeys/journey/{journey}/versions/", ()),
    Page("journeys-of-person", "marketer", "/people/{contact}/journeys/", ()),
    Page("campaigns", "marketer", "/campaigns/", (WIDE,)),
    Page("campaign-edit", "marketer", "/campaigns/{draft}/edit/", ()),
    Page("campaign-check", "marketer", "/campaigns/{draft}/check/", (WIDE, KOREAN)),
    Page("campaign-result", "analyst", "/campaigns/{campaign}/", (WIDE,)),
    Page("mail-of-person", "rep", "/mails/{message}/", ()),
    Page("senders", "marketer", "/senders/", ()),
    Page("sending", "marketer", "/settings/sending/", ()),
    Page("in-doubt", "marketer", "/mails/in-doubt/", ()),
    Page("consent-notices", "marketer", "/settings/consent-notices/", ()),
    Page("company", "admin", "/team/company/", ()),
    Page("attributes", "marketer", "/settings/attributes/", ()),
    Page("scores", "marketer", "/settings/scores/", (WIDE,)),
    Page("score-rule", "marketer", "/settings/scores/{rule}/", ()),
    Page("habits", "marketer", "/settings/activity/", ()),
    Page("stages", "marketer", "/settings/stages/", (WIDE,)),
    Page("stage-rule", "marketer", "/settings/stages/rules/{stage}/", (WIDE, KOREAN)),
    Page("users", "admin", "/admin/team/user/", (DARK,)),
    Page("mailbox", "marketer", "/mailbox/", ()),
    Page("mail", "marketer", "/mailbox/{mail}/", ()),
    Page("notices", "rep", "/team/notices/", ()),
    Page("profile", "rep", "/team/profile/", ()),
]
