"""Time zones as people name them: IANA names, cities in three languages, countries.

Cities that name a zone come from Babel (CLDR's exemplar cities) and tzdata; large cities that
share another's zone stand in a reviewed table here.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from bot.choices.typed import bare, fold, shown
from bot.errors import Usage
from bot.texts import Texts, texts

# City: the zone it shares. Only cities that CLDR does not name a zone after.
_CITIES = {
    "Asia/Shanghai": (
        "beijing", "peking", "shenzhen", "guangzhou", "hangzhou", "nanjing", "wuhan", "chengdu",
        "xi'an", "xian", "tianjin", "hefei", "suzhou", "北京", "深圳", "广州", "杭州", "南京",
        "武汉", "成都", "西安", "天津", "合肥", "苏州", "베이징", "북경", "선전", "항저우",
    ),
    "Asia/Seoul": (
        "busan", "pusan", "daejeon", "daegu", "incheon", "pohang", "suwon", "ulsan", "gwangju",
        "부산", "대전", "대구", "인천", "포항", "수원", "울산", "광주", "釜山", "大田", "汉城",
        "kst",
    ),
    "Asia/Tokyo": ("osaka", "kyoto", "yokohama", "nagoya", "tsukuba", "大阪", "京都", "오사카",
                   "교토", "jst"),
    "Asia/Kolkata": (
        "bangalore", "bengaluru", "mumbai", "bombay", "delhi", "new delhi", "chennai",
        "hyderabad", "pune", "班加罗尔", "孟买", "新德里", "벵갈루루", "뭄바이", "델리",
    ),
    "Asia/Jerusalem": ("tel aviv", "haifa", "特拉维夫", "텔아비브"),
    "Asia/Dubai": ("abu dhabi", "阿布扎比", "아부다비"),
    "Asia/Ho_Chi_Minh": ("hanoi", "saigon", "河内", "하노이"),
    "America/Los_Angeles": (
        "san francisco", "silicon valley", "palo alto", "stanford", "berkeley", "seattle",
        "san diego", "las vegas", "san jose", "mountain view", "旧金山", "硅谷", "西雅图",
        "샌프란시스코", "실리콘밸리", "시애틀", "la", "l.a.",
    ),
    "America/New_York": (
        "boston", "washington", "washington dc", "philadelphia", "pittsburgh", "atlanta", "miami",
        "princeton", "cambridge ma", "波士顿", "华盛顿", "보스턴", "워싱턴", "nyc",
    ),
    "America/Chicago": ("houston", "dallas", "austin", "minneapolis", "休斯敦", "奥斯汀",
                        "휴스턴", "오스틴"),
    "America/Toronto": ("montreal", "ottawa", "waterloo", "quebec", "蒙特利尔", "몬트리올"),
    "America/Sao_Paulo": ("rio de janeiro", "rio", "brasilia", "里约热内卢", "리우데자네이루"),
    "Europe/London": ("cambridge", "oxford", "edinburgh", "manchester", "glasgow", "剑桥", "牛津",
                      "爱丁堡", "케임브리지", "옥스퍼드", "에든버러"),
    "Europe/Berlin": (
        "munich", "munchen", "hamburg", "frankfurt", "cologne", "koln", "stuttgart", "tubingen",
        "heidelberg", "慕尼黑", "法兰克福", "뮌헨", "프랑크푸르트",
    ),
    "Europe/Paris": ("lyon", "marseille", "grenoble", "toulouse", "nice", "里昂", "리옹"),
    "Europe/Zurich": ("geneva", "lausanne", "basel", "bern", "日内瓦", "洛桑", "제네바", "로잔"),
    "Europe/Madrid": ("barcelona", "valencia", "巴塞罗那", "바르셀로나"),
    "Europe/Rome": ("milan", "milano", "turin", "florence", "米兰", "밀라노"),
    "Europe/Amsterdam": ("rotterdam", "delft", "eindhoven", "the hague"),
    "Australia/Sydney": ("canberra", "堪培拉", "캔버라"),
    "UTC": ("utc", "gmt", "z", "zulu", "universal"),
}  # fmt: skip
# What the letters may mean: they name an offset of half a year, or several places.
_LETTERS = {
    ("est", "edt", "et"): ("America/New_York",),
    ("cst", "cdt", "ct"): ("America/Chicago", "Asia/Shanghai"),
    ("mst", "mdt", "mt"): ("America/Denver",),
    ("pst", "pdt", "pt"): ("America/Los_Angeles",),
    ("hst",): ("Pacific/Honolulu",),
    ("ist",): ("Asia/Kolkata", "Asia/Jerusalem", "Europe/Dublin"),
    ("bst", "wet"): ("Europe/London", "Europe/Lisbon"),
    ("cet", "cest", "met"): ("Europe/Paris", "Europe/Berlin"),
    ("eet", "eest"): ("Europe/Athens", "Europe/Helsinki"),
    ("sgt",): ("Asia/Singapore",),
    ("hkt",): ("Asia/Hong_Kong",),
    ("msk",): ("Europe/Moscow",),
    ("aest", "aedt"): ("Australia/Sydney",),
}
# Offered for an offset, the best known place of each first.
_WELL_KNOWN = (
    "Asia/Seoul", "Asia/Tokyo", "Asia/Shanghai", "Asia/Singapore", "Asia/Hong_Kong",
    "Europe/Paris", "Europe/Berlin", "Europe/London", "America/New_York", "America/Los_Angeles",
    "America/Chicago", "America/Denver", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Dubai",
    "Asia/Jerusalem", "Europe/Moscow", "Europe/Athens", "Africa/Cairo", "Africa/Lagos",
    "Africa/Johannesburg", "Africa/Nairobi", "Asia/Karachi", "Asia/Dhaka", "Asia/Bangkok",
    "Asia/Jakarta", "Asia/Kathmandu", "Asia/Tehran", "Asia/Kabul", "Asia/Yangon",
    "Australia/Sydney", "Australia/Adelaide", "Australia/Perth", "Pacific/Auckland",
    "Pacific/Honolulu", "America/Anchorage", "America/Halifax", "America/St_Johns",
    "America/Bogota", "America/Mexico_City", "America/Argentina/Buenos_Aires",
    "Atlantic/Azores", "Pacific/Noumea", "Pacific/Tongatapu", "Pacific/Apia", "UTC",
)  # fmt: skip
# What CLDR calls otherwise.
_COUNTRIES = {
    "usa": "US", "us": "US", "america": "US", "korea": "KR", "uk": "GB", "england": "GB",
    "holland": "NL", "uae": "AE", "china": "CN",
}  # fmt: skip
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+\-−])\s*(\d{1,2})(?::?(\d{2}))?", re.ASCII)
_SEASONS = (datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 7, 15, tzinfo=UTC))


def zone(text: str, t: Texts | None = None) -> str:
    """The IANA name of `asia/seoul`, `seoul`, `New York`, `首尔`, `서울`, `germany`.

    Raises Usage with candidates for an offset (`UTC+9`), for letters that may mean several
    places (`CST`), for a country of many zones and for a name that is only near one.
    """
    t = t or texts("en")
    typed = fold(text, t)
    key = bare(typed)
    if (offset := _OFFSET.fullmatch(typed)) and _minutes(offset):
        raise _offset_refused(text, offset, t)
    for letters, zones in _LETTERS.items():
        if key in letters:
            raise _ambiguous(text, zones, t)
    if found := "UTC" if offset else _index().get(key):
        return found
    of_country = _countries().get(key, ())
    if len(of_country) == 1:
        return of_country[0]
    if of_country:
        raise _ambiguous(text, of_country[:6], t)
    near = _near(key, 3)
    if near:
        raise Usage(
            t(
                'There is no zone "{text}"; did you mean {zones}?',
                text=shown(text),
                zones=t.series(near),
            )
        )
    raise Usage(
        t(
            'There is no zone "{text}". Name a large city or an IANA zone: Seoul, '
            "New York, Europe/Paris.",
            text=shown(text),
        )
    )


def place(zone: str, language: str = "en") -> str:
    """What people call the place of a zone: "Seoul", "首尔", "New York"."""
    if language != "en":
        from babel import Locale

        told = Locale(language).time_zones
        other = {"Asia/Kolkata": "Asia/Calcutta", "Asia/Ho_Chi_Minh": "Asia/Saigon"}.get(zone, zone)
        if city := (told.get(zone) or told.get(other) or {}).get("city"):
            return str(city)
    return zone.rpartition("/")[2].replace("_", " ")


def zone_candidates(text: str, limit: int = 25) -> list[str]:
    """Zones to be offered while `text` is typed: exact first, then those it begins, then near.

    Well-known ones for nothing typed.
    """
    key = bare(" ".join(text.split())[:64].casefold())
    if not key:
        return list(_WELL_KNOWN[:limit])
    index = _index()
    exact = [index[key]] if key in index else []
    offset = _OFFSET.fullmatch(key)
    of_offset = _of_offset(_minutes(offset)) if offset else []
    begun = [name for known, name in index.items() if known.startswith(key)]
    inside = [name for known, name in index.items() if key in known] if len(key) > 2 else []
    found = [*exact, *of_offset, *_countries().get(key, ()), *begun, *inside]
    return list(dict.fromkeys(found or _near(key, limit)))[:limit]


@lru_cache(maxsize=1)
def _index() -> dict[str, str]:
    """Folded names of zones and cities: the IANA name that stands today."""
    from babel import Locale
    from babel.core import get_global

    aliases = get_global("zone_aliases")
    known = available_timezones() - {"Factory", "localtime", "posixrules"}
    # CLDR keeps some old spellings as its own; the tz database's are the ones people know.
    kept = {"Asia/Calcutta": "Asia/Kolkata", "Asia/Saigon": "Asia/Ho_Chi_Minh",
            "Asia/Katmandu": "Asia/Kathmandu", "Asia/Rangoon": "Asia/Yangon",
            "Europe/Kiev": "Europe/Kyiv", "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
            "Etc/UTC": "UTC", "Etc/GMT": "UTC", "GMT": "UTC"}  # fmt: skip
    index: dict[str, str] = {}
    for name in sorted(known):
        standing = kept.get(name) or aliases.get(name, name)
        standing = kept.get(standing, standing)
        index[bare(name)] = standing if standing in known else name
    for name in sorted(known, key=lambda name: (name.count("/"), name)):
        area, slash, _ = name.partition("/")
        if slash and area not in ("Etc", "SystemV"):
            index.setdefault(bare(name.rpartition("/")[2]), index[bare(name)])
    for language in ("zh", "ko"):
        for name, told in Locale(language).time_zones.items():
            standing = kept.get(name, name)
            city = told.get("city")
            if city and standing in known:
                index.setdefault(bare(city), index[bare(standing)])
    for name, cities in _CITIES.items():
        for city in cities:
            index[bare(city)] = name
    return index


@lru_cache(maxsize=1)
def _countries() -> dict[str, tuple[str, ...]]:
    """Folded names of countries in English, Chinese and Korean: their zones."""
    from babel import Locale
    from babel.core import get_global

    index = _index()
    zones = {
        code: tuple(dict.fromkeys(index[bare(name)] for name in names if bare(name) in index))
        for code, names in get_global("territory_zones").items()
    }
    # One zone is what everybody there lives by, though tzdata knows a second.
    zones |= {
        "DE": ("Europe/Berlin",), "CN": ("Asia/Shanghai",), "ES": ("Europe/Madrid",),
        "NZ": ("Pacific/Auckland",), "PT": ("Europe/Lisbon",), "MY": ("Asia/Kuala_Lumpur",),
        "UA": ("Europe/Kyiv",), "VN": ("Asia/Ho_Chi_Minh",),
        "US": ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
        "CA": ("America/Toronto", "America/Winnipeg", "America/Edmonton", "America/Vancouver"),
        "AU": ("Australia/Sydney", "Australia/Brisbane", "Australia/Adelaide", "Australia/Perth"),
    }  # fmt: skip
    found: dict[str, tuple[str, ...]] = {}
    for language in ("en", "zh", "ko"):
        for code, name in Locale(language).territories.items():
            if zones.get(code):
                found.setdefault(bare(name), zones[code])
    for name, code in _COUNTRIES.items():
        found.setdefault(name, zones.get(code, ()))
    return found


def _near(key: str, limit: int) -> list[str]:
    index = _index()
    close = get_close_matches(key, index, n=limit, cutoff=0.72)
    return list(dict.fromkeys(index[name] for name in close))


def _minutes(offset: re.Match[str]) -> int:
    minutes = int(offset[2]) * 60 + int(offset[3] or 0)
    return minutes if offset[1] == "+" else -minutes


def _of_offset(minutes: int) -> list[str]:
    """Well-known zones that stand at this offset all the year, then those for half of it."""
    wanted = timedelta(minutes=minutes)

    def seasons(name: str) -> int:
        there = ZoneInfo(name)
        return sum(moment.astimezone(there).utcoffset() == wanted for moment in _SEASONS)

    counted = [(seasons(name), name) for name in _WELL_KNOWN]
    return [name for times in (2, 1) for found, name in counted if found == times]


def _offset_refused(text: str, offset: re.Match[str], t: Texts) -> Usage:
    zones = _of_offset(_minutes(offset))[:3]
    if not zones:
        return Usage(
            t(
                '"{text}" is an offset that no large city has. Name a city instead: Seoul.',
                text=shown(text),
            )
        )
    return Usage(
        t(
            '"{text}" is an offset and knows no summer time. Name a place instead: {zones}.',
            text=shown(text),
            zones=t.series(zones),
        )
    )


def _ambiguous(text: str, zones: tuple[str, ...], t: Texts) -> Usage:
    return Usage(
        t(
            '"{text}" does not name one zone. Name a place: {zones}.',
            text=shown(text),
            zones=t.series(zones),
        )
    )
