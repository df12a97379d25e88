"""How the header lines of a mail become text: whatever bytes they are, and however many."""

from email._policybase import Compat32

LONGEST_HEADER = 4_000  # Python's reader of parameters needs the square of a line's length


class _Lenient(Compat32):
    """Take header lines in raw UTF-8, which mail programs write though they should not, for what they are."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        return value[:LONGEST_HEADER].encode("utf-8", "surrogateescape").decode("utf-8", "replace")


LENIENT = _Lenient()
