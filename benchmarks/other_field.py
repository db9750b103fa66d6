"""Questions from another field: are they refused, while those of the store's own articles are answered?

python -m benchmarks.other_field wiki.dev.json --others covidqa.json policyqa_dev.json [--limit 200]
"""

import tempfile
from pathlib import Path

import numpy as np
from tqdm import tqdm

from index import PassageIndex
from index.command_line import Parser
from qa import QA
from qa.evaluation import auroc, read_dataset


def main() -> None:
    parser = Parser.of("benchmarks.other_field", __doc__)
    parser.add_argument("file", type=Path, help="its articles make the store, its questions are to be answered")
    parser.add_argument("--others", type=Path, nargs="+", required=True, help="their questions are to be refused")
    parser.add_argument("--limit", type=int, default=200, help="questions of each file")
    arguments = parser.parse_args()
    own = read_dataset([arguments.file])
    with tempfile.TemporaryDirectory() as store:
        PassageIndex.build(own.articles, store=store)
        qa = QA.open(store)

        def confidences(questions: list[str]) -> np.ndarray:
            return np.array([qa.ask(question).confidence for question in tqdm(questions)])

        asked = confidences([q.text for q in own.sample(arguments.limit).questions if q.answerable])
        print(f"{arguments.file.name}: refused {(asked < qa.min_confidence).mean():.3f} of {len(asked)}")
        for file in arguments.others:
            foreign = confidences([q.text for q in read_dataset([file]).sample(arguments.limit).questions])
            kinds = np.repeat([True, False], [len(asked), len(foreign)])
            print(
                f"{file.name}: refused {(foreign < qa.min_confidence).mean():.3f} of {len(foreign)}, "
                f"AUROC {auroc(np.concatenate([asked, foreign]), kinds):.3f}"
            )
        qa.close()


if __name__ == "__main__":
    main()
