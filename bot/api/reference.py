"""The API's reference page, drawn here from the OpenAPI description: no script, nothing from outside."""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

_STYLE = """
body{font:16px/1.6 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color:#1a2b2b}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem;border-bottom:1px solid #cdd}
code{font:0.95em ui-monospace,monospace}summary{cursor:pointer;padding:.35rem 0}
summary b{display:inline-block;min-width:4.5rem;color:#0b6b63}dl{margin:.3rem 0 1rem 4.9rem}dd{margin:0 0 .4rem 1rem}
@media(prefers-color-scheme:dark){body{background:#10191a;color:#dce7e6}summary b{color:#6fd0c4}}
"""


@router.get("/docs")
async def page(request: Request) -> HTMLResponse:
    """The page; the same as data is at /openapi.json."""
    description = request.app.openapi()
    groups: dict[str, list[str]] = {}
    for path, methods in sorted(description["paths"].items()):
        for method, operation in methods.items():
            tag = (operation.get("tags") or ["other"])[0]
            groups.setdefault(tag, []).append(_entry(method, path, operation))
    body = "".join(f"<h2>{escape(tag)}</h2>{''.join(entries)}" for tag, entries in sorted(groups.items()))
    title = escape(f"{description['info']['title']} API")
    return HTMLResponse(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{_STYLE}</style><h1>{title}</h1>"
        "<p>Errors: <code>{&quot;error&quot;, &quot;message&quot;, &quot;field&quot;?}</code>. Everything but chat, "
        "platform webhooks, health and readiness wants <code>Authorization: Bearer</code>; without a token set, "
        'these routes answer on loopback only. As data: <a href="/openapi.json">/openapi.json</a></p>'
        f"{body}</html>"
    )


def _entry(method: str, path: str, operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<dt><code>{escape(one['name'])}</code> ({escape(one['in'])})</dt>"
        f"<dd>{escape(one.get('description', ''))}</dd>"
        for one in operation.get("parameters", ())
    )
    text = escape(operation.get("description") or operation.get("summary", ""))
    return (
        f"<details><summary><b>{escape(method.upper())}</b> <code>{escape(path)}</code></summary>"
        f"<dl><dd>{text}</dd>{rows}</dl></details>"
    )
