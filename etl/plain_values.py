"""Cells of a frame as plain values, for JSON and for the ledger."""

from typing import Any

import pandas as pd


def plain(value: Any) -> Any:
    """Give a cell of a frame as str, bool, int, float, list or dict; a moment or day as ISO text. *Missing*: None."""
    if isinstance(value, list | dict | tuple):
        return value
    if value is None or pd.isna(value):
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value
