"""The DAG files as text: nothing happens while they are parsed, and a task is one import and one call."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

DAGS = sorted((Path(__file__).resolve().parents[2] / "dags").glob("*.py"))
LIGHT_IMPORTS = {
    "__future__",
    "airflow.providers.standard.operators.empty",
    "airflow.providers.standard.operators.hitl",
    "airflow.providers.standard.operators.trigger_dagrun",
    "airflow.sdk",
    "collections.abc",
    "datetime",
    "questions",
    "task_rules",
    "typing",
    "ward_reports",
    "ward_reports_timetables",
}
DECORATORS = {"task", "task.short_circuit"}
CALLS_WHILE_PARSED = {
    "Asset",
    "ClosePeriodTimetable",
    "CronTriggerTimetable",
    "ExceptionRetryPolicy",
    "IntakeTimetable",
    "Param",
    "ParamSpec",
    "PartitionedAssetTimetable",
    "PartitionedAtRuntime",
    "RetryRule",
    "TypeVar",
    "approve",
    "close_period",
    "dag",
    "intake",
    "remind",
    "task",
    "timedelta",
    "town_dataset",
}


def find_faults(source: str) -> list[str]:
    """Find what a DAG file must not hold."""
    tree = ast.parse(source)
    return [*find_heavy_imports(tree), *find_calls_while_parsed(tree), *find_fat_tasks(tree)]


def find_heavy_imports(tree: ast.Module) -> Iterator[str]:
    """Find imports that cost time or reach outside, at the top of the file."""
    for statement in tree.body:
        names = [alias.name for alias in statement.names] if isinstance(statement, ast.Import) else []
        if isinstance(statement, ast.ImportFrom):
            names = [statement.module or ""]
        yield from (f"imports {name}" for name in names if name not in LIGHT_IMPORTS)


def find_calls_while_parsed(tree: ast.Module) -> Iterator[str]:
    """Find calls outside of functions, other than those that only describe."""
    for call in walk_outside_functions(tree):
        if isinstance(call, ast.Call) and ast.unparse(call.func) not in CALLS_WHILE_PARSED:
            yield f"calls {ast.unparse(call.func)}"


def walk_outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """Walk what runs when the file is read: everything but the bodies of functions; their decorators run too."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in child.decorator_list:
                yield from ast.walk(decorator)
        else:
            yield child
            yield from walk_outside_functions(child)


def find_tasks(tree: ast.Module) -> list[ast.FunctionDef]:
    """Find the functions that are tasks."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return [f for f in functions if any(ast.unparse(d).partition("(")[0] in DECORATORS for d in f.decorator_list)]


def find_fat_tasks(tree: ast.Module) -> Iterator[str]:
    """Find tasks that are more than a promise, an import and one call."""
    for task in find_tasks(tree):
        promise, *statements = task.body
        rest = [statement for statement in statements if not isinstance(statement, ast.ImportFrom)]
        has_promise = isinstance(promise, ast.Expr) and isinstance(promise.value, ast.Constant)
        is_one_call = len(rest) == 1 and isinstance(getattr(rest[0], "value", None), ast.Call)
        if not has_promise or not is_one_call or len(statements) > 2:
            yield f"task {task.name} is more than one import and one call"


@pytest.mark.parametrize("path", DAGS, ids=lambda path: path.name)
def test_nothing_happens_while_a_dag_file_is_parsed(path: Path) -> None:
    assert find_faults(path.read_text()) == []


def test_the_files_are_found_and_hold_tasks() -> None:
    assert {path.name for path in DAGS} >= {
        "intake.py",
        "close_period.py",
        "town_dataset.py",
        "remind.py",
        "approve.py",
    }
    assert sum(len(find_tasks(ast.parse(path.read_text()))) for path in DAGS) == 12


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("import pandas", "imports pandas"),
        ("from etl import pipeline", "imports etl"),
        ("HOME = open('x')", "calls open"),
        ("if True:\n    now = datetime.now()", "calls datetime.now"),
        ("@dag(schedule=read_schedule())\ndef d():\n    pass", "calls read_schedule"),
        (
            "@task\ndef t():\n    'Promise.'\n    a = f()\n    return g(a)",
            "task t is more than one import and one call",
        ),
        ("@task()\ndef t():\n    return f()", "task t is more than one import and one call"),
    ],
)
def test_the_faults_would_be_found(source: str, fault: str) -> None:
    assert find_faults(source) == [fault]
