"""Industries of accounts: free text, of which the usual ones are kept in English and shown in the reader's language."""

from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.translation import pgettext_lazy

_USUAL = {
    "IT": pgettext_lazy("industry", "IT"),
    "Education": pgettext_lazy("industry", "Education"),
    "Trade": pgettext_lazy("industry", "Trade"),
    "Healthcare": pgettext_lazy("industry", "Healthcare"),
    "Design": pgettext_lazy("industry", "Design"),
    "Manufacturing": pgettext_lazy("industry", "Manufacturing"),
    "Retail": pgettext_lazy("industry", "Retail"),
    "Construction": pgettext_lazy("industry", "Construction"),
    "Media": pgettext_lazy("industry", "Media"),
    "Logistics": pgettext_lazy("industry", "Logistics"),
    "Food": pgettext_lazy("industry", "Food"),
    "Finance": pgettext_lazy("industry", "Finance"),
    "Consulting": pgettext_lazy("industry", "Consulting"),
    "Travel": pgettext_lazy("industry", "Travel"),
    "Games": pgettext_lazy("industry", "Games"),
    "Legal": pgettext_lazy("industry", "Legal"),
    "Energy": pgettext_lazy("industry", "Energy"),
}


def industry_name(kept: str) -> str:
    """Return a kept industry in the reader's language; one of the company's own stands as it was written."""
    return str(_USUAL.get(kept, kept))


def written(typed: str) -> str:
    """Return how an industry is kept that somebody wrote in any of our languages."""
    return _known().get(typed.strip().casefold(), typed)


@cache
def _known() -> dict[str, str]:
    known: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            known |= {str(name).casefold(): key for key, name in _USUAL.items()}
    return known
