"""Judges documents: the frame that a form has, and what real parsers make of a text.

A frame is a document with its values taken out, a word a line: headings, labels, separators and
blank lines, in order. Two documents of one form have the same head and the same block a paper.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import yaml
from markdown_it import MarkdownIt

Block = tuple[str, ...]
_SECTION = re.compile(r"(?:#+ )?(\d)\. (?:\*\*)?(\w+)(?:\*\*)?：?")


@dataclass(frozen=True)
class Frame:
    """What a form consists of."""

    head: Block
    papers: tuple[Block, ...]


def report_frame(text: str) -> Frame:
    """The frame of a reading report; what a section holds is one word, however it is written.

    A heading of a report's own, which some models write before the sections, is passed over.
    """
    return _frame(_report_line, re.sub(r"\n# (?!Hugging).*\n", "", text), "## 📄")


def brief_frame(text: str) -> Frame:
    """The frame of a brief."""
    return _frame(_brief_line, text, "## n.")


def ranking_frame(text: str) -> Frame:
    """The frame of a ranking; labels as they are written, in whatever encoding."""
    return _frame(_ranking_line, text, "n. **title**")


def _frame(word: Callable[[str], str], text: str, start: str) -> Frame:
    words: list[str] = []
    for line in text.split("\n"):
        found = word(line)
        goes_on = words[-1:] == ["text"] or "".join(words[-1:]).endswith("**:")
        if found != "text" or not goes_on:
            words.append(found)
    starts = [at for at, one in enumerate(words) if one.startswith(start)]
    ends = [*starts[1:], len(words)]
    papers = tuple(tuple(words[a:b]) for a, b in zip(starts, ends, strict=True))
    return Frame(tuple(words[: starts[0]] if starts else words), papers)


def _report_line(line: str) -> str:
    if found := _SECTION.fullmatch(line):
        return f"{found[1]}. {found[2]}"
    if re.fullmatch(r"=+", line):
        return line
    return _common(line, r"(# Hugging Face Daily Papers Report)|(## 📄) \S.*|(- \*\*\w+\*\*:) \S.*")


def _brief_line(line: str) -> str:
    if re.fullmatch(r"## \d+\. \S.*", line):
        return "## n."
    if re.fullmatch(r"Total: \d+ papers?", line):
        return "Total: n papers"
    if re.fullmatch(r"</?details>|---|<summary>Original Abstract</summary>", line):
        return line
    if re.fullmatch(r"\[\w+\]\(https://\S+\) \| \[\w+\]\(https://\S+\)", line):
        return " | ".join(re.findall(r"\[(\w+)\]", line))
    if re.fullmatch(r"\*\*Upvotes\*\*: \S+ \| \*\*Authors\*\*: \S.*", line):
        return "Upvotes | Authors"
    return _common(line, r"(# HF Daily Papers -) \d{4}-\d\d-\d\d")


def _ranking_line(line: str) -> str:
    if re.fullmatch(r"\d+\. \*\*.+\*\* - .+ \S+", line):
        return f"n. **title** -{line.rsplit('** -', 1)[1].rsplit(' ', 1)[0]}"
    if found := re.fullmatch(r" {3,5}(- \[.+\])\(https://\S+\)", line):
        return found[1]
    if found := re.fullmatch(r" {3,5}(- [^:]+:) \S.*", line):
        return found[1]
    if line.startswith(("categories:", "tags:")):
        return line
    line = re.sub(r"\*\*\d+", "**n", re.sub(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d)?", "D", line))
    return re.sub(r"^author: .+", "author:", line)


def _common(line: str, words: str) -> str:
    if found := re.fullmatch(words, line):
        return next(group for group in found.groups() if group)
    if found := re.match(r"\*\*([\w→ ]+)\*\*:", line):
        return found[0]
    return "text" if line.strip() else ""


@dataclass(frozen=True)
class Seen:
    """What a reader of rendered Markdown sees."""

    headings: list[str] = field(default_factory=list)  # "## text", the text as it is seen
    links: list[tuple[str, str]] = field(default_factory=list)  # text, address
    paragraphs: list[str] = field(default_factory=list)  # also those of lists
    tags: list[str] = field(default_factory=list)  # of HTML in the text itself
    others: set[str] = field(default_factory=set)  # code, pictures, quotations, tables, …


_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_PLAIN = frozenset(
    "paragraph_open heading_open inline bullet_list_open ordered_list_open list_item_open hr "
    "html_block text softbreak strong_open link_open".split()
)


def seen(markdown: str) -> Seen:
    """What CommonMark, with the tables and strike-through of GitHub, makes of the text."""
    found = Seen()
    tokens = _PARSER.parse(markdown)
    for at, token in enumerate(tokens):
        if token.type == "html_block":
            found.tags.extend(_tags(token.content))
        elif token.type == "inline":
            text = _inline(token.children or [], found)
            before = tokens[at - 1]
            if before.type == "heading_open":
                found.headings.append(f"{'#' * int(before.tag[1])} {text}")
            else:
                found.paragraphs.append(text)
        if token.nesting >= 0 and token.type not in _PLAIN:
            found.others.add(token.type)
    return found


def _inline(children: list[Any], found: Seen) -> str:
    text, link, start = "", "", 0
    for child in children:
        if child.type == "link_open":
            link, start = str(child.attrs["href"]), len(text)
        elif child.type == "link_close":
            found.links.append((text[start:], link))
        elif child.type == "html_inline":
            found.tags.append(child.content)
        elif child.nesting >= 0 and child.type not in _PLAIN:
            found.others.add(child.type)
        text += "\n" if child.type == "softbreak" else child.content
    return text


def _tags(html: str) -> list[str]:
    names: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            names.append(tag)

    Reader().feed(html)
    return names


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    """The front matter as YAML understands it, and what follows it."""
    empty, matter, body = text.split("---\n", 2)
    assert empty == ""
    read = yaml.safe_load(matter)
    assert isinstance(read, dict)
    return read, body
