"""Buttons of a message: rows of at most five, at most five rows, custom ids that say what to do.

Limits: https://docs.discord.com/developers/components/reference#button.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from adapters.platforms.discord.drawing.escaping import fitted, plain, web
from bot.cards import Button

MARK = "p:"  # before the action, in a custom id
IN_ROW = 5
ROWS = 5
MOST = IN_ROW * ROWS
LABEL = 80
_URL = 512
_PLAIN, _CHOSEN, _DANGER, _LINK = 2, 3, 4, 5

Component = dict[str, Any]


def component(button: Button) -> Component | None:
    """The button as Discord takes it; None for one that leads or asks nowhere."""
    label = fitted(button.label, LABEL, plain) or "…"
    if button.url is not None:
        address = web(button.url, _URL)
        return {"type": 2, "style": _LINK, "label": label, "url": address} if address else None
    if not button.action:
        return None
    style = _DANGER if button.danger else _CHOSEN if button.chosen else _PLAIN
    return {"type": 2, "style": style, "label": label, "custom_id": MARK + button.action[:90]}


def rows_of(given: Iterable[Sequence[Button]]) -> list[list[Component]]:
    """Rows within Discord's numbers.

    A longer row is broken; where there are more than five, they are filled anew. Of more than 25
    buttons the last row stays, for that is where the way back is; those before it are dropped.
    An action that stands there twice is asked for once: custom ids must differ.
    """
    seen: set[str] = set()
    rows: list[list[Component]] = []
    for row in given:
        made = []
        for button in row:
            one = component(button)
            if one is None or (one.get("custom_id") or one["url"]) in seen:
                continue
            seen.add(one.get("custom_id") or one["url"])
            made.append(one)
        rows += [made[at : at + IN_ROW] for at in range(0, len(made), IN_ROW)]
    if len(rows) <= ROWS:
        return rows
    *body, last = rows
    flat = [one for row in body for one in row][: MOST - IN_ROW]
    return [*(flat[at : at + IN_ROW] for at in range(0, len(flat), IN_ROW)), last]


def numbers(given: Iterable[tuple[int, str]]) -> list[list[Component]]:
    """Buttons that show the papers with these numbers and ids as cards."""
    made: dict[str, Component] = {}
    for number, paper in given:
        action = f"{MARK}card {paper}"
        if action not in made and len(action) <= 100:
            made[action] = {"type": 2, "style": _PLAIN, "label": str(number), "custom_id": action}
    flat = [*made.values()][:MOST]
    return [flat[at : at + IN_ROW] for at in range(0, len(flat), IN_ROW)]


def action_rows(rows: Iterable[list[Component]]) -> list[Component]:
    """The rows as components of a message, at most five."""
    return [{"type": 1, "components": row} for row in rows][:ROWS]
