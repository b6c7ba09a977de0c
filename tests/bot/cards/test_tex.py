"""TeX in titles, names and abstracts becomes what a reader expects."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.tex import LONGEST, readable

DAYS = Path(__file__).parents[4] / "shared" / "recordings" / "huggingface" / "days"

TITLES = [
    (r"\$OneMillion-Bench", "$OneMillion-Bench"),
    ("2^{128} Bits", "2¹²⁸ Bits"),
    ("V_{0.5}", "V₀.₅"),
    ("A^3-Bench", "A³-Bench"),
    ("GD^2PO", "GD²PO"),
    ("μ_0: A World Model", "μ₀: A World Model"),
    (r"Network\\ for", "Network for"),
    (r"VA-$\pi$", "VA-π"),
    ("TerraDiT-$Ω$", "TerraDiT-Ω"),
    (r"95\% of", "95% of"),
    (r"with \textsc{AIEV-Instruct}", "with AIEV-Instruct"),
    (r"\textbf{x} and \emph{y}", "x and y"),
    ("``quotes'' and `one'", "“quotes” and ‘one’"),
    ("A -- B", "A – B"),
    ("Arabic--Russian", "Arabic–Russian"),
    ("{GAN}s and {\\bf bold}", "GANs and bold"),
]
FORMULAS = [
    (r"$\tilde{O}(\varepsilon^{-2})$", "Õ(ε⁻²)"),
    (r"$n\log n \leq k$", "n log n ≤ k"),
    (r"$\frac{a+b}{c}$", "(a+b)/c"),
    (r"$x_{max}$ and $x_t$", "x_max and xₜ"),
    (r"$f:\mathbb R^n\to\mathbb R$", "f:ℝⁿ → ℝ"),
    (r"\(TPP\) and \[E=mc^2\]", "TPP and E=mc²"),
    (r"$\sqrt{x}$, $\sqrt[3]{n+1}$", "√x, ∛(n+1)"),
    (r"$64.6\pm6.3$% in $T=1$", "64.6±6.3% in T=1"),
    (r"$\sim$2$\times$ faster", "~2× faster"),
    (r"$a \not= b$, $x\not\in S$", "a ≠ b, x∉S"),
    (r"$\left\{1,\dots,n\right\}$", "{1,…,n}"),
]
NAMES = [
    (r"{\"o}", "ö"),
    (r"Bolet\'{\i}n", "Boletín"),
    (r"S\o ren \v{C}ech \c{c}a \L{}ukasz", "Søren Čech ça Łukasz"),
    (r"Erd\H{o}s and \'Etienne", "Erdős and Étienne"),
    (r"Fran\c cois", "François"),
]
HALF_LOST = [  # what Hugging Face's older records keep of TeX
    ("1.2{sim}1.3times end-to-end", "1.2~1.3× end-to-end"),
    ("on 12times12 grids", "on 12×12 grids"),
    (r"(\22K a year)", "($22K a year)"),
    ("(z_{t}rightarrow z_{0})", "(zₜ → z₀)"),
    ("360^circ views", "360° views"),
    ("n=4{,}851, r{=}{-}0.13", "n=4,851, r=-0.13"),
    ("at https://a.org/x{https://a.org/x}.", "at https://a.org/x."),
    ("textit{O}bstacles", "Obstacles"),
]
NOT_TEX = [
    "<think> and <subject, object>",
    "R&D, AT&T",
    "snake_case, f_theta, W_Q, __init__",
    "a*b and [bold] [x]",
    "$5 and $10",
    "LLaMA-70B on $60 GPUs",
    "from $5 million to $10 million",
    "^_^ and 50% off",
    "run --flag or -v",
    "~70 systems, 3~5 times",
    "{True, False}",
    "it's the authors' own",
    "three times as good",
    "中文标题与한국어",
    "",
]


@pytest.mark.parametrize(("raw", "expected"), [*TITLES, *FORMULAS, *NAMES, *HALF_LOST])
def test_tex_becomes_the_unicode_that_a_reader_expects(raw, expected):
    assert readable(raw) == expected


@pytest.mark.parametrize("text", NOT_TEX)
def test_text_without_tex_passes_untouched(text):
    assert readable(text) == text


def test_an_unknown_macro_keeps_its_words():
    assert readable(r"we call it \ourmethod{Deep Net} or \ours.") == "we call it Deep Net or ours."


_MACROS = (
    r"\textbf \frac \sqrt \sim \pi \mathbb \left \' \" \( \) \[ \] \{ `` '' times word".split()
)
_PARTS = st.sampled_from([*"\\{}$^_~`'\"-%& .,ab1B\n<>/([])=", *_MACROS, "\\c "])


@given(st.lists(_PARTS, max_size=25).map("".join) | st.text())
def test_readable_text_stays_as_it_is_when_read_again(text):
    once = readable(text)
    assert readable(once) == once


@given(st.lists(st.from_regex(r"[a-z]{4,9}", fullmatch=True), max_size=8))
def test_no_word_is_lost_between_broken_tex(words):
    marks = ["$", "{", r"\textbf{", "}", "^{", r"\emph ", "``", r"\(", "_{"]
    text = " ".join(f"{marks[at % len(marks)]} {word}" for at, word in enumerate(words))
    seen = readable(text)
    at = 0
    for word in words:
        if word in ("times", "limits"):
            continue
        at = seen.index(word, at) + len(word)


@pytest.mark.parametrize(
    "part", ["{", "$", "\\", r"\'", "^{", "``", r"\frac", r"{\a", "a_{", "$a^{b}$ ", r"\textbf{"]
)
def test_hostile_texts_cost_linear_time(part):
    text = part * (LONGEST // len(part))
    started = time.perf_counter()
    readable(text)
    assert time.perf_counter() - started < 5  # some 0.1 s here; squares would take minutes


def test_a_text_of_two_megabytes_passes_untouched():
    text = r"$\alpha$ " * 220_000
    assert readable(text) is text


@pytest.mark.skipif(not DAYS.is_dir(), reason="no recordings in ../shared")
def test_no_recorded_title_keeps_tex():
    left = []
    for day in sorted(DAYS.glob("*.json")):
        for record in json.loads(day.read_text("utf-8")):
            title = readable(record["paper"]["title"])
            if any(mark in title for mark in ("\\", "$", "^", "``", "''", "{", "--")):
                left.append(title)
    assert [title for title in left if "on $60 GPUs" not in title] == []
