"""Promises of names: rightly parted, affiliations dropped, TeX kept, wrong decodings mended."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.arxiv.names import mended, split_names


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("Ada Example, Bo Example", ("Ada Example", "Bo Example")),
        ("Ada Example", ("Ada Example",)),
        ("", ()),
        (" , ,", ()),
        (r"J\"org M\"uller, Anders S{\o}gaard", (r"J\"org M\"uller", r"Anders S{\o}gaard")),
        (r"{\c{C}}a\u{g}la {\"O}z, Bo", (r"{\c{C}}a\u{g}la {\"O}z", "Bo")),
        ("Ada Example (MIT, Cambridge), Bo Example (1 and 2)", ("Ada Example", "Bo Example")),
        (
            "Ada (1), Bo (1, 2), Cy (2) ((1) Here, There, (2) Elsewhere)",
            ("Ada", "Bo", "Cy"),
        ),
        ("Ada (1), Bo (2), ((1) Here, (2) There)", ("Ada", "Bo")),
        ("Huaizhi (Tom) Wang, Bo", ("Huaizhi (Tom) Wang", "Bo")),
        ("Martin King, Jr., Ada Example, III", ("Martin King, Jr.", "Ada Example, III")),
        ("Ada (never closed, Bo, Cy", ("Ada (never closed", "Bo", "Cy")),
        ("Ada), Bo", ("Ada)", "Bo")),
        ("The Example Collaboration: Ada, Bo", ("The Example Collaboration: Ada", "Bo")),
        (r"Ada \{Bo, Cy", (r"Ada \{Bo", "Cy")),
        ("Ada\n  Example,\n  Bo", ("Ada Example", "Bo")),
    ],
)
def test_a_joined_text_is_parted_into_names(said: str, names: tuple[str, ...]) -> None:
    assert split_names(said) == names


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Dirk WÃ¼bben", "Dirk Wübben"),
        ("Aurora RamÃ\xadrez", "Aurora Ramírez"),
        ("Oliver WeiÃ\x9fl", "Oliver Weißl"),
        ("Oliver WeiÃŸl", "Oliver Weißl"),
        ("JosÃ© RaÃºl", "José Raúl"),
        ("Ã\xa0 la carte", "à la carte"),
        ("Dirk Wübben", "Dirk Wübben"),
        ("São Ã", "São Ã"),
        ("王小明", "王小明"),
        ("Ã¼ 王", "Ã¼ 王"),  # does not decode as a whole: left as it is
        (r"J\"org", r"J\"org"),
    ],
)
def test_utf8_read_as_latin1_is_mended_and_nothing_else_is_touched(said: str, meant: str) -> None:
    assert mended(said) == meant


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x2FF), max_size=30))
def test_a_misread_name_always_comes_back(name: str) -> None:
    assert mended(mended(name.encode().decode("latin-1"))) == mended(name)


@given(st.text(max_size=200))
def test_no_text_breaks_the_parting(text: str) -> None:
    assert all(name and name == name.strip() for name in split_names(text))
