"""A report laid out: the named parts that stand behind a card's line, in a reader's language."""

from __future__ import annotations

from collections.abc import Iterable

from bot.reports import Report
from bot.texts import N_, Texts, texts

_GUIDE = (
    ("input", N_("Input")),
    ("output", N_("Output")),
    ("procedure", N_("Procedure")),
    ("resources", N_("Resources")),
    ("code", N_("Code")),
)


def sections_of(report: Report, language: str) -> tuple[tuple[str, str], ...]:
    """(name, text) of what the report says beside its contribution, the telling parts first.

    What the report is silent about is left out.
    """
    t = texts(language)
    brief = report.brief
    parts = (
        (t("Problem"), brief.problem),
        (t("Method"), brief.method),
        (t("Results"), report.results),
        (t("What is new"), _joined(t, ((one.name, one.text) for one in report.innovations))),
        (t("How to use it"), _joined(t, _named(t, report))),
        (t("Data sets"), t.list(brief.datasets)),
        (t("Built on"), brief.backbone),
        (t("Field"), report.field),
    )
    return tuple((name, text) for name, text in parts if text)


def _named(t: Texts, report: Report) -> Iterable[tuple[str, str]]:
    return ((t(name), getattr(report.guide, key)) for key, name in _GUIDE)


def _joined(t: Texts, parts: Iterable[tuple[str, str]]) -> str:
    """ "Input: a video. Output: a map." """
    said = [
        t("{name}: {text}", name=name, text=text) if name else text for name, text in parts if text
    ]
    stop = "。" if t.language == "zh" else "."
    return " ".join(one if one[-1] in ".!?。！？…" else one + stop for one in said)
