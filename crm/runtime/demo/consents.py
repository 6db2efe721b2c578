"""What the people of the demo said about consent, each with its proof; some never said anything."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from contacts.consent.record import CLAIM_COLUMNS, record_set
from crm.runtime.demo.cast import Cast, Persona

_WORDING = "온노트의 소식과 할인 정보를 이메일로 받는 것에 동의합니다. 언제든 수신을 거부할 수 있습니다."
_TRACKING = "메일을 열고 링크를 누른 기록을 맞춤 안내에 쓰는 것에 동의합니다."
_VERSION = "2026-03"
_NETWORK = "203.0.113.0"  # a range for documentation
_TYPES = (
    "bigint", "text", "text", "text", "timestamptz", "text", "text", "text", "text", "text", "timestamptz", "bigint",
)  # fmt: skip
_CLAIMS = f"SELECT * FROM unnest({', '.join(f'%s::{kind}[]' for kind in _TYPES)}) AS claim ({CLAIM_COLUMNS})"  # noqa: S608 - constants
_SOURCES = {"shopper": "form: newsletter", "staff": "form: whitepaper"}
_AGREED, _REFUSED = 0.66, 0.12  # the rest never said anything

type _Claim = tuple[Any, ...]


def decide(rng: Random, cast: Cast, now: datetime) -> None:
    """Settle who agreed and who refused when; the mailings ask it."""
    for persona in cast.personas:
        draw = rng.random()
        if persona.contact.email is None or draw > _AGREED + _REFUSED:
            continue
        if draw < _AGREED:
            persona.agreed_at = persona.born + timedelta(minutes=5)
            persona.tracked = rng.random() < 0.85
        if draw > _AGREED or rng.random() < 0.04:
            start = persona.agreed_at or persona.born
            persona.refused_at = start + (now - start) * rng.uniform(0.1, 0.95)


def write(rng: Random, cast: Cast, now: datetime) -> None:
    """Record everything that was said."""
    claims = [claim for persona in cast.personas for claim in _claims(rng, persona)]
    record_set(_CLAIMS, [list(column) for column in zip(*claims, strict=True)], now=now)


def _claims(rng: Random, persona: Persona) -> Iterator[_Claim]:
    if persona.agreed_at:
        confirmed = persona.agreed_at + timedelta(minutes=rng.randint(1, 40))
        said = {"at": persona.agreed_at, "confirmed": confirmed, "source": _SOURCES[persona.kind]}
        yield _claim(persona, "marketing", "granted", wording=_WORDING, **said)
        if persona.tracked:
            yield _claim(persona, "tracking", "granted", wording=_TRACKING, **said)
    if persona.refused_at:
        source = "one-click" if persona.agreed_at else "preference page"
        yield _claim(persona, "marketing", "withdrawn", at=persona.refused_at, source=source)


def _claim(
    persona: Persona, purpose: str, decision: str, *, at: Any, source: Any, wording: str = "", confirmed: Any = None
) -> _Claim:
    """Return one statement as a row of CLAIM_COLUMNS."""
    version = _VERSION if wording else ""
    return (persona.contact.pk, purpose, "email", decision, at, source, "", wording, version, _NETWORK, confirmed, None)
