"""Texts typed for the fonts of the 1990s, whose letters are other letters' codes: TCVN3 (.VnTime) and VNI.

Decoding is only a proposal: the caller keeps it where the result is a word that is known.
"""

import re
import unicodedata
from collections.abc import Iterator

_TCVN3 = str.maketrans(
    "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ¡¢§£¤¥¦",
    "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ",
)

# After a vowel a letter of these stands for its marks: "eâ" is ê, "eá" ế, "öù" ứ.
_GRAVE, _ACUTE, _HOOK, _TILDE, _DOT = "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"
_HAT, _BREVE = "\u0302", "\u0306"
_VNI_MARKS = {
    "ø": _GRAVE, "ù": _ACUTE, "û": _HOOK, "õ": _TILDE, "ï": _DOT,
    "â": _HAT, "à": _HAT + _GRAVE, "á": _HAT + _ACUTE, "å": _HAT + _HOOK, "ã": _HAT + _TILDE, "ä": _HAT + _DOT,
    "ê": _BREVE, "è": _BREVE + _GRAVE, "é": _BREVE + _ACUTE, "ú": _BREVE + _HOOK,
    "ü": _BREVE + _TILDE, "ë": _BREVE + _DOT,
}  # fmt: skip
_VNI_LETTERS = {"ô": "ơ", "ö": "ư", "ñ": "đ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ", "ì": "ì", "í": "í"}
_VNI = re.compile(f"([aeouyôö])([{''.join(_VNI_MARKS)}])|([{''.join(_VNI_LETTERS)}])", re.IGNORECASE)


def find_readings(text: str) -> Iterator[str]:
    """Give the text as it stands, then as each legacy font would show it, where that differs."""
    yield text
    if text.isascii():
        return
    for decoded in (text.translate(_TCVN3), decode_vni(text)):
        if decoded != text:
            yield decoded


def decode_tcvn3(text: str) -> str:
    """Show a text as a TCVN3 (ABC) font would: "Ph­êng Lª Lîi" is "Phường Lê Lợi"."""
    return text.translate(_TCVN3)


def decode_vni(text: str) -> str:
    """Show a text as a VNI font would: "Phöôøng Leâ Lôïi" is "Phường Lê Lợi"."""
    return unicodedata.normalize("NFC", _VNI.sub(_decode_vni_letter, text))


def _decode_vni_letter(match: re.Match[str]) -> str:
    base, mark, letter = match.groups()
    if letter is not None:
        return _cased(_VNI_LETTERS[letter.lower()], like=letter)
    vowel = _cased(_VNI_LETTERS.get(base.lower(), base.lower()), like=base)
    return vowel + _VNI_MARKS[mark.lower()]


def _cased(letter: str, like: str) -> str:
    return letter.upper() if like.isupper() else letter
