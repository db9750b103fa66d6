"""The README's sessions run and print what it says."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CHECKER = doctest.OutputChecker()


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which `python` is this one and the default store a fresh one."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "python").symlink_to(sys.executable)
    # The link stands outside the virtual environment, so its packages have to be named.
    packages = os.pathsep.join(path for path in sys.path if path.endswith("site-packages"))
    return {
        **os.environ,
        "ARTICLE_QA_STORE": str(folder / "store"),
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{packages}",
    }


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def commands(session: str) -> list[tuple[str, str]]:
    """(command, expected output) of a shell session."""
    return [(part.partition("\n")[0], part.partition("\n")[2]) for part in re.split(r"^\$ ", session, flags=re.M)[1:]]


def agrees(expected: str, got: str) -> bool:
    return CHECKER.check_output(expected, got, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)


def test_sessions(environment: dict[str, str]) -> None:
    """The shell session first: it builds the store that the Python session asks."""
    (shell,) = blocks("console")
    (python,) = blocks("pycon")
    assert len(commands(shell)) >= 3
    for command, expected in commands(shell):
        done = subprocess.run(
            command, shell=True, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stderr
        assert agrees(expected, done.stdout), done.stdout
    code = f"import doctest; doctest.run_docstring_examples({python!r}, {{}}, optionflags={doctest.ELLIPSIS})"
    done = subprocess.run(
        ["python", "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=True
    )
    assert done.stdout == ""
    assert python.count(">>>") >= 5


def test_every_command_of_the_readme_exists() -> None:
    for package, command in re.findall(r"python -m (index|qa) ([a-z]+)", README):
        done = subprocess.run(
            [sys.executable, "-m", package, command, "--help"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (package, command)


@pytest.mark.parametrize(("page", "least"), [("README.md", 20), ("CONTRIBUTING.md", 12)])
def test_the_files_that_the_maps_name_exist(page: str, least: int) -> None:
    rows = re.findall(r"^\| .+ \|$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    tops = "|".join(path.name for path in ROOT.iterdir())
    names = [name for row in rows for name in re.findall(rf"`((?:{tops})[\w./-]*)`", row)]
    assert len(names) >= least
    assert [name for name in names if not (ROOT / name).exists()] == []
