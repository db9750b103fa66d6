"""Sentence splitters compared on the hard cases of tests/data/sentences.json, and for speed on one text.

python -m benchmarks.sentence_splitters TEXT.txt

blingfire and pysbd are no part of the project: those that are installed are compared.
"""

import importlib.util
import json
import time
from collections.abc import Callable
from pathlib import Path

import nupunkt

from index.command_line import Parser
from index.passages import sentences

CASES = Path(__file__).parents[1] / "tests" / "data" / "sentences.json"
CHARACTERS = 1_000_000
Cut = Callable[[str], list[str]]


def splitters() -> dict[str, Cut]:
    """Every splitter at hand as text -> sentences."""
    found: dict[str, Cut] = {
        "the project's": lambda text: [text[start:end] for start, end in sentences(text)],
        "nupunkt": lambda text: [text[start:end].strip() for start, end in nupunkt.sent_spans(text)],
    }
    if importlib.util.find_spec("pysbd"):
        import pysbd

        segmenter = pysbd.Segmenter(language="en", clean=False, char_span=True)
        found["pysbd"] = lambda text: [part.sent.strip() for part in segmenter.segment(text)]
    if importlib.util.find_spec("blingfire"):
        import blingfire  # type: ignore[import-not-found, import-untyped, unused-ignore]

        found["blingfire"] = lambda text: [
            text[start:end].strip() for start, end in blingfire.text_to_sentences_and_offsets(text)[1]
        ]
    return found


def main() -> None:
    """Print what each splitter gets wrong, how many cases are right, and how fast it is."""
    parser = Parser.of("benchmarks.sentence_splitters", __doc__)
    parser.add_argument("text", type=Path, help="a text to repeat and split for the speed")
    text = parser.parse_args().text.read_text(encoding="utf-8")
    cases = json.loads(CASES.read_text(encoding="utf-8"))
    for name, cut in splitters().items():
        wrong = [case for case, whole, expected in cases if cut(whole) != expected]
        sample = (text + "\n\n") * (1 + (CHARACTERS if name != "pysbd" else CHARACTERS // 10) // len(text))
        started = time.perf_counter()
        cut(sample)
        speed = len(sample) / (time.perf_counter() - started) / 1e6
        right = len(cases) - len(wrong)
        print(f"{name}: {right} of {len(cases)}, {speed:.2f} MB/s; wrong: {', '.join(wrong) or 'none'}")


if __name__ == "__main__":
    main()
