"""What TeX macros mean in Unicode: pylatexenc's tables, with our choices on top."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# Macros whose argument is shown and nothing else.
SHOWS = frozenset(
    "textbf textit textsc textsl textrm textsf texttt textnormal textup textmd emph text mbox hbox "
    "fbox mathrm mathbf mathit mathsf mathtt mathcal mathscr mathfrak mathnormal boldsymbol bm "
    "operatorname underline uline ensuremath url path overline widehat widetilde underbrace "
    "overbrace boldmath pmb mathop mathbin mathrel title".split()
)
# Those that HF's older records show without their backslash; no English word among them.
BARE = ("textbf", "textit", "textsc", "texttt", "emph", "mathrm", "mathbf", "mathcal", "mathbb")
# Macros that say nothing, with the number of arguments that say nothing either.
SILENT = {
    **dict.fromkeys(
        "bf it em rm tt sc sf sl bfseries itshape ttfamily small large Large footnotesize tiny "
        "normalsize displaystyle textstyle scriptstyle limits nolimits noindent centering protect "
        "xspace left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr "
        "relax maketitle hfill smallskip medskip bigskip newline linebreak unboldmath".split(),
        0,
    ),
    **dict.fromkeys(
        "cite citet citep citealp citeauthor citeyear label ref eqref cref Cref autoref vspace "
        "hspace includegraphics begin end color footnotemark vskip hskip phantom".split(),
        1,
    ),
}
ABBREVIATIONS = {
    "eg": "e.g.",
    "ie": "i.e.",
    "etal": "et al.",
    "etc": "etc.",
    "vs": "vs.",
    "wrt": "w.r.t.",
    "aka": "a.k.a.",
}
# Relations and arrows get a space on both sides, unless nothing stands before them.
RELATIONS = frozenset("∈∉≤≥≪≫≈≃≅≡≠∼∝→←↔⇒⇔⊂⊆⊃⊇↦≲≳⟶∪∩")
ACCENTS = {
    "'": "\u0301",
    "`": "\u0300",
    '"': "\u0308",
    "^": "\u0302",
    "~": "\u0303",
    "=": "\u0304",
    ".": "\u0307",
    "u": "\u0306",
    "v": "\u030c",
    "H": "\u030b",
    "c": "\u0327",
    "k": "\u0328",
    "r": "\u030a",
    "d": "\u0323",
    "b": "\u0331",
    "vec": "\u20d7",
    "hat": "\u0302",
    "tilde": "\u0303",
    "bar": "\u0304",
    "dot": "\u0307",
    "ddot": "\u0308",
    "check": "\u030c",
    "breve": "\u0306",
    "acute": "\u0301",
    "grave": "\u0300",
}
LETTERS = frozenset("o O l L i j ss ae AE oe OE aa AA dh DH th TH dj DJ ng NG".split())
_OURS = {
    "sim": "~",
    "cdot": "·",
    "colon": ":",
    "backslash": "∖",
    "textbackslash": "∖",
    "textasciitilde": "~",
    "textasciicircum": "^",
    "mid": "|",
    "lvert": "|",
    "rvert": "|",
    "vert": "|",
    "|": "‖",
    "Vert": "‖",
    "lVert": "‖",
    "rVert": "‖",
    "quad": " ",
    "qquad": " ",
    "star": "*",
    "ast": "*",
    "to": "→",
    "gets": "←",
    "prime": "′",
    "top": "⊤",
    "circ": "∘",
    "degree": "°",
    "textdegree": "°",
    "textquotedblleft": "“",
    "textquotedblright": "”",
    "textquoteleft": "‘",
    "textquoteright": "’",
    "limsup": "lim sup",
    "liminf": "lim inf",
    "varepsilon": "ε",
    "epsilon": "ε",
    "TeX": "TeX",
    "LaTeX": "LaTeX",
    "lbrack": "[",
    "rbrack": "]",
    "lbrace": "{",
    "rbrace": "}",
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "textunderscore": "_",
    "Pr": "Pr",
    "argmax": "argmax",
    "argmin": "argmin",
    "bmod": "mod",
    "pmod": "mod",
    "implies": "⇒",
    "iff": "⇔",
    "ne": "≠",
    "neq": "≠",
    "lesssim": "≲",
    "gtrsim": "≳",
    "checkmark": "✓",
    "-": "",
    "/": "",
    "@": "",
    "!": "",
    ",": " ",
    ";": " ",
    ":": " ",
    ">": " ",
    " ": " ",
    "\n": " ",
    "\\": " ",
    "%": "%",
    "*": "",
    "(": "",
    ")": "",
    "[": "",
    "]": "",
}
_NOT_SIGNS = frozenset({"today", "id", "author", "date", "item", "input", "include"})
_DOUBLE_STRUCK = {"C": "ℂ", "H": "ℍ", "N": "ℕ", "P": "ℙ", "Q": "ℚ", "R": "ℝ", "Z": "ℤ"}

_SUPER = str.maketrans(
    "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδεθιφχ−.*′",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᵋᶿᶥᵠᵡ⁻·*′",
)
_SUB = str.maketrans(
    "0123456789+-=()aehijklmnoprstuvxβγρφχ−.,",
    "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ₋.,",
)
_HIGH_WORDS = {"circ": "°", "∘": "°", "top": "ᵀ", "⊤": "ᵀ", "intercal": "ᵀ", "dagger": "†"}


def script(content: str, *, high: bool) -> str:
    """`content` as a superscript or subscript; a plain `^…` or `_…` where Unicode has none."""
    content = content.strip()
    if high and content in _HIGH_WORDS:
        return _HIGH_WORDS[content]
    table = _SUPER if high else _SUB
    letters = sum(char.isalpha() for char in content)
    packed = "".join(content.split())
    # Words are easier to read on the line: x_max, not xₘₐₓ.
    if packed and letters <= 2 and all(ord(char) in table for char in packed):
        if not all(char in ".,*" for char in packed):
            return packed.translate(table)
        return packed if high else f"_{packed}"
    mark = "^" if high else "_"
    if not packed:
        return ""
    whole = packed.isalnum() or (len(packed) == 1)
    return f"{mark}{packed}" if whole else f"{mark}({content})"


def accented(base: str, accent: str) -> str:
    """The first letter of `base` with the combining accent; as it is when there is no letter."""
    bare = {"ı": "i", "ȷ": "j"}.get(base[:1], base[:1])
    if not bare or not bare.isalpha():
        return base
    return unicodedata.normalize("NFC", bare + ACCENTS[accent]) + base[1:]


def double_struck(content: str) -> str:
    """ℝ and kin; other letters stay plain, for few fonts of terminals have them."""
    return _DOUBLE_STRUCK.get(content, content)


@lru_cache(maxsize=1)
def signs() -> dict[str, str]:
    """Macro name → the text it stands for."""
    from pylatexenc.latex2text import get_default_latex_context_db

    found = {
        spec.macroname: spec.simplify_repl
        for spec in get_default_latex_context_db().iter_macro_specs()
        if isinstance(spec.simplify_repl, str)
        and "%" not in spec.simplify_repl
        and "<" not in spec.simplify_repl
        and "\\" not in spec.simplify_repl
        and spec.macroname not in _NOT_SIGNS
    }
    return {**found, **_OURS, **ABBREVIATIONS}
