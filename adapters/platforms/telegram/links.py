"""Links to papers and bare ids in what people write."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.papers import find_id

if TYPE_CHECKING:
    from telegram import Message

_PAPER_HOSTS = re.compile(r"(?:\barxiv\.org|huggingface\.co|\bhf\.co)/", re.ASCII | re.I)
_AROUND = "<>()[]{}\"'“”‘’«»,;:!?。，、；：！？（）【】《》"


def hidden_links(message: Message) -> list[str]:
    """Addresses behind words of the message."""
    entities = (*(message.entities or ()), *(message.caption_entities or ()))
    return [entity.url for entity in entities if entity.url]


def paper_links(text: str, more: Sequence[str] = ()) -> list[str]:
    """Links to papers in a text, in order, each once; bare ids do not count."""
    links = [word for word in (*_words(text), *more) if _PAPER_HOSTS.search(word) and find_id(word)]
    return [*dict.fromkeys(links)]


def ids(text: str) -> list[str]:
    """Words of the text that name a paper, bare ids and links."""
    return [word for word in _words(text) if find_id(word)]


def _words(text: str) -> list[str]:
    return [word.strip(_AROUND).rstrip(".") for word in text.split()]
