"""A made-up nation: as many communes as are asked for, each with a name of its own, and thirty fields."""

from dataclasses import replace
from itertools import islice, product

from etl.model import Unit
from etl.reference import Field, Reference

COMMUNES = 10_500
FIELDS = 30
_FIRST = (
    "Tân Bình Long Phú Thạnh Vĩnh Hưng Yên Đông Tây Nam Bắc Thanh Xuân Hải Sơn Cẩm Hoàng Kim Minh Ngọc Quảng "
    "Trung Thượng Hạ Đại Tiên Gia Liên Mỹ An Hòa Thái Phước Lộc Thịnh Định Quế Lạc Diên Khánh Cát Đức Hiệp "
    "Nghĩa Trường Châu Vạn Thuận Cam Ninh Lương Phong Điền Triệu Hồng Văn Chí Kỳ Lâm"
)
_SECOND = (
    "Lập Tiến Trị Giang Phương Lợi Thọ Lý Thành Sa Khê Lĩnh Trạch Dương Ân Hội Quang Tường Nguyên Viên Xá Cầu "
    "Trì Mai Lũng Đồng Thủy Hà Vân Trà Bảng Nhơn Quý Tâm Lãng Hậu Cường Thắng Đạo Bồng Chánh Nhuận Kiên Sở "
    "Trung Nhân Toàn Phúc Cảng Tháp Giáo Dục Luông Mỏ Nhai Pha Ráng Suối Tà Ún"
)
_THIRD = ("", "Thượng", "Hạ", "Đoài")
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
