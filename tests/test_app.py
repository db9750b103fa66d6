"""`python app.py` as a command: its errors are one line each, with the contract's exit codes."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]


def run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PROJECT / "app.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, input=given, check=False, timeout=120)


def one_line(ended: subprocess.CompletedProcess[str]) -> str:
    assert ended.stderr.count("\n") == 1, ended.stderr
    return ended.stderr


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = run("--store", str(tmp_path / "store"), "--port", str(taken.getsockname()[1]))
    assert ended.returncode == 2
    assert "--port" in one_line(ended)
    assert not (tmp_path / "store").exists()


def test_a_damaged_store_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "CURRENT").write_text("nonsense")
    ended = run("--store", str(tmp_path), "--port", "0")
    assert ended.returncode == 1
    assert "rollback" in one_line(ended)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--port", "many"], "--port"),
        (["--port", "99999"], "cannot listen"),
        (["--host", "no.such.host.invalid", "--port", "0"], "--host"),
        (["--private", "--port", "0"], "--auth FILE"),
        (["--auth", "missing-users", "--port", "0"], "--add-user"),
        (["--add-user", "ada"], "--auth FILE"),
    ],
)
def test_a_mistake_is_one_line(arguments: list[str], said: str, tmp_path: Path) -> None:
    ended = run("--store", str(tmp_path / "store"), *arguments)
    assert ended.returncode == 2
    assert said in one_line(ended)


def test_a_user_is_added_without_the_password_on_the_command_line(tmp_path: Path) -> None:
    users = tmp_path / "users"
    assert run("--auth", str(users), "--add-user", "ada", given="correct horse\n").returncode == 0
    assert users.read_text().startswith("ada:operator:")
    assert users.stat().st_mode & 0o777 == 0o600
