"""The words of many papers turned round: where each one stands, and in which papers."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property
from itertools import pairwise

from bot.topics.fold import opening, spells, starting, words
from bot.topics.tree import Phrase, Unit

LONGEST_GRAM = 3  # units whose sequence is looked up without looking at positions
SPLIT = "\0"  # before the key of a word: the texts hold it written apart

# Where a unit is one word; and where it begins when it is several, with all its ends there.
Hits = tuple[set[int], dict[int, set[int]]]


class Index:
    """Stretches of text, each belonging to one paper (its bit) and one field."""

    def __init__(
        self, stretches: Iterable[tuple[int, str, str]], stemmed: Callable[[str], str]
    ) -> None:
        self._stemmed = stemmed
        # By position over all stretches; between two stretches stand empty words, so that
        # nothing reaches from one into the next.
        self._keys: list[str] = []
        self._folded: list[str] = []
        self._cased: list[str] = []
        self._unspaced: list[bool] = []
        self._bits: list[int] = []
        self._fields: list[str] = []
        self.grams: dict[str, int] = {}  # "key key key": mask of the papers that hold it
        self._hits: dict[Unit, Hits] = {}
        self._splits: dict[str, dict[int, set[int]]] = {}
        for bit, field, text in stretches:
            self._add(bit, field, text)

    def _add(self, bit: int, field: str, text: str) -> None:
        tokens = words(text)
        if not tokens:
            return
        folded = [token.folded for token in tokens]
        keys = list(map(self._stemmed, folded))
        self._keys += keys
        self._folded += folded
        self._cased += [token.cased for token in tokens]
        self._unspaced += [token.unspaced for token in tokens]
        self._bits += [bit] * len(tokens)
        self._fields += [field] * (len(tokens) + 1)
        for column in (self._keys, self._folded, self._cased):
            column.append("")
        self._unspaced.append(True)
        self._bits.append(0)
        grams = {*keys}
        grams.update([f"{one} {two}" for one, two in pairwise(keys)])
        grams.update(
            [
                f"{one} {two} {three}"
                for one, two, three in zip(keys, keys[1:], keys[2:], strict=False)
            ]
        )
        known = self.grams
        for gram in grams:
            known[gram] = known.get(gram, 0) | bit

    @cached_property
    def _by_key(self) -> dict[str, list[int]]:
        return _places(self._keys)

    @cached_property
    def _vocabulary(self) -> list[str]:
        return sorted(set(self._folded) - {""})

    def _standing(self, word: str) -> list[int]:
        """Where a folded word stands, letter by letter."""
        places = self._by_key.get(self._stemmed(word), ())
        return [place for place in places if self._folded[place] == word]

    @cached_property
    def _tails(self) -> dict[str, list[tuple[str, int, int]]]:
        """For one or two words together: the words that follow, sorted, and where (start, end)."""
        folded, unspaced = self._folded, self._unspaced
        tails: defaultdict[str, list[tuple[str, int, int]]] = defaultdict(list)
        for here in range(len(folded) - 1):
            # The empty word between stretches counts as unspaced.
            if unspaced[here] or unspaced[here + 1]:
                continue
            one, two = folded[here], folded[here + 1]
            tails[one].append((two, here, here + 2))
            if not unspaced[here + 2]:
                tails[one + two].append((folded[here + 2], here, here + 3))
        for following in tails.values():
            following.sort()
        return dict(tails)

    def _apart(self, begins: str, heads_under: str) -> Iterable[tuple[str, str, int, int]]:
        """(head, whole, start, end) of words written apart whose whole begins with `begins`.

        The head, all words but the last, is a true beginning of `heads_under`.
        """
        for length in range(1, len(heads_under)):
            head = heads_under[:length]
            if (following := self._tails.get(head)) is None:
                continue
            rest = begins[length:]
            for tail, start, end in following[bisect_left(following, (rest,)) :]:
                if not tail.startswith(rest):
                    break
                yield head, head + tail, start, end

    def split(self, key: str) -> dict[int, set[int]]:
        """Where the word with this key stands written apart."""
        if (found := self._splits.get(key)) is None:
            found = self._splits[key] = {}
            for head, whole, start, end in self._apart(opening(key), key):
                if spells(head, whole, key, self._stemmed):
                    found.setdefault(start, set()).add(end)
        return found

    def hits(self, unit: Unit) -> Hits:
        """Where a unit stands."""
        if (found := self._hits.get(unit)) is None:
            found = self._hits[unit] = self._find(unit)
        return found

    def _find(self, unit: Unit) -> Hits:
        longer: dict[int, set[int]] = {}
        key = unit.key
        if unit.kind == "shout":
            whole = {key, f"{key}s"}
            places = []
            for word in {word.casefold() for word in whole}:
                places += [place for place in self._standing(word) if self._cased[place] in whole]
                for _, join, start, end in self._apart(word, word):
                    if join == word and "".join(self._cased[start:end]) in whole:
                        longer.setdefault(start, set()).add(end)
        elif unit.kind == "prefix":
            begun = starting(self._vocabulary, key)
            places = [place for word in begun for place in self._standing(word)]
            for _, join, start, end in self._apart(key, key):
                if not join.isdigit() and self._capital(start, end, unit):
                    longer.setdefault(start, set()).add(end)
        elif unit.kind == "exact":
            places = self._standing(key)
        else:
            places = self._by_key.get(key, [])
            if unit.kind == "plain":
                longer = self.split(key)
        if unit.cased:
            places = [place for place in places if self._capital(place, place + 1, unit)]
        return set(places), longer

    def _capital(self, start: int, end: int, unit: Unit) -> bool:
        text = "".join(self._cased[start:end])
        return all(text.startswith(capitals, offset) for offset, capitals in unit.cased)

    def mask(self, phrase: Phrase, field: str | None = None) -> int:
        """The papers that hold the phrase, in that field if one is given, by positions."""
        reached: list[set[int]] = [set() for _ in range(len(phrase.plan) + 1)]
        for here, choices in enumerate(phrase.plan):
            if here and not reached[here]:
                continue
            for taken, unit in choices:
                single, longer = self.hits(unit)
                starts = reached[here] & single if here else single
                reached[here + taken].update([start + 1 for start in starts])
                for start in (reached[here] & longer.keys() if here else longer) if longer else ():
                    reached[here + taken] |= longer[start]
        mask = 0
        for end in reached[-1]:
            if field is None or self._fields[end - 1] == field:
                mask |= self._bits[end - 1]
        return mask


def _places(words: list[str]) -> dict[str, list[int]]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for here, word in enumerate(words):
        if word:
            places[word].append(here)
    return dict(places)
