"""Why a file cannot be read, said so that a clerk knows what to do."""

from enum import StrEnum
from typing import NoReturn

from etl.errors import SubmissionError


class Unreadable(StrEnum):
    """The closed list of reasons; the child that reads workbooks prints these words."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    FAR_CELL = "far_cell"
    TOO_SLOW = "too_slow"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    MISSING = "missing"
    FOLDER = "folder"
    WEB_PAGE = "web_page"
    BINARY_WORKBOOK = "binary_workbook"
    NOT_A_SPREADSHEET = "not_a_spreadsheet"
    NO_EDITION = "no_edition"


_SAVE_VI = "mở bằng Excel hoặc LibreOffice, lưu lại dưới dạng .xlsx rồi gửi lại"
_SAVE_EN = "open it in Excel or LibreOffice, save it as .xlsx and send it again"

_MESSAGES = {
    Unreadable.EMPTY: (
        "Tệp rỗng, không có ô nào có nội dung: hãy kiểm tra và gửi lại tệp báo cáo.",
        "The file is empty, no cell has any content: check it and send the report again.",
    ),
    Unreadable.TOO_LARGE: (
        "Tệp quá lớn ({detail}): chỉ gửi bảng tính báo cáo, xóa ảnh, các dòng và cột thừa.",
        "The file is too large ({detail}): send only the report, without pictures and surplus cells.",
    ),
    Unreadable.FAR_CELL: (
        "Ô {detail} nằm quá xa bảng báo cáo: hãy xóa các dòng và cột thừa, lưu và gửi lại.",
        "Cell {detail} lies too far from the report: delete the surplus rows and columns, save and send it again.",
    ),
    Unreadable.TOO_SLOW: (
        f"Đọc tệp quá lâu (hơn {{detail}} giây): {_SAVE_VI}.",
        f"Reading the file takes too long (over {{detail}} seconds): {_SAVE_EN}.",
    ),
    Unreadable.ENCRYPTED: (
        "Tệp có mật khẩu: hãy bỏ mật khẩu mở tệp rồi gửi lại.",
        "The file is protected by a password: remove the password and send it again.",
    ),
    Unreadable.DAMAGED: (
        f"Tệp bị hỏng, không đọc được: {_SAVE_VI}.",
        f"The file is damaged and cannot be read: {_SAVE_EN}.",
    ),
    Unreadable.MISSING: (
        "Không mở được tệp: hãy kiểm tra đường dẫn và quyền đọc.",
        "The file cannot be opened: check its path and the permission to read it.",
    ),
    Unreadable.FOLDER: (
        "Đây là thư mục, không phải tệp: hãy nêu tên các tệp trong đó.",
        "This is a folder, not a file: name the files in it.",
    ),
    Unreadable.WEB_PAGE: (
        f"Tệp là trang web hoặc XML mang tên bảng tính: {_SAVE_VI}.",
        f"The file is a web page or XML named like a spreadsheet: {_SAVE_EN}.",
    ),
    Unreadable.BINARY_WORKBOOK: (
        f"Không nhận dạng .xlsb: {_SAVE_VI}.",
        f"The binary format .xlsb is not accepted: {_SAVE_EN}.",
    ),
    Unreadable.NOT_A_SPREADSHEET: (
        "Tệp không phải bảng tính ({detail}): hãy gửi tệp .xlsx, .xls, .ods hoặc .csv.",
        "The file is not a spreadsheet ({detail}): send an .xlsx, .xls, .ods or .csv file.",
    ),
    Unreadable.NO_EDITION: (
        "Không tìm thấy bảng báo cáo nào: {detail}. Hãy dùng biểu mẫu được giao, giữ nguyên các tiêu đề cột.",
        "No report was found: {detail}. Use the template you were given and keep its column headings.",
    ),
}


def refuse(reason: Unreadable, detail: str = "") -> NoReturn:
    """Raise the `SubmissionError` that tells the ward what is wrong with its file."""
    message_vi, message_en = _MESSAGES[reason]
    rule = "S.no-edition" if reason is Unreadable.NO_EDITION else "S.unreadable"
    raise SubmissionError(rule, message_vi.format(detail=detail), message_en.format(detail=detail)) from None
