"""The operator's lists: what to look at first in a period, and the chain of stocks of each ward."""

from typing import Annotated

import typer

from etl.commandline.options import Json, Lang, Reference, choose_language, print_json, read_settings

app = typer.Typer()


@app.command()
def review(
    period: Annotated[str, typer.Argument(metavar="PERIOD", help="A month, such as 2022-04.")],
    as_json: Json = False,
    reference: Reference = None,
    lang: Lang = None,
) -> None:
    """List what is open in a period, first what would move the town's figures most and is likeliest wrong.

    Errors of reports that were sent back, warnings of those that count, figures that leave their ward's own past,
    and stocks that do not continue. What was waived is not listed.
    """
    settings = read_settings(reference)
    from etl.operator_lists import review as build_review
    from etl.reference import read_reference
    from etl.review import render_review

    rows = build_review(settings, period)
    if as_json:
        print_json(rows)
    else:
        print(render_review(rows, read_reference(settings.reference), choose_language(settings, lang)))


@app.command()
def chain(
    unit: Annotated[
        str | None, typer.Argument(metavar="[UNIT]", help="A code or a name; without one, the breaks of all units.")
    ] = None,
    as_json: Json = False,
    reference: Reference = None,
    lang: Lang = None,
) -> None:
    """Hold each opening stock against the closing stock it continues, back to the first period known.

    Across mergers of wards; where wards were split, for the whole group; and across periods that nobody reported.

    ward-reports chain "Sơn Tây"
    """
    settings = read_settings(reference)
    from etl.operator_lists import chain as find_chain
    from etl.reference import read_reference
    from etl.review import render_chain

    links = find_chain(settings, unit)
    if as_json:
        print_json(links)
    else:
        print(render_chain(links, read_reference(settings.reference), choose_language(settings, lang)))
