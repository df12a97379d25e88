"""The tables of the warehouse as plain text: copied out of one state of it, copied in, and held against each other."""

import gzip
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from psycopg import sql
from sqlalchemy import Connection

from etl.db import query
from etl.keeping.manifest import TableCopy, read_packed

Names = tuple[str, Sequence[str]]  # a table and its columns
LEVEL = 1  # of packing: four times quicker than gzip's own, a tenth larger


def find_tables(conn: Connection) -> list[Names]:
    """List the tables with the columns to be kept, each after those it refers to."""
    rows = {row.name: row for row in conn.execute(query("find_table_kept"))}
    order = TopologicalSorter({name: sorted(row.needs) for name, row in rows.items()}).static_order()
    return [(name, tuple(rows[name].columns)) for name in order]


def copy_out(conn: Connection, table: Names, path: Path) -> TableCopy:
    """Write a table to a packed file."""
    with gzip.GzipFile(path, "wb", compresslevel=LEVEL, mtime=0) as packed:
        return _read_rows(conn, table, packed.write)


def digest_rows(conn: Connection, table: Names) -> TableCopy:
    """Read a table as it would be copied out, and keep its digest alone."""
    return _read_rows(conn, table, len)


def copy_in(conn: Connection, table: TableCopy, path: Path) -> None:
    """Add the rows of a packed file to a table."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), _listed(table.columns))
    with _driver(conn).cursor() as cursor, cursor.copy(statement) as copy:
        for block in read_packed(path):
            copy.write(block)


def find_nonempty(conn: Connection, names: Iterable[str]) -> dict[str, int]:
    """Count the rows of the tables that have any."""
    counts = {}
    for name in names:
        statement = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
        if count := _driver(conn).execute(statement).fetchone()[0]:
            counts[name] = int(count)
    return counts


def clear(conn: Connection, names: Iterable[str]) -> None:
    """Remove what migrations have put into tables, the last of them first."""
    for name in reversed(list(find_nonempty(conn, names))):
        _driver(conn).execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))


def number_on(conn: Connection) -> None:
    """Let what the warehouse numbers by itself go on after the highest number there is."""
    for row in conn.execute(query("find_identity_column")).all():
        statement = sql.SQL("SELECT setval({}, max({})) FROM {} HAVING max({}) IS NOT NULL")
        column = sql.Identifier(row.column_name)
        named = (sql.Literal(row.sequence), column, sql.Identifier(row.relation), column)
        _driver(conn).execute(statement.format(*named))


def find_archived(conn: Connection, tables: Iterable[Names]) -> list[str]:
    """List the sha256 of all files that the warehouse says the archive keeps."""
    known: set[str] = set()
    for name, _ in _archiving(tables):
        rows = _driver(conn).execute(sql.SQL("SELECT sha256 FROM {}").format(sql.Identifier(name)))
        known.update(row[0] for row in rows)
    return sorted(known)


def move_archive(conn: Connection, tables: Iterable[Names], archive: Path) -> None:
    """Say of all archived files that they lie in this archive; nothing else of those rows changes."""
    for name, _ in _archiving(tables):
        relation, place = sql.Identifier(name), sql.Literal(f"{archive}/")
        for statement in (
            "ALTER TABLE {relation} DISABLE TRIGGER USER",
            "UPDATE {relation} SET archived_as = {place} || left(sha256, 2) || '/' || sha256"
            " WHERE archived_as <> {place} || left(sha256, 2) || '/' || sha256",
            "ALTER TABLE {relation} ENABLE TRIGGER USER",
        ):
            _driver(conn).execute(sql.SQL(statement).format(relation=relation, place=place))


def _archiving(tables: Iterable[Names]) -> Iterator[Names]:
    return (table for table in tables if {"sha256", "archived_as"} <= set(table[1]))


def _read_rows(conn: Connection, table: Names, write: Callable[[bytes], Any]) -> TableCopy:
    """Copy a table out, counting and hashing on the way. A row is a line: COPY writes a line's end within it as \\n."""
    name, columns = table
    statement = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(_listed(columns), sql.Identifier(name))
    digest, rows = hashlib.sha256(), 0
    with _driver(conn).cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            row = bytes(block)
            digest.update(row)
            rows += row.count(b"\n")
            write(row)
    return TableCopy(name, tuple(columns), rows, digest.hexdigest())


def _listed(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _driver(conn: Connection) -> Any:
    return conn.connection.driver_connection
