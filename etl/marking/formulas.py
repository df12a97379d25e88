"""Which formulas may go back to a ward: those that count on their own sheets, and do nothing else.

What a formula may call is listed, not what it may not: what is new in a spreadsheet tomorrow is kept out today.
"""

import re
from collections.abc import Collection, Mapping

from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token, TokenizerError

_FUNCTIONS = """
ABS AND AVERAGE AVERAGEA AVERAGEIF AVERAGEIFS CEILING CHOOSE COLUMN COLUMNS CONCAT CONCATENATE COUNT COUNTA
COUNTBLANK COUNTIF COUNTIFS DATE DATEVALUE DAY DAYS EDATE EOMONTH EVEN EXACT FALSE FIND FIXED FLOOR HLOOKUP IF
IFERROR IFNA IFS INDEX INT ISBLANK ISERR ISERROR ISEVEN ISNA ISNUMBER ISODD ISTEXT LARGE LEFT LEN LOOKUP LOWER
MATCH MAX MAXIFS MEDIAN MID MIN MINIFS MOD MONTH N NA NETWORKDAYS NOT NOW NUMBERVALUE ODD OR PERCENTILE PRODUCT
PROPER QUOTIENT RANK REPLACE REPT RIGHT ROUND ROUNDDOWN ROUNDUP ROW ROWS SEARCH SIGN SMALL STDEV SUBSTITUTE
SUBTOTAL SUM SUMIF SUMIFS SUMPRODUCT SWITCH T TEXT TEXTJOIN TIME TODAY TRIM TRUE TRUNC UPPER VALUE VLOOKUP
WEEKDAY WEEKNUM WORKDAY XLOOKUP YEAR YEARFRAC
"""
_CALLED = frozenset(_FUNCTIONS.split())
_CELL = r"\$?[A-Z]{1,3}\$?[1-9][0-9]{0,6}"
_AREA = rf"(?:{_CELL}(?::{_CELL})?|\$?[A-Z]{{1,3}}:\$?[A-Z]{{1,3}}|\$?[0-9]{{1,7}}:\$?[0-9]{{1,7}})"
_PLACE = re.compile(rf"(?:(?:'(?:[^'\[\]|\\/]|'')+'|[\w.]+)!)?{_AREA}", re.IGNORECASE)
_LONGEST = 8_192  # letters, as Excel takes them


def is_ordinary(formula: str, names: Collection[str] = ()) -> bool:
    """Tell whether a formula, with its "=", only counts: known functions, cells of this workbook, known names."""
    if len(formula) > _LONGEST:
        return False
    try:
        tokens = Tokenizer(formula).items
    except (TokenizerError, IndexError):
        return False
    brackets = [token.subtype for token in tokens if token.subtype in (Token.OPEN, Token.CLOSE)]
    is_whole = brackets.count(Token.OPEN) == brackets.count(Token.CLOSE)
    return is_whole and all(_is_ordinary(token, names) for token in tokens)


def _is_ordinary(token: Token, names: Collection[str]) -> bool:
    if token.type == Token.FUNC and token.subtype == Token.OPEN:
        return token.value[:-1].upper().removeprefix("_XLFN.") in _CALLED
    if token.type == Token.OPERAND and token.subtype == Token.RANGE:
        return bool(_PLACE.fullmatch(token.value)) or token.value.upper() in names
    return True


def find_ordinary_names(formulas: Mapping[str, str]) -> frozenset[str]:
    """Find the defined names (upper case → formula without "=") that only count, also by the names they use."""
    names = frozenset(formulas)
    while True:
        kept = frozenset(name for name in names if is_ordinary(f"={formulas[name]}", names))
        if kept == names:
            return kept
        names = kept
