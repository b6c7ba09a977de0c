"""The card of a paper and the other blocks of a message, as meaning without markup."""

from bot.cards.blocks import (
    Badge,
    Block,
    Card,
    CardBlock,
    Foot,
    Heading,
    Line,
    Link,
    ListBlock,
    ListCovered,
    NoticeBlock,
    Paragraph,
    Rung,
    Section,
    Span,
    Table,
)

__all__ = [
    "Badge",
    "Block",
    "Card",
    "CardBlock",
    "Foot",
    "Heading",
    "Line",
    "Link",
    "ListBlock",
    "ListCovered",
    "NoticeBlock",
    "Paragraph",
    "Rung",
    "Section",
    "Span",
    "Table",
]
