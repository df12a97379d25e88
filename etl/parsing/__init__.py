"""Sheets to reports: headings, titles, rows, numbers and names as people write them."""
