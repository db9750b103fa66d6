"""Hostile files, uploaded as an operator would: each is read, or named with its reason, and the server goes on."""

import re
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from benchmarks.web_attacks import crowd
from benchmarks.web_attacks.target import PATIENCE, Target
from tests.support.hostile_files import MAKERS, write_hostile

Outcome = tuple[dict[str, float], list[str]]
_TAGS = re.compile(r"<[^>]+>")


def chosen(number: int) -> list[str]:
    """So many of the hostile files, or all there are: of every kind as many as its share is."""
    names, number = list(MAKERS), min(number, len(MAKERS))
    return [names[count * len(names) // number] for count in range(number)]


def hostile(names: Sequence[str]) -> dict[str, bytes]:
    """These hostile files."""
    with TemporaryDirectory() as folder:
        return {name: write_hostile(Path(folder), name).read_bytes() for name in names}


def one_by_one(target: Target, names: Sequence[str]) -> Outcome:
    """Each file by itself, with its time, the server's memory after it and what was said."""
    harms: list[str] = []
    slowest, which, skipped = 0.0, "", 0
    with httpx.Client(timeout=10 * PATIENCE) as client:
        for name, data in hostile(names).items():
            began = time.monotonic()
            said = _given(client, target, {name: data})
            took = time.monotonic() - began
            skipped += "kipped" in said or "none of the files" in said
            print(
                f"    {name}: {took:.1f} s, {target.memory() // 10**6} MB: {' '.join(said.split())[:200]}", flush=True
            )
            if took > slowest:
                slowest, which = took, name
            if "internal error" in said or "Traceback" in said:
                harms.append(f"{name}: {said[:300]}")
    print(f"    the slowest file: {which}")
    return {"files": len(names), "named and skipped": skipped, "slowest, s": round(slowest, 1)}, harms


def all_at_once(target: Target, names: Sequence[str]) -> Outcome:
    """All files in one upload."""
    with httpx.Client(timeout=10 * PATIENCE) as client:
        began, sent = time.monotonic(), hostile(names)
        said = _given(client, target, sent)
        took = time.monotonic() - began
        answered = "1980" in target.ask(crowd.QUESTIONS[0])
    harms = [] if answered else ["the store does not answer any more"]
    if "internal error" in said or "failed" in said:
        harms.append(said[:300])
    return {"files": len(names), "seconds to add": round(took, 1), "named": sum(name in said for name in sent)}, harms


def _given(client: httpx.Client, target: Target, files: dict[str, bytes]) -> str:
    """What the page says once the files were uploaded and added."""
    uploaded = crowd.upload(client, target, files)
    if uploaded.status_code != 200:
        return f"skipped: {uploaded.text}"
    added = crowd.add(client, target, uploaded.json())
    if added.status_code != 200:
        return added.text
    refused = crowd.shown(client, target, added, "upload", "refused")
    return _TAGS.sub(" ", refused or crowd.wait_for_job(client, target))
