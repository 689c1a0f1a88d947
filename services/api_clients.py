"""Other systems that may call the API, each with a token of its own and the scopes it was given.

``WENJIN_API_TOKEN`` is the token of whoever runs the house and may do everything; a laboratory's or a pharmacy's
system gets its own, so that the history says which of them acted and each can be shut out alone.
"""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, col, select

from services.database import Record
from services.desk import Desk
from services.errors import Invalid, NotAllowed, NotFound
from services.history import change_state, record_change

READ, WRITE, REVEAL = SCOPES = ("read", "write", "reveal")
"""Look at records (masked) · tell us of events · see one field in full, with a reason, written down."""
ACTIVE, OFF = "active", "off"


class ApiClient(Record, table=True):
    __tablename__ = "api_client"
    __table_args__ = (UniqueConstraint("hospital_id", "name"),)

    name: str = Field(max_length=40)
    token_hash: str = Field(max_length=64, unique=True)
    """Only the hash is kept; a random token of 32 bytes needs no slow one."""
    scopes: str = Field(max_length=60)
    status: str = Field(default=ACTIVE, max_length=10)


def add_client(desk: Desk, *, name: str, scopes: tuple[str, ...] = (READ, WRITE)) -> tuple[ApiClient, str]:
    """The client and its token, which is nowhere else. Raises ``Invalid`` with field ``name`` or ``scopes``,
    ``NotAllowed("name_taken")``."""
    name = name.strip().lower()
    if not 2 <= len(name) <= 40 or not name.replace("-", "").replace("_", "").isalnum():
        raise Invalid("name", field="name")
    for one in scopes:
        if one not in SCOPES:
            raise Invalid("scope", field="scopes", value=one)
    query = select(ApiClient).where(ApiClient.hospital_id == desk.hospital_id, ApiClient.name == name)
    if desk.session.exec(query).one_or_none() is not None:
        raise NotAllowed("name_taken", field="name", value=name)
    token = f"wj_{secrets.token_urlsafe(32)}"
    client = ApiClient(
        hospital_id=desk.hospital_id,
        created_at=desk.now,
        name=name,
        token_hash=_hash(token),
        scopes=" ".join(dict.fromkeys(scopes)),
    )
    desk.session.add(client)
    desk.session.flush()
    record_change(desk, record=client, old="", new=ACTIVE)
    return client, token


def find_client(desk: Desk, *, token: str) -> ApiClient | None:
    """Whose token this is, if he may still come."""
    query = select(ApiClient).where(
        ApiClient.hospital_id == desk.hospital_id,
        ApiClient.token_hash == _hash(token),
        ApiClient.status == ACTIVE,
    )
    return desk.session.exec(query).one_or_none()


def list_clients(desk: Desk) -> list[ApiClient]:
    query = select(ApiClient).where(ApiClient.hospital_id == desk.hospital_id, ApiClient.status == ACTIVE)
    return list(desk.session.exec(query.order_by(col(ApiClient.id))))


def remove_client(desk: Desk, *, name: str, reason: str = "removed") -> ApiClient:
    """Its token stops working at once. The name stays taken: the history speaks of it."""
    query = select(ApiClient).where(ApiClient.hospital_id == desk.hospital_id, ApiClient.name == name.strip())
    client = desk.session.exec(query).one_or_none()
    if client is None or client.status == OFF:
        raise NotFound(field="name", value=name)
    change_state(desk, record=client, new=OFF, reason=reason)
    return client


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
