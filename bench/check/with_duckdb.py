"""The rules by DuckDB: tables in memory, one SQL statement a rule."""

from pathlib import Path

import duckdb

from bench.check.contender import run
from bench.check.in_sql import compose_statements


def load(folder: Path) -> duckdb.DuckDBPyConnection:
    conn = duckdb.connect()
    for name in ("rows", "before"):
        conn.execute(f"CREATE TABLE {name} AS FROM '{folder / name}.parquet'")
    return conn


def find(conn: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    conn.execute("CREATE TABLE found (unit TEXT, period TEXT, source_system TEXT, field TEXT, rule TEXT)")
    for rule, statement in compose_statements().items():
        conn.execute(f"INSERT INTO found SELECT *, '{rule}' FROM ({statement})")
    return conn


def store(conn: duckdb.DuckDBPyConnection, path: Path) -> None:
    conn.execute(f"COPY (SELECT DISTINCT * FROM found) TO '{path}' (FORMAT parquet)")


if __name__ == "__main__":
    run("duckdb", load, find, store)
