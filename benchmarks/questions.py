"""Right, wrong, wrongly refused: a list of questions asked of a folder of articles.

python -m benchmarks.questions tests/data/seed_questions.json seeds
"""

import json
import tempfile
from pathlib import Path

from index import PassageIndex, read_articles
from index.command_line import Parser
from qa import QA
from qa.evaluation import RIGHT_F1, f1


def is_right(text: str, answers: list[str]) -> bool:
    """Whether an answer gives one of the listed ones; one of whole sentences is right when it holds one."""
    return f1(text, answers) >= RIGHT_F1 or any(answer in text for answer in answers)


def main() -> None:
    parser = Parser.of("benchmarks.questions", __doc__)
    parser.add_argument("questions", type=Path)
    parser.add_argument("articles", nargs="+")
    arguments = parser.parse_args()
    questions = json.loads(arguments.questions.read_text(encoding="utf-8"))["questions"]
    counts = dict.fromkeys(("right", "wrong", "wrongly refused", "rightly refused", "wrongly answered"), 0)
    with tempfile.TemporaryDirectory() as store:
        PassageIndex.build(read_articles(arguments.articles), store=store)
        qa = QA.open(store)
        for question in questions:
            answer = qa.ask(question["question"])
            if question["answerable"]:
                right = answer.text is not None and is_right(answer.text, question["answers"])
                kind = "right" if right else "wrong" if answer.answered else "wrongly refused"
            else:
                kind = "wrongly answered" if answer.answered else "rightly refused"
            counts[kind] += 1
            shown = answer.text or f"- ({qa.ask(question['question'], min_confidence=0.0).text})"
            print(f"{kind:17} {answer.confidence:.2f}  {question['question']}  ->  {shown}")
        qa.close()
    print(", ".join(f"{kind} {count}" for kind, count in counts.items()))


if __name__ == "__main__":
    main()
