"""The command line: the same functions as the DAGs, without a scheduler."""

import gc
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.exc import SQLAlchemyError

from etl.commandline import decisions, lists
from etl.errors import ConfigError, EtlError
from etl.model import Language
from etl.settings import Settings

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

Reference = Annotated[Path | None, typer.Option("--reference", metavar="DIR", help="The town's reference folder.")]
Lang = Annotated[Language | None, typer.Option("--lang", help="Language of the output; default from town.yaml.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]
app.add_typer(lists.app)
app.add_typer(decisions.app)


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


@app.command()
def check(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Spreadsheets or CSV files, official form or plain table.")
    ],
    as_json: Json = False,
    reference: Reference = None,
    lang: Lang = None,
) -> None:
    """Check files and say which cell is wrong. Needs no database.

    Several files are checked together, so that consecutive periods are held against each other.
    Exit: 0 no error, 1 findings of severity error, 2 a file could not be read.

    \b
      ward-reports check "BC T4-2022.xlsx"
      ward-reports check *.xlsx --json | jq 'select(.severity == "error")'
    """
    settings = _settings(reference)
    gc.disable()  # nothing to collect while modules are loaded, and looking takes a tenth of a cold start
    from etl.check_files import check_files
    from etl.reference import read_reference

    gc.enable()
    known = read_reference(settings.reference)
    checked = check_files(files, known, settings.limits)
    for file in checked:
        if as_json:
            _print_json(
                [
                    *(finding.as_dict() for finding in file.findings),
                    {"file": str(file.path), "verdict": str(file.verdict)},
                ]
            )
        else:
            _print_findings(str(file.path), str(file.verdict), file.findings, lang or known.town.language)
    if not all(file.is_read for file in checked):
        raise typer.Exit(2)
    if any(file.verdict == "rejected" for file in checked):
        raise typer.Exit(1)


@app.command()
def submit(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Report files, as wards sent them.")],
    as_json: Json = False,
    reference: Reference = None,
    lang: Lang = None,
) -> None:
    """Take files in as if they lay in the inbox: archive, check, load, queue the receipt. The files stay.

    ward-reports submit samples/2022-04/1-first/*/*
    """
    settings = _settings(reference)
    from etl import commands

    outcomes = commands.submit(settings, files)
    if as_json:
        _print_json(outcomes)
    else:
        for outcome in outcomes:
            _print_outcome(outcome, _language(settings, lang))
    if any(outcome["outcome"] == "unreadable" for outcome in outcomes):
        raise typer.Exit(2)
    if any(outcome["outcome"] == "rejected" for outcome in outcomes):
        raise typer.Exit(1)


@app.command()
def run(
    period: Annotated[str, typer.Argument(metavar="PERIOD", help="A month, such as 2022-04.")],
    reference: Reference = None,
) -> None:
    """Do all that the schedule does for one period: take the inbox in, check again, publish, send mails.

    ward-reports run 2022-04
    """
    settings = _settings(reference)
    from etl import commands

    for step in commands.run(settings, period):
        print(f"{step.pop('step')}: " + ", ".join(f"{name} {value}" for name, value in step.items()), flush=True)


@app.command()
def status(
    period: Annotated[
        str | None, typer.Argument(metavar="[PERIOD]", help="A month; without one, all periods known.")
    ] = None,
    as_json: Json = False,
    reference: Reference = None,
    lang: Lang = None,
) -> None:
    """Say which wards are in each period's figures, and which are missing or rejected and why."""
    settings = _settings(reference)
    from etl import commands

    rows, unreadable = commands.status(settings, period)
    if as_json:
        _print_json([*rows, *({"unreadable": file} for file in unreadable)])
    else:
        from etl.tables import render_status

        print(render_status(rows, unreadable, _language(settings, lang)))


@app.command()
def town(
    first: Annotated[str, typer.Argument(metavar="FROM", help="The first month, or a quarter, half-year or year.")],
    last: Annotated[str | None, typer.Argument(metavar="[TO]", help="The last month of a range.")] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="T", help="What was known then: 2022-05-01T12:00+07:00.")
    ] = None,
    form: Annotated[
        str, typer.Option("--format", metavar="table|csv|json|xlsx|parquet", help="How to write it.")
    ] = "table",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to; default: the terminal.")
    ] = None,
    reference: Reference = None,
    lang: Lang = None,
) -> None:
    """Show the town's figures for a period or a range: flows added, stocks from its two ends.

    A figure that lacks a ward says so.

    \b
      ward-reports town 2022-01 2022-04
      ward-reports town 2022-Q1 --format xlsx -o q1.xlsx
    """
    settings = _settings(reference)
    if form not in FORMATS:
        raise ConfigError(f"--format must be one of {', '.join(FORMATS)}, found {form!r}")
    if form in ("xlsx", "parquet") and output is None:
        raise ConfigError(f"--format {form} needs -o FILE")
    from etl import commands
    from etl.tables import write_town

    dataset, known = commands.town(settings, first, last or first, as_of=as_of)
    text = write_town(dataset, known, form=form, language=_language(settings, lang), output=output)
    if text is not None:
        print(text)


@app.command()
def template(
    about: Annotated[list[str], typer.Argument(metavar="[UNIT] PERIOD", help="A unit's code or name; a period.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="PATH", help="The workbook, or with --all the folder.")
    ] = None,
    reference: Reference = None,
    everybody: Annotated[bool, typer.Option("--all", help="The forms of all units that owe a report.")] = False,
    mail: Annotated[bool, typer.Option("--mail", help="Mail each form to its unit, with the next mails.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write over files that are there already.")] = False,
) -> None:
    """Write the official form for a ward and period, ready to be filled in; or those of all wards.

    \b
    ward-reports template 09577 2022-05 -o phu-thinh-2022-05.xlsx
    ward-reports template --all 2022-05 -o forms/
    ward-reports template --all 2022-05 --mail
    """
    settings = _settings(reference)
    if len(about) != (1 if everybody else 2):
        raise ConfigError("give a UNIT and a PERIOD, or --all and a PERIOD: see ward-reports template --help")
    if output is None and not mail:
        raise ConfigError("say where the form goes: -o PATH, or --mail")
    from etl import commands

    unit, period = None if everybody else about[0], about[-1]
    if output is not None and unit is None:
        _print_lines(commands.write_forms(settings, period, output, is_forced=force))
    elif output is not None and unit is not None:
        if output.exists() and not force:
            raise ConfigError(f"{output} is there already; --force writes over it")
        print(commands.write_form(settings, unit, period, output))
    if mail:
        _print_lines(commands.mail_forms(settings, period, unit))


@app.command()
def migrate(reference: Reference = None) -> None:
    """Bring the warehouse's schema and reference tables up to date. Run it once, and after every upgrade."""
    settings = _settings(reference)
    from etl import pipeline

    applied = pipeline.migrate(settings)
    print("\n".join(applied) if applied else "up to date")


def _settings(reference: Path | None) -> Settings:
    environ = dict(os.environ)
    if reference is not None:
        environ["WARD_REPORTS_REFERENCE"] = str(reference)
    return Settings.from_env(environ)


def _language(settings: Settings, lang: Language | None) -> Language:
    from etl.reference import read_reference

    return lang or Language(read_reference(settings.reference).town.language)


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)


def _print_json(rows: Iterable[Any]) -> None:
    for row in rows:
        print(json.dumps(row, ensure_ascii=False, default=str))


FORMATS = ("table", "csv", "json", "xlsx", "parquet")
VERDICTS_VI = {"accepted": "đạt", "accepted with warnings": "đạt, có lưu ý", "rejected": "chưa đạt, cần sửa"}


def _print_findings(name: str, verdict: str, findings: Iterable[Any], language: str) -> None:
    print(f"{name}: {VERDICTS_VI.get(verdict, verdict) if language == 'vi' else verdict}")
    for finding in findings:
        mark = {"error": "✗", "warning": "!"}[finding.severity]
        print(f"  {mark} {finding.rule}  {finding.message_vi if language == 'vi' else finding.message_en}")


def _print_outcome(outcome: dict[str, Any], language: str) -> None:
    known = {"already received": "đã nhận trước đây", "unreadable": "không đọc được", **VERDICTS_VI}
    told = known.get(outcome["outcome"], outcome["outcome"]) if language == "vi" else outcome["outcome"]
    note = outcome.get(f"note_{language}", outcome.get("note"))
    print(f"{outcome['file']}: {told}" + (f" ({note})" if note else ""))
    for finding in outcome["findings"]:
        mark = {"error": "✗", "warning": "!"}[finding["severity"]]
        print(f"  {mark} {finding['rule']}  {finding[f'message_{language}']}")
