"""Complete rows of figures by what the form's balances leave only one number for."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from etl.forms import Balance, Counts, Form, determined

Figures = dict[str, Counts]


def complete(form: Form, frame: pd.DataFrame) -> pd.DataFrame:
    """Fill the measures that follow from the others.

    A balance that a row breaks (a waived finding, a broken chain of periods) says nothing about that row's gaps.

    *Shape*: the measures of the form become float64, all else is as it was. *Missing*: NaN stays where nothing follows.
    """
    reported = figures(form, frame)
    if not form.balances:
        return frame.assign(**reported)
    broken = np.column_stack([_is_broken(balance, reported) for balance in form.balances])
    completed = {name: values.copy() for name, values in reported.items()}
    for pattern in np.unique(broken, axis=0):
        chosen = (broken == pattern).all(axis=1)
        balances = tuple(b for b, is_broken in zip(form.balances, pattern, strict=True) if not is_broken)
        for name, values in _complete_rows(balances, {m: v[chosen] for m, v in reported.items()}).items():
            completed[name][chosen] = values
    return frame.assign(**completed)


def figures(form: Form, frame: pd.DataFrame) -> Figures:
    """Give the measures as arrays. *Missing*: NaN."""
    return {name: frame[name].to_numpy(dtype="float64", na_value=np.nan) for name in form.measure_names}


def _complete_rows(balances: tuple[Balance, ...], reported: Figures) -> Figures:
    """Complete rows that break none of these balances; a row they contradict in a roundabout way stays as it was."""
    completed = determined(balances, reported)
    contradicted = np.zeros(len(next(iter(reported.values()))), dtype=bool)
    for balance in balances:
        contradicted |= _is_broken(balance, completed)
    return {name: np.where(contradicted, reported[name], values) for name, values in completed.items()}


def _is_broken(balance: Balance, row: Figures) -> npt.NDArray[np.bool_]:
    gap: Counts = row[balance.total] - np.sum([row[part] for part in balance.parts], axis=0)
    return np.asarray(~np.isnan(gap) & (gap != 0))
