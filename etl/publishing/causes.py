"""What happened to which report between two publications: who sent or decided what, when and why."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from etl.model import Language
from etl.publishing.cause_words import Cause, name_sender, read_moment, say_cause
from etl.publishing.changes import FigureChange, ReportChange
from etl.publishing.entry import Entry, is_in
from etl.publishing.published_tables import ALL
from etl.reference import Reference

Decisions = Sequence[Mapping[str, Any]]  # as etl.warehouse.decisions.find_decisions gives them, of the entry's periods
_DECIDED = {"waiver": "waived", "correction": "corrected"}


def compose_causes(
    before: Entry, after: Entry, figures: Iterable[FigureChange], *, decisions: Decisions, reference: Reference
) -> list[Cause]:
    """Say of each report that stands otherwise than before what happened to it, in the order of the coverage.

    `figures`: what differs between the two. `decisions`: those about reports of these periods that `after` was made
    with, the oldest first.
    """
    old, new = _standings(before), _standings(after)
    own = [f for f in figures if f.scope == "ward" and f.field == ALL and f.source_system == ALL]
    return [
        _told(cause | _sides(was, now), [f for f in own if (f.unit_code, f.unit_name) == key[:2]], reference)
        for key in sorted(old.keys() | new.keys(), key=lambda key: (key[2], key[0], key[1]))
        for now in [new.get(key, {})]
        for was in [_with_file(old.get(key, {}), before, now)]
        for cause in _find(key, was, now, _taken(decisions, key, before.published_at))
    ]


def report_change(cause: Mapping[str, Any]) -> ReportChange:
    """Give a cause, as composed or as the ledger keeps it, to those who tell people of it."""
    return ReportChange(
        unit_code=cause["unit_code"],
        unit_name=cause["unit_name"],
        period_key=cause["report_period"],
        kind=cause["kind"],
        who=cause["who"],
        at=None if cause["at"] is None else read_moment(cause["at"]),
        what_vi=cause["what_vi"],
        what_en=cause["what_en"],
    )


def _standings(entry: Entry) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Give what an entry knows of each unit's report of a period: its coverage and where it comes from."""
    known = [one for one in entry.inputs if isinstance(one, Mapping)]
    inputs = {_key(one): dict(one) for one in known}
    return {_key(one): inputs.get(_key(one), {}) | dict(one) for one in entry.coverage}


def _with_file(was: dict[str, Any], before: Entry, now: Mapping[str, Any]) -> dict[str, Any]:
    """Tell by the list of files that earlier versions of the program kept whether it was another one."""
    if "submission" in was or not is_in(was.get("status")):
        return was
    return was | {"submission": now.get("submission") if now.get("submission") in before.inputs else None}


def _key(one: Mapping[str, Any]) -> tuple[str, str, str]:
    return str(one["unit_code"]), str(one["unit_name"]), str(one["period_key"])


def _taken(decisions: Decisions, key: tuple[str, str, str], since: datetime) -> list[Mapping[str, Any]]:
    """List the decisions about a report that were taken since the publication before."""
    return [d for d in decisions if (d["unit_code"], d["period_key"]) == (key[0], key[2]) and since < d["made_at"]]


def _find(
    key: tuple[str, str, str], was: Mapping[str, Any], now: Mapping[str, Any], taken: Decisions
) -> Iterator[Cause]:
    """Find what happened to one report; nothing where it stands as before."""
    place = {"unit_code": key[0], "unit_name": key[1], "report_period": key[2]}
    kind = _kind(was, now)
    rulings = [d for d in taken if d["kind"] == "ruling"]
    other = [d for d in taken if d["kind"] in _DECIDED]
    if kind == "judged again" and other:
        yield from (place | _decided(d, _DECIDED[d["kind"]]) for d in other)
    elif kind and rulings and kind in ("came", "replaced", "withdrawn"):
        yield place | _decided(rulings[-1], kind)
    elif kind in ("came", "replaced", "sent back") and now.get("name"):
        yield place | _sent(now, kind) | {"reason": ""}
        if is_in(now.get("status")):
            yield from (place | _decided(d, _DECIDED[d["kind"]]) for d in other)
    elif kind:
        yield place | {"kind": kind, "who": "", "at": None, "reason": "", "about": None}


def _kind(was: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:
    """Say what happened to a report. *Missing*: None where nothing that is published did."""
    before, after = was.get("status", "missing"), now.get("status", "missing")
    if is_in(after) and not is_in(before):
        return "came" if was.get("submission") != now.get("submission") else "judged again"
    if is_in(before) and not is_in(after):
        is_other = was.get("submission") != now.get("submission")
        return "sent back" if after == "rejected" and not is_other else "withdrawn"
    if not is_in(after):
        moved = after == "rejected" and (before, was.get("submission")) != (after, now.get("submission"))
        return "sent back" if moved else None
    if was.get("submission", now.get("submission")) != now.get("submission"):
        return "replaced"
    said = ("status", "content_sha256", "waived", "corrected")
    return "judged again" if any(was.get(name, now.get(name)) != now.get(name) for name in said) else _counted(was, now)


def _counted(was: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:
    """Tell whether other findings were accepted or figures corrected; a coverage leaves out a 0."""
    names = ("waived", "corrected")
    return "judged again" if any(was.get(name, 0) != now.get(name, 0) for name in names) else None


def _sent(now: Mapping[str, Any], kind: str) -> Cause:
    """Speak of a file by the code that its receipt gives: its name may name a clerk, and this is published."""
    code = now["submission"][:12]
    return {"kind": kind, "who": now["sent_by"] or "", "at": now["received_at"], "about": ("file", code)}


def _decided(decision: Mapping[str, Any], kind: str) -> Cause:
    said = {"who": decision["author"], "at": decision["made_at"], "reason": decision["reason"]}
    return said | {"kind": kind, "about": (decision["kind"], decision)}


def _sides(was: Mapping[str, Any], now: Mapping[str, Any]) -> Cause:
    return {
        "submission_before": was.get("submission"),
        "submission_after": now.get("submission"),
        "status_before": was.get("status", "missing"),
        "status_after": now.get("status", "missing"),
    }


def _told(cause: Cause, figures: Sequence[FigureChange], reference: Reference) -> Cause:
    """Name the sender, and say in words what happened and by how much the unit's own figures changed."""
    named = cause | {"who": name_sender(cause, reference)}
    told = {f"what_{language}": say_cause(named, figures, reference, language) for language in Language}
    return {name: value for name, value in (named | told).items() if name != "about"}
