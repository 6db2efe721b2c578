"""The public pages. A GET shows and changes nothing, scanners open every link; a POST needs no cookie and no log-in."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from campaigns.public import wishes
from campaigns.public.reader import Reader, reader_of
from campaigns.rendering.whole import MailGone, html_of
from campaigns.sending.models import Message
from campaigns.templating.errors import TemplateError
from campaigns.tracking.hits import ip_prefix
from contacts.topics.ticks import Ticks
from crm.kit import clock
from crm.kit.network import client_address
from crm.kit.tokens import BadToken

type Page = Callable[[HttpRequest, str, Reader], HttpResponse]


def public_page(page: Page) -> Callable[[HttpRequest, str], HttpResponse]:
    """Open a page to whoever has the token, in the person's language; a token that is not ours gets a plain 404."""

    @csrf_exempt
    @login_not_required
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(page)
    def view(request: HttpRequest, token: str) -> HttpResponse:
        try:
            reader = reader_of(token)
        except BadToken:
            return _quiet(render(request, "public/unknown.html", status=404))
        with translation.override(_language(request, reader)):
            return _quiet(page(request, token, reader))

    return view


def _language(request: HttpRequest, reader: Reader) -> str:
    """Return the language asked for, else the person's, else the browser's."""
    known = dict(settings.LANGUAGES)
    wanted = [request.GET.get("language", ""), reader.language, translation.get_language() or ""]
    return next((code for code in wanted if code in known), settings.LANGUAGE_CODE)


def _quiet(response: HttpResponse) -> HttpResponse:
    """Keep the page out of caches, search engines and referrers: its address is a key."""
    add_never_cache_headers(response)
    response["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


# What a button of the page says, what it does, and the page that answers it; any other POST opts out.
_PAGES = {"again": "subscribed", "others": "without_topic", "topic": "without_topic"}
_ACTS = {"again": wishes.agree, "others": wishes.all_but_topic, "topic": wishes.without_topic}


@public_page
def unsubscribe(request: HttpRequest, token: str, reader: Reader) -> HttpResponse:
    """Opt out of marketing mail: RFC 8058's one click by a mail program, or the button of the page."""
    shown = {"reader": reader, "token": token}
    if request.method != "POST":
        return render(request, "public/unsubscribe.html", shown)
    prefix, now = ip_prefix(client_address(request)), clock.now()
    if request.POST.get("List-Unsubscribe") == "One-Click":
        wishes.refuse(reader, source=wishes.ONE_CLICK, ip_prefix=prefix, now=now)
        return HttpResponse("Unsubscribed.\n", content_type="text/plain; charset=utf-8")
    wish = request.POST.get("wish", "")
    page = _PAGES.get(wish, "unsubscribed")
    _ACTS.get(wish, wishes.refuse)(reader, source=wishes.PAGE, ip_prefix=prefix, now=now)
    return render(request, f"public/{page}.html", {**shown, "now": now})


@public_page
def preferences(request: HttpRequest, token: str, reader: Reader) -> HttpResponse:
    """Let a person say what may be sent to her, and how."""
    if saved := request.method == "POST":
        wanted = [] if "nothing" in request.POST else request.POST.getlist("wish")
        prefix, now = ip_prefix(client_address(request)), clock.now()
        ticks = Ticks() if "nothing" in request.POST else Ticks.of(request.POST)
        wishes.choose(reader, wanted, request.POST.getlist("wish_agreed"), ticks, ip_prefix=prefix, now=now)
    shown = {"reader": reader, "token": token, "wishes": wishes.wishes(reader), "saved": saved}
    shown |= {"topics": wishes.topics(reader)}
    return render(request, "public/preferences.html", shown)


@csp_override(
    {
        "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox", "allow-top-navigation-by-user-activation"],
        "default-src": [CSP.NONE],
        "img-src": ["https:", "http:", "data:"],
        "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
        "font-src": [CSP.SELF, "https:"],
        "form-action": [CSP.NONE],
        "base-uri": [CSP.NONE],
        "frame-ancestors": [CSP.NONE],
    }
)
@public_page
def view_in_browser(request: HttpRequest, token: str, reader: Reader) -> HttpResponse:  # noqa: ARG001 - a page
    """Show the mail as its reader got it, in a sandbox of its own: what an author wrote runs nothing here."""
    mail = reader.mail
    if request.method == "POST":
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if not Message.objects.filter(pk=mail.message_id, dispatch=mail.dispatch_id, contact_id=mail.contact_id).exists():
        return render(request, "public/gone.html", {"reader": reader}, status=404)
    try:
        return HttpResponse(html_of(mail.message_id, clock.now()))
    except (MailGone, TemplateError):
        return render(request, "public/gone.html", {"reader": reader}, status=404)
