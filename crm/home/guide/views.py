"""The guide at /help/: cover with a search, pages, pictures. Everybody who is signed in may read it."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crm.home.guide import pages
from crm.team.models import Role
from crm.team.permissions import reader

LONGEST = 100
_A_DAY = 86_400


@require_safe
def cover(request: HttpRequest) -> HttpResponse:
    """Show the pages of the guide, the reader's own first, or the sections that fit `q`."""
    role, language = Role(reader(request).role), pages.language()
    text = request.GET.get("q", "")[:LONGEST].replace("\0", "").strip()
    written = [(page, pages.read(page.key, language)) for page in pages.by_role(role)]
    hits = pages.find(text, role, language)
    return render(request, "home/guide.html", {"q": text, "hits": hits, "pages": written, "role": role})


@require_safe
def page(request: HttpRequest, key: str) -> HttpResponse:
    """Show one page of the guide in the reader's language."""
    shown = next((page for page in pages.PAGES if page.key == key), None)
    if shown is None:
        raise Http404(_("The guide has no such page."))
    written = pages.read(key, pages.language())
    return render(request, "home/guide_page.html", {"page": shown, "written": written, "pages": pages.PAGES})


@require_safe
def picture(request: HttpRequest, name: str) -> FileResponse:  # noqa: ARG001
    """Give a picture of the guide; there is no other way to its folder."""
    place = pages.PICTURES / f"{name}.webp"
    if not place.is_file():
        raise Http404(_("The guide has no such picture."))
    answer = FileResponse(place.open("rb"), content_type="image/webp")
    answer.headers["Cache-Control"] = f"private, max-age={_A_DAY}"
    return answer
