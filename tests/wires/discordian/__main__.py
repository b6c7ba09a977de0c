"""`python -m tests.wires.discordian [port]`: the fake Discord as a process, with a steering wheel.

The first line printed is the base of its API. `POST /_control/<method of FakeDiscord>` with a
JSON list of arguments (or an object of named ones) acts in it and answers with what came of it;
a person is given as `{"member": id, "guild": id, "locale": …}`.
"""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
import json
import sys
from typing import Any

from aiohttp import web

from tests.wires.discordian.people import FakeDiscord, Member
from tests.wires.discordian.server import Fault

_ACTS = (
    "add_guild add_channel add_tag add_member private_chat remove_bot messages threads read "
    "slash complete press called errors fault token calls bot "
    "enforce violations"
).split()


class Steered(FakeDiscord):
    """With routes of its own for whoever tests from another process."""

    def _more_routes(self, app: web.Application) -> None:
        app.router.add_post("/_control/{act}", self._act)

    async def _act(self, request: web.Request) -> web.Response:
        act = request.match_info["act"]
        if act not in _ACTS:
            return web.json_response({"error": f"there is no {act}"}, status=404)
        given = _taken(await request.json() if request.can_read_body else [])
        listed, named = (given, {}) if isinstance(given, list) else ([], given)
        try:
            if act == "fault":
                self.faults.append(Fault(**named))
                done: Any = None
            elif act == "enforce":
                done = self.enforce = True
            elif act == "bot":
                done = {"token": self.token, "ready": self.gateway.identified > 0}
            else:
                what = getattr(self, act)
                done = what(*listed, **named) if callable(what) else what
                if inspect.isawaitable(done):
                    done = await done
        except Exception as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
        return web.json_response(done, dumps=lambda said: json.dumps(said, default=_shown))


def _taken(given: Any) -> Any:
    if isinstance(given, list):
        return [_taken(one) for one in given]
    if isinstance(given, dict):
        if "member" in given:
            return Member(given["member"], given.get("guild"), given.get("locale", "en-US"))
        return {name: _taken(value) for name, value in given.items()}
    return given


def _shown(said: Any) -> Any:
    if isinstance(said, Member):
        return {"member": said.id, "guild": said.guild, "locale": said.locale}
    if dataclasses.is_dataclass(said) and not isinstance(said, type):
        shown = {one.name: getattr(said, one.name) for one in dataclasses.fields(said)}
        return shown | ({"text": said.text} if hasattr(said, "text") else {})
    return str(said)


async def _serve(port: int) -> None:
    async with Steered(port) as discord:
        print(discord.api_url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        asyncio.run(_serve(int(sys.argv[1]) if sys.argv[1:] else 0))
    except KeyboardInterrupt:
        sys.exit(0)
