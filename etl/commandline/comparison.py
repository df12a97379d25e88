"""What was said in public against what the wards reported."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from etl.commandline.options import Json, Lang, Reference, choose_language, print_json, read_settings
from etl.errors import SubmissionError
from etl.model import Language

app = typer.Typer()


@app.command()
def compare(
    statement: Annotated[
        Path, typer.Argument(metavar="STATEMENT", help="A published table: CSV or a spreadsheet, one header row.")
    ],
    first: Annotated[str, typer.Argument(metavar="FROM", help="The first month, or a quarter, half-year or year.")],
    last: Annotated[str | None, typer.Argument(metavar="[TO]", help="The last month of a range.")] = None,
    as_json: Json = False,
    reference: Reference = None,
    lang: Lang = None,
) -> None:
    """Say where a published statement contradicts itself or the dataset, and what was probably the cause.

    A row speaks of the town, of the wards together, of the desk or of one ward, by field and source system where it
    has them, and of the whole range or of months within it.
    Exit: 0 all that was compared agrees and adds up, 1 it does not, 2 nothing could be read or compared.

    \b
      ward-reports compare samples/statement-2022-04.csv 2022-01 2022-04
      ward-reports compare statement.xlsx 2022-Q1 --json | jq 'select(.kind == "difference")'
    """
    settings = read_settings(reference)
    from etl.compare import compare as compare_files
    from etl.comparing.rendering import compose_rows, render_comparison

    language = choose_language(settings, lang)
    try:
        comparison, known = compare_files(settings, statement, first, last or first)
    except SubmissionError as error:
        print(f"{statement}: {error.message_vi if language is Language.VI else error.message_en}", file=sys.stderr)
        raise typer.Exit(2) from error
    if as_json:
        print_json(compose_rows(comparison))
    else:
        print(render_comparison(comparison, known, language))
    if not comparison.compared and not comparison.contradictions:
        raise typer.Exit(2)
    if not comparison.agrees:
        raise typer.Exit(1)
