"""Why an entry of a list or of a hospital's system was refused: a Chinese sentence for every code."""

from __future__ import annotations

from knowledge.errors import find_nearest
from services.errors import Invalid, NotAllowed, NotFound, ServiceError, Taken, WrongState

REASONS = {
    "missing": "没有填",
    "length": "位数不对",
    "checksum": "校验位不对，可能抄错了一位",
    "birthday": "里面的出生日期不存在或在将来",
    "phone": "不是 11 位手机号，也不是带区号的港澳台、越南号码",
    "name": "不像姓名",
    "date": "要写 2026-03-10 这样的日期，在过去 366 天之内，不能是将来",
    "unknown_department": "医院没有这个科室",
    "unknown_plan": "没有这个随访计划",
    "unknown_stage": "没有这个状态",
    "unknown_patient": "没有登记过这个姓名和手机号的就诊人",
    "unknown_number": "没有这个单号",
    "wrong_stage": "现在的状态不能到这一步",
    "doses": "剂数要写 1–{limit} 的整数",
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
    "decided": "已经处理过了",
    "taken_over": "已经有人接手了",
    "full": "已经满了",
    "no_bed": "没有合适的空床",
    "none_left": "这里已经没有了",
    "hold_expired": "留号的时间已过",
    "duplicate": "已经登记过同样的一条",
    "same_time": "这个时间已经有别的安排",
    "past": "时间已经过去了",
    "too_late": "已经过了可以改的时间",
    "too_early": "还没到可以办的时间",
    "too_far": "日期太远，还不能办",
    "short_notice": "离得太近，来不及安排",
    "closed_day": "这天不办理",
    "closed_hour": "这个时间不办理",
    "suspended": "已经停诊",
    "not_eligible": "不符合办理条件",
    "not_open_yet": "还没有开放",
    "unsupported": "这种记录没有这个字段",
    "unknown_type": "没有这种记录",
    "unknown_doctor": "医院没有这位医生",
    "unknown_institution": "没有这家转诊机构",
    "unknown_place": "医院没有这个地方",
    "unknown": "没有这一项",
    "choice": "不在可选的几项里",
    "day": "这天办不了。要写 2026-03-10 这样的日期，是还没过去、办这件事的日子",
    "one_day": "只能写一天",
    "period": "这个时段不办",
    "department": "医院没有这个科室，或者这个科不能约",
    "past_day": "日期已经过去了",
    "unknown_slot": "这项服务不收集这一项",
    "unknown_field": "没有这个字段",
    "stopped": "按医院的规则，这一种不能在网上办",
    "unknown_line": "没有这项服务",
    "reason": "要写原因",
    "too_long": "太长了",
    "too_many": "太多了",
    "number": "要写数字",
    "time": "要写 09:00 这样的时间",
    "invalid_age": "要写几岁（数字），几个月写 P8M",
    "invalid_sex": "要写 male 或 female",
    "url": "地址要以 https:// 或 http:// 开头",
    "scope": "没有这个范围",
    "role": "没有这个角色",
    "login": "登录名用 2–40 个字母、数字、点或横线",
    "name_taken": "这个名字已经有人用了",
    "no_heading": "没找到表头：前 10 行里要有这张表必填的几列",
}


KINDS: dict[type[ServiceError], str] = {
    NotFound: "没有找到",
    Invalid: "写得不对",
    Taken: "已经被占用，或者已经处理过",
    NotAllowed: "按医院的规则不能办",
}
"""What is said of a code that has no sentence of its own."""


MOST_TOLD = 8


def explain(error: ServiceError) -> str:
    """The sentence, with the nearest right name and what is allowed where they are known."""
    if isinstance(error, WrongState):
        wished = f"，不能改成「{error.value}」" if isinstance(error.value, str) else "，办不了这一步"
        if error.code == WrongState.code:
            return "现在的状态办不了这一步"
        following = "、".join(error.details.get("allowed", ()))
        return f"现在的状态是「{error.code}」{wished}" + (f"；可以改成：{following}" if following else "")
    text = REASONS.get(error.code) or KINDS.get(type(error), error.code)
    if "{limit}" in text:
        text = text.format(limit=error.details.get("limit", "…"))
    allowed = error.details.get("allowed")
    nearest = error.details.get("nearest")
    if nearest is None and allowed and isinstance(error.value, str):
        nearest = find_nearest(error.value, map(str, allowed))
    if nearest:
        text = f"{text}，是不是「{nearest}」？"
    # the list is not told besides a name so near that it is the one that was meant
    if nearest and allowed and len(list(allowed)) > MOST_TOLD:
        return text
    return f"{text}；可以写：{'、'.join(map(str, allowed))}" if allowed else text
