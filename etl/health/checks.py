"""All checks of the doctor, in their order, and what to do where one is not well.

docs/runbook.md has a section for each. The names never change: monitors know them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from etl.health import behind, folders, kept, servers, warehouse
from etl.health.found import Case, Found

SETTINGS, REFERENCE, DATABASE, SCHEMA = "settings", "reference", "database", "schema"


@dataclass(frozen=True, slots=True)
class Check:
    """A part to look at. `needs`: what must be well before it can be known: the server, the schema, or nothing."""

    name: str
    label_vi: str
    do_vi: str
    do_en: str
    find: Callable[[Case], Found]
    needs: str = ""


CHECKS = (
    Check(DATABASE, "cơ sở dữ liệu", "xem máy chủ PostgreSQL và WARD_REPORTS_DATABASE_URL",
          "look at the PostgreSQL server and at WARD_REPORTS_DATABASE_URL", warehouse.check_database, DATABASE),
    Check(SCHEMA, "phiên bản kho", "chạy `ward-reports migrate` bằng quyền chủ kho",
          "run `ward-reports migrate` as the owner of the warehouse", warehouse.check_schema, DATABASE),
    Check("rights", "quyền ghi", "dùng tài khoản thuộc vai trò loader",
          "use a login that is in the role loader", warehouse.check_rights, SCHEMA),
    Check("clock", "đồng hồ", "cho hai máy theo cùng một máy chủ giờ (NTP)",
          "have both machines follow one time server (NTP)", warehouse.check_clock, DATABASE),
    Check("smtp", "gửi thư", "xem máy chủ thư và WARD_REPORTS_SMTP_URL; thư đang chờ không mất",
          "look at the mail server and at WARD_REPORTS_SMTP_URL; no mail is lost meanwhile", servers.check_smtp),
    Check("imap", "hộp thư", "xem máy chủ thư, mật khẩu và WARD_REPORTS_IMAP_URL",
          "look at the mail server, the password and WARD_REPORTS_IMAP_URL", servers.check_imap),
    Check("mailbox", "các lượt đọc hộp thư", "như mục imap, rồi đợi lượt nhận kế tiếp",
          "as for imap, then wait for the next round", servers.check_mailbox, SCHEMA),
    Check("airflow", "Airflow", "khởi động lại phần không chạy; xem nhật ký của nó",
          "start again what does not run; its log says why", servers.check_airflow),
    Check("inbox", "thư mục nhận", "tạo thư mục, hoặc cho quyền ghi",
          "make the folder, or let the program write it", folders.check_inbox),
    Check("archive", "thư mục lưu", "cho quyền ghi, hoặc dọn đĩa", "let the program write it, or make room",
          folders.check_archive),
    Check("published", "thư mục công bố", "cho quyền ghi, hoặc dọn đĩa", "let the program write it, or make room",
          folders.check_published),
    Check("space", "dung lượng", "dọn đĩa hoặc thêm đĩa; đừng xoá trong thư mục lưu",
          "make room or add a disk; remove nothing of the archive", folders.check_space),
    Check("intake", "lượt nhận", "xem DAG intake và scheduler có chạy không",
          "see whether the DAG intake is on and the scheduler runs", folders.check_intake),
    Check("waiting-files", "tệp chờ nhận", "xem DAG intake; tệp không đọc được có ghi trong nhật ký",
          "look at the DAG intake; its log names a file that cannot be read", folders.check_waiting_files),
    Check("unread", "tệp chưa đọc", "xem công việc check_and_load của intake",
          "look at the task check_and_load of intake", behind.check_unread, SCHEMA),
    Check("judge-again", "tệp chờ xét lại", "xem công việc judge_what_changed của intake",
          "look at the task judge_what_changed of intake", behind.check_judge_again, SCHEMA),
    Check("stale", "kỳ chờ công bố", "xem DAG town_dataset; hoặc `ward-reports run KỲ`",
          "look at the DAG town_dataset; or `ward-reports run PERIOD`", behind.check_stale, SCHEMA),
    Check("held", "công bố bị giữ", "xem `ward-reports review KỲ`, sửa báo cáo hoặc severities",
          "see `ward-reports review PERIOD`; have the report corrected, or change severities",
          behind.check_held, SCHEMA),
    Check("questions", "báo cáo chờ quyết định", "xem `ward-reports waiting`", "see `ward-reports waiting`",
          behind.check_questions, SCHEMA),
    Check("mails", "thư chờ gửi", "như mục smtp; thư sẽ đi ở lượt sau",
          "as for smtp; they go out with the next round", behind.check_mails, SCHEMA),
    Check("refused-mails", "thư không gửi được", "sửa địa chỉ trong town.yaml (recipients)",
          "correct the address in town.yaml (recipients)", behind.check_refused_mails, SCHEMA),
    Check("archive-files", "tệp đã lưu", "chép lại từ bản sao lưu, rồi xem với --deep",
          "copy them back from a backup, then look again with --deep", kept.check_archive_files, SCHEMA),
    Check("published-files", "tệp đã công bố", "chạy `ward-reports put-published`: kho còn giữ",
          "run `ward-reports put-published`: the warehouse has them", kept.check_published_files, SCHEMA),
    Check("backup", "sao lưu", "chạy `ward-reports backup THƯ_MỤC` mỗi ngày",
          "run `ward-reports backup FOLDER` every day", kept.check_backup),
)  # fmt: skip
