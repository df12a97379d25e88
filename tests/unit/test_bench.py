"""The bench: coherent sheets, slips that break a balance, the same numbers from the same seed."""

import numpy as np
import pytest

from bench.coherent import is_broken, make_sheet
from bench.injected import TYPING, outcomes
from bench.trials import KINDS, Scene, make_trials
from bench.verdicts import SCENES, judge, measure


def test_sheets_are_coherent_with_many_zeros_and_a_few_large_numbers() -> None:
    rows = np.vstack([make_sheet(np.random.default_rng(i), continues=1.0).rows for i in range(200)])
    assert not [row for row in rows if is_broken(row)]
    assert (rows == 0).mean() > 0.2
    assert 0.002 < (rows[:, 0] > 999).mean() < 0.1
    assert np.median(rows[:, 0]) < 30


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_every_trial_breaks_a_balance_where_it_says(kind: str, scene: Scene) -> None:
    for trial in make_trials(kind, scene, 3, np.random.default_rng(1)):
        changed = {int(row) for row in np.flatnonzero((trial.typed != trial.meant).any(axis=1))}
        assert set(trial.rows_wrong) <= changed
        assert all(is_broken(trial.typed[row]) for row in trial.rows_wrong)


def test_no_slip_leaves_the_number_as_it_was() -> None:
    assert all(n not in outcomes(kind, n, [3, n]) for kind in TYPING for n in (0, 7, 10, 110, 1297))


def test_the_same_seed_gives_the_same_and_everything_is_found() -> None:
    first, second = (list(measure(2, 7)) for _ in range(2))
    assert first == second
    assert all(line.found == line.rows for line in first)
    assert judge(first)
