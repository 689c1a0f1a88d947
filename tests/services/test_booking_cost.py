"""What a booking asks of the database: few statements, each by an index that does not grow with the hospital's past."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from services import Desk, appointments, holds
from tests.services.builders import make_contact, make_patient, make_slot

MOST_STATEMENTS = 24
SMALL = ("webhook_endpoint",)
"""Tables of a few rows, read whole."""


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # PostgreSQL rightly reads an empty table whole
def test_a_booking_is_few_statements_and_reads_no_table_whole(desk: Desk) -> None:
    patient = make_patient(desk, make_contact(desk))
    slot = make_slot(desk)
    acting = desk.acting_as(f"contact:{patient.contact_id}")
    desk.session.commit()
    connection, plans = desk.session.connection(), []

    def explain(_: Any, cursor: Any, statement: str, parameters: Any, *__: Any) -> None:
        cursor.execute("EXPLAIN QUERY PLAN " + statement, parameters)
        plans.append("; ".join(row[3] for row in cursor.fetchall()))

    sa.event.listen(connection, "before_cursor_execute", explain)
    hold = holds.hold_slot(acting, slot_id=slot.id, contact_id=patient.contact_id, patient_id=patient.id)
    booked = appointments.book(acting, hold_id=hold.id, patient_id=patient.id)
    desk.session.flush()
    sa.event.remove(connection, "before_cursor_execute", explain)
    assert booked.status == "booked"
    assert len(plans) <= MOST_STATEMENTS
    scans = [one for one in plans if "SCAN" in one and not any(name in one for name in SMALL)]
    assert scans == []
    assert not any("ix_appointment_open" in one or "ix_hold_expiry" in one for one in plans), plans
