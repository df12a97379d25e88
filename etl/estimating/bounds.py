"""An estimate between two bounds, and how such are added, subtracted and shared out in whole numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a count probably is, between what it can be at least and at most: low ≤ estimate ≤ high."""

    low: int
    estimate: int
    high: int

    def __add__(self, other: "Bounds") -> "Bounds":
        return Bounds(self.low + other.low, self.estimate + other.estimate, self.high + other.high)

    def holding(self, estimate: int) -> "Bounds":
        """Take another estimate, and move the bound that it lies beyond."""
        return Bounds(min(self.low, estimate), estimate, max(self.high, estimate))

    def within(self, most: int) -> "Bounds":
        """Lower whatever exceeds the most it can be."""
        return Bounds(min(self.low, most), min(self.estimate, most), min(self.high, most))


def exact(count: int) -> Bounds:
    return Bounds(count, count, count)


def usual(counts: Sequence[int]) -> Bounds | None:
    """Take the median, rounded half up, between the least and the most. *Missing*: None of no counts."""
    return Bounds(min(counts), int(median(counts) + 0.5), max(counts)) if counts else None


def add_up(terms: Iterable[Bounds | None]) -> Bounds | None:
    """Add bounds. *Missing*: None where any is unknown."""
    total = exact(0)
    for term in terms:
        if term is None:
            return None
        total += term
    return total


def share_out(total: int, weights: Sequence[int]) -> list[int]:
    """Share a count out by weight, by the largest remainders, so that the shares add up to it exactly."""
    known = weights if any(weights) else [1, *(0 for _ in weights[1:])]
    exactly = [Fraction(total * weight, sum(known)) for weight in known]
    shares = [int(share) for share in exactly]
    by_remainder = sorted(range(len(shares)), key=lambda i: shares[i] - exactly[i])
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return shares
