"""Who may call: a bearer token, or, where none is set, callers on this machine only."""

from __future__ import annotations

import hmac
import ipaddress

from starlette.requests import HTTPConnection

from bot.api.errors import ApiError

_LOCAL_NAMES = {"localhost", "127.0.0.1", "[::1]"}


def require_access(connection: HTTPConnection) -> None:
    """FastAPI dependency: lets the request through or raises 401/403."""
    token = connection.app.state.house.settings.api_token
    if token is not None:
        scheme, _, given = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(
            given.strip().encode(), token.get_secret_value().encode()
        ):
            raise ApiError("unauthorised", "Authorization: Bearer <WENJIN_API_TOKEN> is needed", status=401)
    elif not is_local(connection):
        raise ApiError(
            "forbidden", "no WENJIN_API_TOKEN is set: this route answers on loopback only", status=403
        )


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
