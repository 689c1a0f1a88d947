"""Who may call, and what for: a bearer token, or, where none is set, callers on this machine only.

``WENJIN_API_TOKEN`` may do everything. A system with a token of its own (``wenjin tokens add lis``) may do what its
scopes say, and the history names it (``api:lis``). Callers without a token, on loopback, may read and write; what lies
masked they do not see, for nobody could be named.
"""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from bot.api.errors import ApiError
from bot.house import House
from services.api_clients import READ, REVEAL, SCOPES, WRITE, find_client

MOST_BYTES = 1 << 20
_LOCAL_NAMES = {"localhost", "127.0.0.1", "[::1]"}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: ``actor`` is how the history names him."""

    actor: str
    scopes: frozenset[str]
    named: bool = True
    """He showed a token: one without, on loopback, could be anybody here."""


async def require_access(connection: HTTPConnection) -> Caller:
    """FastAPI dependency: lets the request through or raises 401/403.

    What tells us something (``POST /api/v1/…``) wants the scope ``write``, everything else ``read``.
    """
    if connection.headers.get("content-length", "0").zfill(12) > str(MOST_BYTES).zfill(12):
        raise ApiError("too_large", f"请求体最多 {MOST_BYTES} 字节", status=413)
    caller = await identify(connection)
    method = connection.scope.get("method", "GET")
    writes = method not in ("GET", "HEAD") and connection.url.path.startswith("/api/v1/")
    needed = REVEAL if writes and connection.url.path.endswith("/reveal") else WRITE if writes else READ
    require_scope(caller, needed)
    connection.state.caller = caller
    return caller


def require_scope(caller: Caller, scope: str) -> None:
    if scope not in caller.scopes:
        raise ApiError(
            "forbidden",
            f"这个令牌没有范围 {scope}（wenjin tokens add … --scopes）"
            if caller.named
            else f"要有范围 {scope} 的令牌才行（wenjin tokens add … --scopes {scope}），没有令牌分不清是谁",
            status=403,
        )


def get_caller(connection: HTTPConnection) -> Caller:
    """Who `require_access` let through."""
    found: Caller = connection.state.caller
    return found


async def identify(connection: HTTPConnection) -> Caller:
    house: House = connection.app.state.house
    token = house.settings.api_token
    scheme, _, given = connection.headers.get("authorization", "").partition(" ")
    given = given.strip() if scheme.lower() == "bearer" else ""
    if given and token is not None and hmac.compare_digest(given.encode(), token.get_secret_value().encode()):
        return Caller("api", frozenset(SCOPES))
    if given.startswith("wj_"):
        client = await house.read(lambda desk: find_client(desk, token=given))
        if client is not None:
            return Caller(f"api:{client.name}", frozenset(client.scopes.split()))
    if token is not None or given.startswith("wj_"):
        raise ApiError("unauthorised", "没有带 Authorization: Bearer <令牌>，或者令牌不对", status=401)
    if not is_local(connection):
        raise ApiError("forbidden", "没有设 WENJIN_API_TOKEN，只有本机能用", status=403)
    return Caller("api", frozenset({READ, WRITE}), named=False)


def is_local(connection: HTTPConnection) -> bool:
    """The caller is this machine, by address and by the name it called us.

    The name is looked at too, so that a page opened in a browser here cannot reach the API through a name of its
    own that resolves to 127.0.0.1. A reverse proxy must pass X-Forwarded-For, or set a token.
    """
    host = connection.headers.get("host", "")
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    if name.lower() not in _LOCAL_NAMES or connection.client is None:
        return False
    try:
        return ipaddress.ip_address(connection.client.host).is_loopback
    except ValueError:
        return False
