"""The errors a user can meet. Each message is one line: what was wrong and what to do.

ArticleQAError
├── InputError        the user's mistake (exit 2)
└── StoreError        the store cannot be used (exit 1)
    ├── StoreMissing  there is none (exit 2)
    ├── StoreMismatch of another format or embedder (exit 2)
    ├── StoreDamaged  a file is missing or its bytes changed
    └── StoreBusy     another process is writing it
"""


class ArticleQAError(Exception):
    """Any error with a message meant for the user; `exit_code` is what the shell returns."""

    exit_code = 1


class InputError(ArticleQAError):
    """What the user gave cannot be used: a path, a question, an option's value."""

    exit_code = 2


class StoreError(ArticleQAError):
    """The store cannot be used as it is."""


class StoreMissing(StoreError):  # noqa: N818 - reads as a state, not as an event
    """There is no store at the given place."""

    exit_code = 2


class StoreMismatch(StoreError):  # noqa: N818
    """The store was made with another format version or another embedder."""

    exit_code = 2


class StoreDamaged(StoreError):  # noqa: N818
    """A file of the store is missing or is not what its manifest says."""


class StoreBusy(StoreError):  # noqa: N818
    """Another process is writing the store."""
