"""Write docs/codes.md from the rules and the form: run `python docs/codes.py`; a test holds them together."""

from pathlib import Path

from etl.reference import read_reference
from etl.rules import OWN_FAULTS, RULES, TOWN_RULES, Rule, rule_of

FAMILIES = {
    "S": ("Cấu trúc", "structure: the file, its unit, period, columns and rows"),
    "V": ("Giá trị", "a value: one cell that is no count"),
    "B": ("Cân đối", "a balance of the form within a row"),
    "C": ("Liên tục", "continuity with the neighbouring period"),
    "T": ("Tổng", "totals: the sheet's own total row, the town"),
    "H": ("Lịch sử", "history: a question about what is unusual for the unit; it moves no verdict"),
    "L": ("Thời hạn", "late or missing"),
}
TOWN = """## The town's dataset

{judged} are judged on the town's dataset before it is published, by the suites `town_dataset`.

{own} can only break by a fault of the program: the task is red, nothing is published, and `severities` in
town.yaml does not weigh them. What the others find goes with the publication as a warning. Weighed as an error it holds
the publication: the last one stays, and the operator gets one mail that says why, with the numbers; another only when
these change.

A waiver accepts a finding of one ward's report; what is found about the town is weighed, not waived.
"""


def compose_codes() -> str:
    """Compose the page: a table per family, a row per rule, in the order of the rules; then what the town's are."""
    form = read_reference(Path(__file__).parents[1] / "reference" / "son-tay").form
    balances = (rule_of(f"B.{balance.name}") for balance in form.balances)
    rules = (*balances, *(rule for name, rule in RULES.items() if name != "B.balance"))
    lines = ["# The rules and their codes", "", "Stable names; `code` is the letter, `rule` the whole name.", ""]
    for code, (vi, en) in FAMILIES.items():
        lines += [f"## {code}: {en} ({vi})", "", "| rule | by default | what the ward reads |", "|---|---|---|"]
        lines += [_row(rule) for rule in rules if rule.code == code]
        lines.append("")
    return "\n".join([*lines, TOWN.format(judged=_listed(TOWN_RULES), own=_listed(OWN_FAULTS))])


def _row(rule: Rule) -> str:
    return f"| `{rule.name}` | {rule.severity} | {rule.vi}<br>{rule.en} |"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    (Path(__file__).parent / "codes.md").write_text(compose_codes(), "utf-8")
