"""The headers of every answer: nothing is granted to other origins, nothing may be loaded from or sent to them."""

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

# Gradio's page has inline scripts and makes functions of the strings in its configuration.
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "worker-src 'self' blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def guarded(send: Send) -> Send:
    """`send`, with our headers on each answer that has none of its own, and without any grant to other origins."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name in [name for name in headers if name.lower().startswith("access-control-")]:
                del headers[name]
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sent
