"""The rooms and their order; no circle; no name twice; a room is entered by its door; the public API.

A room is a package, or a module that stands directly in `index/` or `qa/`.
"""

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

import index
import qa

ROOT = Path(__file__).parent.parent
TOPS = ("index", "qa", "web", "app.py", "training", "benchmarks", "tests")

# From the ground up: a room may use those that are named before it.
ORDER = """
    index.errors index.project index.checksum index.derived index.command_line
    index.articles index.search index.passages index.store index.building
    index.snapshot index.passage_index index index.reporter index.__main__
    qa.text qa.words qa.confidence qa.tables qa.reader qa.extent qa.answer qa.overview qa.spelling qa.pipeline qa
    qa.conversation qa.feedback qa.evaluation qa.shell qa.__main__
    web.doors web app
    training tests.support benchmarks tests
""".split()  # noqa: SIM905 - read more easily so

# Modules that are imported from other rooms, past the room's door: they load what not everybody needs.
HEAVY = {"index.search.dense", "index.search.lexical", "index.building.watch"}
# Who makes a room, measures it or attacks it works inside.
WORK_INSIDE = {
    ("training", "index.search"),
    ("training", "qa.reader"),
    ("benchmarks", "index.articles"),
    ("benchmarks", "index.search"),
    ("benchmarks", "qa.conversation"),
    ("benchmarks", "qa.evaluation"),
    ("benchmarks", "web"),
    ("benchmarks", "web.doors"),
}


class Use(NamedTuple):
    """`user` imports `name`, or the whole of it, from the module `used`; `bound`: the name is the module's own."""

    user: str
    used: str
    name: str
    bound: bool


@cache
def modules() -> dict[str, Path]:
    """Every module of the project by its dotted name."""
    files = [file for top in TOPS for file in ([ROOT / top] if top.endswith(".py") else (ROOT / top).rglob("*.py"))]
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


@cache
def tree(module: str) -> ast.Module:
    """A module's code."""
    return ast.parse(modules()[module].read_text(encoding="utf-8"))


def is_package(module: str) -> bool:
    """Whether a module is the door of a package."""
    return modules()[module].name == "__init__.py"


@cache
def uses() -> list[Use]:
    """What the project's modules import of each other, wherever in their code they do."""
    return [use for module in modules() for node in ast.walk(tree(module)) for use in used_by(module, node)]


def used_by(module: str, node: ast.AST) -> Iterator[Use]:
    """What one statement imports of the project."""
    if isinstance(node, ast.Import):
        yield from (Use(module, name.name, "", False) for name in node.names if name.name in modules())
    elif isinstance(node, ast.ImportFrom) and node.module in modules():
        for name in node.names:
            part, inside = f"{node.module}.{name.name}", f"{module}.".startswith(f"{node.module}.")
            if part in modules() and (inside or name.name not in offered(node.module)):
                yield Use(module, part, "", False)
            else:
                yield Use(module, node.module, name.name, True)


@cache
def offered(package: str) -> frozenset[str]:
    """The names that a package exports."""
    lists = [
        node.value
        for node in tree(package).body
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["__all__"]
    ]
    return frozenset(name for names in lists for name in ast.literal_eval(names))


def room_of(module: str) -> str:
    """The room that a module stands in: the longest name in ORDER that it begins with."""
    return max((room for room in ORDER if f"{module}.".startswith(f"{room}.")), key=len, default="")


def test_every_module_stands_in_a_room() -> None:
    roomless = {m for m in modules() if not room_of(m) or (room_of(m) in ("index", "qa") and not is_package(m))}
    assert roomless == set(), "name its room in ORDER"


def test_data_flows_one_way() -> None:
    wrong = {
        f"{use.user} imports {use.used}"
        for use in uses()
        if ORDER.index(room_of(use.used)) > ORDER.index(room_of(use.user))
    }
    assert wrong == set()


def test_there_is_no_circle() -> None:
    graph: dict[str, set[str]] = defaultdict(set)
    for use in uses():
        graph[use.user].add(use.used)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" <- ".join(error.args[1]))


def test_no_two_modules_of_one_name() -> None:
    named = defaultdict(set)
    for module, file in modules().items():
        if file.stem not in ("__init__", "__main__", "conftest"):
            named[file.stem].add(module)
    assert [same for same in named.values() if len(same) > 1] == []


def test_a_room_is_entered_by_its_door() -> None:
    """Outsiders import from the package and not from its modules, and of it only what it exports."""
    wrong = set()
    for use in uses():
        room, user = room_of(use.used), room_of(use.user)
        inside = user == room or user.startswith("tests") or (user, room) in WORK_INSIDE
        if inside or not room.startswith(("index.", "qa.")) or use.used in HEAVY:
            continue
        if not is_package(use.used) and use.used != room:
            wrong.add(f"{use.user} imports {use.used}, which is inside {room}")
        elif is_package(use.used) and use.bound and use.name not in offered(use.used):
            wrong.add(f"{use.user} imports {use.name} from {use.used}, which does not export it")
    assert wrong == set()


def calls(names: Iterable[str]) -> set[str]:
    """The modules of the product that call something whose name ends in one of these."""
    return {
        module
        for module in modules()
        if not module.startswith(("tests", "benchmarks"))
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Call) and f".{ast.unparse(node.func)}".endswith(tuple(f".{name}" for name in names))
    }


def test_passages_are_made_in_one_place_and_rows_become_passages_in_one() -> None:
    assert calls(["Passage"]) == {"index.passages.passage"}
    assert calls(["_database.rows", "_database.same_words"]) == {"index.snapshot"}


PUBLIC = {
    index: """
        Article ArticleQAError BuildSummary Filter GenerationInfo Hit InputError Passage PassageIndex Problem Progress
        Skipped Snapshot StoreBusy StoreDamaged StoreError StoreMismatch StoreMissing default_store history
        read_articles rollback split verify
    """,
    qa: "QA Answer Citation Filter Hit Reader Reading Span ask retrieve",
}


@pytest.mark.parametrize("package", PUBLIC, ids=lambda package: package.__name__)
def test_the_public_api(package: ModuleType) -> None:
    assert package.__all__ == PUBLIC[package].split()
    assert [name for name in package.__all__ if not hasattr(package, name)] == []


@pytest.mark.parametrize("module", ["index", "qa"])
def test_importing_loads_no_heavy_library(module: str) -> None:
    code = f"import sys, {module}; print([m for m in ('torch', 'gradio', 'transformers') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
