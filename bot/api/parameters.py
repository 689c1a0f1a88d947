"""What stands behind the question mark: only what the route knows."""

from __future__ import annotations

from fastapi import Request

from bot.api.errors import ApiError
from bot.api.refusals import LONGEST_VALUE, show_value
from knowledge.errors import find_nearest


async def refuse_unknown(request: Request) -> None:
    """FastAPI dependency: a parameter that the route does not know is refused, for answered as if it were not there it
    would make a filter that filters nothing."""
    known = [one.alias for one in request.scope["route"].dependant.query_params]
    for name, value in request.query_params.multi_items():
        if name not in known:
            raise ApiError(
                "unknown_parameter",
                f"没有参数 {name[:LONGEST_VALUE]}" + (f"；可以写：{'、'.join(known)}" if known else ""),
                status=422,
                field=name[:LONGEST_VALUE],
                value=show_value(name, value),
                nearest=find_nearest(name, known),
                allowed=known,
            )
