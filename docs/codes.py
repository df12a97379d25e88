"""Write docs/codes.md from the rules and the form: run `python docs/codes.py`; a test holds them together."""

from pathlib import Path

from etl.reference import read_reference
from etl.rules import RULES
from expectations.ward_report import TOWN_ONLY, rules_of

FAMILIES = {
    "S": ("Cấu trúc", "structure: the file, its unit, period, columns and rows"),
    "V": ("Giá trị", "a value: one cell that is no count"),
    "B": ("Cân đối", "a balance of the form within a row"),
    "C": ("Liên tục", "continuity with the neighbouring period"),
    "T": ("Tổng", "totals: the sheet's own total row, the town"),
    "H": ("Lịch sử", "history: a question about what is unusual for the unit; it moves no verdict"),
    "L": ("Thời hạn", "late or missing"),
}


def compose_codes() -> str:
    """Compose the page: a table per family, a row per rule, in the order of the rules."""
    form = read_reference(Path(__file__).parents[1] / "reference" / "son-tay").form
    rules = (*rules_of(form), *(RULES[name] for name in TOWN_ONLY))
    lines = ["# The rules and their codes", "", "Stable names; `code` is the letter, `rule` the whole name.", ""]
    for code, (vi, en) in FAMILIES.items():
        lines += [f"## {code}: {en} ({vi})", "", "| rule | by default | what the ward reads |", "|---|---|---|"]
        for rule in (rule for rule in rules if rule.code == code):
            lines.append(f"| `{rule.name}` | {rule.severity} | {rule.vi}<br>{rule.en} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    (Path(__file__).parent / "codes.md").write_text(compose_codes(), "utf-8")
