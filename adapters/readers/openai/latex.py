r"""LaTeX in JSON strings: commands whose backslash was taken for an escape, given back.

A model that writes `"$3 \times \nabla f$"` in JSON means TeX and says a tabulator and a line
break. `\b` and `\f` are in no text; `\t`, `\n` and `\r` are kept unless what follows is a command.
"""

from __future__ import annotations

import re

_LETTER = {"\b": "b", "\t": "t", "\n": "n", "\f": "f", "\r": "r"}
_EATEN = re.compile(r"([\b\t\n\f\r])([A-Za-z]+)")
# What is left of commands that begin with t or n, and is the beginning of no word
_SURE = frozenset(
    """
    abla ata atural earrow ewline ewcommand eq geq geqslant leq leqslant oindent onumber otin
    rightarrow leftarrow subseteq supseteq prec succ vdash warrow ormalsize ot parallel
    au ext extbf extit extrm extsc extsf exttt extup extstyle extnormal extsubscript
    extsuperscript extasciitilde extbackslash extgreater extless extdegree extcolor
    frac heta herefore hickapprox hicksim ilde imes op riangle riangledown riangleleft
    riangleleftq rianglelefteq riangleq riangleright rianglerighteq woheadrightarrow
    """.split()
)
# What could begin a line or a cell as well: taken for a command only between dollar signs
_IN_MATHEMATICS = frozenset("an anh o r u e i eg exists mid less ormal um iny binom".split())
_UNUSABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def restored(text: str) -> str:
    """The text with its commands, and without signs that no text has (controls, half letters)."""

    def command(found: re.Match[str]) -> str:
        eaten, rest = found[1], found[2]
        if eaten in "\b\f":
            known = True
        elif eaten == "\r":
            known = True  # a line ends in it only together with \n
        else:
            known = rest in _SURE or (
                rest in _IN_MATHEMATICS and text.count("$", 0, found.start()) % 2 == 1
            )
        return f"\\{_LETTER[eaten]}{rest}" if known else found[0]

    return _UNUSABLE.sub("", _EATEN.sub(command, text.replace("\r\n", "\n")))
