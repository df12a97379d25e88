"""The warehouse: whether it answers, has the schema of this program, lets this role work, and has the same clock."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, NullPool, create_engine

from etl.db import connect, query, warehouse_url
from etl.health.found import Case, Found, broken, look, well
from etl.settings import Settings
from etl.warehouse.migrations import find_pending

WRITTEN = ("submission", "reading", "report", "report_row", "finding", "standing", "publication", "mail")
OLDEST_SERVER = 15
_WAIT = "-c timezone=UTC -c statement_timeout=8000 -c lock_timeout=4000"


def open_warehouse(settings: Settings) -> Engine:
    """Give an engine on the warehouse as it is, that waits a few seconds for anything and no longer."""
    bounds = {"options": _WAIT, "connect_timeout": 5}
    return create_engine(connect(warehouse_url(settings)).url, poolclass=NullPool, connect_args=bounds)


def check_database(case: Case) -> Found:
    """Say which server it is. Whoever cannot reach it has no engine, and the doctor says why."""
    with _begin(case) as conn:
        state = conn.execute(query("find_server_state")).one()
    version = state.server_version.split()[0]
    which = f"PostgreSQL {version}, {state.size_bytes // 1_000_000} MB"
    if int(version.split(".")[0].rstrip("beta")) < OLDEST_SERVER:
        return broken(f"{which}: cần từ phiên bản {OLDEST_SERVER}", f"{which}: {OLDEST_SERVER} or newer is needed")
    if state.is_standby:
        return broken(f"{which}: máy chủ chỉ đọc", f"{which}: a standby, which only reads")
    kind = ("kèm sẵn", "embedded") if not case.settings.database_url else ("theo địa chỉ", "by its address")
    return well(f"{which} ({kind[0]})", f"{which} ({kind[1]})", warehouse_bytes=state.size_bytes)


def check_schema(case: Case) -> Found:
    """Say which migrations the warehouse lacks."""
    assert case.engine
    missing = find_pending(case.engine)
    if not missing:
        return well("đúng phiên bản của chương trình", "as this program needs it", migrations_pending=0)
    named = ", ".join(missing)
    if case.settings.database_url:
        return broken(f"thiếu {named}", f"lacks {named}", migrations_pending=len(missing))
    return look(
        f"thiếu {named}; lệnh kế tiếp sẽ thêm",
        f"lacks {named}; the next command adds it",
        migrations_pending=len(missing),
    )


def check_rights(case: Case) -> Found:
    """Say whether this role may load reports, and no more than that."""
    with _begin(case) as conn:
        state = conn.execute(query("find_server_state")).one()
        refused = list(conn.execute(query("find_table_refused"), {"tables": list(WRITTEN)}).scalars())
    who = state.role_name
    if refused:
        named = ", ".join(refused)
        return broken(f"{who} không được ghi {named}", f"{who} may not write {named}")
    if state.is_superuser and case.settings.database_url:
        return look(f"{who} là superuser: nên dùng quyền loader", f"{who} is a superuser: a login in loader is enough")
    return well(f"{who} ghi được", f"{who} may load")


def check_clock(case: Case) -> Found:
    """Hold the server's clock against this machine's."""
    with _begin(case) as conn:
        conn.execute(query("find_server_state")).one()  # the connection is up: what follows is one round trip
        before = datetime.now(UTC)
        theirs = conn.execute(query("find_clock")).scalar_one()
        after = datetime.now(UTC)
    seconds = max((theirs - after).total_seconds(), (before - theirs).total_seconds(), 0.0)
    words = f"lệch {seconds:.0f} giây so với máy này", f"{seconds:.0f} seconds off this machine's"
    figures = {"clock_difference_seconds": round(seconds, 3)}
    return (broken if seconds > 60 else look if seconds > 5 else well)(*words, **figures)


def _begin(case: Case) -> AbstractContextManager[Connection]:
    assert case.engine
    return case.engine.begin()
