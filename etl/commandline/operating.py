"""Keeping an installation: backups, and what is wrong with it."""

import os
from pathlib import Path
from typing import Annotated

import typer

from etl.commandline.options import Json, Lang, Reference, print_json, read_settings

app = typer.Typer()

Backups = Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder of backups, on another disk.")]


def _say(line: str) -> None:
    print(line, flush=True)


@app.command()
def backup(folder: Backups, reference: Reference = None) -> None:
    """Keep the warehouse, the archive and the reference folder aside, as they are at one moment. Intake may go on.

    Each backup is a folder of its own in FOLDER; the archive's files are kept once for all of them, so that only new
    ones are copied. Old backups may be removed; leave FOLDER/archive. Exit 2 where the archive has lost files.

    ward-reports backup /mnt/backup/ward-reports
    """
    settings = read_settings(reference)
    from etl.keeping.backup import back_up

    print(back_up(settings, folder, _say))


@app.command()
def restore(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder of backups (the last is taken), or one.")],
    only_check: Annotated[bool, typer.Option("--check", help="Read all of the backup; write nothing.")] = False,
    is_replacing: Annotated[
        bool, typer.Option("--replace", help="Where the warehouse is in use: set it aside, and bring the backup back.")
    ] = False,
    gives_up_mails: Annotated[
        bool, typer.Option("--no-waiting-mails", help="Never send the mails that waited: they went out since.")
    ] = False,
    reference: Reference = None,
) -> None:
    """Bring a backup back. Stop Airflow first, and run it as the owner of the warehouse.

    All of the backup is read and found whole before anything is written; what was brought back is read again and
    compared. Whoever had a mail before is not mailed again.

    \b
      ward-reports restore /mnt/backup/ward-reports --check
      ward-reports restore /mnt/backup/ward-reports
    """
    settings = read_settings(reference)
    from etl.keeping import restore as keeping

    found = keeping.find_backup(folder.absolute())
    if only_check:
        made = keeping.check_backup(found, _say)
        rows = sum(table.rows for table in made.tables)
        print(f"{found}: whole; {rows} rows, {made.archive_files} files, {len(made.missing)} of them lost before")
        return
    done = keeping.restore(settings, found, _say, is_replacing=is_replacing, sends_waiting=not gives_up_mails)
    written = keeping.put_published(settings)
    print(f"{found}: {done.rows} rows; {done.files} archived and {written} published files put back")
    print(f"reference folder {settings.reference}: {done.reference}")
    if done.set_aside:
        print(f"what was in use before is kept; when nobody needs it any more: DROP SCHEMA {done.set_aside} CASCADE")
    if done.waiting:
        given_up = "are never sent" if gives_up_mails else "go out with the next round; with --no-waiting-mails never"
        print(f"{done.waiting} mails waited when the backup was made: they {given_up}")


@app.command("put-published")
def put_published(reference: Reference = None) -> None:
    """Write again the published files that are missing in their folder or differ: the warehouse keeps them all."""
    settings = read_settings(reference)
    from etl.keeping.restore import put_published as put

    print(f"{settings.published}: {put(settings)} files written")


@app.command()
def doctor(
    is_deep: Annotated[bool, typer.Option("--deep", help="Read every archived and published file.")] = False,
    as_json: Json = False,
    statsd: Annotated[
        str | None, typer.Option("--statsd", metavar="HOST:PORT", help="Send the figures to a monitor as gauges, too.")
    ] = None,
    reference: Reference = None,
    lang: Lang = None,
) -> None:
    """Say what is configured, reachable and behind; below each line that is not well, what to do. Changes nothing.

    Exit: 0 all is well, 1 something to look at, 2 something is broken. docs/runbook.md has a section for each line.
    """
    from etl.health.doctor import choose_language, exit_code, look_at, render
    from etl.health.statsd import send_gauges

    environ = dict(os.environ) | ({"WARD_REPORTS_REFERENCE": str(reference)} if reference else {})
    language = lang or choose_language(environ)
    lines = []
    for line in look_at(environ, is_deep=is_deep):
        lines.append(line)
        if as_json:
            print_json([line.as_dict()])
        else:
            print(render(line, language), flush=True)
    if statsd:
        send_gauges(lines, statsd)
    raise typer.Exit(exit_code(lines))
