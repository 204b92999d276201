"""Every address of the portal with its gate: what the golden list holds and `openbeian routes` prints."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def list_routes() -> list[str]:
    """One line per address: path, name, permissions; `allauth` for its own views, `no gate` for a view without one."""
    return sorted(" ".join(parts) for parts in _walk(get_resolver(), ""))


def _is_of_api(pattern: URLPattern) -> bool:
    """Whether the API's library made the view: its operations carry their authentication themselves."""
    return getattr(pattern.callback, "__module__", "") == "ninja.operation" or pattern.name in {
        "openapi-json",
        "api-root",
    }


def _describe_token(pattern: URLPattern) -> str:
    """`token` when every operation at the address asks for one."""
    cells = getattr(pattern.callback, "__closure__", None) or ()
    operations = [o for cell in cells for o in getattr(cell.cell_contents, "operations", ())]
    return "token" if operations and all(o.auth_callbacks for o in operations) else "public"


def _walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, str, str]]:
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, path)
        else:
            yield f"/{path}", pattern.name or "-", _describe_gate(pattern)


def _describe_gate(pattern: URLPattern) -> str:
    permissions = getattr(pattern.callback, "permissions", None)
    if permissions:
        return ",".join(permissions)
    module = getattr(pattern.callback, "__module__", "")
    if _is_of_api(pattern):
        return _describe_token(pattern)
    return "allauth" if module.startswith("allauth.") else "no gate"
