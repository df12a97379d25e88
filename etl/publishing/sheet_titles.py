"""What stands above each sheet of the published workbook: whose figures, of when, which publication, who is missing."""

from textwrap import wrap

from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from etl.publishing.release_words import ReleaseWords
from etl.publishing.workbook_cells import ALERT, FONT, put_line

LINE = 130  # letters that fit across a printed page


def write_titles(page: Worksheet, words: ReleaseWords, *, subject: str = "") -> int:
    """Write what a table is, and loudly whether a unit is missing from it; give the row after.

    `subject`: what the sheet shows of the form's figures, where it is not these themselves.
    """
    form, period, town = words.reference.form, words.dataset.period, words.reference.town
    name, title = words.say(town.name_vi, town.name_en), words.say(form.title_vi, form.title_en)
    span = f"({period.start:%d/%m/%Y} – {period.end:%d/%m/%Y})"
    lines = [
        (name[:1].upper() + name[1:], Font(name=FONT, size=12, bold=True)),
        (f"{title}: {subject}" if subject else title, Font(name=FONT, size=14, bold=True)),
        (f"{words.period(period.key)} {span}".capitalize(), Font(name=FONT, size=12)),
        (words.publication(), Font(name=FONT, size=11, italic=True)),
        *((line, ALERT) for line in wrap(words.partial(), LINE)),
    ]
    for row, (text, font) in enumerate(lines, 1):
        put_line(page, row, text, font)
    return len(lines) + 2
