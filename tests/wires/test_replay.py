"""Promises of the replay server: it can be started by hand, and its paging is honest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx

from tests.wires.daily import records
from tests.wires.replay import Replay

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data" / "sources"


def test_started_by_hand_it_says_its_address_and_serves_there() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.wires.replay", "--recordings", str(DATA)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    ) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            assert url.startswith("http://127.0.0.1:")
            answer = httpx.get(f"{url}/atom/cs.AI", trust_env=False)
            assert answer.status_code == 200
            assert b"oai:arXiv.org:2603.00101v1" in answer.content
            assert httpx.get(f"{url}/nothing", trust_env=False).status_code == 404
        finally:
            server.terminate()


def test_without_recordings_it_says_so() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.wires.replay", "--recordings", "no such folder"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "no such folder is not a folder of recordings" in done.stderr


async def test_pages_follow_each_other_without_gap_or_overlap(tmp_path: Path) -> None:
    folder = tmp_path / "huggingface" / "days"
    folder.mkdir(parents=True)
    (folder / "2026-01-07.json").write_text(json.dumps(records(120)))
    async with Replay(tmp_path) as replay, httpx.AsyncClient(trust_env=False) as client:
        ids = []
        for page in range(4):
            answer = await client.get(
                f"{replay.url}/api/daily_papers",
                params={"date": "2026-01-07", "limit": 50, "p": page},
            )
            ids.append([record["paper"]["id"] for record in answer.json()])
        bad = await client.get(f"{replay.url}/api/daily_papers", params={"date": "2026-02-30"})
        latest = await client.get(f"{replay.url}/api/daily_papers")
    assert [len(page) for page in ids] == [50, 50, 20, 0]
    assert len({paper_id for page in ids for paper_id in page}) == 120
    assert bad.status_code == 400
    assert len(latest.json()) == 50


async def test_pages_of_papers_are_served_by_their_id(tmp_path: Path) -> None:
    folder = tmp_path / "arxiv" / "html"
    folder.mkdir(parents=True)
    (folder / "2601.00001v1.html").write_text("new")
    (folder / "old_latexml_astro-ph9701001.html").write_text("old")
    async with Replay(tmp_path) as replay, httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{replay.url}/html/2601.00001")).text == "new"
        assert (await client.get(f"{replay.url}/html/astro-ph/9701001")).text == "old"
        assert (await client.get(f"{replay.url}/html/2601.00002")).status_code == 404
        assert (await client.get(f"{replay.url}/abs/2601.00001")).status_code == 404
