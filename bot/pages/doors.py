"""The doors of the patient's pages: what one tap asks for. The pages and the history show the same words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Door:
    name: str
    """As in ``/?do=…`` and in icons.svg."""
    payload: str
    """What is sent; empty: the chat opens and waits for words."""
    title: str
    hint: str
    said: str = ""
    """How the tap reads in the conversation."""
    vi: tuple[str, str, str] = ("", "", "")
    """Title, hint and what is said, in Vietnamese."""


TILES = (
    Door(
        "book",
        "/book_appointment",
        "挂号",
        "预约、改期、退号",
        "我想挂号",
        ("Đặt khám", "Đặt, đổi, hủy lịch", "Tôi muốn đặt lịch khám"),
    ),
    Door(
        "route",
        "/ask_route",
        "找路",
        "科室检查在哪里",
        "我想问路",
        ("Tìm đường", "Khoa, phòng ở đâu", "Tôi muốn hỏi đường"),
    ),
    Door(
        "complain",
        "/file_complaint",
        "吐槽",
        "不满意就说出来",
        "我要吐槽",
        ("Góp ý", "Không hài lòng thì nói", "Tôi muốn góp ý"),
    ),
    Door(
        "escort",
        "/request_escort",
        "陪诊",
        "一个人来也有伴",
        "我想申请陪诊",
        ("Người đi cùng", "Đi một mình cũng có bạn", "Tôi muốn có người đi cùng"),
    ),
    Door(
        "herbs",
        "/query_herb_delivery",
        "查中药快递",
        "煎好没、到哪了",
        "我想查中药快递",
        ("Thuốc Đông y", "Sắc xong chưa, đến đâu rồi", "Tôi muốn hỏi thuốc Đông y"),
    ),
    Door(
        "person",
        "/talk_to_human",
        "人工",
        "找医院工作人员",
        "我要找人工",
        ("Gặp nhân viên", "Nói với người của bệnh viện", "Tôi muốn gặp nhân viên"),
    ),
)

PLACE_DOORS = (
    Door(
        "complain",
        "/file_complaint",
        "吐槽",
        "哪里不好，直说",
        "我要吐槽",
        ("Phàn nàn", "Chỗ nào chưa tốt, cứ nói", "Tôi muốn góp ý"),
    ),
    Door(
        "ask",
        "/ask_question",
        "问一问",
        "怎么走、怎么办",
        "我想问一问",
        ("Hỏi", "Đi đâu, làm thế nào", "Tôi muốn hỏi"),
    ),
    Door(
        "suggest",
        "/give_suggestion",
        "提建议",
        "怎样会更好",
        "我想提个建议",
        ("Góp ý", "Làm sao cho tốt hơn", "Tôi muốn đề xuất"),
    ),
    Door(
        "praise",
        "/give_praise",
        "表扬",
        "谢谢谁，替您说",
        "我想表扬",
        ("Khen ngợi", "Cảm ơn ai, chúng tôi chuyển lời", "Tôi muốn khen"),
    ),
)

DOORS = {door.name: door for door in (*PLACE_DOORS, *TILES)}
SAID = {door.payload: door.said for door in DOORS.values() if door.payload}
