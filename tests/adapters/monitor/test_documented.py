"""docs/monitoring.md, the dashboard and the alerts name what is really told, and all of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.monitor import Counted
from adapters.monitor.standing import Stood

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs" / "monitoring.md"
ALERTS = ROOT / "deploy" / "prometheus-alerts.yml"
BOARD = ROOT / "deploy" / "grafana.json"
_NAME = re.compile(r"\bpaperboy_[a-z0-9_]+")
_OF_THE_CLIENT = {"process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"}


def told() -> dict[str, tuple[str, tuple[str, ...], str]]:
    """Every metric of ours: its type, its labels, what it means."""
    counted: Any = Counted()
    found = {}
    for collector in set(counted.registry._names_to_collectors.values()):
        [metric] = collector.describe()
        name = metric.name + ("_total" if metric.type == "counter" else "")
        found[name] = (metric.type, collector._labelnames, metric.documentation)
    for one in Stood("1").describe():
        labels: tuple[str, ...] = one._labelnames  # type: ignore[attr-defined]
        found[one.name] = (one.type, labels, one.documentation)
    return found


def samples() -> set[str]:
    """The names that a query can ask for."""
    found = set()
    for name, (kind, _, _) in told().items():
        found |= (
            {f"{name}_{part}" for part in ("bucket", "sum", "count")}
            if kind == "histogram"
            else {name}
        )
    return found


def table() -> str:
    """The rows as they are to stand in the docs."""
    return "\n".join(
        f"| `{name}` | {kind} | {', '.join(f'`{one}`' for one in labels)} | {said.rstrip('.')} |"
        for name, (kind, labels, said) in sorted(told().items())
    )


def test_every_metric_stands_in_the_docs_as_it_is() -> None:
    assert table() in DOCS.read_text("utf-8"), f"write into {DOCS.name}:\n{table()}"


def test_the_docs_name_no_other() -> None:
    named = set(_NAME.findall(DOCS.read_text("utf-8")))
    assert named <= set(told())


def test_every_name_follows_the_conventions() -> None:
    for name, (kind, labels, said) in told().items():
        assert name.startswith("paperboy_")
        assert name.endswith("_total") is (kind == "counter"), name
        assert kind != "histogram" or name.endswith("_seconds"), name
        assert not re.search(r"_(ms|minutes|hours|milliseconds)\b", name)
        assert not {"chat", "channel", "person", "paper", "user"} & set(labels), name
        assert said.endswith(".")


def _asked_by_alerts() -> list[str]:
    rules = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"][0]["rules"]
    assert all({"alert", "expr", "labels", "annotations"} <= set(rule) for rule in rules)
    return [rule["expr"] for rule in rules]


def _asked_by_the_board() -> list[str]:
    board = json.loads(BOARD.read_text("utf-8"))
    return [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]


@pytest.mark.parametrize("asked", [_asked_by_alerts, _asked_by_the_board])
def test_every_question_is_about_a_metric_that_is_told(asked: Any) -> None:
    expressions = asked()
    assert len(expressions) >= 10
    known = samples()
    for expression in expressions:
        assert _NAME.findall(expression), expression
        assert set(_NAME.findall(expression)) <= known, expression
        assert set(re.findall(r"\bprocess_\w+", expression)) <= _OF_THE_CLIENT
        labels = {label for _, names, _ in told().values() for label in names}
        for grouped in re.findall(r"\bby \(([^)]*)\)", expression):
            assert set(re.split(r",\s*", grouped)) <= labels | {"le", "instance"}, expression


def test_every_alert_stands_in_the_docs_with_what_to_do() -> None:
    rules = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"][0]["rules"]
    assert re.findall(r"^\| `(Paperboy\w+)` \|", DOCS.read_text("utf-8"), re.M) == [
        rule["alert"] for rule in rules
    ]


def test_every_metric_is_drawn() -> None:
    drawn = {name for one in _asked_by_the_board() for name in _NAME.findall(one)}
    bare = {re.sub(r"_(bucket|sum|count)$", "", name) for name in drawn}
    assert set(told()) - bare == {"paperboy_source_failing"}  # its since says it too


def test_the_dashboard_lets_its_source_be_chosen() -> None:
    board = json.loads(BOARD.read_text("utf-8"))
    [variable] = board["templating"]["list"]
    assert (variable["type"], variable["query"]) == ("datasource", "prometheus")
    panels = [panel for panel in board["panels"] if panel["type"] != "row"]
    assert {panel["datasource"]["uid"] for panel in panels} == {f"${{{variable['name']}}}"}
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
