"""Who may do what: names with scrypt-hashed passwords in one file that only its owner can read.

A line is `name:role:salt:hash`; the role `operator` may change articles, `reader` may ask. The file is made by
`python app.py --auth FILE --add-user NAME`, which asks for the password.
"""

import base64
import hashlib
import hmac
import os
import re
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from index.errors import InputError

OPERATOR, READER = "operator", "reader"
MIN_PASSWORD = 8
# RFC 7914's interactive figures: 16 MB and about 50 ms for each attempt.
_SCRYPT = {"n": 2**14, "r": 8, "p": 1}
_NAME = re.compile(r"[\w.@-]{1,64}")


@dataclass(frozen=True, slots=True)
class User:
    """One line of the file."""

    name: str
    role: str
    salt: bytes
    digest: bytes

    def line(self) -> str:
        """As it stands in the file."""
        salt, digest = (base64.b64encode(part).decode() for part in (self.salt, self.digest))
        return f"{self.name}:{self.role}:{salt}:{digest}\n"


class Users:
    """The users of a file, read once at the start."""

    def __init__(self, users: dict[str, User]) -> None:
        self._users = users

    @classmethod
    def read(cls, path: Path) -> "Users":
        """Raises InputError when the file is missing, open to others, or not of this shape."""
        try:
            mode = path.stat().st_mode
            lines = path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                f"cannot read the users in {path}: make them with `python app.py --auth {path} --add-user NAME`"
            ) from error
        if stat.S_IMODE(mode) & 0o077:
            raise InputError(f"{path} can be read by others: run `chmod 600 {path}`")
        users = [_parse(line, number, path) for number, line in enumerate(lines, start=1) if line.strip()]
        if not users:
            raise InputError(f"{path} holds no user: run `python app.py --auth {path} --add-user NAME`")
        return cls({user.name: user for user in users})

    def check(self, name: str, password: str) -> User | None:
        """The user when the password is right. Takes as long when there is no such user."""
        user = self._users.get(name)
        digest = _hash(password, user.salt if user else b"no such user")
        return user if user is not None and hmac.compare_digest(digest, user.digest) else None

    def role(self, name: str) -> str:
        """A user's role; empty for nobody."""
        user = self._users.get(name)
        return user.role if user else ""


def add_user(path: Path, name: str, password: str, role: str = OPERATOR) -> None:
    """Write a user into `path`, in place of one of the same name. Raises InputError."""
    if not _NAME.fullmatch(name):
        raise InputError("a user's name is 1 to 64 letters, digits or any of . _ @ -")
    if len(password) < MIN_PASSWORD:
        raise InputError(f"the password is too short: take at least {MIN_PASSWORD} characters")
    salt = secrets.token_bytes(16)
    others = Users.read(path)._users if path.exists() else {}
    users = {**others, name: User(name, role, salt, _hash(password, salt))}
    aside = path.with_name(path.name + ".new")
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.writelines(user.line() for user in users.values())
    aside.replace(path)


def _parse(line: str, number: int, path: Path) -> User:
    try:
        name, role, salt, digest = line.strip().split(":")
        if role not in (OPERATOR, READER):
            raise ValueError(role)
        return User(name, role, base64.b64decode(salt, validate=True), base64.b64decode(digest, validate=True))
    except ValueError as error:
        raise InputError(f"{path}, line {number}: not name:role:salt:hash; add the user anew") from error


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_SCRYPT["n"], r=_SCRYPT["r"], p=_SCRYPT["p"])
