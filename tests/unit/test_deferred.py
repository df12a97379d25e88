"""What is put off is not imported by a check, and is the real thing for whoever asks for it."""

import subprocess
import sys

PROGRAM = """
import sys
import etl.check_files
names = [n for n in sys.modules if n.startswith(("altair.", "scipy.stats.", "airflow"))]
assert not names, names[:5]
from scipy import stats
import altair
assert stats.norm.cdf(0) == 0.5
assert altair.Chart is sys.modules["altair"].Chart
"""


def test_deferred_libraries_are_imported_when_used_and_not_before() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], check=True)
