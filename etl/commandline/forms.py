"""The forms handed out to wards."""

from pathlib import Path
from typing import Annotated

import typer

from etl.commandline.options import Reference, print_lines, read_settings
from etl.errors import ConfigError

app = typer.Typer()


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
    settings = read_settings(reference)
    if len(about) != (1 if everybody else 2):
        raise ConfigError("give a UNIT and a PERIOD, or --all and a PERIOD: see ward-reports template --help")
    if output is None and not mail:
        raise ConfigError("say where the form goes: -o PATH, or --mail")
    from etl import commands

    unit, period = None if everybody else about[0], about[-1]
    if output is not None and unit is None:
        print_lines(commands.write_forms(settings, period, output, is_forced=force))
    elif output is not None and unit is not None:
        if output.exists() and not force:
            raise ConfigError(f"{output} is there already; --force writes over it")
        print(commands.write_form(settings, unit, period, output))
    if mail:
        print_lines(commands.mail_forms(settings, period, unit))
