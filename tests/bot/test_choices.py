"""What people type for a setting is understood, or refused in one sentence with an example."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import choices
from bot.channels import Empty, Follow, Layout, When
from bot.errors import Answer, Usage
from bot.texts import texts

TODAY = date(2025, 12, 27)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("9", time(9)),
        ("09", time(9)),
        ("9:00", time(9)),
        ("9.30", time(9, 30)),
        ("9am", time(9)),
        ("9 AM", time(9)),
        ("9:30 p.m.", time(21, 30)),
        ("12am", time(0)),
        ("12pm", time(12)),
        ("21h30", time(21, 30)),
        ("21h", time(21)),
        ("0930", time(9, 30)),
        ("９：００", time(9)),
        ("９時", time(9)),
        ("9点半", time(9, 30)),
        ("下午3点半", time(15, 30)),
        ("晚上9点", time(21)),
        ("오전 9시", time(9)),
        ("오후 9시 30분", time(21, 30)),
        ("noon", time(12)),
        ("자정", time(0)),
        ("23:59", time(23, 59)),
        ("0", time(0)),
    ],
)
def test_an_hour_is_understood_as_people_type_it(typed: str, meant: time):
    assert choices.hour(typed) == meant


@pytest.mark.parametrize(
    "typed", ["", "24", "25:00", "9:60", "9:5", "9:3:2", "-1", "13am", "nine", "9-10", "９９"]
)
def test_what_is_no_hour_is_refused_with_examples(typed: str):
    with pytest.raises(Usage, match="9:30"):
        choices.hour(typed)


@given(st.times())
def test_every_minute_is_understood_in_both_clocks(moment: time):
    meant = time(moment.hour, moment.minute)
    assert choices.hour(f"{meant:%H:%M}") == meant
    assert choices.hour(f"{meant:%I:%M %p}") == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("asia/seoul", "Asia/Seoul"),
        ("Asia/Seoul", "Asia/Seoul"),
        ("seoul", "Asia/Seoul"),
        ("  New   York ", "America/New_York"),
        ("new_york", "America/New_York"),
        ("paris", "Europe/Paris"),
        ("首尔", "Asia/Seoul"),
        ("서울", "Asia/Seoul"),
        ("뉴욕", "America/New_York"),
        ("纽约", "America/New_York"),
        ("北京", "Asia/Shanghai"),
        ("上海", "Asia/Shanghai"),
        ("도쿄", "Asia/Tokyo"),
        ("beijing", "Asia/Shanghai"),
        ("San Francisco", "America/Los_Angeles"),
        ("bengaluru", "Asia/Kolkata"),
        ("Asia/Calcutta", "Asia/Kolkata"),
        ("são paulo", "America/Sao_Paulo"),
        ("Zürich", "Europe/Zurich"),
        ("germany", "Europe/Berlin"),
        ("독일", "Europe/Berlin"),
        ("中国", "Asia/Shanghai"),
        ("Korea", "Asia/Seoul"),
        ("UTC", "UTC"),
        ("kst", "Asia/Seoul"),
        ("us/eastern", "America/New_York"),
        ("Etc/GMT-9", "Etc/GMT-9"),
    ],
)
def test_a_zone_is_found_by_its_name_a_city_or_a_country(typed: str, meant: str):
    assert choices.zone(typed) == meant


def test_every_zone_of_tzdata_is_found_by_its_own_name_with_the_same_clock():
    from datetime import UTC, datetime

    moments = [datetime(2026, month, 15, tzinfo=UTC) for month in (1, 7)]
    for name in available_timezones() - {"Factory", "localtime", "EST", "MST", "HST", "CET"}:
        if name in ("EET", "MET", "WET"):
            continue
        found = choices.zone(name.swapcase())
        assert ZoneInfo(found).key == found
        for moment in moments:
            there, here = moment.astimezone(ZoneInfo(name)), moment.astimezone(ZoneInfo(found))
            assert there.utcoffset() == here.utcoffset(), name


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("UTC+9", "Asia/Seoul"),
        ("gmt-5", "America/New_York"),
        ("+5:30", "Asia/Kolkata"),
        ("CST", "America/Chicago"),
        ("pst", "America/Los_Angeles"),
        ("usa", "America/New_York"),
        ("seuol", "Asia/Seoul"),
        ("Europe/Pariss", "Europe/Paris"),
    ],
)
def test_what_names_no_single_zone_is_refused_with_candidates(typed: str, offered: str):
    with pytest.raises(Usage, match=offered):
        choices.zone(typed)


def test_what_is_near_no_zone_is_refused_with_examples():
    with pytest.raises(Usage, match="Europe/Paris"):
        choices.zone("qqqqqq")


def test_candidates_while_typing_begin_with_the_exact_one():
    assert choices.zone_candidates("paris")[0] == "Europe/Paris"
    assert "America/New_York" in choices.zone_candidates("new y")
    assert choices.zone_candidates("utc+9")[0] == "Asia/Seoul"
    assert len(choices.zone_candidates("a", 25)) == 25
    assert choices.zone_candidates("")[0] == "Asia/Seoul"


def test_a_zone_is_named_in_the_language_of_the_chat():
    assert choices.place("Asia/Seoul", "zh") == "首尔"
    assert choices.place("America/New_York", "ko") == "뉴욕"
    assert choices.place("America/New_York", "en") == "New York"
    assert choices.place("UTC", "zh") == "UTC"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("Monday to Thursday", {0, 1, 2, 3}),
        ("weekdays", {0, 1, 2, 3, 4}),
        ("weekends", {5, 6}),
        ("daily", set(range(7))),
        ("mon,wed,fri", {0, 2, 4}),
        ("tues & thurs", {1, 3}),
        ("mon wed", {0, 2}),
        ("fri-mon", {4, 5, 6, 0}),
        ("sat–sun", {5, 6}),
        ("周一到周五", {0, 1, 2, 3, 4}),
        ("周一三五", {0, 2, 4}),
        ("星期天", {6}),
        ("工作日", {0, 1, 2, 3, 4}),
        ("월수금", {0, 2, 4}),
        ("월-금", {0, 1, 2, 3, 4}),
        ("월요일부터 금요일까지", {0, 1, 2, 3, 4}),
        ("매일", set(range(7))),
        ("mon-fri, sun", {0, 1, 2, 3, 4, 6}),
    ],
)
def test_weekdays_are_understood_as_people_type_them(typed: str, meant: set[int]):
    assert choices.weekdays(typed) == meant


@pytest.mark.parametrize("typed", ["", "5", "1-5", "mon-", "m", "someday", "mon-wed-fri", ","])
def test_what_is_no_set_of_weekdays_is_refused_with_examples(typed: str):
    with pytest.raises(Usage, match="mon-fri"):
        choices.weekdays(typed)


@given(st.frozensets(st.integers(0, 6), min_size=1))
def test_every_set_of_weekdays_can_be_typed_again_as_it_is_shown(days: frozenset[int]):
    assert choices.weekdays(choices.weekdays_text(days)) == days


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2025-12-26", date(2025, 12, 26)),
        ("2025/12/26", date(2025, 12, 26)),
        ("20251226", date(2025, 12, 26)),
        ("2025年12月26日", date(2025, 12, 26)),
        ("2025년 12월 26일", date(2025, 12, 26)),
        ("today", TODAY),
        ("어제", date(2025, 12, 26)),
    ],
)
def test_a_date_is_understood_as_people_type_it(typed: str, meant: date):
    assert choices.day(typed, TODAY) == meant


def test_a_date_that_does_not_exist_is_said_to_be_in_no_calendar():
    with pytest.raises(Usage, match="There is no 2026-02-30 in the calendar"):
        choices.day("2026-02-30", TODAY)


def test_a_date_in_the_future_is_said_to_be_so():
    with pytest.raises(Usage, match="2025-12-28 lies in the future"):
        choices.day("2025-12-28", TODAY)


@pytest.mark.parametrize("typed", ["", "12-26", "tomorrow", "1980-01-01", "2025-12-26T10:00"])
def test_what_is_no_date_is_refused_with_an_example(typed: str):
    with pytest.raises(Answer, match="2025-12-27"):
        choices.day(typed, TODAY)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("22:00-07:00", (time(22), time(7))),
        ("22-7", (time(22), time(7))),
        ("10pm to 7am", (time(22), time(7))),
        ("22点到7点", (time(22), time(7))),
        ("22시부터 7시까지", (time(22), time(7))),
        ("off", None),
        ("关闭", None),
    ],
)
def test_quiet_hours_are_understood_as_people_type_them(
    typed: str, meant: tuple[time, time] | None
):
    assert choices.quiet(typed) == meant


@pytest.mark.parametrize("typed", ["", "22:00", "9-9", "22-25", "1-2-3"])
def test_what_is_no_span_of_hours_is_refused_with_an_example(typed: str):
    with pytest.raises(Usage, match="22:00-07:00"):
        choices.quiet(typed)


def test_the_number_of_cards_is_bounded_by_the_platform():
    assert choices.limit("1", 50) == 1
    assert choices.limit("50", 50) == 50
    assert choices.limit("５", 50) == 5
    for typed in ("0", "51", "-1", "ten", "", "1.5", "9" * 30):
        with pytest.raises(Usage, match="from 1 to 50"):
            choices.limit(typed, 50)


def test_words_are_understood_with_their_other_names():
    assert choices.language("English") == "en"
    assert choices.language("中文") == "zh"
    assert choices.language("한국어") == "ko"
    assert choices.language("ZH-CN") == "zh"
    assert choices.layout("Packed") is Layout.PACKED
    assert choices.when("fresh") is When.FRESH
    assert choices.empty("once") is Empty.ONCE
    assert choices.follow("all") is Follow.ALL
    assert choices.links("Hugging Face") == "hf"
    assert choices.sound("off") == "none"


def test_a_wrong_word_is_refused_with_the_nearest_and_all_possible_ones():
    with pytest.raises(Usage, match=r"did you mean packed\? Possible: packed, cards"):
        choices.layout("packd")
    with pytest.raises(Usage, match="Possible: en, zh, ko"):
        choices.language("klingon")


def test_a_language_of_a_platform_is_known_with_its_region():
    assert choices.known_language("zh-hans") == "zh"
    assert choices.known_language("ko_KR") == "ko"
    assert choices.known_language("pt-br") is None
    assert choices.known_language(None) is None


def test_a_pause_is_a_number_of_days():
    assert choices.pause_days("") is None
    assert choices.pause_days("7") == 7
    assert choices.pause_days("7 days") == 7
    assert choices.pause_days("2 weeks") == 14
    for typed in ("0", "366", "-3", "soon"):
        with pytest.raises(Usage, match="1 to 365"):
            choices.pause_days(typed)


PARSERS = [
    choices.hour,
    choices.zone,
    choices.weekdays,
    choices.quiet,
    choices.layout,
    choices.when,
    choices.empty,
    choices.follow,
    choices.links,
    choices.sound,
    choices.language,
    choices.pause_days,
    lambda text, t=None: choices.limit(text, 50, t),
    lambda text, t=None: choices.day(text, TODAY, t),
]


@given(st.text(max_size=200), st.sampled_from(PARSERS))
def test_no_text_ever_gives_more_than_an_answer_or_a_sentence(text: str, parser):
    said = None
    try:
        parser(text)
    except Answer as error:
        said = str(error)
    assert said is None or (10 < len(said) < 400 and "\n" not in said)


@pytest.mark.parametrize("parser", PARSERS)
def test_a_text_longer_than_any_value_is_refused(parser):
    with pytest.raises(Usage, match="too long"):
        parser("9" * 65, texts("en"))
