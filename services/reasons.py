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
    "unknown_patient": "没有登记过这个姓名和手机号的就诊人",
    "unknown_number": "没有这个单号",
    "wrong_stage": "现在的状态不能到这一步",
    "doses": "剂数不对",
    "decoction": "要写代煎、自煎或颗粒",
    "delivery_mode": "要写快递或自取",
    "address": "地址不完整，要有市、县区、街道或村、门牌号",
    "address_province": "没有这个省",
    "address_region": "地址少了市或县区",
    "address_road": "地址少了街道或村名",
    "address_number": "地址少了门牌号",
    "parcel_problem": "没有这种包裹问题",
    "remedy": "要选怎么处理",
    "repeated": "和前面的行重复，这一行没有导入",
    "too_many_rows": "行数太多，请分成几个文件",
    "unreadable_file": "打不开，要 .xlsx 或 .csv（UTF-8、GB18030）",
    "no_heading": "没找到表头：前 10 行里要有这张表必填的几列",
}


def explain(error: ServiceError) -> str:
    """The sentence, with what is allowed where that is a list; the bare code where there is no sentence."""
    text = REASONS.get(error.code, error.code)
    allowed = error.details.get("allowed")
    return f"{text}；可以写：{'、'.join(allowed)}" if allowed else text
