"""Looking through a sheet without its plain cells tells just what looking through all of them does."""

import io
import os
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.reading.plain_cells import take_plain_cells
from etl.reading.workbook_scan import Ceiling, RefusedError, _scan, _scan_xlsx, _XlsxScan

MOST = Ceiling(max_bytes=10_000, max_rows=50, max_columns=20, max_cells=400)
START = '<?xml version="1.0" encoding="UTF-8"?>\n<worksheet xmlns="x"><cols><col min="2" max="3" hidden="1"/></cols>'
TEXTS = ("", "x", " ", "12", "a &amp; b", "Hộ tịch", "&#65;", "&odd;", "a>b", "]]>", "\x01", "<b/>", '<c r="Z99"/>')
PLACES = ("A1", "B2", "C12", "T50", "U1", "A53", "XFD1048576", "AAAA1", "A0", "a1")
KINDS = ("", ' t="n"', ' t="str"', ' t="e"', ' t="inlineStr"', ' s="1" t="s"', ' t="b" s="1"', ' t="n" t="n"')


@st.composite
def cells(draw: st.DrawFn) -> str:
    place = draw(st.sampled_from((*(f' r="{place}"' for place in PLACES), "")))
    formula = draw(
        st.sampled_from(("", "", "<f>A1+1</f>", '<f t="shared" si="0"/>', "<f/>", "<f>", '<f t="a" t="b"/>'))
    )
    text = draw(st.sampled_from(TEXTS))
    value = draw(st.sampled_from(("", "<v/>", f"<v>{text}</v>", f"<is><t>{text}</t></is>", f"<x:v>{text}</x:v>")))
    name = draw(st.sampled_from(("c", "c", "c", "c", "x:c")))
    tail = f">{formula}{value}</{name}>" if formula or value or draw(st.booleans()) else "/>"
    return f"<{name}{place}{draw(st.sampled_from(KINDS))}{tail}"


plain = st.builds('<c r="{}{}"><v>{}</v></c>'.format, st.sampled_from("ABCT"), st.integers(1, 50), st.integers(0, 99))
heads = st.sampled_from(('<row r="2">', '<row r="3" hidden="1">', "<row>", '<row hidden="true">', '<row r="x">'))
rows = st.builds(lambda head, inside: head + "".join(inside) + "</row>", heads, st.lists(plain | cells(), max_size=6))
tails = st.sampled_from(("</worksheet>", "</worksheet>", "", "<!-- x --></worksheet>", "<?x y?></worksheet>"))
sheets = st.builds(lambda inside, tail: START + "".join(inside) + tail, st.lists(rows, max_size=5), tails)


def look(xml: str, how: object) -> object:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.xml", xml.encode("utf-8"))
        try:
            return how(archive)  # type: ignore[operator]
        except RefusedError as refused:
            return refused.reason, refused.detail
        except ValueError:
            return "damaged"
        except Exception as error:  # whatever it is: the other way has to say the same
            return type(error).__name__


@settings(max_examples=int(os.environ.get("WARD_REPORTS_TEST_EXAMPLES", "150")))
@given(sheets)
def test_both_ways_see_the_same(xml):
    whole = look(xml, lambda archive: _scan(archive, "a.xml", _XlsxScan(MOST))[0])
    assert look(xml, lambda archive: _scan_xlsx(archive, "a.xml", MOST)) == whole


@pytest.mark.parametrize("cell", ['<c r="B3" s="1"><f>SUM(A1,"&amp;")</f><v>7</v></c>', '<c r="B3" t="s"><v>0</v></c>'])
def test_a_plain_sheet_needs_no_parser_for_its_cells(cell):
    rest = take_plain_cells(f'{START}<row r="3">{cell}<c r="D9"/></row></worksheet>'.encode())
    assert rest is not None and (rest.last_row, rest.last_column) == (3, 2)
    assert b"<c " not in rest.xml and b'<row r="3"></row>' in rest.xml


def test_a_long_text_of_the_worst_sort_takes_no_longer_than_its_length():
    odd = f'{START}<row r="1"><c r="A1"><f>{"&amp;a" * 200_000}</f><v>{"&lt;" * 200_000}'
    assert take_plain_cells(odd.encode()) is None
