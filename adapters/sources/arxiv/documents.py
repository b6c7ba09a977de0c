"""XML of arXiv read safely: no document types, so no entities of strangers; parts by name."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

ATOM = "{http://www.w3.org/2005/Atom}"
ARXIV = "{http://arxiv.org/schemas/atom}"
DUBLIN = "{http://purl.org/dc/elements/1.1/}"
SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


class Damaged(ValueError):
    """The answer is not the XML that was asked for; the text says what it is."""


class _Plain(TreeBuilder):
    """Builds the tree, and refuses a document type: only with one can entities be declared."""

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        page = name.lower() == "html"
        raise Damaged("a web page instead of data" if page else "a document with a DOCTYPE")


def read(body: bytes) -> Element:
    """The root of the document. Raises Damaged when it is cut short, no XML, or unsafe."""
    parser = XMLParser(target=_Plain())
    try:
        parser.feed(body)
        return parser.close()
    except (ParseError, ValueError, LookupError) as error:
        if isinstance(error, Damaged):
            raise
        page = b"<html" in body[:1000].lower()
        raise Damaged(
            "a web page instead of data" if page else "an answer that is cut short or damaged"
        ) from error


def text(element: Element, *names: str) -> str:
    """The text of the first of the parts that is there and not empty, else ""."""
    for name in names:
        part = element.find(name)
        if part is not None and (found := "".join(part.itertext()).strip()):
            return found
    return ""


def instant(said: str) -> datetime | None:
    """An instant in either form that feeds use (ISO 8601, RFC 2822), with its own offset."""
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(said)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            if not 1900 < moment.year < 2900:  # the ends of the calendar have no other zones
                continue
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return moment
    return None
