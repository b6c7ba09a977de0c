"""Results of inline mode: papers found by the words behind the bot's name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from adapters.platforms.telegram.drawing import inline_text
from bot.cards import CardBlock

if TYPE_CHECKING:
    from telegram import InlineQueryResultArticle

MOST = 50  # results (core.telegram.org/bots/api#answerinlinequery)
_ID_BYTES = 64
_TITLE = 200  # characters; more is never seen


def results(
    found: Sequence[CardBlock], language: str | None = None
) -> list[InlineQueryResultArticle]:
    """An article for each card, in order; chosen, it is posted as its card, labelled in the
    asker's language."""
    from telegram import InlineQueryResultArticle, InputTextMessageContent, LinkPreviewOptions

    made = []
    for block in found[:MOST]:
        card = block.card
        params: dict[str, Any] = inline_text(block, language or card.language)
        preview = params.get("link_preview_options")
        content = InputTextMessageContent(
            params["text"],
            parse_mode=params.get("parse_mode"),
            link_preview_options=LinkPreviewOptions(**preview) if preview else None,
        )
        line = card.lines[0] if card.lines else ""
        made.append(
            InlineQueryResultArticle(
                card.id[:_ID_BYTES],
                card.title[:_TITLE] or card.id,
                content,
                description=" · ".join(part for part in (card.byline, line) if part)[:_TITLE],
                url=card.url,
                thumbnail_url=card.picture,
            )
        )
    return made
