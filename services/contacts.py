"""A contact 账号: a person on a channel, who may speak for several patients."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint, update
from sqlmodel import Field, col, select

from services.database import Encrypted, Record, insert_new
from services.desk import Desk
from services.finding import get_record


class Contact(Record, table=True):
    __table_args__ = (UniqueConstraint("hospital_id", "channel", "sender"),)

    channel: str = Field(max_length=20)
    """``rest``, ``web``, ``telegram``, ``wechat``, ``terminal``."""
    sender: str = Field(max_length=200)
    """The channel's own id of the person; a pseudonym, never a phone number in clear."""
    display_name: str | None = Field(default=None, sa_type=Encrypted("contact.display_name"))
    language: str = Field(default="zh", max_length=10)
    large_type: bool = False
    reachable: bool = True
    """False once the channel says for good that nothing arrives (blocked, gone)."""


def get_or_create_contact(desk: Desk, *, channel: str, sender: str) -> Contact:
    """Safe when two messages of a new contact arrive at once."""
    contact = find_contact(desk, channel=channel, sender=sender)
    if contact is not None:
        return contact
    row = {
        "hospital_id": desk.hospital_id,
        "created_at": desk.now,
        "channel": channel,
        "sender": sender,
        "language": "zh",
        "large_type": False,
        "reachable": True,
    }
    insert_new(desk.session, Contact, row)
    contact = find_contact(desk, channel=channel, sender=sender)
    assert contact is not None
    return contact


def keep_wishes(desk: Desk, *, contact_id: int, language: str, large_type: bool) -> None:
    """The language and the type that the person asked for: a conversation begun anew starts with them."""
    desk.session.execute(
        update(Contact).where(col(Contact.id) == contact_id).values(language=language, large_type=large_type)
    )


def find_contact(desk: Desk, *, channel: str, sender: str) -> Contact | None:
    query = select(Contact).where(
        Contact.hospital_id == desk.hospital_id, Contact.channel == channel, Contact.sender == sender
    )
    return desk.session.exec(query).one_or_none()


def get_contact(desk: Desk, *, contact_id: int) -> Contact:
    return get_record(desk, Contact, contact_id)
