"""Attacks on a store: kills, failing writes, readers during rebuilds, flipped bytes.

    python -m benchmarks.attacks [--kills 200] [--flips 300] [--rebuilds 50] [--threads 4] [--seed 0]
    python -m benchmarks.attacks --files
    python -m benchmarks.attacks --web [--requests 200] [--half-open 1000] [--questions 10000] [--askers 100]
                                       [--asking 60] [--soak 300] [--hostile 200]

With --files: hostile files. With --web: the served chat.

On a store the embedder is the hashing one. `--web` exits with 1 when it did any harm: something read, written, called,
frozen over 2 s or grown, a traceback, a wrong answer.
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import file_attacks
from benchmarks.web_attacks.run import add_options, run
from index.command_line import Parser
from tests.support.attack_cases import (
    fail_every_step,
    flip_bytes,
    kill_at_every_step,
    kill_at_random,
    read_during_rebuilds,
    short_of_space,
)


def main() -> None:
    """Run the attacks and print what each came to, a JSON object a line."""
    parser = Parser.of("benchmarks.attacks", __doc__)
    for name, number in (
        ("kills", 200),
        ("flips", 300),
        ("rebuilds", 50),
        ("threads", 4),
        ("limits", 60),
        ("seed", 0),
    ):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--files", action="store_true", help="read hostile files instead; exits with 1 after any harm")
    parser.add_argument("--web", action="store_true", help="attack the served chat instead; the same")
    add_options(parser)
    options = parser.parse_args()
    if options.files or options.web:
        sys.exit(1 if (file_attacks.run() if options.files else run(options)) else 0)
    dice = random.Random(options.seed)
    verbs = ("build", "add", "remove", "rollback")
    attacks: dict[str, Callable[[Path], dict[str, Any]]] = {
        "kill at random": lambda folder: kill_at_random(folder, options.kills, dice),
        **{f"kill at every step of {verb}": partial(kill_at_every_step, verb=verb) for verb in verbs},
        **{f"fail every step of {verb}": partial(fail_every_step, verb=verb) for verb in verbs},
        "short of space": lambda folder: short_of_space(folder, options.limits),
        "read during rebuilds": lambda folder: read_during_rebuilds(folder, options.threads, options.rebuilds),
        "flip bytes": lambda folder: flip_bytes(folder, options.flips, dice),
    }
    for name, attack in attacks.items():
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            found = attack(Path(folder))
        print(json.dumps({"attack": name, **found, "seconds": round(time.monotonic() - began, 1)}), flush=True)


if __name__ == "__main__":
    main()
