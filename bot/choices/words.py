"""Settings whose value is one word of a few, and the number of cards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TypeVar

from bot.channels import Empty, Follow, Layout, When
from bot.choices.typed import fold, shown
from bot.errors import Usage
from bot.texts import Texts, texts

T = TypeVar("T")

_LANGUAGES = {
    "en": ("english", "englisch", "anglais", "英文", "英语", "英語", "영어"),
    "zh": (
        "chinese", "中文", "汉语", "漢語", "简体中文", "简体", "zh-cn", "zh-hans", "zh_cn",
        "mandarin", "중국어", "cn",
    ),
    "ko": ("korean", "한국어", "한국말", "한글", "韩语", "韩文", "韓語", "kr", "ko-kr", "ko_kr"),
}  # fmt: skip
_OWN_NAMES = {"en": "English", "zh": "中文", "ko": "한국어"}


def _pick(text: str, known: Mapping[str, T], examples: tuple[str, ...], t: Texts) -> T:
    typed = fold(text, t)
    if typed in known:
        return known[typed]
    close = get_close_matches(typed, known, n=1, cutoff=0.7)
    if close:
        raise Usage(
            t(
                '"{text}" is not known here; did you mean {nearest}? Possible: {values}.',
                text=shown(text),
                nearest=close[0],
                values=t.series(examples),
            )
        )
    raise Usage(
        t(
            '"{text}" is not known here. Possible: {values}.',
            text=shown(text),
            values=t.series(examples),
        )
    )


def language(text: str, t: Texts | None = None) -> str:
    """`en`, `English`, `中文`, `한국어`: the code of a language that the bot speaks."""
    known = {code: code for code in _LANGUAGES}
    known |= {name: code for code, names in _LANGUAGES.items() for name in names}
    known |= {f"{code}-{region}": code for code, region in (("en", "us"), ("en", "gb"))}
    return _pick(text, known, tuple(_LANGUAGES), t or texts("en"))


def known_language(code: str | None) -> str | None:
    """The language of a platform's code (`zh-hans`, `ko_KR`), None when the bot has it not."""
    bare_code = (code or "").lower().replace("_", "-").partition("-")[0]
    return bare_code if bare_code in _LANGUAGES else None


def language_name(code: str) -> str:
    """What a language calls itself."""
    return _OWN_NAMES.get(code, code)


def layout(text: str, t: Texts | None = None) -> Layout:
    """`packed`, `cards`, `compact` or `thread`."""
    values = tuple(Layout)
    return _pick(text, {value.value: value for value in values}, values, t or texts("en"))


def when(text: str, t: Texts | None = None) -> When:
    """`closed` or `fresh`."""
    known = {value.value: value for value in When}
    known |= {f"when {value.value}": value for value in When}
    return _pick(text, known, tuple(When), t or texts("en"))


def empty(text: str, t: Texts | None = None) -> Empty:
    """`never`, `once` or `always`."""
    values = tuple(Empty)
    known = {value.value: value for value in values} | {"off": Empty.NEVER, "on": Empty.ALWAYS}
    return _pick(text, known, values, t or texts("en"))


def follow(text: str, t: Texts | None = None) -> Follow:
    """`default` (Hugging Face's whole list) or `all` (every source's)."""
    values = tuple(Follow)
    known = {value.value: value for value in values}
    known |= {"huggingface": Follow.DEFAULT, "hf": Follow.DEFAULT, "hugging face": Follow.DEFAULT}
    return _pick(text, known, values, t or texts("en"))


def links(text: str, t: Texts | None = None) -> str:
    """`arxiv` or `hf`: where the titles of cards lead."""
    known = {"arxiv": "arxiv", "hf": "hf", "huggingface": "hf", "hugging face": "hf"}
    return _pick(text, known, ("arxiv", "hf"), t or texts("en"))


def sound(text: str, t: Texts | None = None) -> str:
    """`first`, `all` or `none`: which messages of a digest ring."""
    known = {"first": "first", "all": "all", "none": "none", "on": "first", "off": "none"}
    return _pick(text, known, ("first", "all", "none"), t or texts("en"))


def limit(text: str, most: int, t: Texts | None = None) -> int:
    """How many cards a digest may hold, 1 to `most`."""
    t = t or texts("en")
    typed = fold(text, t)
    number = int(typed) if re.fullmatch(r"\d{1,6}", typed, re.ASCII) else 0
    if not 1 <= number <= most:
        raise Usage(
            t(
                '"{text}" is no number of cards from 1 to {most}. Example: {example}.',
                text=shown(text),
                most=t.number(most),
                example=min(10, most),
            )
        )
    return number


def switch(text: str, t: Texts | None = None) -> bool:
    """`on` or `off`, in the languages of the bot."""
    known = dict.fromkeys(("on", "yes", "true", "开", "开启", "是", "켜기", "켬", "예"), True)
    known |= dict.fromkeys(
        ("off", "no", "false", "关", "关闭", "否", "끄기", "끔", "아니요"), False
    )
    return _pick(text, known, ("on", "off"), t or texts("en"))


_OFF = frozenset(("off", "none", "no", "关", "关闭", "无", "끄기", "없음", "-"))


def role(text: str, t: Texts | None = None) -> str | None:
    """The id of a role: `<@&123>` as a mention is written, or the number; None for `off`."""
    t = t or texts("en")
    typed = fold(text, t)
    if typed in _OFF:
        return None
    found = re.fullmatch(r"(?:<@&)?(\d{5,25})>?", typed, re.ASCII)
    if found is None:
        raise Usage(t('"{text}" is no role. Mention it, as @papers, or: off.', text=shown(text)))
    return found[1]


def tag(text: str, t: Texts | None = None) -> str | None:
    """The name or the id of a forum tag, as typed; None for `off`."""
    typed = fold(text, t)
    return None if typed in _OFF else " ".join(text.split())
