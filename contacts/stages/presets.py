"""The five stage models that ship (docs/lifecycle). Loaded by a data migration; afterwards they are data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PresetStage:
    """One stage of a preset, in both languages, with the team that answers for it."""

    key: str
    name: str
    name_ko: str
    team: str


@dataclass(frozen=True)
class Preset:
    """A stage model as it ships."""

    key: str
    name: str
    name_ko: str
    stages: tuple[PresetStage, ...]


_M, _S, _C = "marketing", "sales", "customer_success"

PRESETS = (
    Preset(
        "lifecycle",
        "Lifecycle",
        "라이프사이클",
        (
            PresetStage("discover", "Discover", "발견", _M),
            PresetStage("educate", "Educate", "교육", _M),
            PresetStage("convert", "Convert", "전환", _S),
            PresetStage("retain", "Retain", "유지", _C),
            PresetStage("advocate", "Advocate", "옹호", _C),
        ),
    ),
    Preset(
        "race",
        "RACE",
        "RACE",
        (
            PresetStage("reach", "Reach", "도달", _M),
            PresetStage("act", "Act", "행동", _M),
            PresetStage("convert", "Convert", "전환", _S),
            PresetStage("engage", "Engage", "참여", _C),
        ),
    ),
    Preset(
        "commerce",
        "Commerce",
        "커머스",
        (
            PresetStage("awareness", "Awareness", "인지", _M),
            PresetStage("consideration", "Consideration", "고려", _M),
            PresetStage("purchase", "Purchase", "구매", _S),
            PresetStage("retention", "Retention", "유지", _C),
            PresetStage("advocacy", "Advocacy", "옹호", _C),
        ),
    ),
    Preset(
        "customer-success",
        "Customer success",
        "고객 성공",
        (
            PresetStage("lead-generation", "Lead generation", "리드 생성", _M),
            PresetStage("nurture", "Nurture", "리드 육성", _M),
            PresetStage("customer-success", "Customer success", "고객 성공", _C),
            PresetStage("advocacy", "Advocacy", "옹호", _C),
        ),
    ),
    Preset(
        "b2b",
        "B2B",
        "B2B",
        (
            PresetStage("engage", "Engage", "참여", _M),
            PresetStage("nurture", "Nurture", "육성", _M),
            PresetStage("convert", "Convert", "전환", _S),
            PresetStage("retain", "Retain", "유지", _C),
            PresetStage("grow", "Grow", "성장", _C),
        ),
    ),
)
DEFAULT_PRESET = "lifecycle"
