"""What the rules of the town's dataset need to know of a form, in plain values that a suite can carry."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from etl.forms import Form, OverTime


@dataclass(frozen=True, slots=True)
class Algebra:
    """The measures by how they follow over time, what derived ones consist of, and which are parts of which.

    `definitions`: (derived total, its parts). `pairs`: (total, part, whether the adjustment comes to the total), the
    closest pairs first. `stock`: (opening, closing, coming, going, their total). *Missing*: () where no stock rolls
    forward. `is_range`: the dataset is of several periods, between which stocks need not continue.
    """

    flows: Sequence[str]
    openings: Sequence[str]
    closings: Sequence[str]
    definitions: Sequence[tuple[str, Sequence[str]]]
    pairs: Sequence[tuple[str, str, bool]]
    stock: Sequence[Any]
    is_range: bool = False

    @property
    def measures(self) -> list[str]:
        return [*self.flows, *self.openings, *self.closings, *(total for total, _ in self.definitions)]

    def declared(self) -> dict[str, Any]:
        return asdict(self)


def algebra_of(form: Form, *, is_range: bool = False) -> Algebra:
    """Derive from a form all that the rules of the town's dataset ask of it."""
    kinds = {kind: [m.name for m in form.measures if m.over_time is kind] for kind in OverTime}
    definitions = [
        (name, list(next((b.parts for b in form.balances if b.total == name), ()))) for name in kinds[OverTime.DERIVED]
    ]
    flow = form.stock_flow
    return Algebra(
        flows=kinds[OverTime.FLOW],
        openings=kinds[OverTime.OPENING],
        closings=kinds[OverTime.CLOSING],
        definitions=definitions,
        pairs=list(_pairs(form)),
        stock=[flow.opening, flow.closing, list(flow.coming), list(flow.going), flow.total] if flow else [],
        is_range=is_range,
    )


def _pairs(form: Form) -> Iterator[tuple[str, str, bool]]:
    """Follow the balances down from every total: its parts, then theirs."""
    emptied = form.stock_flow.balance if form.stock_flow else ""
    steps = [(b.total, part, b.name == emptied) for b in form.balances for part in b.parts]
    told: set[tuple[str, str]] = set()
    while steps:
        steps = [step for step in dict.fromkeys(steps) if step[:2] not in told and step[0] != step[1]]
        yield from steps
        told |= {step[:2] for step in steps}
        steps = [
            (total, part, adjusted or b.name == emptied)
            for total, middle, adjusted in steps
            for b in form.balances
            if b.total == middle
            for part in b.parts
        ]
