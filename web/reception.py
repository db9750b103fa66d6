"""`/gradio_api/upload`: writes the files of a multipart body into the inbox, piece by piece as they come."""

import asyncio
import errno
import secrets
import shutil
from contextlib import suppress
from typing import IO, Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from index import InputError
from web.doors import bodies
from web.doors.refusal import Refusal
from web.doors.visitor import visitor_of
from web.inbox import MAX_INCOMING_BYTES, Inbox
from web.names import safe_name

BROWSER_COOKIE = "article-qa-browser"
UNFINISHED = ".part"
MAX_UPLOAD_BYTES = 50_000_000  # one file; what the index reads at most
MAX_AT_ONCE = 200  # files


async def upload(request: Request) -> Response:
    """Take files in; answers with the token of each, as Gradio's page expects their paths."""
    visitor, inbox = visitor_of(request), request.app.state.site.inbox
    await asyncio.to_thread(inbox.sweep)
    browser = visitor.browser or secrets.token_urlsafe(24)
    reception = Reception(inbox, request.headers.get("content-type", ""), browser)
    try:
        coming = bodies.parts(request.receive, request.headers, MAX_INCOMING_BYTES, bodies.UPLOAD_SECONDS)
        async for part in coming:
            await asyncio.to_thread(reception.write, part)
        tokens = reception.finish()
    except BaseException:
        await asyncio.shield(asyncio.to_thread(reception.abandon))
        raise
    response = JSONResponse(tokens)
    if not visitor.browser:
        secure = visitor.scheme == "https"
        response.set_cookie(BROWSER_COOKIE, browser, httponly=True, samesite="strict", secure=secure)
    return response


async def progress(request: Request) -> Response:
    """How far an upload is: the page shows it without being told."""
    return Response(status_code=204)


class Reception:
    """Writes the files of one multipart body. Raises Refusal; `abandon` removes what was written."""

    def __init__(self, inbox: Inbox, content_type: str, browser: str) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not 0 < len(boundary) <= 70:
            raise Refusal(400, "an upload must be multipart/form-data")
        self._inbox, self._browser = inbox, browser
        self._tokens: list[str] = []
        self._name, self._value, self._disposition = b"", b"", b""
        self._file: IO[bytes] | None = None
        self._size, self._ended = 0, False
        callbacks: Any = {
            "on_part_begin": self._part_begins,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_ends,
            "on_headers_finished": self._headers_end,
            "on_part_data": self._part_data,
            "on_part_end": self._part_ends,
            "on_end": self._body_ends,
        }
        self._parser = MultipartParser(boundary, callbacks)

    def write(self, data: bytes) -> None:
        """Take one piece of the body."""
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise Refusal(400, "the upload is not multipart/form-data") from error
        except OSError as error:
            raise disk_refusal(error) from error

    def finish(self) -> list[str]:
        """The tokens of the files. Raises Refusal when the body broke off or held none."""
        if not self._ended or not self._tokens:
            raise Refusal(400, "the upload broke off: upload it again")
        return self._tokens

    def abandon(self) -> None:
        """Remove everything that was written."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._inbox.release(self._size)
        for token in self._tokens:
            with suppress(InputError):
                self._inbox.take([token])
        folders = [*self._tokens, *([self._token] if self._file is not None else [])]
        self._inbox.discard([self._inbox.folder / token / UNFINISHED for token in folders])
        self._file = None

    def _body_ends(self) -> None:
        self._ended = True

    def _part_begins(self) -> None:
        self._name, self._value, self._disposition = b"", b"", b""

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_ends(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition = self._value
        self._name, self._value = b"", b""

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._disposition)
        if b"filename" not in options:  # a field: the page sends none
            return
        if len(self._tokens) >= MAX_AT_ONCE:
            raise Refusal(413, f"too many files at once: upload at most {MAX_AT_ONCE}")
        self._kept_as = safe_name(options[b"filename"].decode("utf-8", "replace"))
        self._token, self._size = secrets.token_hex(16), 0
        folder = self._inbox.folder / self._token
        try:
            folder.mkdir(parents=True)
            self._file = (folder / UNFINISHED).open("wb")
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._file is None:
            return
        if self._size + end - start > MAX_UPLOAD_BYTES:
            raise Refusal(413, f"{self._kept_as}: larger than {MAX_UPLOAD_BYTES // 10**6} MB; split it")
        self._inbox.reserve(end - start)
        self._size += end - start
        self._file.write(memoryview(data)[start:end])

    def _part_ends(self) -> None:
        if self._file is None:
            return
        self._file.close()  # a full disk may be noticed only now
        folder = self._inbox.folder / self._token
        path = (folder / UNFINISHED).replace(folder / self._kept_as)
        self._file = None
        self._tokens.append(self._inbox.keep(path, self._browser, self._size))


def disk_refusal(error: OSError) -> Refusal:
    """What is said when the disk does not take an upload."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Refusal(507, "the disk is full: nothing was kept; make room and upload again")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return Refusal(507, "the store cannot be written: nothing was kept; make it writable and upload again")
    return Refusal(507, f"the upload cannot be written ({error.strerror}): nothing was kept")
