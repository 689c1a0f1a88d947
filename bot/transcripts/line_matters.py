"""世界 words for service lines: a request moved on by staff, a result of blood taken in a village."""

from __future__ import annotations

import re
from typing import Any

from bot.transcripts import people
from services import Desk, bed_reports, beds, line_records, line_states, sampling


def move_line(desk: Desk, found: re.Match[str], channel: str) -> None:
    """``甲 服务 到 已寄出 courier=顺丰速运 tracking_number=SF1``: the newest request goes to a state, by id or name, through
    those that lie between."""
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    mine = line_records.list_line_requests(desk, contact_id=contact.id, limit=1)
    if not mine:
        raise ValueError(f"there is no service request of {contact.sender}")
    one = mine[0]
    line = line_records.get_line(desk, one.line)
    wanted = found["state"]
    goal = next((s.id for s in line.states if wanted == s.id or wanted in s.name["zh"]), None)
    if goal is None:
        raise ValueError(f"{line.id} has no state {wanted}: {'、'.join(s.name['zh'] for s in line.states)}")
    given: dict[str, Any] = dict(word.split("=", 1) for word in found["rest"].split() if "=" in word)
    ways: list[list[str]] = [[one.stage]]
    while ways:
        way = ways.pop(0)
        if way[-1] == goal:
            for step in way[1:] or way:
                wanted = [n for n in line.get_state(step).needs if n.required or n.slot in given]
                told = {need.slot: given.get(need.slot, "示例") for need in wanted}
                line_states.advance_line(
                    desk.acting_as("staff:0"), request_id=one.id, stage=step, given=told, reason="staff"
                )
            return
        ways += [[*way, step] for step in line.get_state(way[-1]).next if step not in way]
    raise ValueError(f"{goal} cannot follow {one.stage}")


def set_beds(desk: Desk, *, department: str, free: int) -> None:
    """``骨科 病床 余1``: so many beds stand free for the department's patients, in its wards and those that lend."""
    name = desk.hospital.get_department(department).name
    lent = {w.id: w.department != name for w in desk.hospital.wards if name in (w.department, *w.takes)}
    beds.make_beds(desk)
    able = [one for one in beds.list_beds(desk) if one.ward in lent and one.request_id is None]
    for one in sorted(able, key=lambda bed: lent[bed.ward]):
        free -= 1
        status = beds.FREE if free >= 0 else beds.OCCUPIED
        beds.mark_bed(desk.acting_as("staff:0"), bed_id=one.id, status=status, reason="transcript")


BED_STATES = {
    "住上": beds.OCCUPIED,
    "打扫": beds.CLEANING,
    "停用": beds.CLOSED,
    "空出来": beds.FREE,
}


def report_bed(desk: Desk, *, bed: str, state: str) -> None:
    """``床位 801-2 住上``: the hospital's system reports how a bed stands."""
    if state not in BED_STATES:
        raise ValueError(f"a bed has no state {state}: {'、'.join(BED_STATES)}")
    told = f"world-{bed}-{state}-{desk.now:%Y%m%d%H%M}"
    bed_reports.report_bed(desk.acting_as("api"), bed=bed, status=BED_STATES[state], external_id=told)


def report_sample(desk: Desk, found: re.Match[str], channel: str) -> None:
    """``甲 村采结果 张三 血糖 异常``: the laboratory reports blood taken two days ago; ``没有参考``: a value and no more."""
    contact = people.get_contact_called(desk, found["contact"], channel=channel)
    patient = people.add_known_patient(desk, contact, found["name"])
    abnormal, bare = "异常" in found["rest"], "没有参考" in found["rest"]
    sampling.take_result(
        desk.acting_as("api"),
        external_id=f"{found['name']}-{desk.now:%Y%m%d%H%M}",
        name=patient.name,
        phone=patient.phone,
        sampled_on=desk.now.date(),
        point="石湾村卫生室",
        items=[
            {
                "name": "血糖",
                "value": "8.9" if abnormal else "5.1",
                "unit": "mmol/L",
                "range": "" if bare else "3.9–6.1",
            }
        ],
    )
