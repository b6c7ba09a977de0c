"""Which paper of a message a question is about, and whether words are a question at all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot.papers import Paper, find_id

_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*", re.ASCII)
_PUNCTUATION = "<>()[]{}\"'“”‘’«»,;:!?.。，、；：！？（）【】《》~…"

# What people say to a bot without asking it anything.
_POLITE = frozenset(
    "hi hello hey yo hiya morning evening afternoon night good day thanks thank thx ty cheers you "
    "so very much a lot ok okay okey kk nice great cool wow awesome amazing super perfect lol haha "
    "hahaha yes yep yeah no nope sure fine got it right indeed interesting love this that one "
    "paper bot there all everybody everyone please welcome bye really well done congrats agreed "
    "same too +1".split()
)
# One word after the other, never read in two ways (`++`): people laugh at length.
_POLITE_ASIAN = re.compile(
    r"(?:多谢|感谢|谢|早上好|晚上好|早安|晚安|早|好的|好|真棒|棒|赞|厉害|牛|不错|收到"
    r"|明白|了解|辛苦|哈|嗯|哦|是的|对|真的|了|啦|呀|啊|吗|呢|你|您|大家"
    r"|안녕하세요|안녕|감사합니다|감사해요|감사|고마워요?|고맙습니다|네|예|응|좋아요?|좋네요|좋다|굿|대박|와|오"
    r"|진짜요?|정말요?|수고하세요|수고하셨습니다|수고|ㅋ|ㅎ|ㅇㅋ|\s)++"
)
_ASKS = re.compile(
    r"^(?:(?:and|so|but|please|can you|could you) )*(?:"
    r"(?!what an? )(?:what|which|who|whose|whom|why|how|when|where)(?: +\S+){3}"
    r"|(?:is|are|was|were|does|do|did|can|could|will|would|should|has|have|had)(?: +\S+){2}"
    r"|(?:explain|describe|summari[sz]e|compare|tell|list|give|name)(?: +\S+){2})"
    r"|什么|怎么|怎样|如何|为什么|为何|哪|多少|是否|能否|有没有|请问|解释|介绍|说明一下|总结|对比"
    r"|무엇|뭐|뭔|어떻게|어떤|어디|왜|얼마|몇|누가|언제|인가요|나요|까요|습니까|설명|비교|요약|알려",
    re.IGNORECASE,
)

_LEADING = re.compile(r"\s*#?(\d{1,3})(?:번|\s*[:.)、：）](?!\d)|(?=\s))\s*(?=\S)", re.ASCII)
_MARKED = re.compile(
    r"(?:#|\bpapers?\s+(?:no\.?\s*)?|\bno\.\s*|\bnumber\s+|论文\s*|논문\s*)(\d{1,3})(?![\d.]?\d)"
    r"|第\s*(\d{1,3})\s*(?:篇|个论文|号)|(\d{1,3})\s*번(?:째)?",
    re.IGNORECASE | re.ASCII,
)
_ORDINALS = {
    word: number
    for number, words in enumerate(
        (
            "first 第一篇 첫 번째|첫번째",
            "second 第二篇 두 번째|두번째",
            "third 第三篇 세 번째|세번째",
            "fourth 第四篇 네 번째|네번째",
            "fifth 第五篇 다섯 번째|다섯번째",
        ),
        start=1,
    )
    for word in re.split(r" (?!번째)|\|", words)
}
_ORDINAL = re.compile(
    rf"\b({'|'.join(w for w in _ORDINALS if w.isascii())})\s+(?:paper|one)\b"
    rf"|({'|'.join(w for w in _ORDINALS if not w.isascii())})",
    re.IGNORECASE,
)
# In so many titles that they tell nothing.
_COMMON = frozenset(
    "with from that this what which where when does into over under about using based than then "
    "their there these those have more most very model models method methods paper papers learning "
    "large language data dataset datasets training trained train results result work works code "
    "used uses task tasks approach system systems via towards toward".split()
)
_RUN = 3  # words of a title, one behind the other, that name it
_TELLING = 2  # points from which a title is taken for named


def is_polite(words: str) -> bool:
    """Whether the words are a greeting, thanks, a nod or a sign, and ask nothing."""
    if not _LETTER.search(words):
        return True
    bare = " ".join(word for part in words.casefold().split() if (word := part.strip(_PUNCTUATION)))
    if _POLITE_ASIAN.fullmatch(bare):
        return True
    letters = ["".join(c for c in word if c.isalnum() or c == "+") for word in bare.split()]
    return all(not word or word in _POLITE for word in letters)


def asks(words: str) -> bool:
    """Whether the words are a question beyond doubt: so that people who talk about a paper among
    themselves are left alone."""
    if is_polite(words):
        return False
    return any(mark in words for mark in "?？") or bool(_ASKS.search(words.strip()))


def id_in(words: str) -> str | None:
    """The arXiv id of the first word that is one, or a link to one."""
    for word in words.split():
        if found := find_id(word.strip(_PUNCTUATION)):
            return found[0]
    return None


def by_number(words: str, numbered: Mapping[int, str]) -> tuple[str, str] | None:
    """The id whose number the words name, and the question without a number before it.

    `numbered`: the ids of the message by the numbers that stand there.
    """
    if (one := _LEADING.match(words)) and int(one[1]) in numbered:
        rest = words[one.end() :].strip()
        if _LETTER.search(rest):
            return numbered[int(one[1])], rest
    for one in _MARKED.finditer(words):
        number = int(next(group for group in one.groups() if group))
        if number in numbered:
            return numbered[number], words
    if one := _ORDINAL.search(words):
        number = _ORDINALS[(one[1] or one[2]).lower()]
        if number in numbered:
            return numbered[number], words
    return None


def by_title(words: str, papers: Sequence[Paper]) -> str | None:
    """The id of the one paper whose title the words name; None where none or several do."""
    spoken = [_singular(word) for word in _WORD.findall(words.lower())]
    said, line = set(spoken), f" {' '.join(spoken)} "
    titles = {paper.id: _content(paper.title) for paper in papers}
    points = {}
    for paper in papers:
        own = titles[paper.id]
        others = set().union(*(titles[other] for other in titles if other != paper.id))
        whole = [_singular(word) for word in _WORD.findall(paper.title.lower())]
        runs = (whole[at : at + _RUN] for at in range(len(whole) - _RUN + 1))
        name, colon, _ = paper.title.partition(":")
        named = [_singular(word) for word in _WORD.findall(name.lower())]
        score = len((own - others) & said)
        if colon and 0 < len(named) <= 3 and said.issuperset(named):
            score += 2 * _TELLING
        if any(f" {' '.join(run)} " in line for run in runs):
            score += _TELLING
        points[paper.id] = score
    best = max(points.values(), default=0)
    found = [one for one, score in points.items() if score == best]
    return found[0] if best >= _TELLING and len(found) == 1 else None


def _content(title: str) -> set[str]:
    words = {_singular(word) for word in _WORD.findall(title.lower())}
    return {word for word in words if len(word) >= 4 and word not in _COMMON}


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word
