"""Check the code that docs/adapters.md shows as if it stood in adapters/."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.wires.examples import code

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """1 when ruff or mypy finds something."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "webhook.py"
        file.write_text(code(), "utf-8")
        config = ["--quiet", "--config", str(ROOT / "pyproject.toml")]
        checks = (
            ["ruff", "check", *config, str(file)],
            ["ruff", "format", *config, "--check", str(file)],
            ["mypy", "--no-error-summary", str(file)],
        )
        done = [subprocess.run(check, cwd=ROOT, check=False).returncode for check in checks]
    return int(any(done))


if __name__ == "__main__":
    sys.exit(main())
