"""The operator's word: findings accepted, figures corrected, and which report counts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from etl.commandline.options import (
    Author,
    Json,
    Lang,
    Reason,
    Reference,
    choose_language,
    name_author,
    print_json,
    read_reason,
    read_settings,
)
from etl.errors import ConfigError
from etl.model import Language

app = typer.Typer()

Unit = Annotated[str, typer.Argument(metavar="UNIT", help="A code or a name.")]
Month = Annotated[str, typer.Argument(metavar="PERIOD")]
File = Annotated[
    str,
    typer.Option("--file", metavar="CODE", help="Which file; default: the refused one, else the one that counts."),
]
STANDS_VI = {
    "counts": "được tính",
    "replaced": "đã bị báo cáo mới hơn thay thế",
    "older": "không được tính: cũ hơn báo cáo đang tính",
    "waits": "chờ người vận hành quyết định",
    "set aside": "đã bị loại ra theo quyết định",
    "rejected": "chưa đạt",
    "refused": "chưa đạt",
    "": "chưa đạt",
}
KINDS_VI = {"waiver": "chấp nhận", "correction": "sửa số liệu", "ruling": "chọn báo cáo"}


@app.command()
def waive(
    unit: Unit,
    period: Month,
    rule: Annotated[str, typer.Argument(metavar="RULE", help="As in docs/codes.md, such as B.resolved.")],
    reason: Reason,
    author: Author = None,
    cell: Annotated[str | None, typer.Option("--cell", metavar="I9", help="Only the finding at this cell.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All findings of the rule in this report.")] = False,
    file: File = "",
    until: Annotated[
        datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], help="The last day it holds; default: no end.")
    ] = None,
    reference: Reference = None,
    lang: Lang = None,
) -> None:
    """Accept a finding of a ward's report, with a reason.

    The report is judged again at once. Every figure it goes into says so. It lapses by itself when the value changes;
    waiving again with an --until in the past ends it.

    ward-reports waive 09577 2022-04 B.resolved --cell G9 --reason "phần mềm lỗi, đã gọi điện xác nhận"
    """
    settings = read_settings(reference)
    from etl import decisions

    told = decisions.waive(
        settings, unit, period, rule, reason=read_reason(reason), author=name_author(author),
        cell=cell, every=every, file=file, until=until.date() if until else None,
    )  # fmt: skip
    _print_report(told, choose_language(settings, lang))


@app.command()
def correct(
    unit: Unit,
    period: Month,
    reason: Reason,
    cells: Annotated[
        list[str] | None, typer.Argument(metavar="[CELL=VALUE…]", help="Such as I9=49. The totals of it follow.")
    ] = None,
    proposed: Annotated[bool, typer.Option("--proposed", help="Take what the findings propose.")] = False,
    file: File = "",
    sheet: Annotated[str | None, typer.Option("--sheet", metavar="NAME", help="Where several sheets have it.")] = None,
    author: Author = None,
    reference: Reference = None,
    lang: Lang = None,
) -> None:
    """Correct figures of a ward's report; what the ward wrote stays beside them.

    Nothing is recorded where the report would still be refused. It lapses when the ward sends a new file.

    \b
      ward-reports correct 09574 2022-04 I9=49 --reason "phường xác nhận qua điện thoại"
      ward-reports correct 09574 2022-04 --proposed --reason "đúng như đề xuất"
    """
    if bool(cells) == proposed:
        raise ConfigError("name the cells, like I9=49, or take what is --proposed")
    settings = read_settings(reference)
    from etl import decisions

    values = dict(_cell_value(text) for text in cells or ())
    told = decisions.correct(
        settings, unit, period, values, reason=read_reason(reason), author=name_author(author), sheet=sheet, file=file
    )
    _print_report(told, choose_language(settings, lang))


def _cell_value(text: str) -> tuple[str, int]:
    cell, _, value = text.partition("=")
    if not value.strip().isascii() or not value.strip().isdigit():
        raise ConfigError(f"{text!r} must be a cell and a whole number, like I9=49")
    return cell.strip(), int(value)


@app.command()
def decide(
    unit: Unit,
    period: Month,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The file's code, as receipts and `waiting` give it.")],
    reason: Reason,
    is_counted: Annotated[bool, typer.Option("--count/--set-aside", help="Whether this file's report counts.")],
    author: Author = None,
    reference: Reference = None,
    lang: Lang = None,
) -> None:
    """Say which report of a ward counts: approve a change, refuse it, or set aside what was accepted by mistake.

    \b
      ward-reports decide 09577 2026-10 8ded0c866de7 --count --reason "đã đối chiếu sổ"
      ward-reports decide 09577 2026-10 8ded0c866de7 --set-aside --reason "gửi nhầm kỳ"
    """
    settings = read_settings(reference)
    from etl import rulings

    told = rulings.rule_on(
        settings, file, unit, period, is_counted=is_counted, author=name_author(author), reason=read_reason(reason),
        only_waiting=False,
    )  # fmt: skip
    is_vi = choose_language(settings, lang) is Language.VI
    stand = STANDS_VI[told["stand"]] if is_vi else told["stand"]
    unchanged = (" (không thay đổi)" if is_vi else " (unchanged)") if told["outcome"] == "unchanged" else ""
    print(f"{told['file']}: {stand}{unchanged}")


@app.command()
def waiting(as_json: Json = False, reference: Reference = None) -> None:
    """List the reports that wait for the operator's word, and what each would change."""
    settings = read_settings(reference)
    from etl import rulings

    found = rulings.find_waiting(settings)
    if as_json:
        print_json(found)
        return
    for one in found:
        command = f"ward-reports decide {one['unit']} {one['period']} {one['submission'][:12]}"
        lines = [line.replace("**", "").replace("`", "") for line in one["body"].splitlines() if line[:5] != "| ---"]
        print(one["subject"], *(f"  {line}" for line in lines if line), sep="\n")
        print(
            f"  Duyệt / approve:  {command} --count --reason …\n  Không / refuse:   {command} --set-aside --reason …\n"
        )
    if not found:
        print("–")


@app.command("decisions")
def list_decisions(
    period: Annotated[str | None, typer.Argument(metavar="[PERIOD]")] = None,
    as_json: Json = False,
    reference: Reference = None,
    lang: Lang = None,
) -> None:
    """List all that operators decided, with author and reason, and whether it still acts."""
    settings = read_settings(reference)
    from etl import decisions
    from etl.reference import read_reference

    found = decisions.list_decisions(settings, period)
    if as_json:
        print_json(found)
        return
    is_vi = choose_language(settings, lang) is Language.VI
    zone = read_reference(settings.reference).town.time_zone
    for one in found:
        kind = KINDS_VI[one["kind"]] if is_vi else one["kind"]
        acts = ("" if one["acts"] else " – đã hết hiệu lực") if is_vi else ("" if one["acts"] else " – lapsed")
        change = _change_words(one, is_vi=is_vi)
        until = f" (≤ {one['until']})" if one["until"] else ""
        about = f"{one['unit_code']} {one['unit_name']}, {one['period_key']}, {one['about']}"
        print(f"{one['made_at'].astimezone(zone):%Y-%m-%d %H:%M}  {kind}  {about}: {change}{until}{acts}")
        print(f"    {one['author']}: {one['reason']}")
    if not found:
        print("–")


def _change_words(decision: Mapping[str, Any], *, is_vi: bool) -> str:
    """Say what a decision is about: a value accepted, a value corrected, or whether a report counts."""
    old, new = decision["old"], decision["new"]
    if decision["kind"] == "waiver":
        found = ("ghi", "holds") if old else ("", "")
        other = f" ({'theo chỗ khác' if is_vi else 'by the rest'}: {new})" if new else ""
        return f"{found[0 if is_vi else 1]} {old or ''}{other}".strip()
    if decision["kind"] == "ruling":
        return STANDS_VI[new] if is_vi else new
    return f"{'–' if old is None else old} → {new}"


def _print_report(told: dict[str, Any], language: Language) -> None:
    """Say what has become of a report, and which errors it still has; exit 1 where it is still refused."""
    stand = told["stand"] if told["verdict"] == "accepted" else ""
    words = STANDS_VI[stand] if language is Language.VI else stand or "still refused"
    recorded = "đã ghi nhận quyết định" if language is Language.VI else "the decision is recorded"
    print(f"{told['file']}: {recorded}; {words}")
    for error in told["errors"]:
        print(f"  ✗ {error['rule']}  {error[f'message_{language}']}")
    if told["errors"]:
        raise typer.Exit(1)
