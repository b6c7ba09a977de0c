"""The catalogues of bot/locale, kept in step with the texts in the code.

    extract   write bot.pot from the sources: t("…"), t.plural("…", "…", n), N_("…")
    update    take it over into every bot.po; translations of texts that are gone are dropped
    compile   write every bot.mo (the build does it too)
    check     say what does not fit: bot.pot against the sources, texts without words, words that
              somebody has to look at (fuzzy), placeholders, syntax

Several may be given at once. No file holds a date, a name or a line number, so the same texts
give the same bytes.
"""

from __future__ import annotations

import io
import string
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LOCALE = ROOT / "bot" / "locale"
TEMPLATE = LOCALE / "bot.pot"
SOURCES = ("bot", "adapters")
KEYWORDS = {"t": None, "N_": None, "plural": (1, 2)}
ALSO = "also:"  # a comment before a text: values that translations may use besides its own
PLURALS = {"zh": "nplurals=1; plural=0;", "ko": "nplurals=1; plural=0;"}


def extracted() -> Catalog:
    """Every text of the sources."""
    catalogue = Catalog(charset="utf-8")
    for name in SOURCES:
        for file in sorted((ROOT / name).rglob("*.py")):
            with file.open("rb") as lines:
                for _, text, comments, _ in extract("python", lines, KEYWORDS, [ALSO], {}):
                    if text:
                        catalogue.add(text, auto_comments=comments)
    return catalogue


def read(file: Path) -> Catalog:
    """The catalogue in a .po or .pot file. Raises PoFileError with the line that is wrong."""
    with file.open("rb") as lines:
        return read_po(lines, abort_invalid=True, charset="utf-8")


def written(catalogue: Catalog, language: str | None) -> bytes:
    """The text of a .po file, or of the template when there is no language."""
    header = ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
    if language:
        header = [f"Language: {language}", *header, f"Plural-Forms: {PLURALS[language]}"]
    out = io.BytesIO()
    out.write(b'msgid ""\nmsgstr ""\n')
    out.write("".join(f'"{line}\\n"\n' for line in header).encode() + b"\n")
    write_po(
        out, catalogue, width=100, no_location=True, omit_header=True,
        sort_output=True, ignore_obsolete=True,
    )  # fmt: skip
    return out.getvalue().rstrip(b"\n") + b"\n"


def catalogues() -> Iterator[tuple[str, Path]]:
    """Language and file of each translation."""
    for file in sorted(LOCALE.glob("*/LC_MESSAGES/bot.po")):
        yield file.parts[-3], file


def run_extract() -> list[str]:
    """Write the template."""
    TEMPLATE.write_bytes(written(extracted(), None))
    return []


def run_update() -> list[str]:
    """Take the template over into every translation; new texts wait for their words."""
    template = read(TEMPLATE)
    for language, file in catalogues():
        catalogue = read(file)
        catalogue.update(template, no_fuzzy_matching=True)
        file.write_bytes(written(catalogue, language))
        waiting = sum(bool(message.id) and not _words(message) for message in catalogue)
        print(f"{language}: {len(catalogue)} texts, {waiting} without words")
    return []


def run_compile() -> list[str]:
    """Write each .mo beside its .po."""
    for _, file in catalogues():
        with file.with_suffix(".mo").open("wb") as out:
            write_mo(out, read(file))
    return []


def run_check() -> list[str]:
    """What is wrong, one line each."""
    found: list[str] = []
    wanted = {message.id for message in extracted() if message.id}
    known = {message.id for message in read(TEMPLATE) if message.id}
    if wanted != known:
        for text in sorted(map(str, wanted ^ known)):
            found.append(f"bot.pot {'lacks' if text in map(str, wanted) else 'still has'}: {text}")
        found.append("Run `scripts/catalogues extract update` and commit bot/locale.")
    for _, file in catalogues():
        try:
            catalogue = read(file)
            write_mo(io.BytesIO(), catalogue)
        except (PoFileError, ValueError, UnicodeDecodeError) as error:
            found.append(f"{file.relative_to(ROOT)}: {error}")
            continue
        name = file.relative_to(ROOT)
        messages = [message for message in catalogue if message.id]
        found += [f"{name}: {fault}" for message in messages for fault in _faults(message)]
        worded = {message.id for message in messages if _words(message)}
        found += [f"{name}: no words for {text!r}" for text in sorted(map(str, wanted - worded))]
    return found


def _words(message: Message) -> list[str]:
    """The forms of the translation; none when one of them is missing."""
    forms = [message.string] if isinstance(message.string, str) else [*message.string]
    return forms if all(forms) else []


def _faults(message: Message) -> Iterator[str]:
    texts = [message.id] if isinstance(message.id, str) else [*message.id]
    if message.fuzzy:
        yield f"{texts[0]!r} is fuzzy: look at its words, and take the mark away"
    try:
        allowed = {name for text in texts for name in placeholders(text)}
    except ValueError:
        return  # said as it is, without values
    if not all(name.isidentifier() for name in allowed):
        return
    notes = [note for note in message.auto_comments if ALSO in note]
    also = {name for note in notes for name in placeholders(note)}
    needed = allowed - ({"n"} if message.pluralizable or also else set())
    for form in _words(message):
        try:
            used = placeholders(form)
        except ValueError as error:
            yield f"{texts[0]!r}: {error}"
            continue
        if not needed <= used <= allowed | also:
            yield f"{texts[0]!r} has the values {sorted(allowed)}, its translation {sorted(used)}"


def placeholders(text: str) -> set[str]:
    """Names in braces. Raises ValueError for braces that do not match."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def main(arguments: list[str]) -> int:
    """Run what was asked for, in order; 1 when something does not fit."""
    tasks = {
        "extract": run_extract, "update": run_update, "compile": run_compile, "check": run_check,
    }  # fmt: skip
    if not arguments or not set(arguments) <= tasks.keys():
        print(__doc__)
        return 2
    found = [fault for name in arguments for fault in tasks[name]()]
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
