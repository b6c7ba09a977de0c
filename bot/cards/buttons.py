"""What can be pressed under a card: the same on every platform that has buttons."""

from __future__ import annotations

from bot.cards.blocks import Button, Card
from bot.texts import N_, Texts

_LINKS = {"code": N_("Code"), "project": N_("Project page")}


def card_buttons(card: Card, t: Texts, *, share: bool = False) -> tuple[Button, ...]:
    """Abstract, report where there is one, save, share where asked for, and the card's links."""
    asked = [Button(t("Abstract"), f"abstract {card.id}")]
    if card.sections:
        asked.append(Button(t("Report"), f"report {card.id}"))
    asked.append(Button(t("Save"), f"save {card.id}"))
    if share:
        asked.append(Button(t("Share"), f"share {card.id}"))
    return (*asked, *link_buttons(card, t))


def link_buttons(card: Card, t: Texts) -> tuple[Button, ...]:
    """Where the card leads besides its title."""
    return tuple(
        Button(t(_LINKS[link.kind]), url=link.url) for link in card.links if link.kind in _LINKS
    )
