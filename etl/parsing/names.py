"""Matching names as people write them: known, or proposed, never guessed."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from rapidfuzz import fuzz, process

from etl.model import Unit
from etl.parsing.legacy_fonts import find_readings
from etl.periods import fold
from etl.same import Same

MOST_PROPOSALS = 3
MOST_LETTERS = 300  # of a text that may name something: a stranger's cell can hold a million
_ALIKE = 75.0  # of 100; below it a proposal is noise
_TONES = "\u0300\u0301\u0303\u0309\u0323"

# What stands before a name without changing whom it names. "Thị xã" does: the town is not its ward.
_PREFIX = re.compile(
    r"(?:uy ban nhan dan|phuong|thi tran|dac khu|xa|p|x|tt|linh vuc|don vi|cac|\d+) (?=\S)",
)
_SAME = (
    (re.compile(r"\btiep nhan (?:va )?tra (?:ket qua|kq)\b|\btn (?:va )?tkq\b|\b1 cua\b"), "mot cua"),
    (re.compile(r"\bubnd\b"), "uy ban nhan dan"),
)
_PARENT = re.compile(
    r"(?:uy ban nhan dan )?(?:thi xa|tx|thanh pho|tp|huyen|quan|tinh|ha noi|bo phan mot cua|cap (?:xa|huyen|tinh))\b.*"
)
_SEGMENTS = re.compile(r"\s+[-–—]\s+|[,;(\n/]")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """What a text names: one known thing, else near misses, else nothing."""

    known: T | None = None
    proposed: tuple[T, ...] = ()


class NameIndex(Generic[T]):
    """Known things under all the names they go by."""

    def __init__(self, named: Iterable[tuple[T, Iterable[str]]]) -> None:
        self._plain: dict[str, dict[T, None]] = {}
        self._toned: dict[str, dict[T, None]] = {}
        for thing, names in named:
            for name in names:
                self._plain.setdefault(plain_key(name), {})[thing] = None
                self._toned.setdefault(toned_key(name), {})[thing] = None

    def find(self, text: str) -> Match[T]:
        """Find the one thing a text names; where it names none or several, propose at most three.

        Case, spaces, punctuation, diacritics and prefixes such as "UBND phường" do not matter; where two
        names differ by diacritics only, the diacritics decide. A text in a legacy font is decoded.
        """
        found = self._found(text)
        if len(found) == 1:
            return Match(found[0])
        return Match(None, found[:MOST_PROPOSALS] or self._near(text))

    def find_known(self, text: str) -> T | None:
        """Find the one thing a text names, without looking for near misses."""
        found = self._found(text)
        return found[0] if len(found) == 1 else None

    def find_all(self, text: str) -> tuple[T, ...]:
        """Find every thing a text may name: several where one name has been used for several."""
        return self._found(text)

    def _found(self, text: str) -> tuple[T, ...]:
        several: dict[T, None] = {}
        if len(text) > MOST_LETTERS:
            return ()
        for reading in find_readings(text):
            for plain, toned in _keys_of(reading):
                alike = self._plain.get(plain, {})
                for candidates in (alike, self._toned.get(toned, {})):
                    if len(candidates) == 1:
                        return tuple(candidates)
                several |= alike
        return tuple(several)

    def _near(self, text: str) -> tuple[T, ...]:
        if len(text) > MOST_LETTERS:
            return ()
        shortest = [keys[-1][0] for reading in find_readings(text) if (keys := _keys_of(reading))]
        scored: dict[T, float] = {}
        for key in shortest:
            for name, score, _ in process.extract(
                key, self._plain.keys(), scorer=fuzz.token_sort_ratio, score_cutoff=_ALIKE, limit=6
            ):
                for thing in self._plain[name]:
                    scored[thing] = max(score, scored.get(thing, 0.0))
        return tuple(sorted(scored, key=lambda thing: -scored[thing])[:MOST_PROPOSALS])


def index_units(units: tuple[Unit, ...]) -> NameIndex[Unit]:
    """Index units by name, by kind and name, and by official code (spreadsheets drop its leading zero)."""
    return _index_same(Same(units))


@lru_cache(maxsize=8)
def _index_same(units: Same[tuple[Unit, ...]]) -> NameIndex[Unit]:
    return _index_equal(units.value)


@lru_cache(maxsize=8)
def _index_equal(units: tuple[Unit, ...]) -> NameIndex[Unit]:
    return NameIndex((unit, (unit.name, unit.full_name, unit.code, unit.code.lstrip("0"))) for unit in units)


def plain_key(text: str) -> str:
    """Reduce a text to lower-case words without diacritics and punctuation; what is too long is cut."""
    return _plain_key(text[:MOST_LETTERS])


@lru_cache(maxsize=4096)
def _plain_key(text: str) -> str:
    key = " ".join(re.findall(r"[^\W_]+", fold(text)))
    for pattern, replacement in _SAME:
        key = pattern.sub(replacement, key)
    return key


def toned_key(text: str) -> str:
    """Reduce a text like `plain_key`, keeping diacritics: "Hòa" and "Hoà" are one, "Tây" and "Tày" two."""
    words = re.findall(r"(?:[^\W_]|[\u0300-\u036f])+", unicodedata.normalize("NFD", text.lower()))
    return " ".join(_tone_last(word) for word in words)


def _tone_last(word: str) -> str:
    """Move the tone to the end of its syllable, wherever it was typed."""
    tones = [letter for letter in word if letter in _TONES]
    return "".join(letter for letter in word if letter not in _TONES) + "".join(tones)


@lru_cache(maxsize=4096)
def _keys_of(text: str) -> tuple[tuple[str, str], ...]:
    return tuple(_keys(text))


def _keys(text: str) -> Iterator[tuple[str, str]]:
    """Give the keys of a text, whole first, then without what only surrounds a name."""
    segments = _SEGMENTS.split(text)
    head = segments[0]
    is_address = all(_PARENT.match(plain_key(rest)) or not plain_key(rest) for rest in segments[1:])
    for part in (text, head) if len(segments) > 1 and is_address else (text,):
        plain, toned = plain_key(part), toned_key(part)
        while plain:
            yield plain, toned
            match = _PREFIX.match(plain)
            if match is None:
                break
            plain, toned = plain[match.end() :], _without_words(toned, plain[match.end() :])


def _without_words(toned: str, rest: str) -> str:
    """Drop as many words in front of the toned text as its plain twin has lost."""
    words = toned.split(" ")
    return " ".join(words[-len(rest.split(" ")) :])
