"""Look at an installation: each check by itself, beside the others, for some seconds and no longer."""

import smtplib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from etl.errors import ConfigError, EtlError
from etl.health.checks import CHECKS, DATABASE, REFERENCE, SCHEMA, SETTINGS, Check
from etl.health.found import MARKS, Case, Found, State, broken, look, well
from etl.health.warehouse import open_warehouse
from etl.model import Language
from etl.reference import Reference, read_reference
from etl.settings import Settings

SECONDS = 12
_EXPECTED = (OSError, SQLAlchemyError, psycopg.Error, smtplib.SMTPException, EtlError, ValueError)
FIRST = {
    SETTINGS: ("thiết lập", "sửa biến môi trường; tất cả ở .env.example", "correct the environment: see .env.example"),
    REFERENCE: ("thư mục tham chiếu", "sửa các tệp đã nêu", "correct the files that are named"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """What one check found, with what to do about it."""

    check: str
    label_vi: str
    found: Found
    do_vi: str
    do_en: str

    @property
    def is_well(self) -> bool:
        return self.found.state is State.WELL

    def as_dict(self) -> dict[str, Any]:
        """Give the line for a program."""
        section = {} if self.is_well else {"do_vi": self.do_vi, "do": self.do_en}
        return {
            "check": self.check,
            "state": str(self.found.state),
            "message_vi": self.found.vi,
            "message": self.found.en,
            **section,
            "runbook": f"docs/runbook.md#doctor-{self.check}",
            "figures": dict(self.found.figures),
        }


def look_at(environ: Mapping[str, str], *, is_deep: bool = False) -> Iterator[Line]:
    """Look at all parts of an installation, whatever is wrong with the others; give a line for each, in their order."""
    try:
        settings = Settings.from_env(environ)
    except ConfigError as error:
        yield _first(SETTINGS, broken("; ".join(error.problems), "; ".join(error.problems)))
        return
    yield _first(SETTINGS, _describe(settings))
    reference, found = _read_reference(settings)
    yield _first(REFERENCE, found)
    case = Case(settings, reference, None, datetime.now(UTC), is_deep)
    yield from _look_beside(case)


def exit_code(lines: Iterator[Line] | list[Line]) -> int:
    """Give 0 where all is well, 1 where something is to be looked at, 2 where something is broken."""
    states = {line.found.state for line in lines}
    return 2 if State.BROKEN in states else 1 if State.LOOK in states else 0


def choose_language(environ: Mapping[str, str]) -> Language:
    """Choose the town's language. *Missing*: Vietnamese, where nobody can tell the town."""
    try:
        return Language(read_reference(Settings.from_env(environ).reference).town.language)
    except (EtlError, OSError):
        return Language.VI


def render(line: Line, language: Language) -> str:
    """Write a line for people; below it what to do, unless it is well."""
    is_vi = language is Language.VI
    name = f"{line.check} ({line.label_vi})" if is_vi else line.check
    said = f"{MARKS[line.found.state]} {name}: {line.found.vi if is_vi else line.found.en}"
    if line.is_well:
        return said
    return f"{said}\n    → {line.do_vi if is_vi else line.do_en} · docs/runbook.md#doctor-{line.check}"


def _look_beside(case: Case) -> Iterator[Line]:
    """Run the checks at the same time; those on the warehouse when it answers, and has its schema."""
    watched = {check.name: _watch(check, case) for check in CHECKS if not check.needs}
    engine, trouble = _Watched(DATABASE, lambda: open_warehouse(case.settings)).wait(SECONDS)
    if engine is not None:
        case = replace(case, engine=engine)
        watched[DATABASE] = _watch(CHECKS[0], case)
        server, trouble = watched[DATABASE].wait(SECONDS)
        on_it = [check for check in CHECKS[1:] if check.needs == DATABASE and server is not None]
        watched |= {check.name: _watch(check, case) for check in on_it}
        schema = watched[SCHEMA].wait(SECONDS)[0] if on_it else None
        if schema is not None and schema.state is State.WELL:
            watched |= {check.name: _watch(check, case) for check in CHECKS if check.needs == SCHEMA}
    for check in CHECKS:
        yield Line(check.name, check.label_vi, _found(check, watched, trouble, case), check.do_vi, check.do_en)


def _found(check: Check, watched: Mapping[str, "_Watched"], trouble: str, case: Case) -> Found:
    """Give what a check found, or why nothing is known."""
    if check.name not in watched:
        if check.name == DATABASE:
            return broken(trouble, trouble)
        return look("chưa biết được: xem database và schema", "not known: see database and schema")
    found, why = watched[check.name].wait(None if case.is_deep else SECONDS)
    return found if found is not None else broken(why, why)


class _Watched:
    """A question asked in a thread of its own, that may never be answered."""

    def __init__(self, name: str, ask: Any) -> None:
        self.answer: Any = None
        self.trouble = ""
        self.ask = ask
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.thread.start()

    def wait(self, seconds: float | None) -> tuple[Any, str]:
        """Give the answer, or None and why there is none."""
        self.thread.join(seconds)
        if self.thread.is_alive():
            return None, f"no answer within {seconds} s"
        return self.answer, self.trouble or "the check itself broke: its error is above"

    def _run(self) -> None:
        try:
            self.answer = self.ask()
        except _EXPECTED as error:
            self.trouble = _plainly(error)


def _watch(check: Check, case: Case) -> _Watched:
    return _Watched(check.name, lambda: check.find(case))


def _plainly(error: BaseException) -> str:
    """Say in one line what was refused."""
    if isinstance(error, ConfigError):
        return " ".join("; ".join(error.problems).split())
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _first(name: str, found: Found) -> Line:
    label_vi, do_vi, do_en = FIRST[name]
    return Line(name, label_vi, found, do_vi, do_en)


def _describe(settings: Settings) -> Found:
    """Say what is configured, without a secret."""
    places = f"home {settings.home}, inbox {settings.inbox}, archive {settings.archive}, published {settings.published}"
    told = {"database": settings.database_url, "smtp": settings.smtp_url, "imap": settings.imap_url}
    set_vi = ", ".join(f"{name} {'đã đặt' if value else 'chưa đặt'}" for name, value in told.items())
    set_en = ", ".join(f"{name} {'set' if value else 'not set'}" for name, value in told.items())
    return well(f"{places}; {set_vi}", f"{places}; {set_en}")


def _read_reference(settings: Settings) -> tuple[Reference | None, Found]:
    try:
        reference = read_reference(settings.reference)
    except (EtlError, OSError) as error:
        said = _plainly(error)
        return None, broken(said, said)
    town, units = reference.town, len(reference.units)
    nobody = not town.operator_recipients
    if nobody:
        return reference, look(
            f"{settings.reference}: chưa có địa chỉ người vận hành (recipients)",
            f"{settings.reference}: nobody is named as operator (recipients)",
        )
    return reference, well(
        f"{settings.reference}: {town.name_vi}, {units} đơn vị", f"{settings.reference}: {town.name_en}, {units} units"
    )
