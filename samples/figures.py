"""Make up what each unit reports for each month, so that the sums are the published ones exactly.

Only the sums are real; see README.md. The same seed gives the same figures.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

MONTHS = ((2022, 1), (2022, 2), (2022, 3), (2022, 4))
SEED = 20220414
DESK = "269"
TWO_SYSTEMS = "09586"  # this ward reports from two source systems


@dataclass(frozen=True, slots=True)
class Target:
    """What was published for January to April 2022, and what has to be made up besides.

    *Units*: dossiers. `opening` of the wards and the stocks between the months were not published.
    """

    received_total: int
    opening: int
    overdue: int
    stocks: tuple[int, int, int, int]  # still held at the end of each month; the last one is published


WARDS_TARGET = Target(received_total=6977, opening=37, overdue=18, stocks=(31, 44, 28, 2))
DESK_TARGET = Target(received_total=1297, opening=15, overdue=0, stocks=(38, 57, 81, 100))

_WARD_WEIGHTS = {
    "09574": 6.0, "09577": 7.0, "09580": 24.0, "09583": 6.5, "09586": 7.5, "09589": 5.5, "09592": 4.5, "09595": 4.0,
    "09598": 4.0, "09601": 6.0, "09604": 4.5, "09607": 6.5, "09610": 4.0, "09613": 5.0, "09616": 6.0,
}  # fmt: skip
_MONTH_WEIGHTS = (0.9, 0.7, 1.3, 1.1)
_BUSY = {("09580", 2): 3.2}  # a month above 1.000 dossiers, so that thousands separators occur


@dataclass(frozen=True, slots=True)
class Nature:
    """How the dossiers of a field usually come and go."""

    weight: float
    slow: float  # how likely one of them stays until the next month
    online: float
    early: float


WARD_FIELDS = {
    "chung-thuc": Nature(62, 0.0, 0.02, 0.1),
    "ho-tich": Nature(24, 1.0, 0.35, 0.6),
    "dat-dai": Nature(3, 4.0, 0.05, 0.5),
    "bao-tro-xa-hoi": Nature(6, 3.0, 0.25, 0.6),
    "nguoi-co-cong": Nature(2.5, 3.0, 0.2, 0.5),
    "dang-ky-kinh-doanh": Nature(0.5, 1.0, 0.6, 0.5),
    "an-toan-thuc-pham": Nature(0.25, 0.5, 0.5, 0.5),
    "xay-dung": Nature(0.25, 0.5, 0.1, 0.5),
    "chinh-sach": Nature(1.0, 1.0, 0.1, 0.5),
    "giao-duc-mam-non": Nature(0.02, 0.0, 0.5, 0.5),
    "thuy-san": Nature(0.02, 0.0, 0.0, 0.5),
    "khac": Nature(0.5, 0.2, 0.1, 0.5),
}
DESK_FIELDS = {
    "dat-dai": Nature(34, 6.0, 0.1, 0.6),
    "dang-ky-kinh-doanh": Nature(28, 1.5, 0.75, 0.7),
    "ho-tich": Nature(9, 0.8, 0.3, 0.6),
    "chung-thuc": Nature(12, 0.0, 0.02, 0.1),
    "xay-dung": Nature(8, 2.0, 0.3, 0.5),
    "quy-hoach": Nature(2, 1.0, 0.1, 0.5),
    "bao-tro-xa-hoi": Nature(4, 1.0, 0.2, 0.5),
    "luu-thong-hang-hoa": Nature(1.2, 0.3, 0.5, 0.5),
    "an-toan-thuc-pham": Nature(0.8, 0.2, 0.5, 0.5),
    "giao-duc-trung-hoc": Nature(0.6, 0.1, 0.5, 0.5),
    "phi-le-phi": Nature(0.4, 0.0, 0.1, 0.5),
}
_SOMETIMES = ("an-toan-thuc-pham", "xay-dung", "chinh-sach", "giao-duc-mam-non", "thuy-san", "khac")

Chain = tuple[str, str, str]
"""A unit, a source system and a field: what a closing stock is handed on within."""

Figures = Mapping[tuple[str, str], Sequence[Mapping[str, object]]]
"""(unit's code, period's key) → rows: field, source_system and every measure of the form."""


def build_figures() -> Figures:
    """Make up the rows of all units and months."""
    rng = Random(SEED)
    wards = _spread_group(WARDS_TARGET, _ward_chains(rng), rng)
    desk = _spread_group(DESK_TARGET, {(DESK, "", field): nature for field, nature in DESK_FIELDS.items()}, rng)
    return wards | desk


def _ward_chains(rng: Random) -> dict[Chain, Nature]:
    """Choose the fields each ward prints: the common ones, and a few of the rare."""
    chains: dict[Chain, Nature] = {}
    for ward in _WARD_WEIGHTS:
        rare = set(rng.sample(_SOMETIMES, 3))
        fields = [field for field in WARD_FIELDS if field not in _SOMETIMES or field in rare]
        for system in ("ministries", "city") if ward == TWO_SYSTEMS else ("",):
            kept = fields[:2] if system == "ministries" else fields
            chains |= {(ward, system, field): WARD_FIELDS[field] for field in kept}
    return chains


def _spread_group(
    target: Target, chains: Mapping[Chain, Nature], rng: Random
) -> dict[tuple[str, str], list[dict[str, object]]]:
    """Spread the sums of a group over its chains and months, then follow each chain through the months."""
    received = _spread_received(target, chains, rng)
    slow = {chain: nature.slow * nature.weight * _WARD_WEIGHTS.get(chain[0], 1.0) for chain, nature in chains.items()}
    opening = _draw(target.opening, slow, dict.fromkeys(chains, target.opening), rng)
    before, stocks, resolved = opening, [], []
    for month, held in enumerate(target.stocks):
        at_hand = {chain: before[chain] + received[chain, month] for chain in chains}
        stock = _draw(held, slow, at_hand, rng)
        stocks.append(stock)
        resolved.append({chain: at_hand[chain] - stock[chain] for chain in chains})
        before = stock
    overdue = _draw_overdue(target.overdue, slow, resolved, rng)
    rows: dict[tuple[str, str], list[dict[str, object]]] = {}
    for month, (year, number) in enumerate(MONTHS):
        for chain, nature in chains.items():
            carried = (opening, *stocks)[month][chain]
            late_next = overdue[chain, month + 1] if month + 1 < len(MONTHS) else 0
            row = make_row(chain[2], chain[1], received[chain, month], carried, stocks[month][chain])
            split_row(row, nature, overdue[chain, month], min(late_next, stocks[month][chain]), rng)
            rows.setdefault((chain[0], f"{year}-{number:02}"), []).append(row)
    return rows


def _spread_received(target: Target, chains: Mapping[Chain, Nature], rng: Random) -> dict[tuple[Chain, int], int]:
    """Share out what came in, by the largest remainders, so that the sum is exact."""
    shares = {
        (chain, month): nature.weight
        * _WARD_WEIGHTS.get(chain[0], 1.0)
        * _MONTH_WEIGHTS[month]
        * _BUSY.get((chain[0], month), 1.0)
        * rng.uniform(0.75, 1.25)
        for chain, nature in chains.items()
        for month in range(len(MONTHS))
    }
    total = target.received_total - target.opening
    scale = total / sum(shares.values())
    counts = {key: int(share * scale) for key, share in shares.items()}
    by_remainder = sorted(shares, key=lambda key: counts[key] - shares[key] * scale)
    for key in by_remainder[: total - sum(counts.values())]:
        counts[key] += 1
    return counts


def _draw(total: int, weights: Mapping[Chain, float], most: Mapping[Chain, int], rng: Random) -> dict[Chain, int]:
    """Put single dossiers into chains, by weight, none beyond what it can hold."""
    drawn = dict.fromkeys(weights, 0)
    for _ in range(total):
        open_chains = [chain for chain in weights if drawn[chain] < most[chain] and weights[chain] > 0]
        drawn[rng.choices(open_chains, [weights[chain] for chain in open_chains])[0]] += 1
    return drawn


def _draw_overdue(
    total: int, weights: Mapping[Chain, float], resolved: Sequence[Mapping[Chain, int]], rng: Random
) -> dict[tuple[Chain, int], int]:
    """Choose which resolved dossiers were late, from February on."""
    late = {(chain, month): 0 for chain in weights for month in range(len(MONTHS))}
    for _ in range(total):
        places = [(c, m) for c, m in late if m > 0 and late[c, m] < min(2, resolved[m][c]) and weights[c] > 0]
        late[rng.choices(places, [weights[chain] for chain, _ in places])[0]] += 1
    return late


def make_row(field: str, system: str, received: int, carried: int, held: int) -> dict[str, object]:
    total = received + carried
    return {
        "field": field,
        "source_system": system,
        "received_total": total,
        "received_in_period": received,
        "carried_over": carried,
        "resolved_total": total - held,
        "pending_total": held,
    }


def split_row(row: dict[str, object], nature: Nature, overdue: int, pending_overdue: int, rng: Random) -> None:
    """Fill in the finer measures, in place."""
    received, resolved = sum_of([row], "received_in_period"), sum_of([row], "resolved_total") - overdue
    online = min(received, round(received * nature.online * rng.uniform(0.6, 1.4)))
    early = min(resolved, round(resolved * nature.early * rng.uniform(0.7, 1.3)))
    row |= {
        "received_online": online,
        "received_direct": received - online,
        "resolved_in_time": resolved,
        "resolved_early": early,
        "resolved_on_time": resolved - early,
        "resolved_overdue": overdue,
        "pending_in_time": sum_of([row], "pending_total") - pending_overdue,
        "pending_overdue": pending_overdue,
    }


def sum_of(rows: Iterable[Mapping[str, object]], measure: str) -> int:
    """Add up a measure over rows that hold whole numbers."""
    return sum(int(str(row[measure])) for row in rows)
