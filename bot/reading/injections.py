"""Passages of a paper that speak to a language model or to its reviewer.

They are flagged for people, nothing more: the text of a paper is data for the reader whatever it
says, and what human eyes cannot see never reaches a model. Text that a person sees is flagged
where it stands by itself; what is quoted, or told as an example of an attack, is not: papers about
such attacks are full of it. Hidden text gets no such benefit.

The patterns follow what was found in preprints of 2025 (arXiv:2507.06185): orders to forget other
orders, demands for praise or acceptance, words addressed to models, phrases to be repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.ports.reading import Whole

MOST = 8  # flags of one paper
_QUOTE = 100  # characters of a flag's quotation
_LONGEST = 2_000_000  # characters of a text that are looked at
_LOOK_BACK = 160

_MODEL = (
    r"(?:LLMs?|(?:large )?language models?|AIs?|A\.I\.|artificial intelligence|chatbots?|ChatGPT"
    r"|GPT(?:-\d\w?)?|Claude|Gemini|AI[- ](?:assistants?|agents?|models?|systems?|tools?))"
)
_ROLES = r"(?:reviewers?|readers?|assistants?|agents?)"
_KIND = rf"(?:[- ]?(?:based |generated |assisted |powered )?(?:{_ROLES}|models?|systems?))?"
_EARLIER = (
    r"(?:previous|prior|above|earlier|preceding|foregoing|existing|former|other|original|system)"
)
_ORDERS = (
    r"(?:instructions?|prompts?|directions?|directives?|guidelines?|rules|commands?"
    r"|messages?|context)"
)
_PRAISE = (
    r"(?:positive|favou?rable|glowing|enthusiastic|high(?:est)?|strong(?:ly positive)?|excellent"
    r"|perfect|top|outstanding|good)"
)
_VERDICT = (
    r"(?:reviews?|ratings?|scores?|evaluations?|assessments?|recommendations?|feedback|marks?)"
)
_FAULTS = (
    r"(?:negatives?|negative (?:aspects?|points?|comments?)|weakness(?:es)?|limitations?|flaws?"
    r"|shortcomings?|drawbacks?|criticisms?|faults)"
)
_FILL = (
    r"(?:all|any|the|your|of|these|those|my|every|and|its|major|potential|possible|this|paper'?s)"
)

_ORDER = re.compile(
    rf"\b(?:ignore|disregard|forget|override|bypass|discard|set aside)"
    rf"(?: {_FILL}){{0,4}} {_EARLIER}(?: (?:and|or) {_EARLIER})? {_ORDERS}"
    rf"|\byour (?:new|real|actual|only) (?:task|role|instructions?|goal) (?:is|are)\b"
    rf"|\b(?:reveal|print|output|repeat) (?:your|the) (?:system prompt|hidden instructions)"
    rf"|\b(?:note|message|attention|instructions?|reminder) (?:to|for) (?:all |any |the )?"
    rf"{_MODEL}{_KIND}(?: only)? ?[:!]"
    rf"|\bif you are (?:an? |the )?(?:automated )?{_MODEL}"
    rf"|\bas an? {_MODEL}{_KIND},? you (?:must|should|are|will|have to|need to)\b",
    re.IGNORECASE,
)
# Apart from the English ones: together they take three times as long.
_ORDER_ASIAN = re.compile(
    r"(?:忽略|无视|忽视|忘记|忘掉|不要理会)(?:掉)?(?:你)?(?:所有|全部|之前|以上|上述|此前"
    r"|前面|先前|的){1,5}"
    r"(?:指令|指示|提示词?|要求|规则|命令)"
    r"|(?:如果你是|作为)(?:一个|一名|一位)?(?:大型?|人工智能|AI)?(?:语言模型|大模型|AI"
    r"|人工智能)(?:审稿人|评审|助手)?，?(?:你|请)"
    r"|(?:이전|위의?|앞의?|모든|기존)(?:의)?(?: ?(?:모든|이전|의)){0,3} ?(?:지시|지침|명령"
    r"|프롬프트)(?:사항)?(?:을|를|들을)?"
    r" ?(?:모두 |전부 )?(?:무시|잊)"
    r"|(?:당신이|네가|만약) ?.{0,10}(?:언어 ?모델|AI|인공지능).{0,6}라면",
    re.IGNORECASE,
)
# These stand at the start of a sentence or behind "please", "now", "you must".
_DEMAND = re.compile(
    rf"\b(?:for|dear|attention) (?:all |any )?{_MODEL}[- ]?{_ROLES}(?: only)? ?[:!]|"
    rf"\b(?:give|write|provide|produce|generate|output|assign|return|submit|offer)"
    rf"(?: (?:only|a|an|this|the|it|paper|manuscript|submission|work|me|us|very|extremely)){{0,4}}"
    rf" {_PRAISE} {_VERDICT}"
    rf"|\b(?:do not|don't|never|avoid)"
    rf" (?:highlight|mention|point out|list|include|discuss|rais|emphasi[sz]|report|criticiz"
    rf"|identify)\w{{0,3}}"
    rf"(?: {_FILL}){{0,4}} {_FAULTS}"
    rf"|\b(?:(?:strongly )?recommend|suggest|vote for)(?: a| strong| clear| the| its){{0,3}}"
    rf" (?:accept(?:ance|ing)?)(?: of)?(?: for)?(?: this| the)? (?:paper|manuscript|submission"
    rf"|work)"
    rf"|\baccept (?:this|the) (?:paper|manuscript|submission)\b"
    rf"|\b(?:rate|score|grade) (?:this|the) (?:paper|manuscript|submission|work)"
    rf"[^.]{{0,30}}(?:10|highest|top|excellent|strong accept)"
    rf"|\binclude (?:both |all )?(?:of )?the (?:following )?(?:phrases?|words?"
    rf"|sentences?)\b.{{0,160}}?"
    rf"\bin (?:your|the) review",
    re.IGNORECASE,
)
_DEMAND_ASIAN = re.compile(
    r"(?:只|仅)?(?:给出|给予|给|写|提供|撰写|输出)(?:出)?(?:本文|该论文)?(?:一个|一份"
    r"|一篇)?(?:正面|积极|肯定|高分|最高|好评)"
    r"(?:的)?(?:评价|评审|审稿意见|评分|评论|意见|分数)"
    r"|(?:不要|请勿|切勿|不得)(?:提及|指出|强调|列出|突出|提到)(?:任何|本文|论文"
    r"|的){0,3}(?:缺点|不足|负面|弱点|局限|缺陷)"
    r"|(?:推荐|建议|请)(?:直接)?(?:接收|录用|接受)(?:本|该|这篇)(?:论文|文章|稿件|文)"
    r"|긍정적인? ?(?:리뷰|평가|심사평?|의견|점수)만?(?:을|를)? ?(?:작성|제공|부여|남기|내리"
    r"|주).{0,4}?(?:시오|세요|라|십시오)"
    r"|(?:단점|약점|부정적인? ?[가-힣]{1,3}|한계점?)(?:은|을|를|도)? ?(?:절대 )?(?:언급|지적"
    r"|강조)하지 ?(?:마|말)"
    r"|이 ?논문(?:을|의)? ?(?:채택|게재|승인)(?:을)? ?(?:추천|권고)?하(?:시오|세요|라|십시오)",
    re.IGNORECASE,
)
_PRAISED = re.compile(
    r"\bimpactful contributions?, methodological rigou?r,? and exceptional novelty", re.IGNORECASE
)
_ROLE = re.compile(
    r"<\|(?:im_start|im_end|system|user|assistant|endoftext|begin_of_text|start_header_id)\|>"
    r"|\[/?INST\]|<</?SYS>>|</?system(?:_prompt)?>"
    r"|(?:^|\n)#{2,4} ?(?:system|instruction|human|assistant) ?:|\[SYSTEM (?:OVERRIDE|MESSAGE"
    r"|PROMPT)",
    re.IGNORECASE,
)
_WALL = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{160,100000}={0,2}(?![A-Za-z0-9+/])", re.ASCII)
_TAGS = re.compile("[\U000e0020-\U000e007e]{4,}")
_ZERO_WIDTH = re.compile("[\u200b\u200c\u200d\u2060\ufeff]{8,}")
_DROPPED = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u2069]")
_ASIAN = re.compile("[\u4e00-\u9fff\uac00-\ud7a3]")
_SPACE = re.compile(r"[ \t\r\n\u00a0]+")
_FIRST = re.compile(
    r"(?:^|[.!?:;。！？：；\])>\n，,]|\b(?:please|now|must|you should|should only|you|and|then"
    r"|also|only|IMPORTANT)|请|务必)"
    r"[ ]{0,2}$",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"\b(?:such as|e\.g\.,?|for example|for instance|like|namely|reads?|says?|saying|stating"
    r"|asks?|phrase"
    r"|attack\w*|adversar\w*|inject\w*|jailbreak\w*|malicious|attempts? to|tr(?:y|ies|ying) to"
    r"|told to"
    r"|instruct\w* (?:to|them|the|it)|prompted to|asked to|used to|learns? to|can|could|may"
    r"|might|will|to"
    r"|not|that|which|who|models?|agents?|例如|比如|诸如|攻击|注入|예를 들어"
    r"|공격)\b[^.!?。！？]{0,60}$",
    re.IGNORECASE,
)
_EXAMPLES = re.compile(
    r"prompt|template|attack|jailbreak|inject|example|case stud|instruction", re.I
)
_ADDRESSED = re.compile(
    rf"\b(?:you|your|must|ignore|instructions?|reviewers?|reviews?|accept\w*|scores?|ratings?"
    rf"|{_MODEL})\b"
    r"|请|你|审稿|评审|指令|모델|리뷰|지시|심사",
    re.IGNORECASE,
)
_OPENERS = "“「『«‘"
_CLOSERS = "”」』»’"


def flags(given: Whole | str) -> tuple[str, ...]:
    """What was found, each as "kind: quotation", at most MOST; kinds in the order of the list.

    `hidden` (not to be seen and addressed to somebody), `order`, `demand`, `role` (marks of chat
    templates, in title and abstract alone), `encoded`, `invisible` (letters that show as nothing).
    Any text will do; never raises.
    """
    if isinstance(given, str):
        found = [*_seen(given), *_marks(given), *_unreadable(given)]
    else:
        head = f"{given.title}\n\n{given.abstract}"
        found = [flag for text in given.unseen for flag in _unseen(text)]
        found += [*_seen(head), *_marks(head), *_unreadable(head)]
        for section in given.sections:
            if not _EXAMPLES.search(section.title):
                found += _seen(section.text)
            found += _unreadable(section.text)
    return tuple(dict.fromkeys(found))[:MOST]


def _unseen(text: str) -> Iterator[str]:
    folded = _folded(text)
    hits = [*_orders(folded), *_demands(folded), *_PRAISED.finditer(folded)]
    hits += _ROLE.finditer(folded)
    if hits:
        yield _told("hidden", folded, min(hit.start() for hit in hits))
    elif len({hit[0].lower() for hit in _ADDRESSED.finditer(folded[:5_000])}) >= 2:
        yield _told("hidden", folded, 0)


def _seen(text: str) -> Iterator[str]:
    text = _folded(text)
    for one in _orders(text):
        if not _quoted(text, one):
            yield _told("order", text, one.start())
    for one in _demands(text):
        before = text[max(0, one.start() - 40) : one.start()]
        if _FIRST.search(before) and not _quoted(text, one):
            yield _told("demand", text, one.start())
    for one in _PRAISED.finditer(text):
        if not _quoted(text, one):
            yield _told("demand", text, one.start())


def _orders(text: str) -> list[re.Match[str]]:
    return _hits(text, _ORDER, _ORDER_ASIAN)


def _demands(text: str) -> list[re.Match[str]]:
    return _hits(text, _DEMAND, _DEMAND_ASIAN)


def _hits(text: str, english: re.Pattern[str], asian: re.Pattern[str]) -> list[re.Match[str]]:
    """By their places; a text without an ideograph or a syllable is searched once."""
    found = [*english.finditer(text)]
    if _ASIAN.search(text):
        found = sorted((*found, *asian.finditer(text)), key=lambda one: one.start())
    return found


def _marks(text: str) -> Iterator[str]:
    for one in _ROLE.finditer(text[:_LONGEST]):
        if not _quoted(text, one):
            yield _told("role", text, one.start())


def _unreadable(text: str) -> Iterator[str]:
    text = text[:_LONGEST]
    for one in _WALL.finditer(text):
        letters = one[0][:400]
        if (
            re.search(r"[a-z]", letters)
            and re.search(r"[A-Z]", letters)
            and re.search(r"\d", letters)
        ):
            yield f"encoded: {letters[:40]}…"
    for one in _TAGS.finditer(text):
        spoken = "".join(chr(ord(letter) - 0xE0000) for letter in one[0][:_QUOTE])
        yield f"invisible: {spoken}"
    if one_run := _ZERO_WIDTH.search(text):
        yield f"invisible: {one_run.end() - one_run.start()} × U+200B"


def _folded(text: str) -> str:
    """Without letters that show as nothing, white space as single blanks."""
    return _SPACE.sub(" ", _DROPPED.sub("", text[:_LONGEST]))


def _quoted(text: str, one: re.Match[str]) -> bool:
    """Whether the passage stands in quotation marks, or is told as what somebody else says."""
    before = text[max(0, one.start() - _LOOK_BACK) : one.start()]
    behind = text[one.end() : one.end() + _LOOK_BACK]
    opened = max(before.rfind(mark) for mark in _OPENERS)
    if opened > max(before.rfind(mark) for mark in _CLOSERS) and any(c in behind for c in _CLOSERS):
        return True
    straight = before.rsplit("\n", 1)[-1]
    for mark in ('"', "`", "''"):
        if straight.count(mark) % 2 and (mark in behind or "''" in behind):
            return True
    if before.rstrip().endswith(("``", "'", "‘")):
        return True
    return bool(_TOLD.search(before[-100:]))


def _told(kind: str, text: str, at: int) -> str:
    piece = _SPACE.sub(" ", text[at : at + _QUOTE + 1]).strip()
    if len(piece) > _QUOTE:
        piece = piece[:_QUOTE].rsplit(" ", 1)[0].rstrip() + "…"
    return f"{kind}: {piece}"
