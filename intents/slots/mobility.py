"""Whether the way must be without steps: 走不了楼梯, 要坐电梯, 推着轮椅走."""

from __future__ import annotations

import re

from intents.slots.found import Found

NO_STAIRS = re.compile(
    r"(?:不能|不好|不想|不要|不敢|没法|唔得|唔想|走不了|爬不了|上不了|走不动|爬不动|走不得|行唔到|行唔得|不方便|不|唔|莫)(?:再)?(?:走|爬|上|行|下)*(?:楼梯|台阶|扶梯)"
    r"|(?:楼梯|台阶)(?:上|走|爬|行)(?:不了|不动|不去|不得|唔到|唔得)|没有?(?:楼梯|台阶)的|无障碍(?:路线|通道|的路)?"
)
BY_LIFT = re.compile(
    r"(?:要|想|得|能|只能|可以)?(?:坐|搭|乘|走)(?:直梯|电梯|升降机|𨋢)(?=上|下|去|到|过|走|怎么|能|可|的|，|,|。|$)"
)


def read_step_free(text: str) -> list[Found]:
    """``step_free`` where stairs are ruled out or the lift is wanted as the way, not as the goal."""
    return [
        Found("step_free", True, match.start(), match.end())
        for pattern in (NO_STAIRS, BY_LIFT)
        for match in pattern.finditer(text)
    ][:1]
