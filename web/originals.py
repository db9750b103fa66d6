"""The file an article came from: by the article's id, never by a path out of the request."""

import asyncio
from collections import OrderedDict
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from index import Article, ArticleQAError, InputError, read_articles
from index.project import PROJECT

READ_AT_ONCE = 2  # files; reading a large one takes a core for seconds
MAX_KNOWN = 500
# Shown in the browser as they are; of everything else, HTML above all, the text.
_SHOWN = {".pdf": "application/pdf", ".txt": "text/plain; charset=utf-8", ".md": "text/plain; charset=utf-8"}
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Referrer-Policy": "no-referrer",
}


def file_of(article: Article) -> Path | None:
    """The article's own file; None when it is a row or a member of one, changed, or no longer there.

    A row's `source` can name any path, so only the file that was read counts.
    """
    if article.file != article.source:
        return None
    path = PROJECT / article.source  # an absolute source stays as it is
    try:
        read = next(read_articles([path]), None) if path.is_file() else None
    except (ArticleQAError, OSError):
        return None
    return path if read is not None and (read.source, read.text) == (article.source, article.text) else None


class Originals:
    """The files that articles came from, each read once for as long as it does not change, few at the same time."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[object, ...], Path | None] = OrderedDict()
        self._reading = asyncio.Semaphore(READ_AT_ONCE)

    async def of(self, article: Article) -> Path | None:
        """As `file_of`."""
        key = await asyncio.to_thread(lambda: (article.id, article.digest, *_version(article)))
        async with self._reading:
            if key not in self._known:
                self._known[key] = await asyncio.to_thread(file_of, article)
                while len(self._known) > MAX_KNOWN:
                    self._known.popitem(last=False)
            return self._known[key]


def _version(article: Article) -> tuple[object, ...]:
    try:
        found = (PROJECT / article.source).stat()
    except (OSError, ValueError):
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


async def original(request: Request) -> Response:
    """The original, or its text as it is in the store where it has no file of its own."""
    try:
        snapshot = request.app.state.site.snapshot()
        article = await asyncio.to_thread(snapshot.article, request.path_params["article_id"])
    except InputError:
        return PlainTextResponse("no such article", 404)
    except ArticleQAError as error:  # it has changed on disk
        return PlainTextResponse(str(error), 503)
    path = await request.app.state.originals.of(article)
    download = request.query_params.get("download") is not None
    shown = _SHOWN.get(path.suffix.lower()) if path else None
    if path is None or not (shown or download):  # what a browser would not show as it is: its text
        name = quote(Path(article.source).name + ".txt")
        return PlainTextResponse(article.text, headers=_headers("attachment" if download else "inline", name))
    return FileResponse(
        path,
        media_type=shown or "application/octet-stream",
        headers=_headers("attachment" if download else "inline", quote(path.name), pdf=path.suffix.lower() == ".pdf"),
    )


def _headers(how: str, name: str, *, pdf: bool = False) -> dict[str, str]:
    headers = {**_HEADERS, "Content-Disposition": f"{how}; filename*=UTF-8''{name}"}
    if pdf:  # a browser's PDF viewer does not start in a sandbox
        headers["Content-Security-Policy"] = "frame-ancestors 'none'"
    return headers
