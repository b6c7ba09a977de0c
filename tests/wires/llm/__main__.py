"""The fake model as a program: `python -m tests.wires.llm [--port N] [--latency S] [--always X]`.

It prints its address; then, for instance,
`OPENAI_BASE_URL=<address> PAPERBOY_LLM_MODEL=fake paperboy paper 2501.11120 --lang zh`.
"""

from __future__ import annotations

import argparse
import asyncio

from tests.wires.llm.behaviours import ALL
from tests.wires.llm.server import FakeModel


async def _serve(port: int, latency: float, always: str) -> None:
    async with FakeModel(always=ALL[always], latency=latency, port=port) as model:
        print(model.url, flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="Serve a fake language model on loopback.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that an answer takes")
    parser.add_argument("--always", default="good", choices=sorted(ALL), help="its behaviour")
    chosen = parser.parse_args()
    try:
        asyncio.run(_serve(chosen.port, chosen.latency, chosen.always))
    except KeyboardInterrupt:
        print("stopped")


if __name__ == "__main__":
    main()
