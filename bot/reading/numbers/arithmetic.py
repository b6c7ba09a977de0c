"""How one number follows from two others."""

from __future__ import annotations

from decimal import Decimal

from bot.reading.numbers.meanings import Kind, Meaning

_HALF = Decimal("0.5")


def digits_of(meaning: Meaning) -> int:
    """How many digits of it count."""
    return (
        len((meaning.value / meaning.grain).normalize().as_tuple().digits) if meaning.value else 1
    )


def reckoned(wanted: Meaning, high: Meaning, low: Meaning) -> str:
    """The arithmetic by which two numbers give the wanted one, or nothing."""
    a, b, goal, half = high.value, low.value, wanted.value, wanted.grain * _HALF
    alike = not (high.kind ^ low.kind) & (Kind.PERCENT | Kind.SCALED)
    if wanted.kind & Kind.TIMES:
        slack = min(half, goal * Decimal("0.05"))
        return f"{a:f} / {b:f}" if b and abs(a / b - goal) <= slack else ""
    fine = wanted.grain >= min(high.grain, low.grain) or wanted.kind & Kind.PERCENT
    telling = (fine and digits_of(wanted) >= 2) or (wanted.kind & Kind.PERCENT and goal >= 1)
    # "61.4 points, 2.5 more than 58.9": told as finely as they are, it is of their unit.
    own = wanted.grain < 1 and wanted.grain == high.grain == low.grain
    same = alike and (wanted.kind & Kind.PERCENT or own or not high.kind & Kind.PERCENT)
    if telling and same and abs(a - b - goal) <= half:
        return f"{a:f} - {b:f}"
    if wanted.kind & Kind.PERCENT:
        if b and abs((a - b) / b * 100 - goal) <= half:
            return f"({a:f} - {b:f}) / {b:f}"
        if a and abs((a - b) / a * 100 - goal) <= half:
            return f"({b:f} - {a:f}) / {a:f}"
        if a and abs(b / a * 100 - goal) <= half:
            return f"{b:f} / {a:f}"
        return ""
    if alike and fine and digits_of(wanted) >= 2 and abs(a + b - goal) <= half:
        return f"{a:f} + {b:f}"
    return ""
