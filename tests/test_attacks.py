"""Short runs of the attacks in tests/support/attack_cases.py; each checks the store after every blow."""

import errno
import random
from pathlib import Path

import pytest

from tests.support import attack_cases


def test_kills_at_random_moments(tmp_path: Path) -> None:
    done = attack_cases.kill_at_random(tmp_path, 12, random.Random(1))
    assert done["kills"] == done["old"] + done["new"] == 12
    assert done["with a draft left"] > 0  # it is builds that were hit, not their beginnings


@pytest.mark.parametrize(("verb", "every"), [("build", 5), ("remove", 5), ("rollback", 2)])
def test_kills_at_every_change_to_a_file(tmp_path: Path, verb: str, every: int) -> None:
    done = attack_cases.kill_at_every_step(tmp_path, verb, every)
    assert done["kills"] >= 3
    assert done["old"] > 0


def test_every_change_to_a_file_fails_on_a_full_disk(tmp_path: Path) -> None:
    done = attack_cases.fail_every_step(tmp_path, "build")
    assert done["failures"] >= 20
    assert done["old"] > 0
    assert done["new"] > 0  # what fails after the switch


@pytest.mark.parametrize(("verb", "every"), [("add", 6), ("remove", 6), ("rollback", 1)])
def test_changes_to_files_fail_on_a_bad_disk(tmp_path: Path, verb: str, every: int) -> None:
    assert attack_cases.fail_every_step(tmp_path, verb, errno.EIO, every)["old"] > 0


def test_files_that_cannot_grow(tmp_path: Path) -> None:
    done = attack_cases.short_of_space(tmp_path, 8)
    assert 0 < done["refused"] < done["limits"] == 8


def test_threads_read_during_rebuilds(tmp_path: Path) -> None:
    done = attack_cases.read_during_rebuilds(tmp_path, 2, 5)
    assert done["questions"] > 0
    assert done["generations held"] == 1


def test_flipped_bytes_are_found_and_named(tmp_path: Path) -> None:
    done = attack_cases.flip_bytes(tmp_path, 60, random.Random(2))
    assert done["flips"] == 60
    assert done["refused"] > 0
    assert done["answered right"] > 0
