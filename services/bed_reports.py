"""What the hospital's system tells of a bed that no registration of ours moves: taken by a direct admission, being cleaned, out
of use, free again. The pool follows at once, and the clock calls whoever is next."""

from __future__ import annotations

from services.beds import MARKS, Bed, list_beds, make_beds, mark_bed
from services.desk import Desk
from services.errors import Invalid, NotFound, describe_known
from services.events import take_event
from services.finding import get_record

SYSTEM = "医院系统报来"
"""The reason written down where the system gives none."""


def report_bed(
    desk: Desk,
    *,
    bed: str | int,
    status: str,
    external_id: str,
    reason: str | None = None,
    sex: str | None = None,
) -> Bed:
    """The bed (our id, or its label ``801-2``) stands so; the same ``external_id`` again changes nothing.

    Raises ``NotFound("unknown_bed")`` with the nearest label, ``Invalid("unknown_status")`` with those there are,
    ``WrongState`` with the state of a bed that a registration holds (it moves with that) or that may not go there.
    """
    if status not in MARKS:
        raise Invalid("unknown_status", field="status", value=status, **describe_known(status, MARKS))
    make_beds(desk)
    found = get_record(desk, Bed, bed) if isinstance(bed, int) else get_bed(desk, label=bed)
    if not take_event(desk, kind="bed", external_id=external_id, subject=found.subject):
        return found
    return mark_bed(desk, bed_id=found.id, status=status, reason=reason or SYSTEM, sex=sex)


def get_bed(desk: Desk, *, label: str) -> Bed:
    """By its label, whatever its ward; raises ``NotFound("unknown_bed")`` with the nearest."""
    beds = {one.label: one for one in list_beds(desk)}
    wanted = label.strip().upper()
    found = next((one for name, one in beds.items() if name.upper() == wanted), None)
    if found is None:
        raise NotFound("unknown_bed", field="bed", value=label, **describe_known(label, beds))
    return found
