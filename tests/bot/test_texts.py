"""What the bot says follows the person's language, and never fails for want of a translation."""

from __future__ import annotations

import datetime as dt
import importlib.util
import subprocess
import sys
from gettext import NullTranslations
from pathlib import Path
from typing import Any

import pytest

from bot import texts as module
from bot.texts import N_, Texts, languages, texts

ROOT = Path(__file__).resolve().parents[2]
FRIDAY = dt.date(2025, 12, 26)
NOON = dt.datetime(2025, 12, 30, 2, 45, tzinfo=dt.UTC)


class _Catalogue(NullTranslations):
    def __init__(self, words: dict[str, str]) -> None:
        super().__init__()
        self.words = words

    def gettext(self, message: str) -> str:
        return self.words.get(message, message)


def test_english_is_said_as_it_stands_in_the_code():
    t = texts("en")
    assert t("Next: {time}", time="9:00") == "Next: 9:00"
    assert t("Braces { stay } without values") == "Braces { stay } without values"
    assert t.plural("{n} paper", "{n} papers", 1) == "1 paper"
    assert (
        t.plural("{n} paper of {day}", "{n} papers of {day}", 1200, day="x") == "1,200 papers of x"
    )


@pytest.mark.parametrize("language", ["", "xx", "EN-gb", "../../etc", "fr_FR.UTF-8", "e\x00n"])
def test_an_unknown_language_is_english(language):
    assert texts(language).language == "en"


@pytest.mark.parametrize("language", ["zh", "zh-CN", "zh_Hans", " ZH "])
def test_a_language_is_known_by_its_first_part(language):
    assert texts(language).language == "zh"


def test_english_comes_first_among_the_languages():
    assert languages() == ("en", "ko", "zh")


@pytest.mark.parametrize(
    ("language", "expected", "with_year"),
    [
        ("en", "Fri 26 Dec", "Fri 26 Dec 2025"),
        ("zh", "12月26日 周五", "2025年12月26日 周五"),
        ("ko", "12월 26일 (금)", "2025년 12월 26일 (금)"),
    ],
)
def test_days_are_written_as_in_the_language(language, expected, with_year):
    assert texts(language).day(FRIDAY) == expected
    assert texts(language).day(FRIDAY, year=True) == with_year


def test_a_moment_is_local_and_names_its_day_unless_it_is_today():
    t = texts("en")
    assert t.moment(NOON, "Asia/Seoul") == "Tue 30 Dec 11:45"
    assert t.moment(NOON, "Asia/Seoul", now=NOON) == "11:45"
    assert t.moment(NOON, dt.UTC, now=NOON + dt.timedelta(days=1)) == "Tue 30 Dec 02:45"
    assert t.moment(NOON, dt.UTC, now=NOON + dt.timedelta(days=9)) == "Tue 30 Dec 2025 02:45"
    assert t.time(dt.time(9)) == "09:00"


def test_lists_are_joined_as_in_the_language():
    assert [texts("en").list(names) for names in ([], ["A"], ["A", "B"], ["A", "B", "C"])] == [
        "",
        "A",
        "A and B",
        "A, B and C",
    ]
    assert texts("zh").list(["A", "B", "C"]) == "A、B 和 C"
    assert texts("zh").list(["标题", "摘要"]) == "标题和摘要"
    assert texts("zh").series(["A", "B"]) == "A、B"
    assert texts("en").series(["A", "B"]) == "A, B"


def test_numbers_mark_their_thousands():
    assert [texts(code).number(12345) for code in languages()] == ["12,345"] * 3


@pytest.mark.parametrize("broken", ["下次：{tmie}", "下次：{", "下次：{0}", "下次：{time.x}"])
def test_a_broken_translation_falls_back_to_the_english(broken):
    t = Texts("zh", _Catalogue({"Next: {time}": broken}))
    assert t("Next: {time}", time="9:00") == "Next: 9:00"


def test_a_value_that_the_code_forgot_is_a_mistake_that_shows():
    with pytest.raises(KeyError):
        texts("en")("Next: {time}", day="x")


def test_without_catalogues_everything_is_english(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "_LOCALE", tmp_path)
    _forget()
    try:
        assert languages() == ("en",)
        assert texts("zh").language == "en"
        folder = tmp_path / "zh" / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "bot.mo").write_bytes(b"damaged")
        _forget()
        assert texts("zh")("Topic") == "Topic"
    finally:
        _forget()


def _forget() -> None:
    languages.cache_clear()
    texts.cache_clear()


def test_a_text_that_is_only_marked_stays_as_it_is():
    assert N_("Fri") == "Fri"


def test_english_needs_no_babel():
    code = (
        "import sys, datetime as dt; from bot.texts import texts; t = texts('en');"
        "t.day(dt.date(2025, 1, 1)); t.number(5000); t.list('ab'); t.plural('{n}', '{n}', 2);"
        "sys.exit('babel' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.fixture
def catalogues(monkeypatch, tmp_path):
    """The script as a module, working on catalogues of its own."""
    spec = importlib.util.spec_from_file_location("catalogues", ROOT / "scripts/catalogues.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "said.py").write_text(
        't("Next: {time}", time=1)\nt.plural("{n} paper", "{n} papers", 2)\nN_("title")\n'
        '# also: {others}, those not named\nt("{n} people", n=1)\nother("never")\n'
    )
    monkeypatch.setattr(script, "ROOT", tmp_path)
    monkeypatch.setattr(script, "LOCALE", tmp_path)
    monkeypatch.setattr(script, "TEMPLATE", tmp_path / "bot.pot")
    (tmp_path / "zh" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "zh" / "LC_MESSAGES" / "bot.po").write_bytes(
        script.written(script.Catalog(charset="utf-8"), "zh")
    )
    assert script.main(["extract", "update"]) == 0
    return script


def _translate(script: Any, said: str, words: str | tuple[str, ...]) -> None:
    file = script.LOCALE / "zh" / "LC_MESSAGES" / "bot.po"
    catalogue = script.read(file)
    catalogue[said].string = words
    file.write_bytes(script.written(catalogue, "zh"))


def test_every_text_of_the_code_is_extracted_and_nothing_else(catalogues):
    said = {message.id for message in catalogues.read(catalogues.TEMPLATE) if message.id}
    assert said == {"Next: {time}", ("{n} paper", "{n} papers"), "title", "{n} people"}


def test_extracting_twice_gives_the_same_bytes_without_date_or_place(catalogues):
    first = catalogues.TEMPLATE.read_bytes()
    catalogues.main(["extract"])
    assert catalogues.TEMPLATE.read_bytes() == first
    assert b"said.py" not in first
    assert b"Date" not in first


def test_a_complete_translation_is_compiled_and_spoken(catalogues, monkeypatch):
    _translate(catalogues, "Next: {time}", "下一期：{time}")
    _translate(catalogues, "{n} paper", ("{n} 篇论文",))
    _translate(catalogues, "{n} people", "另外 {others} 人")
    _translate(catalogues, "title", "标题")
    assert catalogues.main(["check", "compile"]) == 0
    monkeypatch.setattr(module, "_LOCALE", catalogues.LOCALE)
    _forget()
    try:
        t = texts("zh")
        assert t("Next: {time}", time="9:00") == "下一期：9:00"
        assert t.plural("{n} paper", "{n} papers", 1) == "1 篇论文"
        assert t("untold") == "untold"
    finally:
        _forget()


def _complete(script: Any) -> None:
    for said, words in (
        ("Next: {time}", "下一期：{time}"), ("{n} paper", ("{n} 篇论文",)),
        ("{n} people", "另外 {others} 人"), ("title", "标题"),
    ):  # fmt: skip
        _translate(script, said, words)


def test_a_text_without_words_is_found(catalogues, capsys):
    _complete(catalogues)
    assert catalogues.main(["check"]) == 0
    _translate(catalogues, "title", "")
    assert catalogues.main(["check"]) == 1
    assert "no words for 'title'" in capsys.readouterr().out


def test_fuzzy_words_are_found(catalogues, capsys):
    _complete(catalogues)
    file = catalogues.LOCALE / "zh" / "LC_MESSAGES" / "bot.po"
    text = file.read_text("utf-8")
    file.write_text(text.replace('msgid "title"', '#, fuzzy\nmsgid "title"'), "utf-8")
    assert catalogues.main(["check"]) == 1
    assert "'title' is fuzzy" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Next: {time}", "下一期"),
        ("Next: {time}", "下一期：{tmie}"),
        ("Next: {time}", "下一期：{time"),
        ("{n} paper", ("{m} 篇",)),
    ],
)
def test_a_translation_with_other_values_is_found(catalogues, capsys, said, words):
    _translate(catalogues, said, words)
    assert catalogues.main(["check"]) == 1
    assert "bot.po" in capsys.readouterr().out


def test_a_text_that_was_changed_in_the_code_is_found(catalogues, capsys):
    (catalogues.ROOT / "bot" / "said.py").write_text('t("Another")\n')
    assert catalogues.main(["check"]) == 1
    told = capsys.readouterr().out
    assert "lacks: Another" in told
    assert "still has: title" in told


def test_a_damaged_catalogue_is_found(catalogues, capsys):
    (catalogues.LOCALE / "zh" / "LC_MESSAGES" / "bot.po").write_text("no catalogue at all\n")
    assert catalogues.main(["check"]) == 1
    assert "bot.po" in capsys.readouterr().out
