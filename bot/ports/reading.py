"""Ports of reading: where full texts come from, and who fills in a form about a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a full text, in reading order."""

    level: int  # 1: a section, 2: a subsection …; 0: what stands before the first heading
    title: str  # without its number; mathematics as TeX between dollar signs
    text: str  # paragraphs, captions and tables (a row a line, cells by tabs), by empty lines;
    # mathematics as TeX between dollar signs
    appendix: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """The full text of a paper as a person would see it."""

    paper_id: str
    version: int | None
    title: str
    abstract: str
    sections: tuple[Section, ...]
    unseen: tuple[str, ...] = ()  # text that human eyes would not see; never given to a model


class FullText(Protocol):
    """Where the full text of a paper can be read."""

    async def read(self, paper_id: str, version: int | None = None) -> Whole:
        """The text, of that version or of the latest.

        Raises NotFound when there is none (it may come some hours later), Skip when there is a
        page that cannot be used (broken off, too short, another page), SourceFailed otherwise.
        """
        ...


@dataclass(frozen=True, slots=True)
class Form:
    """One question to a model: what to do, about which text, and the shape of the answer."""

    instructions: str
    text: str  # data, never instructions
    schema: Mapping[str, Any]  # JSON Schema of an object; every property required, none besides
    most_tokens: int = 2_500  # of the answer


@dataclass(frozen=True, slots=True)
class Filled:
    """An answer that fits the form, and what it cost."""

    values: Mapping[str, Any]
    model: str
    tokens_in: int
    tokens_out: int
    estimated: bool = False  # the server told no usage


class Reader(Protocol):
    """A language model behind an endpoint."""

    @property
    def model(self) -> str:
        """Its name, as provenance tells it."""
        ...

    def tokens(self, text: str) -> int:
        """About how many tokens the text is, rather too many than too few."""
        ...

    async def fill(self, form: Form) -> Filled:
        """The form, filled in; the endpoint's own ways (schemas or none) are dealt with.

        Raises SourceFailed when the endpoint does not answer now (with its `retry_after`),
        GiveUp when it refuses this key or model, Unusable when what it answers cannot be used,
        TooLong (an Unusable) when it may take a shorter text.
        """
        ...
