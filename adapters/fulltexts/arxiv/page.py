"""One page, from its bytes to a full text; pages that cannot be used are told apart."""

from __future__ import annotations

import re
from dataclasses import replace

from adapters.fulltexts.arxiv.decoding import decoded
from adapters.fulltexts.arxiv.veils import Look, Rules, look_within
from bot.errors import NotFound, Skip
from bot.ports.reading import Section, Whole

SHORTEST = 2_000  # code points of all sections together; letters of a page have 3,000
MOST_ERRORS = 50  # places that LaTeXML did not understand, and …
ERRORS_PER_WORDS = 100  # … not more than one for so many words
_NEW_ID, _OLD_ID = r"\d{4}\.\d{4,5}", r"[a-z-]+(?:\.[A-Z]{2})?/\d{7}"
_PLACE = re.compile(rf"/(?:html|abs|pdf)/({_NEW_ID}|{_OLD_ID})(?:v(\d{{1,4}}))?(?![\d.])", re.ASCII)
_STAMP = re.compile(rf"arXiv:({_NEW_ID}|{_OLD_ID})v(\d{{1,4}})", re.ASCII)
_BASE = re.compile(r"""<base\s[^>]{0,200}?href=["']?([^"'>\s]{1,300})""", re.ASCII | re.IGNORECASE)
_LATE = re.compile(r"(?:appendix|appendices|supplement(?:ary|al)?)\b", re.IGNORECASE)
_REFERENCES = frozenset({"references", "bibliography", "literature cited", "reference"})
_BOXES = re.compile(r"<(/?)(?:div|table|section|span)\b", re.ASCII | re.IGNORECASE)
_DEEPEST = 500  # boxes in boxes that the parser is given: it takes ever longer for each
_NONE = ("no html for", "html is not available", "html not available", "conversion failed")
_FATAL = ("had a fatal error", "fatal:latexml", "conversion to html had")


def understand(
    body: bytes,
    paper_id: str,
    version: int | None = None,
    *,
    url: str = "",
    content_type: str = "",
    shortest: int = SHORTEST,
) -> Whole:
    """The full text on a page that was asked for as `paper_id` (and `version`, if not None).

    `url` is where the page came from in the end. Raises NotFound for a page that says that there
    is no full text, and for an abstract's page; Skip for one that cannot be used.
    """
    from selectolax.lexbor import LexborHTMLParser  # only where a page is read

    from adapters.fulltexts.arxiv.walking import Walk

    page = decoded(body, content_type)
    named, shown = _whose(page, url)
    if "/abs/" in url:
        raise _none(paper_id)
    if _depth(page) > _DEEPEST:
        raise Skip(f"The page of {paper_id} is nested too deeply to be LaTeXML's.")
    tree = LexborHTMLParser(page)
    document = tree.css_first(".ltx_document")
    if document is None:
        raise _no_document(page, paper_id)
    if named is not None and named != paper_id:
        raise Skip(f"arXiv gave the full text of {named} when asked for {paper_id}.")
    if version is not None and shown not in (None, version):
        raise Skip(f"arXiv gave version {shown} of {paper_id} when asked for version {version}.")
    ending = page[-2_000:].casefold()
    if "</html>" not in ending:
        raise Skip(f"The full text of {paper_id} is broken off.")
    if any(sign in page[:20_000].casefold() or sign in ending for sign in _FATAL):
        raise Skip(f"The full text of {paper_id} could not be converted whole.")
    sheets = "\n".join(style.text(deep=True) for style in tree.css("style"))
    rules, look = Rules.of(sheets), Look()
    if tree.body is not None:
        look = look_within(look, "body", tree.body.attributes, rules)
    try:
        walk = Walk(document, rules, look_within(look, "article", document.attributes, rules))
    except RecursionError as error:
        raise Skip(f"The page of {paper_id} is nested too deeply to be LaTeXML's.") from error
    sections = _sorted_out(walk.sections)
    _enough(paper_id, page, walk.abstract, sections, shortest)
    return Whole(
        paper_id,
        version if shown is None else shown,
        walk.title,
        walk.abstract,
        sections,
        tuple(walk.writing.unseen),
    )


def _depth(page: str) -> int:
    depth = most = 0
    for closes in _BOXES.findall(page):
        depth += -1 if closes else 1
        if depth > most:
            most = depth
    return most


def _whose(page: str, url: str) -> tuple[str | None, int | None]:
    """The id and the version that the page says it is of; from its address, base or stamp."""
    base = _BASE.search(page, 0, 20_000)
    found = [_PLACE.search(base[1]) if base else None, _PLACE.search(url)]
    found.append(_STAMP.search(page, 0, 200_000))
    known = [match for match in found if match]
    versions = [int(match[2]) for match in known if match[2] and match[1] == known[0][1]]
    return (known[0][1] if known else None), (versions[0] if versions else None)


def _none(paper_id: str) -> NotFound:
    return NotFound(f"arXiv has no full text of {paper_id} as HTML.")


def _no_document(page: str, paper_id: str) -> NotFound | Skip:
    said = page[:200_000].casefold()
    about_abstract = "citation_arxiv_id" in said or 'id="abs"' in said
    if about_abstract or any(sign in said for sign in _NONE):
        return _none(paper_id)
    return Skip(f"The page of {paper_id} is not a full text made by LaTeXML.")


def _sorted_out(sections: list[Section]) -> tuple[Section, ...]:
    """Without lists of references, and all from a heading “Appendix” on marked as such."""
    kept: list[Section] = []
    late, dropped = False, 0
    for section in sections:
        title = section.title.strip(" .:").casefold()
        if dropped and section.level > dropped:
            continue
        dropped = section.level if section.level and title in _REFERENCES else 0
        if dropped:
            continue
        late = late or (section.level == 1 and _LATE.match(title) is not None)
        kept.append(replace(section, appendix=section.appendix or late))
    return tuple(kept)


def _enough(
    paper_id: str, page: str, abstract: str, sections: tuple[Section, ...], shortest: int
) -> None:
    length = sum(len(section.text) for section in sections)
    if length < shortest or length <= len(abstract):
        raise Skip(f"The full text of {paper_id} is too short to be whole ({length:,} signs).")
    if not abstract and not any(section.level for section in sections):
        raise Skip(f"The full text of {paper_id} has neither an abstract nor sections.")
    errors = page.count("ltx_ERROR")
    words = sum(section.text.count(" ") for section in sections)
    if errors > MOST_ERRORS and errors * ERRORS_PER_WORDS > words:
        raise Skip(f"LaTeXML did not understand {errors:,} places of {paper_id}.")
