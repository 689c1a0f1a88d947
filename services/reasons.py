"""Why an entry of a discharge list or of a hospital's system was refused: one Chinese sentence per code."""

from __future__ import annotations

from services.errors import ServiceError

REASONS = {
    "missing": "没有填",
    "length": "位数不对",
    "checksum": "校验位不对，可能抄错了一位",
    "birthday": "里面的出生日期不存在或在将来",
    "phone": "不是 11 位手机号",
    "name": "不像姓名",
    "date": "要写 2026-03-10 这样的日期，在过去 366 天之内，不能是将来",
    "unknown_department": "医院没有这个科室",
    "unknown_plan": "没有这个随访计划",
    "unknown_stage": "没有这个状态",
    "repeated": "和前面的行重复，这一行没有导入",
    "too_many_rows": "行数太多，请分成几个文件",
    "unreadable_file": "打不开，要 .xlsx 或 .csv（UTF-8、GB18030）",
    "no_heading": "没找到表头：前 10 行里要有姓名、手机号、出院日期",
}


def explain(error: ServiceError) -> str:
    """The sentence, with what is allowed where that is a list; the bare code where there is no sentence."""
    text = REASONS.get(error.code, error.code)
    allowed = error.details.get("allowed")
    return f"{text}；可以写：{'、'.join(allowed)}" if allowed else text
