"""The console's Chinese for codes, states and times."""

from __future__ import annotations

import datetime as dt
from typing import Any

from services import reasons
from services.errors import ServiceError, WrongState
from services.line_answers import read_days

CHANNELS = {"rest": "接口", "web": "网页", "telegram": "电报", "wechat": "微信", "terminal": "终端"}
ROLES = {
    "admin": "管理员",
    "manager": "主管",
    "lead": "院领导",
    "service": "客服",
    "pharmacy": "药房",
    "nurse": "护士",
    "doctor": "医生",
    "observer": "只看数据",
}
ALARMS = {
    "request_late": "服务单超时",
    "request_escalated": "服务单一直没人办",
    "sampling_unreached": "村采结果异常，没有账号可通知，请打电话",
    "sampling_unseen": "村采结果异常，还没看医生，请打电话",
    "emergency": "急危重症",
    "crisis": "轻生念头",
    "red_flag": "出院后危险信号",
    "serious_complaint": "严重投诉",
    "complaint_overdue": "投诉超时，请值班主任过问",
    "complaint_escalated": "投诉一直超时，请院领导过问",
    "herb_delivery_late": "中药在路上太久",
    "onsite_help": "现场求助",
    "onsite_help_late": "现场求助没人接，请组长",
    "escort_missing": "陪诊员没到，患者在等",
    "parcel_drunk": "寄错或破损的药已经喝了，请马上打电话",
    "parcel_late": "包裹问题超时没答复",
    "courier_refused": "快递查询账号被拒，请信息科看设置",
}
REASONS = {
    "asked": "要找人工",
    "cannot_handle": "没听懂",
    "onsite_help": "院内求助",
    "escort_missing": "陪诊员没到",
    "escort_other": "想换陪诊员",
    "loan_returned": "说借的已经还了，请借用点核对",
    "escort_unstaffed": "陪诊派不出人，家里在等",
    "emergency": "急危重症",
    "crisis": "轻生念头",
    "parcel_drunk": "寄错或破损的药喝了",
    "staff": "工作人员接入",
}
RECORDS = {
    "appointment": "挂号",
    "waitlist": "候补",
    "escort": "陪诊",
    "herb_delivery": "中药配送",
    "parcel_ticket": "包裹问题",
    "complaint": "投诉",
    "question": "咨询",
    "suggestion": "建议",
    "praise": "表扬",
    "follow_up": "随访",
    "onsite_help": "院内帮助",
    "transfer": "接送",
    "equipment_loan": "借用",
    "record_copy": "病历复印",
    "certificate": "证明",
    "examination": "检查",
    "pre_admission": "预住院",
    "nursing_service": "护理",
    "refill": "续方",
    "refund": "代办退费",
    "mdt": "多学科会诊",
    "meal_order": "住院点餐",
    "sampling": "村里采血",
    "sampling_result": "村采结果",
    "disabled_transport": "残疾人接送",
    "volunteer": "志愿者",
    "survey": "评价",
    "extra_request": "加号申请",
    "absence_appeal": "未到申诉",
}
STATES = {
    "requested": "待受理",
    "accepted": "已安排",
    "in-progress": "进行中",
    "completed": "已完成",
    "cancelled": "已取消",
    "rejected": "未受理",
    "failed": "未成行",
    "booked": "已约",
    "arrived": "已到院",
    "fulfilled": "已就诊",
    "noshow": "未到",
    "pending": "待确认",
    "waiting": "等候中",
    "offered": "已通知",
    "active": "进行中",
    "stopped": "已退订",
    "expired": "已过期",
}
PROMISES = {
    "appointment_reminder": "就诊提醒",
    "hold_expired": "留号到期",
    "session_suspended": "停诊通知",
    "session_resumed": "恢复出诊通知",
    "queue_near": "快到号提醒",
    "queue_called": "叫号通知",
    "queue_passed": "过号通知",
    "report_ready": "报告通知",
    "waitlist_over": "候补结束",
    "waitlist_lapsed": "候补没回话",
    "booking_reviewed": "预约核对结果",
    "extra_answered": "加号答复",
    "appointment_missed": "未到提醒",
    "appeal_settled": "申诉结果",
    "waitlist_offer": "候补通知",
    "escort_meeting": "陪诊碰头提醒",
    "escort_changed": "陪诊进展",
    "escort_corrected": "陪诊更正",
    "escort_step": "陪诊到哪一步",
    "escort_rating": "陪诊评价",
    "help_changed": "求助进展",
    "loan_changed": "借用进展",
    "transfer_reminder": "接送提醒",
    "transfer_changed": "接送进展",
    "herb_stage": "中药进展",
    "herb_late": "中药延误",
    "parcel_changed": "包裹问题进展",
    "complaint_changed": "投诉进展",
    "complaint_rating": "请患者打分",
    "request_changed": "服务进展",
    "request_reminder": "服务提醒",
    "request_late": "服务延误",
    "sampling_result": "村采结果",
    "sampling_followup": "村采随访",
    "followup": "随访",
}
TASKS = {
    "waiting": "还没到",
    "sent": "已发出，等回答",
    "answered": "已回答",
    "unanswered": "没有回答，请电话随访",
    "unreached": "没有登记账号，请电话随访",
    "skipped": "已过期，请电话随访",
    "cancelled": "已退订",
    "called": "护士打过电话",
}
SEXES = {"male": "男", "female": "女"}
NEEDS = {
    "wheelchair": "轮椅",
    "stretcher": "平车",
    "hearing": "听力不便",
    "vision": "视力不便",
    "alone": "独自就医",
    "pregnant": "孕妇",
}
WEEKDAYS = "一二三四五六日"
PERIODS = {"morning": "上午", "noon": "中午", "afternoon": "下午", "evening": "晚上"}
REFUSALS = {
    "role": "您的角色不能做这件事。",
    "decided": "同事已经处理过了。",
    "extras_full": "这一场加的号已经到上限。",
    "past": "这一场已经过了。",
    "suspended": "这一场已经停诊。",
    "duplicate": "这位就诊人这天在这个科已经有号。",
    "same_time": "这位就诊人这个时间有别的号。",
    "taken_over": "同事已经接手了。",
    "not_taken_over": "还没有接入这个对话，请先点「接入」。",
    "wrong_state": "同事刚刚改过，请看最新的状态再办。",
    "missing": "请把必填的填上。",
    "date": "日期写成 2026-04-30 这样。",
    "past_day": "日期已经过去了。",
    "too_far": "日期太远了，请看一眼年份。",
    "team": "请选一个部门。",
    "picture": "这张图片打不开，可能已经删除。",
    "too_long": "太长了，请分成几段。",
    "too_late": "已经过了可以改的时间。",
    "too_early": "还没到那一天，到时候再点。",
    "time": "时间写成 09:30 这样。",
    "login_taken": "这个登录名已经有人用了。",
    "login": "登录名用 2–40 个字母、数字、点或横线。",
    "password": "密码至少 10 位，也不能和登录名一样。",
    "phone": "电话号码不对，请再看一眼。",
    "nobody": "名册里没有合适又有空的人，请指定，或派名册外的人。",
    "busy": "这位那个时间在陪别人，请换一位。",
    "training": "这位的培训过期了，不能派。",
    "closed": "这位停用或请假了，请换一位。",
    "shifts": "班次写成：每天 08:00-17:30；周六 08:00-12:00。",
    "unknown_place": "医院里没有这个地方，请写地图上的名字。",
    "code_taken": "这个编号已经有人用了。",
    "code": "编号用字母、数字、点或横线。",
    "link": "这个链接用过了，或者已经过期。",
    "not_found": "没有找到，可能已经被改动。",
    "last_admin": "至少要留一位管理员。",
    "oneself": "不能停用自己的账号。",
    "url": "地址要以 https:// 或 http:// 开头。",
    "unknown_doctor": "没有找到这位医生，请从名单里选。",
    "unknown_department": "没有这个科，请从名单里选。",
    "unknown_institution": "没有这个转诊机构，请从名单里选。",
    "checksum": "身份证号不对，请再看一眼。",
    "birthday": "身份证号里的生日不对，请再看一眼。",
    "name": "姓名不对，请再看一眼。",
    "length": "长度不对，请再看一眼。",
    "number": "请写数字。",
    "none_left": "这个点已经没有了，请换一个点。",
    "free": "数量不能是负数。",
    "full": "约满了。",
    "closed_hour": "现在不是借用时间。",
    "no_bed": "没有空床。",
    "out_of_turn": "前面还有人在等这样的床，先叫这位请写原因。",
    "under_way": "已经在办了，不能改。",
    "expired": "已经过期了。",
    "not_eligible": "不符合条件。",
    "unknown_type": "没有这种记录，请看接口文档里的类型。",
}
_FIELDS = {
    "owner": "请写下谁负责。",
    "due_on": "请写下日期，像 2026-04-30。",
    "result": "请写下改了什么。",
    "team": "请选一个部门。",
    "answer": "请写下答复。",
    "reason": "请写下原因。",
    "companion": "请写下谁来陪。",
    "driver": "请写下司机和车。",
    "driver_phone": "请写下司机电话。",
    "shifts": "请写下班次。",
    "trained_until": "请写下培训有效到哪天。",
    "text": "请先写几个字。",
    "said": "请写下电话里说了什么。",
    "piece": "请选借什么。",
    "borrower": "请写下借用人姓名。",
    "doctor": "请选一位医生。",
    "department": "请选一个科。",
    "name": "请写下姓名。",
    "phone": "请写下电话。",
}


def explain(error: ServiceError) -> str:
    """Why something could not be done, for staff."""
    if error.field == "file":  # of a list: which headings it needs
        return f"{reasons.explain(error)}。"
    if error.code == "missing" and error.field in _FIELDS:
        return _FIELDS[error.field]
    if isinstance(error, WrongState) and error.field in ("status", "stage"):
        return REFUSALS["wrong_state"]
    return REFUSALS.get(error.code, f"没有办成（{error.code}）。")


def explain_reason(reason: str) -> str:
    """Why a person was called."""
    return "系统出错，请接手" if reason.startswith("turn_failed") else REASONS.get(reason, reason)


def say_span(minutes: int) -> str:
    """``95`` → ``1 小时 35 分``."""
    if minutes < 1:
        return "不到 1 分钟"
    if minutes < 60:
        return f"{minutes} 分钟"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} 小时 {rest} 分" if rest else f"{hours} 小时"
    return f"{hours // 24} 天"


def say_time(at: dt.datetime, now: dt.datetime) -> str:
    """Today the hour, else the day too."""
    if at.date() == now.date():
        return f"{at:%H:%M}"
    if at.date() == now.date() - dt.timedelta(days=1):
        return f"昨天 {at:%H:%M}"
    if at.year == now.year:
        return f"{at.month}月{at.day}日 {at:%H:%M}"
    return f"{at:%Y-%m-%d}"


def say_day(day: dt.date, today: dt.date | None = None) -> str:
    """With ``today`` the year too, where it is another."""
    year = f"{day.year}年" if today is not None and day.year != today.year else ""
    return f"{year}{day.month}月{day.day}日（周{WEEKDAYS[day.weekday()]}）"


def say_value(slot: str, value: Any) -> str:
    """The value of a slot as records hold it, a day or a part of one in words."""
    if slot == "period":
        return PERIODS.get(str(value), str(value))
    days = read_days(value)
    return "至".join(dict.fromkeys(say_day(one) for one in (days[0], days[-1]))) if days else str(value)
