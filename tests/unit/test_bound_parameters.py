"""No text of SQL is put together from values: it is written down in the source, and values are bound to it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path for folder in ("etl", "expectations", "dags", "plugins", "local") for path in (CHECKOUT / folder).rglob("*.py")
)
MAKERS = {"text", "SQL"}  # of SQLAlchemy and of psycopg: both take their text as it is
# What reads the files of sql/, which are written down like the rest.
OF_FILES = {"etl/db.py": "(SQL / 'queries' / f'{name}.sql').read_text('utf-8')"}


def find_makers(tree: ast.Module) -> set[str]:
    """Find the names by which a module calls what makes SQL of a text."""
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    return {
        alias.asname or alias.name
        for node in imported
        for alias in node.names
        if alias.name in MAKERS and (node.module or "").startswith(("sqlalchemy", "psycopg"))
    }


def find_constants(tree: ast.Module) -> set[str]:
    """Find the names of what is written down: those in capitals of a module, and of a loop over written texts."""
    assigned = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and not any(isinstance(part, ast.Call) for part in ast.walk(node.value))
        for target in node.targets
        if isinstance(target, ast.Name) and target.id.isupper()
    }
    looped = {
        node.target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.For) and isinstance(node.target, ast.Name) and isinstance(node.iter, ast.Tuple)
        if all(isinstance(one, ast.Constant) for one in node.iter.elts)
    }
    return assigned | looped


def is_written(node: ast.expr, constants: set[str]) -> bool:
    """Tell whether a text is written down in the source: as it is, as a constant, or one of a table of them."""
    if isinstance(node, ast.Subscript):
        node = node.value
    return (isinstance(node, ast.Constant) and isinstance(node.value, str)) or (
        isinstance(node, ast.Name) and node.id in constants
    )


def is_composed(node: ast.expr) -> bool:
    """Tell whether an expression puts a text together."""
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod)):
        return True
    is_method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return is_method and node.func.attr in ("format", "join", "replace") and isinstance(node.func.value, ast.Constant)


def find_offences(source: str) -> Iterator[tuple[int, str]]:
    """Find where SQL is made of anything but what is written down."""
    tree = ast.parse(source)
    makers, constants = find_makers(tree), find_constants(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        is_maker = called in makers or (called == "SQL" and isinstance(node.func, ast.Attribute))
        if is_maker and not is_written(node.args[0], constants):
            yield node.lineno, ast.unparse(node.args[0])
        if called in ("execute", "executemany", "copy", "exec_driver_sql") and is_composed(node.args[0]):
            yield node.lineno, ast.unparse(node.args[0])


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_sql_is_written_down_and_values_are_bound(path: Path) -> None:
    allowed = OF_FILES.get(str(path.relative_to(CHECKOUT)))
    assert [offence for offence in find_offences(path.read_text("utf-8")) if offence[1] != allowed] == []


@pytest.mark.parametrize(
    "source",
    [
        "from sqlalchemy import text\ntext(f'SELECT {a}')",
        "from sqlalchemy import text\ntext('SELECT ' + a)",
        "from sqlalchemy import text as t\nt(a)",
        "from psycopg import sql\nsql.SQL(f'SELECT {a}').format()",
        "conn.execute(f'SELECT {a}')",
        "conn.execute('SELECT %s' % a)",
        "conn.execute('SELECT {}'.format(a))",
        "A = make()\nfrom sqlalchemy import text\ntext(A)",
    ],
)
def test_what_is_looked_for_is_found(source: str) -> None:
    assert list(find_offences(source))


def test_there_is_something_to_look_at() -> None:
    texts = [path.read_text("utf-8") for path in SOURCES]
    assert sum("query(" in text for text in texts) > 20
    assert sum("sql.SQL(" in text for text in texts) >= 2
