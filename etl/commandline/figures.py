"""What the schedule does, by hand; who is in, and the town's figures."""

from pathlib import Path
from typing import Annotated

import typer

from etl.commandline.options import Json, Lang, Reference, choose_language, print_json, read_settings
from etl.errors import ConfigError

app = typer.Typer()


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
        from etl.status_table import render_status

        print(render_status(rows, unreadable, choose_language(settings, lang)))


@app.command()
def town(
    first: Annotated[str, typer.Argument(metavar="FROM", help="The first month, or a quarter, half-year or year.")],
    last: Annotated[str | None, typer.Argument(metavar="[TO]", help="The last month of a range.")] = None,
    unit: Annotated[str | None, typer.Option(metavar="UNIT", help="Only this unit: code or name.")] = None,
    field: Annotated[str | None, typer.Option(metavar="FIELD", help="Only this field: code or name.")] = None,
    source_system: Annotated[
        str | None, typer.Option(metavar="SYSTEM", help="Only what comes from this source system.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="T", help="What was known then: 2022-05-01T12:00+07:00.")
    ] = None,
    units_of: Annotated[
        str | None,
        typer.Option("--units-of", metavar="DAY", help="Recast to the units of a day, or today; splits as groups."),
    ] = None,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Say also what partial figures would be: bounds and an estimate.")
    ] = False,
    form: Annotated[
        str,
        typer.Option(
            "--format", metavar="table|csv|json|xlsx|parquet|html|pdf|checks|package", help="How to write it."
        ),
    ] = "table",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to; default: the terminal.")
    ] = None,
    reference: Reference = None,
    lang: Lang = None,
) -> None:
    """Show the town's figures for a period or a range: flows added, stocks from its two ends.

    A figure that lacks a ward says so. What stocks and flows do not explain is an adjustment, by name.

    \b
      ward-reports town 2022-01 2022-04
      ward-reports town 2022-Q1 --field "Hộ tịch" --source-system city
      ward-reports town 2022-01 2026-10 --unit "Sơn Tây" --units-of today
      ward-reports town 2022-Q1 --format pdf --lang en -o q1.pdf
      ward-reports town 2022 --format package -o figures-2022
    """
    settings = read_settings(reference)
    from etl import figures
    from etl.town_formats import DOCUMENTS, FOLDER, FORMATS, TEXTS, compose_town, write_town
    from etl.town_table import render_estimates

    if form not in FORMATS:
        raise ConfigError(f"--format must be one of {', '.join(FORMATS)}, found {form!r}")
    if form not in TEXTS and output is None:
        raise ConfigError(f"--format {form} needs -o {'FOLDER' if form == FOLDER else 'FILE'}")
    if estimate and (field or source_system):
        raise ConfigError("--estimate knows units and the town, not single fields or source systems")
    if estimate and form != "table":
        raise ConfigError("--estimate is shown with the table alone: estimates are no figures to be passed on")
    if form in DOCUMENTS and (unit or field or source_system or as_of or units_of):
        raise ConfigError(
            f"{form} is a document on the whole town as it was: no --unit, --field, --source-system, --units-of or "
            "--as-of. Take table, csv, json, parquet or package; what was published then is kept with its publication"
        )
    wanted = figures.Wanted(
        first, last or first, as_of=as_of, units_of=units_of, unit=unit, field=field, source_system=source_system
    )
    language, estimates = choose_language(settings, lang), None
    if estimate:
        release, estimates = figures.build_estimated(settings, wanted)
    else:
        release = (figures.build_document if form in DOCUMENTS else figures.build_release)(settings, wanted)
    if output is None:
        print(compose_town(release, form, language).decode("utf-8-sig").rstrip("\r\n"))
    else:
        write_town(release, form, language, output)
    if estimates is not None:
        print("\n" + render_estimates(estimates, release.reference, language))


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
