"""What the documents say is what the code does."""

import hashlib
import importlib.util
from datetime import UTC, datetime
from pathlib import Path

from etl.check import CheckContext, check
from etl.check_files import check_files
from etl.letters.receipts import compose_receipt
from etl.mail import XLSX, Attachment
from etl.model import Submission
from etl.parse import parse
from etl.reference import read_reference
from etl.settings import CHECKOUT, Limits


def test_the_page_of_codes_is_written_from_the_rules() -> None:
    spec = importlib.util.spec_from_file_location("codes", CHECKOUT / "docs" / "codes.py")
    assert spec and spec.loader
    codes = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(codes)
    assert (CHECKOUT / "docs" / "codes.md").read_text("utf-8") == codes.compose_codes()


def test_the_readme_names_only_what_exists() -> None:
    readme = (CHECKOUT / "README.md").read_text("utf-8")
    for name in (
        "docs/codes.md",
        "docs/adr",
        "reference/son-tay/town.yaml",
        "etl/letters/templates",
        "expectations/custom.py",
        "etl/publishing/templates",
        "docs/pictures/page.png",
        "docs/pictures/published-workbook.png",
        "docs/questions.md",
        "samples/years",
    ):
        assert name in readme
        assert Path(CHECKOUT / name).exists()


def compose_example_receipt() -> str:
    """Compose the receipt of the wrong file among the samples, its Vietnamese half, as the README shows it."""
    reference = read_reference(CHECKOUT / "reference" / "son-tay")
    (path,) = (CHECKOUT / "samples" / "2022-04" / "1-first" / "09574").iterdir()
    sha256, moment = hashlib.sha256(path.read_bytes()).hexdigest(), datetime(2022, 4, 17, 2, 14, tzinfo=UTC)
    submission = Submission(sha256, path.name, path.stat().st_size, moment, path, "09574")
    checked = check(parse(submission, reference), CheckContext(reference))
    letter = compose_receipt(submission, checked, reference, copy=Attachment("BC (đã đánh dấu).xlsx", XLSX, b""))
    text = letter.text.split("\n~~~")[0].strip()
    return f"To: {', '.join(letter.recipients)}\nSubject: {letter.subject}\n\n{text}\n"


def test_the_receipt_in_the_readme_is_a_real_one() -> None:
    assert compose_example_receipt() in (CHECKOUT / "README.md").read_text("utf-8")


def test_the_check_in_the_readme_is_a_real_one() -> None:
    reference = read_reference(CHECKOUT / "reference" / "son-tay")
    (checked,) = check_files([CHECKOUT / "samples" / "statement-2022-04.csv"], reference, Limits())
    readme = (CHECKOUT / "README.md").read_text("utf-8")
    assert checked.findings
    assert all(finding.message_en in readme for finding in checked.findings)
