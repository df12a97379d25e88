"""The edition of the rules: what figures were read, checked and added up by, under one name."""

import hashlib
from dataclasses import asdict
from importlib.metadata import version

from etl.db import to_json
from etl.reference import Reference
from etl.rules import RULES


def program_version() -> str:
    """Give the version of this program."""
    return version("ward-reports")


def name_rules(reference: Reference) -> str:
    """Name all that figures are read, checked and added up by: the same name, the same rules."""
    said = {
        "form": asdict(reference.form),
        "severities": {name: str(severity) for name, severity in reference.town.severities.items()},
        "cutoff_day": reference.town.calendar.cutoff_day,
        "units": [asdict(unit) for unit in reference.units],
        "successions": [asdict(succession) for succession in reference.successions],
        "fields": [asdict(field) for field in reference.fields],
        "source_systems": [asdict(system) for system in reference.source_systems],
        "rules": {rule.name: str(rule.severity) for rule in RULES.values()},
        "program": program_version(),
    }
    return hashlib.sha256(to_json(said).encode()).hexdigest()
