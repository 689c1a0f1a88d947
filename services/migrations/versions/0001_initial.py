"""initial"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("sender", sa.String(200), nullable=False),
        sa.Column("display_name", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("large_type", sa.Boolean(), nullable=False),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hospital_id", "channel", "sender"),
    )
    op.create_table(
        "counter",
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hospital_id", "name"),
    )
    op.create_table(
        "external_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("external_id", sa.String(200), nullable=False),
        sa.Column("about", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hospital_id", "kind", "external_id"),
    )
    op.create_table(
        "reveal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("record", sa.String(60), nullable=False),
        sa.Column("field", sa.String(40), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("reveal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reveal_actor"), ["actor"], unique=False)
        batch_op.create_index(batch_op.f("ix_reveal_record"), ["record"], unique=False)

    op.create_table(
        "slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("doctor_id", sa.String(60), nullable=False),
        sa.Column("doctor", sa.String(40), nullable=False),
        sa.Column("title", sa.String(20), nullable=False),
        sa.Column("department", sa.String(40), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("start", sa.DateTime(), nullable=False),
        sa.Column("end", sa.DateTime(), nullable=False),
        sa.Column("clinic", sa.String(20), nullable=False),
        sa.Column("fee", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(80), nullable=True),
        sa.Column("campus", sa.String(40), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hospital_id", "doctor_id", "start"),
    )
    with op.batch_alter_table("slot", schema=None) as batch_op:
        batch_op.create_index("ix_slot_date", ["hospital_id", "date"], unique=False)
        batch_op.create_index("ix_slot_department_date", ["hospital_id", "department", "date"], unique=False)

    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("login", sa.String(40), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(), nullable=True),
        sa.Column("last_login_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hospital_id", "login"),
    )
    op.create_table(
        "state_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("record", sa.String(60), nullable=False),
        sa.Column("old", sa.String(40), nullable=False),
        sa.Column("new", sa.String(40), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("state_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_state_change_record"), ["record"], unique=False)

    op.create_table(
        "suspension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("doctor_id", sa.String(60), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("external_id", sa.String(100), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hospital_id", "doctor_id", "date", "period"),
    )
    with op.batch_alter_table("suspension", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_suspension_external_id"), ["external_id"], unique=False)

    op.create_table(
        "alarm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("about", sa.String(60), nullable=False),
        sa.Column("flow", sa.String(60), nullable=True),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(), nullable=False),
        sa.Column("acknowledged_by", sa.String(60), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("alarm", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alarm_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index("ix_alarm_status", ["hospital_id", "status"], unique=False)

    op.create_table(
        "complaint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("order_number", sa.String(40), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("category", sa.String(20), nullable=False),
        sa.Column("team", sa.String(40), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("text_index", sa.String(40), nullable=False),
        sa.Column("place", sa.String(80), nullable=True),
        sa.Column("place_code", sa.String(40), nullable=True),
        sa.Column("department", sa.String(40), nullable=True),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("patient_name", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("serious", sa.Boolean(), nullable=False),
        sa.Column("contact_due_at", sa.DateTime(), nullable=False),
        sa.Column("answer_due_on", sa.Date(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("escalated_at", sa.DateTime(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.create_index("ix_complaint_contact", ["contact_id", "id"], unique=False)
        batch_op.create_index("ix_complaint_number", ["hospital_id", "order_number"], unique=True)
        batch_op.create_index("ix_complaint_status", ["hospital_id", "status"], unique=False)

    op.create_table(
        "conversation_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("contact_id"),
    )
    with op.batch_alter_table("conversation_state", schema=None) as batch_op:
        batch_op.create_index("ix_conversation_updated", ["hospital_id", "updated_at"], unique=False)

    op.create_table(
        "handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("taken_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.create_index(
            "ix_handover_open",
            ["contact_id"],
            unique=True,
            sqlite_where=sa.text("status <> 'completed'"),
            postgresql_where=sa.text("status <> 'completed'"),
        )
        batch_op.create_index("ix_handover_status", ["hospital_id", "status"], unique=False)

    op.create_table(
        "inbox_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(200), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("contact_id", "message_id"),
    )
    op.create_table(
        "note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(60), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_note_contact_id"), ["contact_id"], unique=False)

    op.create_table(
        "patient",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("relation", sa.String(20), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("id_number", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("phone_index", sa.String(40), nullable=True),
        sa.Column("sex", sa.String(6), nullable=False),
        sa.Column("birth", sa.LargeBinary(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("contact_id", "person"),
    )
    with op.batch_alter_table("patient", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_patient_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_patient_person"), ["person"], unique=False)
        batch_op.create_index(batch_op.f("ix_patient_phone_index"), ["phone_index"], unique=False)

    op.create_table(
        "promise",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("about", sa.String(60), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("drop_after", sa.DateTime(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("claimed_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column("values", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("promise", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_promise_about"), ["about"], unique=False)
        batch_op.create_index(batch_op.f("ix_promise_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(
            "ix_promise_due",
            ["hospital_id", "due_at"],
            unique=False,
            sqlite_where=sa.text("status IN ('waiting', 'claimed')"),
            postgresql_where=sa.text("status IN ('waiting', 'claimed')"),
        )

    op.create_table(
        "setup_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    with op.batch_alter_table("setup_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_setup_link_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "appointment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("order_number", sa.String(40), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("department", sa.String(40), nullable=False),
        sa.Column("doctor_id", sa.String(60), nullable=False),
        sa.Column("doctor", sa.String(40), nullable=False),
        sa.Column("title", sa.String(20), nullable=False),
        sa.Column("clinic", sa.String(20), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("start", sa.DateTime(), nullable=False),
        sa.Column("end", sa.DateTime(), nullable=False),
        sa.Column("place", sa.String(80), nullable=True),
        sa.Column("campus", sa.String(40), nullable=True),
        sa.Column("fee", sa.Integer(), nullable=False),
        sa.Column("special_need", sa.String(20), nullable=True),
        sa.Column("complaint", sa.LargeBinary(), nullable=True),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("ended_reason", sa.String(40), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"],
            ["appointment.id"],
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"],
            ["slot.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.create_index("ix_appointment_contact", ["contact_id", "start"], unique=False)
        batch_op.create_index(batch_op.f("ix_appointment_order_number"), ["order_number"], unique=False)
        batch_op.create_index("ix_appointment_person", ["person", "date"], unique=False)
        batch_op.create_index("ix_appointment_slot", ["slot_id"], unique=False)

    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("wording", sa.String(40), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_contact_id"), ["contact_id"], unique=False)

    op.create_table(
        "escort",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("order_number", sa.String(40), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("start", sa.DateTime(), nullable=False),
        sa.Column("special_need", sa.String(60), nullable=False),
        sa.Column("ground", sa.String(40), nullable=False),
        sa.Column("place", sa.String(80), nullable=False),
        sa.Column("department", sa.String(40), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("companion", sa.LargeBinary(), nullable=True),
        sa.Column("companion_phone", sa.LargeBinary(), nullable=True),
        sa.Column("ended_reason", sa.String(60), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("escort", schema=None) as batch_op:
        batch_op.create_index("ix_escort_contact", ["contact_id", "start"], unique=False)
        batch_op.create_index(batch_op.f("ix_escort_order_number"), ["order_number"], unique=False)
        batch_op.create_index("ix_escort_start", ["hospital_id", "start"], unique=False)

    op.create_table(
        "follow_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("external_id", sa.String(200), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("phone_index", sa.String(40), nullable=False),
        sa.Column("person", sa.String(40), nullable=True),
        sa.Column("department", sa.String(40), nullable=False),
        sa.Column("diagnosis", sa.LargeBinary(), nullable=False),
        sa.Column("discharged_on", sa.Date(), nullable=False),
        sa.Column("plan", sa.String(60), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hospital_id", "external_id"),
    )
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_follow_up_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_follow_up_person"), ["person"], unique=False)
        batch_op.create_index(batch_op.f("ix_follow_up_phone_index"), ["phone_index"], unique=False)

    op.create_table(
        "herb_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("order_number", sa.String(40), nullable=False),
        sa.Column("external_id", sa.String(100), nullable=True),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("doses", sa.Integer(), nullable=False),
        sa.Column("decoction", sa.String(12), nullable=False),
        sa.Column("delivery_mode", sa.String(10), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("courier", sa.String(40), nullable=True),
        sa.Column("tracking_number", sa.String(60), nullable=True),
        sa.Column("place", sa.String(80), nullable=True),
        sa.Column("fee", sa.Integer(), nullable=False),
        sa.Column("stage_at", sa.DateTime(), nullable=False),
        sa.Column("expected_at", sa.DateTime(), nullable=True),
        sa.Column("late_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("herb_delivery", schema=None) as batch_op:
        batch_op.create_index("ix_herb_contact", ["contact_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_herb_delivery_external_id"), ["external_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_herb_delivery_order_number"), ["order_number"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_herb_delivery_tracking_number"), ["tracking_number"], unique=False
        )
        batch_op.create_index("ix_herb_status", ["hospital_id", "status"], unique=False)

    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("inbox_id", sa.Integer(), nullable=True),
        sa.Column("author", sa.String(60), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("error", sa.String(200), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.ForeignKeyConstraint(
            ["inbox_id"],
            ["inbox_message.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_contact", ["contact_id", "id"], unique=False)
        batch_op.create_index("ix_outbox_inbox", ["inbox_id"], unique=False)
        batch_op.create_index(
            "ix_outbox_queued",
            ["hospital_id", "next_attempt_at"],
            unique=False,
            sqlite_where=sa.text("status = 'queued'"),
            postgresql_where=sa.text("status = 'queued'"),
        )
        batch_op.create_index(
            "ix_outbox_waiting",
            ["contact_id"],
            unique=False,
            sqlite_where=sa.text("status = 'queued'"),
            postgresql_where=sa.text("status = 'queued'"),
        )

    op.create_table(
        "service_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("order_number", sa.String(40), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("values", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("service_request", schema=None) as batch_op:
        batch_op.create_index("ix_service_request_contact", ["contact_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_request_order_number"), ["order_number"], unique=False)
        batch_op.create_index("ix_service_request_status", ["hospital_id", "kind", "status"], unique=False)

    op.create_table(
        "follow_up_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("follow_up_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("reminded_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["follow_up_id"],
            ["follow_up.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("follow_up_id", "day"),
    )
    with op.batch_alter_table("follow_up_task", schema=None) as batch_op:
        batch_op.create_index("ix_follow_up_task_due", ["hospital_id", "status", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_follow_up_task_follow_up_id"), ["follow_up_id"], unique=False)

    op.create_table(
        "hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"],
            ["slot.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.create_index("ix_hold_contact", ["contact_id", "status"], unique=False)
        batch_op.create_index(
            "ix_hold_expiry",
            ["hospital_id", "expires_at"],
            unique=False,
            sqlite_where=sa.text("status = 'held'"),
            postgresql_where=sa.text("status = 'held'"),
        )

    op.create_table(
        "waitlist",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hospital_id", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.Column("order_number", sa.String(40), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("department", sa.String(40), nullable=False),
        sa.Column("doctor", sa.String(40), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("period", sa.String(10), nullable=True),
        sa.Column("hold_id", sa.Integer(), nullable=True),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("offers", sa.Integer(), nullable=False),
        sa.Column("ended_reason", sa.String(40), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contact.id"],
        ),
        sa.ForeignKeyConstraint(
            ["hold_id"],
            ["hold.id"],
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"],
            ["patient.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("waitlist", schema=None) as batch_op:
        batch_op.create_index("ix_waitlist_contact", ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_waitlist_order_number"), ["order_number"], unique=False)
        batch_op.create_index("ix_waitlist_status", ["hospital_id", "status"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("waitlist", schema=None) as batch_op:
        batch_op.drop_index("ix_waitlist_status")
        batch_op.drop_index(batch_op.f("ix_waitlist_order_number"))
        batch_op.drop_index("ix_waitlist_contact")

    op.drop_table("waitlist")
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_hold_expiry",
            sqlite_where=sa.text("status = 'held'"),
            postgresql_where=sa.text("status = 'held'"),
        )
        batch_op.drop_index("ix_hold_contact")

    op.drop_table("hold")
    with op.batch_alter_table("follow_up_task", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_follow_up_task_follow_up_id"))
        batch_op.drop_index("ix_follow_up_task_due")

    op.drop_table("follow_up_task")
    with op.batch_alter_table("service_request", schema=None) as batch_op:
        batch_op.drop_index("ix_service_request_status")
        batch_op.drop_index(batch_op.f("ix_service_request_order_number"))
        batch_op.drop_index("ix_service_request_contact")

    op.drop_table("service_request")
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_waiting",
            sqlite_where=sa.text("status = 'queued'"),
            postgresql_where=sa.text("status = 'queued'"),
        )
        batch_op.drop_index(
            "ix_outbox_queued",
            sqlite_where=sa.text("status = 'queued'"),
            postgresql_where=sa.text("status = 'queued'"),
        )
        batch_op.drop_index("ix_outbox_inbox")
        batch_op.drop_index("ix_outbox_contact")

    op.drop_table("outbox_message")
    with op.batch_alter_table("herb_delivery", schema=None) as batch_op:
        batch_op.drop_index("ix_herb_status")
        batch_op.drop_index(batch_op.f("ix_herb_delivery_tracking_number"))
        batch_op.drop_index(batch_op.f("ix_herb_delivery_order_number"))
        batch_op.drop_index(batch_op.f("ix_herb_delivery_external_id"))
        batch_op.drop_index("ix_herb_contact")

    op.drop_table("herb_delivery")
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_follow_up_phone_index"))
        batch_op.drop_index(batch_op.f("ix_follow_up_person"))
        batch_op.drop_index(batch_op.f("ix_follow_up_contact_id"))

    op.drop_table("follow_up")
    with op.batch_alter_table("escort", schema=None) as batch_op:
        batch_op.drop_index("ix_escort_start")
        batch_op.drop_index(batch_op.f("ix_escort_order_number"))
        batch_op.drop_index("ix_escort_contact")

    op.drop_table("escort")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_contact_id"))

    op.drop_table("consent")
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.drop_index("ix_appointment_slot")
        batch_op.drop_index("ix_appointment_person")
        batch_op.drop_index(batch_op.f("ix_appointment_order_number"))
        batch_op.drop_index("ix_appointment_contact")

    op.drop_table("appointment")
    with op.batch_alter_table("setup_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_setup_link_staff_id"))

    op.drop_table("setup_link")
    with op.batch_alter_table("promise", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_promise_due",
            sqlite_where=sa.text("status IN ('waiting', 'claimed')"),
            postgresql_where=sa.text("status IN ('waiting', 'claimed')"),
        )
        batch_op.drop_index(batch_op.f("ix_promise_contact_id"))
        batch_op.drop_index(batch_op.f("ix_promise_about"))

    op.drop_table("promise")
    with op.batch_alter_table("patient", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_patient_phone_index"))
        batch_op.drop_index(batch_op.f("ix_patient_person"))
        batch_op.drop_index(batch_op.f("ix_patient_contact_id"))

    op.drop_table("patient")
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_note_contact_id"))

    op.drop_table("note")
    op.drop_table("inbox_message")
    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.drop_index("ix_handover_status")
        batch_op.drop_index(
            "ix_handover_open",
            sqlite_where=sa.text("status <> 'completed'"),
            postgresql_where=sa.text("status <> 'completed'"),
        )

    op.drop_table("handover")
    with op.batch_alter_table("conversation_state", schema=None) as batch_op:
        batch_op.drop_index("ix_conversation_updated")

    op.drop_table("conversation_state")
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.drop_index("ix_complaint_status")
        batch_op.drop_index("ix_complaint_number")
        batch_op.drop_index("ix_complaint_contact")

    op.drop_table("complaint")
    with op.batch_alter_table("alarm", schema=None) as batch_op:
        batch_op.drop_index("ix_alarm_status")
        batch_op.drop_index(batch_op.f("ix_alarm_contact_id"))

    op.drop_table("alarm")
    with op.batch_alter_table("suspension", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_suspension_external_id"))

    op.drop_table("suspension")
    with op.batch_alter_table("state_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_state_change_record"))

    op.drop_table("state_change")
    op.drop_table("staff")
    with op.batch_alter_table("slot", schema=None) as batch_op:
        batch_op.drop_index("ix_slot_department_date")
        batch_op.drop_index("ix_slot_date")

    op.drop_table("slot")
    with op.batch_alter_table("reveal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reveal_record"))
        batch_op.drop_index(batch_op.f("ix_reveal_actor"))

    op.drop_table("reveal")
    op.drop_table("external_event")
    op.drop_table("counter")
    op.drop_table("contact")
