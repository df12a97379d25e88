"""What the rows of a report may be about: fields and source systems by all their names."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from etl.model import Statement
from etl.parsing.counts import parse_count
from etl.parsing.names import NameIndex, plain_key
from etl.reference import Field, Reference, SourceSystem
from etl.same import Same

_TOTAL = re.compile(
    r"(?:[ivx]+ )?(?:tong cong|tong so|tong|cong|tat ca|total|all)"
    r"(?: (?:cac )?(?:linh vuc|chung|ho so|toan \w+|muc|phan|he thong|[ivx]+|\d+|a|b)\b.*)?"
    r"|(?:[ivx]+ )?(?:chung )?toan (?:bo|phuong|xa(?! hoi)|thi tran|thi xa|huyen|quan|thanh pho|tinh|don vi|dia ban)"
    r"(?: .*)?"
)
# Rows that say again what other rows or other periods say: figures that are never counted.
_ASIDES = ("luy ke", "cong don", "cung ky", "so cung ky", "so voi cung ky", "ky truoc", "trong do", "bao gom")
_ORDINAL = re.compile(r"\s*(?:[IVX]{1,5}|[A-ZĐ]|[a-zđ]|\d{1,3}(?:\.\d{1,3})*)\s*[.)\-:/]?\s*")
_LEADING_ORDINAL = re.compile(
    r"\s*(?:[IVX]{1,5}[.)\-:/]?\s+|[IVX]{1,5}[.)\-:/]|[A-ZĐa-zđ][.)]|\d{1,3}[.)\-]?)\s*(?=\D)"
)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The names of one reference, indexed."""

    fields: NameIndex[Field]
    source_systems: NameIndex[SourceSystem]


@lru_cache(maxsize=8)
def _index(fields: tuple[Field, ...], systems: tuple[SourceSystem, ...]) -> Lexicon:
    return Lexicon(
        NameIndex((field, (field.name, field.code, *field.aliases)) for field in fields),
        NameIndex((s, (s.code, s.label_vi, s.label_en, *s.aliases)) for s in systems),
    )


@lru_cache(maxsize=8)
def _index_same(fields: Same[tuple[Field, ...]], systems: Same[tuple[SourceSystem, ...]]) -> Lexicon:
    return _index(fields.value, systems.value)


def lexicon_of(reference: Reference) -> Lexicon:
    """Index the fields and source systems of a reference, once."""
    return _index_same(Same(reference.fields), Same(reference.source_systems))


def is_total(text: str) -> bool:
    """Tell whether a label is that of a total row: "TỔNG CỘNG", "Cộng mục I", but not "Công thương"."""
    return bool(_TOTAL.fullmatch(plain_key(text)))


def is_aside(text: str) -> bool:
    """Tell whether a label says that its row repeats others: "Lũy kế", "Cùng kỳ năm 2021", "Trong đó: …"."""
    return starts_with_any(text, _ASIDES)


def is_nothing(text: str) -> bool:
    """Tell whether a label says that nothing arose in the period."""
    return parse_count(text).statement is Statement.NONE_ARISEN


def is_ordinal(text: str) -> bool:
    """Tell whether a text only numbers a row: "1", "I.", "2.1", "a)"."""
    return bool(_ORDINAL.fullmatch(text))


def without_ordinal(text: str) -> str:
    """Drop the number in front of a label: "I. Trên Hệ thống các Bộ"."""
    leading = _LEADING_ORDINAL.match(text)
    return text[leading.end() :] if leading else text


def starts_with_any(text: str, beginnings: Iterable[str]) -> bool:
    """Tell whether a text, reduced to plain words, begins with one of these."""
    key = plain_key(text)
    return any(key == beginning or key.startswith(f"{beginning} ") for beginning in beginnings)
