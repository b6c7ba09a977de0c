"""A walk through LaTeXML's page, from its elements to sections of text.

The classes are those that LaTeXML's stylesheets give (https://math.nist.gov/~BMiller/LaTeXML,
LaTeXML-html5.xsl and its companions); both HTML5 and the older XHTML-like pages have them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from adapters.fulltexts.arxiv import tables
from adapters.fulltexts.arxiv.formulas import cleaned
from adapters.fulltexts.arxiv.veils import Look, Rules, look_within
from adapters.fulltexts.arxiv.writing import CLOSES, LINE, OPENS, SPACE, Writing
from bot.errors import Skip
from bot.ports.reading import Section

DEEPEST = 100  # elements within elements; pages of LaTeXML stay below 60
LONGEST_CITATION = 60  # code points
_RANKS = {
    "ltx_part": 0, "ltx_chapter": 1, "ltx_section": 2, "ltx_appendix": 2, "ltx_subsection": 3,
    "ltx_subsubsection": 4, "ltx_paragraph": 5, "ltx_subparagraph": 6,
}  # fmt: skip
_BLOCKS = frozenset(
    "p div section article figure figcaption ul ol li dl dt dd blockquote h1 h2 h3 h4 h5 h6 table"
    " header aside center details summary pre hr foreignobject main".split()
)
_NOT_TEXT = frozenset(
    "script style head nav button template iframe object input select img video audio canvas link"
    " meta footer annotation annotation-xml -comment".split()
)
_NOT_READ = frozenset(
    "ltx_bibliography ltx_biblist ltx_TOC ltx_pagination ltx_authors ltx_creator ltx_dates"
    " ltx_page_footer ltx_page_header ltx_page_navbar ltx_listing_data ltx_index ltx_ERROR"
    " ltx_rule ltx_note_mark ltx_tag_note ltx_note_type ltx_tag_listingline ltx_tag_section"
    " ltx_tag_subsection ltx_tag_subsubsection ltx_tag_paragraph ltx_tag_subparagraph"
    " ltx_tag_appendix ltx_tag_chapter ltx_tag_part ltx_role_footnotemark ltx_title_contents"
    " ltx_title_abstract ltx_LaTeXML_logo".split()
)
_HEADINGS = frozenset(f"{name.replace('ltx_', 'ltx_title_')}" for name in _RANKS)
_WORDS = re.compile(r"[^\W\d_]{2,}")
_SAYS_ITSELF = ("Generated", "Document created")  # LaTeXML's own comments


@dataclass(slots=True)
class _Open:
    """The section that is being read."""

    level: int = 0
    appendix: bool = False
    title: str = ""


class Walk:
    """One walk; afterwards the parts of the page stand in its fields. Raises Skip."""

    def __init__(self, document: LexborNode, rules: Rules, look: Look) -> None:
        self.title = ""
        self.abstract = ""
        self.sections: list[Section] = []
        self.writing = Writing()
        self.rules = rules
        self._first = 2  # the rank of sections of level 1
        for name in ("ltx_chapter", "ltx_part"):
            if document.css_first(f"section.{name}") is not None:
                self._first = _RANKS[name]
        self._open = _Open()  # level 0 at first: what stands before the first heading
        self._depth = 0
        self._past_references = False
        self._as_written = 0  # more than 0 where white space is meant
        self.children(document, look)
        self._close()
        self.writing.unveil()

    def children(self, node: LexborNode, look: Look) -> None:
        """Everything within `node`."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise Skip("The page is nested too deeply to be LaTeXML's.")
        child = node.first_child
        while child is not None:
            tag = child.tag
            if tag == "-text":
                self._text(child.text_content or "", look)
            elif tag == "-comment":
                self._comment(child)
            else:
                self.element(child, tag or "", look)
            child = child.next
        self._depth -= 1

    def element(self, node: LexborNode, tag: str, look: Look) -> None:
        """One element."""
        attributes = node.attributes
        look = look_within(look, tag, attributes, self.rules)
        if look.gone:
            self.hidden(node, tag)
            return
        if tag == "math":
            self._formula(node, attributes, look)
            return
        classes = frozenset((attributes.get("class") or "").split())
        if tag in _NOT_TEXT or not _NOT_READ.isdisjoint(classes):
            if "ltx_bibliography" in classes:
                self._past_references = True
            return
        self._readable(node, tag.casefold(), classes, look)

    def hidden(self, node: LexborNode, tag: str) -> None:
        """Everything within is unseen."""
        if tag not in _NOT_TEXT:
            self.writing.hide(" ")
            self.writing.hide(node.text(deep=True, separator=" "))
            self.writing.hide(" ")

    def inline(self, node: LexborNode, look: Look) -> str:
        """The text within as a piece of a line, not yet tidied; nothing of it is put anywhere."""
        kept, self.writing.parts = self.writing.parts, []
        self.writing.flat += 1
        self.children(node, look)
        self.writing.flat -= 1
        text, self.writing.parts = "".join(self.writing.parts), kept
        return text

    def _readable(self, node: LexborNode, tag: str, classes: frozenset[str], look: Look) -> None:
        writing = self.writing
        if tag == "br":
            writing.say(LINE if self._as_written else " ")
        elif tag == "cite":
            writing.say(_short(writing.tidy(self.inline(node, look))))
        elif "ltx_note" in classes:
            self._note(node, look)
        elif ranks := [_RANKS[name] for name in classes if name in _RANKS]:
            self._section(node, min(ranks), "ltx_appendix" in classes, look)
        elif "ltx_title" in classes:
            self._heading(node, classes, look)
        elif "ltx_abstract" in classes:
            self._abstract(node, look)
        elif "ltx_tag_item" in classes:
            text = writing.tidy(self.inline(node, look))
            writing.mark(f"{text}: " if _WORDS.search(text) else f"{text} " if text else "")
        elif tag == "table" or "ltx_tabular" in classes or "ltx_eqn_table" in classes:
            tables.read(self, node, classes, look)
        elif tag == "pre" or "ltx_lst_space" in classes:
            self._meant(node, tag, look)
        elif "ltx_listingline" in classes:
            self.children(node, look)
            writing.say(" " if writing.flat else LINE)
        elif tag == "svg":
            self._drawing(node, look)
        elif tag in _BLOCKS or "ltx_p" in classes:
            writing.end_block()
            self.children(node, look)
            writing.end_block()
            if tag in ("li", "dd"):
                writing.prefix = ""
        else:
            self.children(node, look)

    def _text(self, text: str, look: Look) -> None:
        if look.unseen:
            self.writing.hide(text)
            self.writing.parts.append(" ")  # an eye sees a gap
            return
        if "$" in text:
            text = text.replace("$", "\\$")
        if self._as_written:
            text = text.replace("\t", "    ").replace("\n", LINE).replace(" ", SPACE)
            text = text.replace("\N{NO-BREAK SPACE}", SPACE).replace("␣", SPACE)
        self.writing.say(text)

    def _comment(self, node: LexborNode) -> None:
        text = node.comment_content or ""
        if not text.lstrip().startswith(_SAYS_ITSELF):
            self.writing.unveil()
            self.writing.hide(text)
            self.writing.unveil()

    def _formula(self, node: LexborNode, attributes: Mapping[str, str | None], look: Look) -> None:
        tex = attributes.get("alttext")
        if tex is None:
            note = node.css_first('annotation[encoding="application/x-tex"]')
            if note is None:
                for each in node.css("annotation, annotation-xml"):
                    each.decompose()
            tex = (note if note is not None else node).text(deep=True)
        tex, unseen = cleaned(tex)
        if look.unseen:
            self.writing.hide(f" {tex} ")
            return
        if tex:
            self.writing.say(f"{OPENS}{tex}{CLOSES}")
        for piece in unseen:
            self.writing.hide(f" {piece} ")
        if unseen:
            self.writing.unveil()

    def _section(self, node: LexborNode, rank: int, appendix: bool, look: Look) -> None:
        self._close()
        outer = self._open
        within = appendix or self._past_references or outer.appendix
        self._open = _Open(max(rank - self._first, 0) + 1, within)
        self.children(node, look)
        self._close()
        self._open = _Open(0, outer.appendix)

    def _close(self) -> None:
        self.writing.end_block()
        self.writing.prefix = ""
        title, text = self._open.title, "\n\n".join(self.writing.blocks)
        self.writing.blocks.clear()
        if title or text:
            found = self._open
            if not found.level and self.sections:  # text behind a part belongs to it
                last = self.sections[-1]
                joined = f"{last.text}\n\n{text}".strip()
                self.sections[-1] = Section(last.level, last.title, joined, last.appendix)
            else:
                self.sections.append(Section(found.level, title, text, found.appendix))
        self._open = _Open(0, self._open.appendix)

    def _heading(self, node: LexborNode, classes: frozenset[str], look: Look) -> None:
        text = self.writing.tidy(self.inline(node, look))
        if "ltx_title_document" in classes:
            self.title = self.title or text
        elif not _HEADINGS.isdisjoint(classes):
            self._open.title = self._open.title or text
        elif text:
            self.writing.mark(f"{text} " if text[-1] in ".:!?" else f"{text}: ")

    def _abstract(self, node: LexborNode, look: Look) -> None:
        self.writing.end_block()
        kept, self.writing.blocks = self.writing.blocks, []
        self.children(node, look)
        self.writing.end_block()
        self.abstract = "\n\n".join([*filter(None, [self.abstract]), *self.writing.blocks])
        self.writing.blocks = kept

    def _note(self, node: LexborNode, look: Look) -> None:
        mark = node.css_first(".ltx_note_mark")
        text = self.writing.tidy(self.inline(node, look))
        if text:
            number = " ".join(mark.text().split())[:8] if mark is not None else ""
            self.writing.notes.append(f"Footnote {number}: {text}" if number else f"Note: {text}")

    def _meant(self, node: LexborNode, tag: str, look: Look) -> None:
        if tag == "pre":
            self.writing.end_block()
        self._as_written += 1
        self.children(node, look)
        self._as_written -= 1
        if tag == "pre":
            self.writing.end_block()

    def _drawing(self, node: LexborNode, look: Look) -> None:
        """Boxes of text are text; the few words of a diagram become one line."""
        fills = {each.attributes.get("fill") or "none" for each in node.css("[fill]")}
        if not fills <= {"none", "#FFFFFF", "#FFF", "white", "transparent"}:
            look = Look(look.size, look.colour, None)
        writing = self.writing
        if writing.flat:
            self.children(node, look)
            return
        writing.end_block()
        kept, writing.blocks = writing.blocks, []
        self.children(node, look)
        writing.end_block()
        long = [text for text in writing.blocks if len(text) > 60 or "\n" in text]
        short = [
            text
            for text in writing.blocks
            if text not in long and _WORDS.search(re.sub(r"\$[^$]*\$", "", text))
        ]
        writing.blocks = kept + long + (["; ".join(short)] if short else [])


def _short(text: str) -> str:
    """A citation; of many names the first."""
    if len(text) <= LONGEST_CITATION:
        return text
    cut = text.rfind(";", 0, LONGEST_CITATION)
    cut = cut if cut > 0 else text.rfind(",", 0, LONGEST_CITATION)
    end = {"(": ")", "[": "]"}.get(text[0], "")
    return f"{text[: cut if cut > 0 else LONGEST_CITATION]}; …{end}"
