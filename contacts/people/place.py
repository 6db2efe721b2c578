"""Korean provinces and metropolitan cities, written one way: 서울, 서울시, 서울특별시 and Seoul are one place.

Used wherever a place is saved or asked for: forms, imports, filters. Other places stay as they were typed.
"""

import re
import unicodedata

# Official name, short name, and what else people write: former names, English.
_PLACES = (
    ("서울특별시", "서울", "서울시 seoul seoulcity"),
    ("부산광역시", "부산", "부산시 부산직할시 busan pusan"),
    ("대구광역시", "대구", "대구시 대구직할시 daegu taegu"),
    ("인천광역시", "인천", "인천시 인천직할시 incheon inchon"),
    ("광주광역시", "광주", "광주직할시 gwangju kwangju"),  # 광주시 is a town of 경기도
    ("대전광역시", "대전", "대전시 대전직할시 daejeon taejon"),
    ("울산광역시", "울산", "울산시 ulsan"),
    ("세종특별자치시", "세종", "세종시 sejong"),
    ("경기도", "경기", "gyeonggi gyeonggido kyonggi"),
    ("강원특별자치도", "강원", "강원도 gangwon gangwondo gangwonstate"),
    ("충청북도", "충북", "chungbuk chungcheongbukdo northchungcheong"),
    ("충청남도", "충남", "chungnam chungcheongnamdo southchungcheong"),
    ("전북특별자치도", "전북", "전라북도 jeonbuk jeollabukdo northjeolla jeonbukstate"),
    ("전라남도", "전남", "jeonnam jeollanamdo southjeolla"),
    ("경상북도", "경북", "gyeongbuk gyeongsangbukdo northgyeongsang"),
    ("경상남도", "경남", "gyeongnam gyeongsangnamdo southgyeongsang"),
    ("제주특별자치도", "제주", "제주도 jeju jejudo cheju"),
)
_METROPOLITAN = 8  # the first so many are cities as well as provinces
_REGIONS = {name: row[0] for row in _PLACES for name in (row[0], row[1], *row[2].split())}
_CITIES = {name: row[1] for row in _PLACES[:_METROPOLITAN] for name in (row[0], row[1], *row[2].split())}
_SIGNS = re.compile(r"[\s\-_.,']+")
HOME = ("", "KR")  # countries in which these names mean these places


def _folded(text: str) -> str:
    return _SIGNS.sub("", unicodedata.normalize("NFC", text).casefold())


def region(text: str, country: str = "") -> str:
    """Return the official name of a Korean province or metropolitan city; any other text as it is."""
    return _REGIONS.get(_folded(text), text) if country in HOME else text


def city(text: str, country: str = "") -> str:
    """Return the short name of a Korean metropolitan city (서울); any other text as it is."""
    return _CITIES.get(_folded(text), text) if country in HOME else text
