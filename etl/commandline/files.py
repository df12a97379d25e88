"""Files as wards send them: looked at, and taken in."""

import gc
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from etl.commandline.options import Json, Lang, Reference, choose_language, print_json, read_settings

app = typer.Typer()

VERDICTS_VI = {"accepted": "đạt", "accepted with warnings": "đạt, có lưu ý", "rejected": "chưa đạt, cần sửa"}


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
    settings = read_settings(reference)
    gc.disable()  # nothing to collect while modules are loaded, and looking takes a tenth of a cold start
    from etl.check_files import check_files
    from etl.reference import read_reference

    gc.enable()
    known = read_reference(settings.reference)
    checked = check_files(files, known, settings.limits)
    for file in checked:
        if as_json:
            print_json(
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
    settings = read_settings(reference)
    from etl import commands

    outcomes = commands.submit(settings, files)
    if as_json:
        print_json(outcomes)
    else:
        for outcome in outcomes:
            _print_outcome(outcome, choose_language(settings, lang))
    if any(outcome["outcome"] == "unreadable" for outcome in outcomes):
        raise typer.Exit(2)
    if any(outcome["outcome"] == "rejected" for outcome in outcomes):
        raise typer.Exit(1)


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
