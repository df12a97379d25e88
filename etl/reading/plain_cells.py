"""A worksheet without its ordinary cells: most sheets have no others, and these need no parser to be looked through.

What is taken out is whole elements, written as programs write them; so what is left is well-formed XML just where
the sheet is. Imports nothing but the standard library, for it runs in the child.
"""

import re
from dataclasses import dataclass

_LETTERS = r"[^<>&\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]*"
_TEXT = rf"{_LETTERS}(?:&(?:amp|lt|gt|quot|apos);{_LETTERS})*"
_FORMULA = rf'(?:<f(?: t="\w+")?(?: ref="[A-Z0-9:]+")?(?: ca="1")?(?: si="[0-9]+")?(?: ?/>|>{_TEXT}</f>))?'
_CELL = re.compile(  # any but an error, and a formula without a value
    r'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"(?: s="[0-9]+")?(?: t="(?!e")\w+")?(?:'
    rf" ?/>|>(?:{_FORMULA}(<v>)(?!<){_TEXT}</v></c>"
    rf'|<is><t(?: xml:space="preserve")?(>)(?!<){_TEXT}</t></is></c>|</c>'
    rf'|(?<= t="str">){_FORMULA}<v(?:></v>| ?/>)</c>))'  # a formula that gave an empty text
)
_DECLARATION = r'<\?xml version="1\.0"(?: encoding="(?:UTF|utf)-8")?(?: standalone="(?:yes|no)")? ?\?>\s*'
_START = re.compile(rf"(?:{_DECLARATION})?<[a-z]")
_NOT_PLAIN = re.compile(r'<[!?]|<c[\s/>]|<row(?! r="[0-9])|:(?:c|row)[\s/>]')


@dataclass(frozen=True, slots=True)
class Rest:
    """What a sheet holds besides plain cells, and the corner of those that show something."""

    xml: bytes
    last_row: int
    last_column: int


def take_plain_cells(xml: bytes) -> Rest | None:
    """Take the cells out of a sheet. *Missing*: None where one of them, or anything else, is out of the ordinary."""
    try:
        text = xml.decode("utf-8")
    except UnicodeDecodeError:
        return None
    start = _START.match(text)
    rest = _CELL.sub("", text)
    if start is None or _NOT_PLAIN.search(rest, start.end()):
        return None
    filled = [(letters, row) for letters, row, value, inline in _CELL.findall(text) if value or inline]
    columns, rows = {letters for letters, _ in filled}, {row for _, row in filled}
    return Rest(rest.encode(), max(map(int, rows), default=0), max(map(_number, columns), default=0))


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number
