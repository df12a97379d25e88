"""What the schedule does, by hand; who is in, and the town's figures."""

from pathlib import Path
from typing import Annotated

import typer

from etl.commandline.options import Json, Lang, Reference, choose_language, print_json, read_settings
from etl.errors import ConfigError

app = typer.Typer()

FORMATS = ("table", "csv", "json", "xlsx", "parquet")


@app.command()
def run(
    period: Annotated[str, typer.Argument(metavar="PERIOD", help="A month, such as 2022-04.")],
    reference: Reference = None,
) -> None:
    """Do all that the schedule does for one period: take the inbox in, check again, publish, send mails.

    ward-reports run 2022-04
    """
    settings = read_settings(reference)
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
    settings = read_settings(reference)
    from etl import commands

    rows, unreadable = commands.status(settings, period)
    if as_json:
        print_json([*rows, *({"unreadable": file} for file in unreadable)])
    else:
        from etl.tables import render_status

        print(render_status(rows, unreadable, choose_language(settings, lang)))


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
    settings = read_settings(reference)
    if form not in FORMATS:
        raise ConfigError(f"--format must be one of {', '.join(FORMATS)}, found {form!r}")
    if form in ("xlsx", "parquet") and output is None:
        raise ConfigError(f"--format {form} needs -o FILE")
    from etl import commands
    from etl.tables import write_town

    dataset, known = commands.town(settings, first, last or first, as_of=as_of)
    text = write_town(dataset, known, form=form, language=choose_language(settings, lang), output=output)
    if text is not None:
        print(text)


@app.command()
def migrate(reference: Reference = None) -> None:
    """Bring the warehouse's schema and reference tables up to date. Run it once, and after every upgrade."""
    settings = read_settings(reference)
    from etl import pipeline

    applied = pipeline.migrate(settings)
    print("\n".join(applied) if applied else "up to date")


@app.command()
def remind(reference: Reference = None) -> None:
    """Remind the wards that owe a report, as the DAG does each morning: each stage once, never who has sent.

    The mails wait in the outbox for the next round of mails.
    """
    settings = read_settings(reference)
    from etl.reminding import remind as remind_wards

    print(", ".join(f"{name} {count}" for name, count in remind_wards(settings).items()))
