"""The forms handed out: built for a unit and period from what the warehouse knows of the period before, and named."""

from sqlalchemy import Connection

from etl.mail import XLSX, Attachment
from etl.model import Unit
from etl.periods import Period
from etl.reference import Reference
from etl.template import build_template
from etl.warehouse.stocks import find_neighbours


def compose_template(conn: Connection, reference: Reference, unit: Unit, period: Period) -> bytes:
    """Build the official form of a unit and period, its opening stock filled in where the period before is known.

    The same figures give the same bytes. *Raises*: ConfigError where no edition is in force for the period.
    """
    return build_template(reference, unit, period, opening_stocks=_read_stocks(conn, reference, unit, period))


def attach_template(conn: Connection, reference: Reference, unit: Unit, period: Period) -> Attachment:
    """Build the form as a file to go with a mail. *Raises*: as `compose_template`."""
    return Attachment(name_template(unit, period), XLSX, compose_template(conn, reference, unit, period))


def name_template(unit: Unit, period: Period) -> str:
    """Name the file so that it says by itself whose form it is: "09577 Phú Thịnh 2022-05.xlsx"."""
    days = [f"{day.day}-{day.month}-{day.year}" for day in (period.start, period.end)]
    when = f"từ {days[0]} đến {days[1]}" if "/" in period.key else period.key
    return f"{unit.code} {unit.name} {when}.xlsx".replace("/", "-")


def _read_stocks(conn: Connection, reference: Reference, unit: Unit, period: Period) -> dict[tuple[str, str], int]:
    """Read what the unit has to open with: (source system, field) → dossiers. *Missing*: fields not known."""
    if not reference.form.roll_forwards:
        return {}
    closing = reference.form.roll_forwards[0].closing
    known = find_neighbours(conn, [(unit.code, period)], reference.form).dropna(subset=[closing]).to_dict("records")
    return {(str(row["source_system"]), str(row["field"])): int(row[closing]) for row in known}
