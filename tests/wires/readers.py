"""A model and full texts without any wire: what a test says is what comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from bot.errors import NotFound
from bot.ports import Filled, Form, Section, Whole

REPORT: Mapping[str, Any] = {
    "field": "Video generation",
    "contribution": "The model keeps a map and reaches 61.4 points.",
    "guide": {
        "input": "A picture",
        "output": "A video",
        "procedure": "Draw, then look",
        "resources": "8 GPUs",
        "code": "",
    },
    "innovations": [
        {"name": "Map", "text": "A map is kept."},
        {"name": "Look", "text": "It looks back."},
    ],
    "results": "It reaches 61.4 points.",
    "brief": {
        "task": "video generation",
        "input": "picture",
        "output": "video",
        "backbone": "DiT",
        "datasets": ["RealEstate10K"],
        "problem": "Videos forget.",
        "method": "A map is kept.",
    },
}
CHINESE: Mapping[str, Any] = {
    **REPORT,
    "contribution": "模型保存一张地图，达到 61.4 分。",
    "results": "达到 61.4 分，视频前后一致。",
    "innovations": [{"name": "Map", "text": "模型保存一张地图，并随时更新。"}],
}
SECTIONS = (
    Section(1, "Method", "A map is kept and looked at again, on 8 GPUs, for RealEstate10K."),
    Section(1, "Results", "It reaches 61.4 points; the best before reached 58.9."),
)

Answer = Mapping[str, Any] | Exception | Callable[[Form], Mapping[str, Any]]


class ScriptedReader:
    """bot.ports.Reader: its answers one by one, the last of them for ever."""

    model = "scripted-1"

    def __init__(self, *answers: Answer, seconds: float = 0.0, cost: int = 1_000) -> None:
        self.answers = list(answers or (REPORT,))
        self.seconds = seconds
        self.cost = cost  # tokens in; a tenth comes out
        self.forms: list[Form] = []
        self.asked = asyncio.Event()
        self.at_once = self.most_at_once = 0

    def tokens(self, text: str) -> int:
        return len(text) // 4 + 1

    async def fill(self, form: Form) -> Filled:
        self.forms.append(form)
        self.asked.set()
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.at_once -= 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        values = answer(form) if callable(answer) else answer
        return Filled(values, self.model, self.cost, self.cost // 10)


class ScriptedTexts:
    """bot.ports.FullText: the same sections for every paper, unless a test says otherwise."""

    def __init__(self, *sections: Section) -> None:
        self.sections = sections or SECTIONS
        self.lacking: dict[str, Exception] = {}  # by paper; "" for all
        self.unseen: tuple[str, ...] = ()
        self.asked: list[str] = []

    def lack(self, paper_id: str = "", error: Exception | None = None) -> None:
        """There is none of the paper, or of any."""
        self.lacking[paper_id] = error or NotFound("There is no full text.")

    async def read(self, paper_id: str, version: int | None = None) -> Whole:
        self.asked.append(paper_id)
        for name in (paper_id, ""):
            if name in self.lacking:
                raise self.lacking[name]
        title, abstract = f"Paper {paper_id}", "We keep a map and reach 61.4 points."
        return Whole(paper_id, version or 2, title, abstract, self.sections, self.unseen)
