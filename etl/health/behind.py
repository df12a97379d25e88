"""What waits: for the next round, for the mail server, or for the operator."""

from typing import Any

from sqlalchemy import Row

from etl.db import query
from etl.health.found import Case, Found, look, minutes_since, span_words, well

LATE_MINUTES = 60


def check_unread(case: Case) -> Found:
    """Count the files that were received and never read."""
    row = _count(case, "count_submission_unread")
    return _waiting(case, row, what=("tệp chưa đọc", "files are not read"), name="unread_files")


def check_judge_again(case: Case) -> Found:
    """Count the files that are still to be judged again."""
    row = _count(case, "count_rejudgement_open")
    return _waiting(case, row, what=("tệp chờ xét lại", "files are to be judged again"), name="judge_again_files")


def check_mails(case: Case) -> Found:
    """Count the mails that are still to be sent."""
    row = _count(case, "count_mail_waiting")
    what = ("thư chờ gửi", "mails wait")
    if row.last_error:
        said = str(row.last_error)[:120]
        what = (f"thư chờ gửi ({said})", f"mails wait ({said})")
    return _waiting(case, row, what=what, name="mails_waiting")


def check_refused_mails(case: Case) -> Found:
    """Count the mails of a week that can never be delivered."""
    row = _count(case, "count_mail_refused")
    if not row.number:
        return well("không có trong 7 ngày qua", "none in the last 7 days", mails_refused=0)
    said = str(row.last_error)[:120]
    return look(
        f"{row.number} thư trong 7 ngày không gửi được: {said}",
        f"{row.number} mails of 7 days cannot be delivered: {said}",
        mails_refused=row.number,
    )


def check_questions(case: Case) -> Found:
    """Count the reports that wait for the operator's word."""
    row = _count(case, "count_report_waiting")
    if not row.number:
        return well("không có", "none", reports_waiting=0)
    vi, en = span_words(minutes_since(row.since, case.now))
    return look(
        f"{row.number} báo cáo chờ quyết định, từ {vi}",
        f"{row.number} reports wait for your word, for {en}",
        reports_waiting=row.number,
    )


def check_stale(case: Case) -> Found:
    """List the periods whose reports changed longer ago than a publication takes."""
    assert case.engine
    with case.engine.begin() as conn:
        rows = conn.execute(query("find_period_behind")).all()
    stale = [row for row in rows if not row.is_held]
    late = [row for row in stale if minutes_since(row.since, case.now) >= LATE_MINUTES]
    figures = {"periods_stale": len(stale), "periods_late": len(late)}
    if not late:
        return well(f"{len(stale)} kỳ đang chờ công bố", f"{len(stale)} periods are on their way", **figures)
    named = ", ".join(row.period_key for row in late[:6])
    return look(f"chưa công bố lại: {named}", f"not published again: {named}", **figures)


def check_held(case: Case) -> Found:
    """List the periods whose publication a rule holds back."""
    assert case.engine
    with case.engine.begin() as conn:
        held = [row.period_key for row in conn.execute(query("find_period_behind")) if row.is_held]
    if not held:
        return well("không có", "none", periods_held=0)
    return look(f"bị giữ lại: {', '.join(held)}", f"held back: {', '.join(held)}", periods_held=len(held))


def _waiting(case: Case, row: Row[Any], *, what: tuple[str, str], name: str) -> Found:
    """Say how many of something wait (number, since), and for how long; some minutes are no wonder."""
    minutes = minutes_since(row.since, case.now)
    figures = {name: row.number, f"{name}_minutes": minutes}
    if not row.number:
        return well(f"0 {what[0]}", f"0 {what[1]}", **figures)
    vi, en = span_words(minutes)
    state = look if minutes >= LATE_MINUTES else well
    return state(f"{row.number} {what[0]}, từ {vi}", f"{row.number} {what[1]}, for {en}", **figures)


def _count(case: Case, statement: str) -> Row[Any]:
    assert case.engine
    with case.engine.begin() as conn:
        return conn.execute(query(statement)).one()
