"""A made-up nation: as many communes as are asked for, each with a name of its own, and thirty fields."""

from dataclasses import replace
from itertools import islice, product

from etl.model import Unit
from etl.reference import Field, Reference

COMMUNES = 10_500
FIELDS = 30
# Told apart without their marks too, and no name stands within another: what a file is called may lack the marks.
_FIRST = (
    "Tân Bình Long Phú Vĩnh Hưng Yên Đông Tây Nam Bắc Thanh Xuân Hải Sơn Hoàng Kim Minh Ngọc Quảng Trung "
    "Thượng Hạ Đại Tiên Gia Liên Mỹ An Hòa Thái Phước Lộc Thịnh Định Quế Lạc Khánh Cát Đức Hiệp Nghĩa Trường "
    "Châu Thuận Cẩm Ninh Lương Phong Diên Triệu Hồng Vạn Chí Kỳ Lâm"
)
_SECOND = (
    "Lập Trị Giang Lợi Thọ Lý Sa Khê Lĩnh Trạch Dương Hội Tường Nguyên Viên Cầu Mai Lũng Thủy Trà Bảng Nhơn "
    "Quý Tâm Lãng Hậu Cường Thắng Đạo Bồng Chánh Nhuận Kiên Sở Nhân Toàn Phúc Cảng Tháp Giáo Mỏ Nhai Pha Ráng "
    "Suối Tà Ún"
)
_THIRD = ("", "Đoài", "Ngoài", "Giữa")
_MORE_FIELDS = (
    *("Lao động, tiền lương", "Việc làm", "Bảo hiểm xã hội", "Văn hóa cơ sở", "Thể dục thể thao", "Thư viện"),
    *("Tín ngưỡng, tôn giáo", "Thi đua, khen thưởng", "Trồng trọt", "Lâm nghiệp", "Phòng chống thiên tai"),
    *("Môi trường", "Đường bộ"),
)


def build_nation(reference: Reference, communes: int = COMMUNES) -> Reference:
    """Give a reference as it would be for a nation: its form and its decisions, other units, more fields."""
    names = islice((" ".join(parts).strip() for parts in product(_FIRST.split(), _SECOND.split(), _THIRD)), communes)
    units = tuple(Unit(f"{40_000 + number}", name, "xã") for number, name in enumerate(names))
    more = tuple(Field(f"field-{number}", name) for number, name in enumerate(_MORE_FIELDS))
    return replace(reference, units=units, successions=(), fields=(*reference.fields, *more)[:FIELDS])
