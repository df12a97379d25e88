"""What was published: publish a range, list the ledger, say what changed."""

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from etl.commandline.options import Json, Lang, Reference, choose_language, print_json, read_settings

app = typer.Typer()

Known = Annotated[str, typer.Argument(metavar="PERIOD", help="2022-04, 2022-Q1, 2022 or 2022-01/2022-04.")]


@app.command()
def publish(
    first: Annotated[str, typer.Argument(metavar="FROM", help="The first month, or a quarter, half-year or year.")],
    last: Annotated[str | None, typer.Argument(metavar="[TO]", help="The last month of a range.")] = None,
    as_json: Json = False,
    reference: Reference = None,
) -> None:
    """Publish a month, or a range of months; from then on it is kept up to date.

    What says the same as the last publication is not published again; a change gets the next number. Exit: 1 where a
    rule that the town weighs as an error holds it back.

    \b
      ward-reports publish 2022-01 2022-04
      ward-reports publish 2022-Q1
    """
    settings = read_settings(reference)
    from etl.publications import publish_range

    done = publish_range(settings, first, last or first)
    if as_json:
        print_json([done])
    else:
        print(", ".join(f"{name} {value}" for name, value in done.items() if value != {}))
    if done.get("is_held"):
        print("ward-reports: held back; the mail to the operator says why, and what to do", file=sys.stderr)
        raise typer.Exit(1)


@app.command()
def publications(
    period: Annotated[str | None, typer.Argument(metavar="[PERIOD]", help="Without one, all of the ledger.")] = None,
    as_json: Json = False,
    reference: Reference = None,
    lang: Lang = None,
) -> None:
    """List what was published: number, moment, units in it, whether it is partial, and what for."""
    settings = read_settings(reference)
    from etl.publications import find_publications
    from etl.publishing.ledger_words import render_ledger
    from etl.reference import read_reference

    rows = find_publications(settings, period)
    if as_json:
        print_json(rows)
    else:
        print(render_ledger(rows, read_reference(settings.reference), choose_language(settings, lang)))


@app.command()
def changes(
    period: Known,
    number: Annotated[
        int | None, typer.Argument(metavar="[NUMBER]", min=1, help="Of the publication; default: the last.")
    ] = None,
    as_json: Json = False,
    reference: Reference = None,
    lang: Lang = None,
) -> None:
    """Say what a publication changed of the one before it: by whom, and by how much.

    ward-reports changes 2022-04
    """
    settings = read_settings(reference)
    from etl.publications import find_changes
    from etl.publishing.ledger_words import render_changes

    found, known, wanted = find_changes(settings, period, number)
    if not as_json:
        print(render_changes(found, wanted, known, choose_language(settings, lang)))
    elif found:
        print_json([*map(asdict, found.reports), *(asdict(figure) | {"by": figure.by} for figure in found.figures)])
