"""The command line: the same functions as the DAGs, without a scheduler."""

import sys

import typer
from sqlalchemy.exc import SQLAlchemyError

from etl.commandline import comparison, decisions, figures, files, forms, lists, operating, publications
from etl.errors import ConfigError, EtlError

app = typer.Typer(
    name="ward-reports",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="""Turn the report files that wards send into one dataset that always adds up, or say why it does not.

    Periods are written 2022-04, 2022-Q1, 2022-H1, 2022; a range is two of them.
    Everything lies below WARD_REPORTS_HOME (default: ./var); with no WARD_REPORTS_DATABASE_URL an embedded
    PostgreSQL is started there. All settings: .env.example.""",
)

for part in (files, figures, publications, comparison, forms, lists, decisions, operating):
    app.add_typer(part.app)


def main() -> None:
    """Run the command; say what is wrong in words, never with a stack trace.

    Exit: 0 all is well, 1 findings of severity error, 2 a file could not be read or the command could not run.
    """
    try:
        app()
    except (OSError, SQLAlchemyError) as error:
        print(f"ward-reports: {_plainly(error)}", file=sys.stderr)
        raise SystemExit(2) from error
    except EtlError as error:
        problems = error.problems if isinstance(error, ConfigError) else (str(error),)
        for problem in problems:
            print(f"ward-reports: {problem}", file=sys.stderr)
        raise SystemExit(2) from error


def _plainly(error: Exception) -> str:
    """Say in one line what a file or the warehouse refused; no password that an address may hold."""
    if isinstance(error, OSError):
        return f"{error.filename or 'a file'}: {error.strerror or error}"
    first = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    return f"the warehouse cannot be used ({type(error).__name__}): {first}"
