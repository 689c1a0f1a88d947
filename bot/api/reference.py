"""The API's reference page, drawn here from the OpenAPI description: no script, nothing from outside."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

_STYLE = """
body{font:16px/1.6 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color:#1a2b2b}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem;border-bottom:1px solid #cdd}
code,pre{font:0.95em ui-monospace,monospace}pre{overflow:auto;max-height:24rem}summary{cursor:pointer;padding:.35rem 0}
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
            groups.setdefault(tag, []).append(_entry(method, path, operation, description))
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


def _entry(method: str, path: str, operation: dict[str, Any], description: dict[str, Any]) -> str:
    rows = "".join(
        _row(
            one["name"],
            one["in"],
            one.get("schema", {}),
            bool(one.get("required")),
            one.get("description", ""),
        )
        for one in operation.get("parameters", ())
    )
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    rows += _fields(body, description)
    text = escape(operation.get("description") or operation.get("summary", ""))
    return (
        f"<details><summary><b>{escape(method.upper())}</b> <code>{escape(path)}</code></summary>"
        f"<dl><dd>{text}</dd>{rows}{_examples(operation)}</dl></details>"
    )


def _examples(operation: dict[str, Any]) -> str:
    """What may be sent, and what is answered to it."""
    found = (
        ("example", operation.get("requestBody", {})),
        ("answer", operation["responses"].get("200", {})),
    )
    shown = [
        (word, part.get("content", {}).get("application/json", {}).get("example")) for word, part in found
    ]
    return "".join(
        f"<dt>{word}</dt><dd><pre>{escape(json.dumps(one, ensure_ascii=False, indent=1))}</pre></dd>"
        for word, one in shown
        if one is not None
    )


def _fields(schema: dict[str, Any], description: dict[str, Any], within: str = "") -> str:
    """A row for each field of a JSON body; those of a list's items stand behind its name: ``items[].name``."""
    schema = _resolve(schema, description)
    needed = schema.get("required", ())
    rows = ""
    for name, one in schema.get("properties", {}).items():
        rows += _row(f"{within}{name}", "body", one, name in needed, one.get("description", ""))
        items = _resolve(one.get("items", {}), description)
        rows += _fields(items, description, f"{within}{name}[].")
    return rows


def _row(name: str, where: str, schema: dict[str, Any], needed: bool, text: str) -> str:
    """``external_id (body, string, at most 100, needed)`` and what it is."""
    about = [where, *_describe(schema), *(["needed"] if needed else [])]
    return (
        f"<dt><code>{escape(name)}</code> ({escape(', '.join(about))})</dt>"
        f"<dd>{escape(text or schema.get('description', ''))}</dd>"
    )


def _describe(schema: dict[str, Any]) -> list[str]:
    kinds = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    one = kinds[0] if kinds else {}
    words = [str(one.get("format") or one.get("type", "object"))]
    if "enum" in one:
        words = [" | ".join(map(str, one["enum"]))]
    if "maxLength" in one:
        words.append(f"at most {one['maxLength']}")
    if "minimum" in one and "maximum" in one:
        words.append(f"{one['minimum']}–{one['maximum']}")
    return words


def _resolve(schema: dict[str, Any], description: dict[str, Any]) -> dict[str, Any]:
    """The schema that a reference within the description names."""
    found: Any = description
    if "$ref" not in schema:
        return schema
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)
