"""The queue of webhook deliveries, on both databases: claimed by one, in order for each record, read by its index."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlmodel import func, select

from services import Desk, Invalid, alarms, endpoints, escorts, webhooks
from services.alarms import Alarm
from services.history import record_change
from tests.services.builders import at, make_contact, make_patient
from tests.services.conftest import OpenDesk


def raise_some(desk: Desk, count: int) -> list[Alarm]:
    return [
        alarms.raise_alarm(desk, kind="emergency", contact_id=make_contact(desk, f"p{i}").id, words=["胸痛"])
        for i in range(count)
    ]


def test_two_workers_never_send_the_same_delivery(open_desk: OpenDesk) -> None:
    with open_desk() as desk:
        endpoints.add_endpoint(desk, url="https://his.example/")
        raise_some(desk, 6)
    with open_desk() as first, open_desk() as second:
        if first.session.get_bind().dialect.name == "sqlite":
            pytest.skip("SQLite has one writer")
        mine = webhooks.claim_deliveries(first, limit=3)
        first.session.commit()
        other = webhooks.claim_deliveries(second, limit=6)
    assert len(mine) == len(other) == 3
    assert not {one.id for one in mine} & {one.id for one in other}


def test_of_one_record_only_the_earliest_that_waits_is_claimed(desk: Desk) -> None:
    endpoint = endpoints.add_endpoint(desk, url="https://his.example/", types=("alarm",))
    (alarm,) = raise_some(desk, 1)
    alarms.acknowledge_alarm(desk.acting_as("staff:1"), alarm_id=alarm.id)
    (first,) = webhooks.claim_deliveries(desk)
    assert endpoints.describe_event(desk, first)["data"]["status"] == "open"
    assert webhooks.claim_deliveries(desk) == []
    webhooks.put_off(desk, delivery_id=first.id, at=desk.now + dt.timedelta(hours=1), error="HTTP 500")
    assert webhooks.claim_deliveries(at(desk, hour=0.5)) == []
    later = at(desk, hour=1)
    (again,) = webhooks.claim_deliveries(later)
    assert (again.id, again.attempts) == (first.id, 2)
    webhooks.mark_delivered(later, delivery_id=again.id)
    (second,) = webhooks.claim_deliveries(later)
    assert endpoints.describe_event(later, second)["data"]["previous"] == "open"
    assert webhooks.claim_deliveries(later, busy=[endpoint.id]) == []


def test_an_endpoint_added_in_the_same_transaction_is_told_of_what_comes_after_it(desk: Desk) -> None:
    raise_some(desk, 1)
    assert not webhooks.any_due(desk)
    one = endpoints.add_endpoint(desk, url="https://his.example/")
    raise_some(desk, 3)
    assert len(webhooks.claim_deliveries(desk)) == 2  # the first contact's alarm was open already
    endpoints.remove_endpoint(desk, endpoint_id=one.id)
    raise_some(desk, 5)
    assert not webhooks.any_due(at(desk, hour=1))


def test_another_hospital_is_told_nothing_of_ours(desk: Desk) -> None:
    theirs = endpoints.add_endpoint(desk, url="https://his.example/")
    theirs.hospital_id = "elsewhere"
    desk.session.flush()
    desk.session.info.clear()  # what this transaction had read of it
    raise_some(desk, 1)
    assert desk.session.exec(select(func.count()).select_from(webhooks.WebhookDelivery)).one() == 0


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_is_due_is_found_by_its_index(desk: Desk) -> None:
    connection, seen = desk.session.connection(), []

    def explain(_: object, cursor: object, statement: str, parameters: object, *__: object) -> None:
        if statement.startswith("SELECT webhook"):
            cursor.execute("EXPLAIN QUERY PLAN " + statement, parameters)  # type: ignore[attr-defined]
            seen.extend(row[3] for row in cursor.fetchall())  # type: ignore[attr-defined]

    sa.event.listen(connection, "before_cursor_execute", explain)
    webhooks.any_due(desk)
    webhooks.claim_deliveries(desk)
    sa.event.remove(connection, "before_cursor_execute", explain)
    assert "ix_webhook_delivery_due" in "\n".join(seen)
    assert not [one for one in seen if one.startswith("SCAN webhook_delivery")]


@pytest.mark.parametrize("actor", ["staff:1", "api", "api:his"])
@pytest.mark.parametrize("reason", [None, "", "  "])
def test_who_ends_what_somebody_wished_for_owes_a_reason(desk: Desk, actor: str, reason: str | None) -> None:
    patient = make_patient(desk, birthday=dt.date(1940, 1, 1))
    escort = escorts.request_escort(
        desk,
        contact_id=patient.contact_id,
        patient_id=patient.id,
        start=dt.datetime(2026, 3, 13, 9),
        needs="wheelchair",
    )
    with pytest.raises(Invalid) as refusal:
        escorts.advance_escort(desk.acting_as(actor), escort_id=escort.id, status="rejected", reason=reason)
    assert (refusal.value.code, refusal.value.field) == ("missing", "reason")
    assert escort.status == "requested"
    record_change(desk.acting_as(actor), record=escort, old="requested", new="rejected", reason="没有人手")
