"""The check of reports against other tools: the same rules on the same reports, the same findings or an error.

Each contender (`with_*.py`) is a program of its own that reads the same Parquet files, so that its time and memory are
its own. What each must find is known to `made_reports`; which rules these are, in `rules`.
"""
