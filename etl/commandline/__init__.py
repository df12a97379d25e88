"""The commands of `ward-reports`, by whom they serve; etl/cli.py puts them together."""
