"""Errors, split by who must act.

EtlError
├── ConfigError      the operator: a setting or the reference folder is wrong
├── SubmissionError  the ward: the file cannot be read as any edition of a form
└── LoadError        the developer: the warehouse refused what had been accepted

Bad data is not an error: it is a `Finding`.
"""


class EtlError(Exception):
    """Say where, what was found, what was expected and what to do."""


class ConfigError(EtlError):
    """List all that is wrong with the settings or the reference folder."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class SubmissionError(EtlError):
    """Tell the ward, in both languages, why its file cannot be read.

    `rule` is the id of the rule in `etl.rules` that the file breaks.
    """

    def __init__(self, rule: str, message_vi: str, message_en: str) -> None:
        self.rule = rule
        self.message_vi = message_vi
        self.message_en = message_en
        super().__init__(message_en)


class LoadError(EtlError):
    """Name the report and the constraint that refused it."""
