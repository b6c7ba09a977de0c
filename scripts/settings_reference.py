"""Write docs/settings.md and .env.example from bot/settings; with --check only compare."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.settings import PROXIES, SECRETS, reference, variable

ROOT = Path(__file__).resolve().parent.parent


def page() -> str:
    """The settings reference."""
    secrets = ", ".join(f"`{variable(name)}_FILE`" for name in SECRETS)
    rows = [
        f"| `{name}` | {f'`{default}`' if default else ''} | {text} |"
        for name, default, text, _ in reference()
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "<!-- Written by scripts/settings-reference from bot/settings. -->",
            "",
            "For operators. Every setting is an environment variable, or a line `NAME=value` in",
            "the file `.env` of the folder that `paperboy` is started in; `paperboy init` writes",
            "the usual ones. The environment comes before the file; an empty value counts as none.",
            "A wrong value ends the command with exit code 2 and one sentence that names the",
            "variable. `paperboy doctor` points out misspelt names.",
            "",
            f"A secret can also be read from a file, whose path is in {secrets}.",
            "",
            "`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` are obeyed by every request;",
            "the machine's own addresses are always asked directly.",
            "",
            "How Telegram and Discord are connected: [platforms.md](platforms.md). Without",
            "`PAPERBOY_LLM_MODEL` no language model is asked.",
            "",
            "| variable | default | meaning |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def example() -> str:
    """A `.env` in which everything is commented out."""
    lines = ["# Copy to .env and take away the # where you choose something; see docs/settings.md."]
    for name, default, text, secret in reference():
        plain = text.replace("`", "")
        lines += ["", f"# {plain}", f"#{name}={default}"]
        if secret:
            lines.append(f"#{name}_FILE=")
    lines += ["", "# The way out of this network; and what need not take it, by commas (NO_PROXY)."]
    return "\n".join([*lines, *(f"#{name}=" for name in PROXIES), ""])


def main() -> int:
    """Write both files; with --check 1 when one of them is behind."""
    behind = []
    for path, text in ((ROOT / "docs/settings.md", page()), (ROOT / ".env.example", example())):
        if "--check" not in sys.argv[1:]:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            behind.append(path.relative_to(ROOT).as_posix())
    if behind:
        print(f"{' and '.join(behind)}: behind bot/settings; run scripts/settings-reference")
    return 1 if behind else 0


if __name__ == "__main__":
    sys.exit(main())
