"""What a confidence is worth on what it was not fitted to: `python -m benchmarks.confidence --data DIR`.

The product is asked the frozen questions of the example company, and, each in a company of its own whose documents are
the articles of a part, questions of squad2 (half of them near misses, which nothing answers) and of jaquad (a third of
them about articles that are left out). Of its drafts: AUROC of right against wrong, how many can be shown with 95 % of
them right, calibration error, area under risk–coverage, and the reliability. Beside it, on the same drafts, what
others go by: the first passage's closeness, the reader's span alone, the mean and the least probability of a word by a
language model that is shown the passages (kotaemon goes by the mean). `--learn N`: of the outside sets also as a
department that fits its own confidence to N verdicts, about articles of the tune part.
"""

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from random import Random

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from adapters.language_model import load, prompt_tokens
from adapters.processor import number_type
from adapters.scores import by_chance
from adapters.shrunk_logistic import fit, probabilities
from assistant.ask import Progress
from assistant.confidences import PULL, vector_of
from assistant.settings import Settings
from assistant.steps.decide import shipped
from benchmarks.company import EXAMPLES, Company
from benchmarks.fit_confidence import FIGURES, figures, reliability
from benchmarks.judged_drafts import JudgedDraft, drafts_of
from benchmarks.outside_data import Part, articles, read
from benchmarks.plain_way import prompt
from index import Hit

SETS = {"squad2": "en", "jaquad": "ja"}
UNANSWERABLE = {"squad2": 1 / 2, "jaquad": 1 / 3}  # of the questions
LEFT_OUT = 4  # of jaquad's articles every fourth is not there
TAUGHT = 5  # examples of the department
SIGNALS = {"first passage's closeness": "retrieval", "the reader's span": "reading", "that there is one": "answers"}
DOMAIN = """[articles]
title_en = "Articles"
title_ja = "記事"
description_en = "Articles of an encyclopaedia"
description_ja = "百科事典の記事"
questions = {questions}
"""

Floats = NDArray[np.float64]


class Sureness:
    """How likely a language model, shown a question and passages, takes an answer's words to be."""

    @cached_property
    def _loaded(self) -> tuple[nn.Module, object]:
        settings = Settings()
        model, tokenizer = load(settings.language_model, settings.models_folder, number_type())
        return model.eval(), tokenizer

    def __call__(self, question: str, hits: Sequence[Hit], answer: str) -> tuple[float, float]:
        """Geometric mean and least probability of the answer's tokens."""
        model, tokenizer = self._loaded
        asked = prompt_tokens(tokenizer, prompt(question, hits))
        told = tokenizer.encode(answer, add_special_tokens=False)  # type: ignore[attr-defined]
        with torch.inference_mode():
            made = model(input_ids=torch.tensor([[*asked, *told]]), logits_to_keep=len(told) + 1)
            likely = made.logits[0, :-1].log_softmax(-1).gather(1, torch.tensor(told)[:, None]).double()
        return float(likely.mean().exp()), float(likely.min().exp())


def outside_company(data: Path, name: str, part: Part, count: int, folder: Path) -> Company:
    """A company whose documents are a set's articles, and `count` questions about them. Raises FileNotFoundError."""
    readings = sorted(read(data, name, part), key=lambda one: (one.title, one.id))
    titles = sorted({one.title for one in readings})
    missing = set(titles[::LEFT_OUT] if name == "jaquad" else ())
    nothing = [one for one in readings if one.kind == "unanswerable" or one.title in missing]
    something = [one for one in readings if one.kind == "answerable" and one.title not in missing]
    random, language = Random(0), SETS[name]  # no secret
    without = min(len(nothing), round(count * UNANSWERABLE[name]))
    asked = random.sample(nothing, without) + random.sample(something, min(len(something), count - without))
    _written(data, name, set(titles) - missing, folder / "documents" / "articles")
    examples = [one.question for one in read(data, name, "train")]
    told = json.dumps(random.sample(examples, TAUGHT), ensure_ascii=False)
    (folder / "domains.toml").write_text(DOMAIN.format(questions=told), "utf-8")
    rows = [
        {
            "id": f"{name}-{one.id}",
            "language": language,
            "domain": "articles",
            "kind": one.kind,
            "question": one.question,
            "answerable": one.title not in missing and bool(one.answers),
            "facts": [[text for _, text in one.answers]] if one.title not in missing and one.answers else [],
            "evidence": [],
            "gold": None,
            "severity": "medium",
            "group": one.title,
            "split": part,
        }
        for one in asked
    ]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (folder / "questions.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return Company(folder, (part,))


def _written(data: Path, name: str, titles: set[str], folder: Path) -> None:
    folder.mkdir(parents=True)
    wanted = ((title, article) for _, title, article in articles(data, name) if title in titles)
    for number, (title, article) in enumerate(wanted):
        told = [f"# {title.replace('_', ' ')}", *(paragraph["context"] for paragraph in article["paragraphs"])]
        (folder / f"{number:03}.md").write_text("\n\n".join(told) + "\n", "utf-8")


class Seen:
    """Watches the assistant, and keeps the passages that it reads."""

    def __init__(self) -> None:
        self.hits: Sequence[Hit] = ()

    def __call__(self, progress: Progress) -> None:
        """Told at each step."""
        self.hits = progress.hits or self.hits


def judged(company: Company, sure: Sureness) -> tuple[list[JudgedDraft], dict[str, Floats]]:
    """The drafts (N) of a company's questions, and what others go by (N,) each, by name."""
    seen, likely, made = Seen(), [], []
    asked = company.questions()
    words = {one.id: " ".join([*one.history, one.question]) for one in asked}
    for one in drafts_of(company, asked, report=seen):
        made.append(one)
        likely.append(sure(words[one.id], seen.hits, one.draft))
    beside = {told: np.array([one.signals[name] for one in made]) for told, name in SIGNALS.items()}
    means, least = np.array(likely).T
    return made, beside | {"a word's mean probability": means, "a word's least probability": least}


def confidences(made: Sequence[JudgedDraft], weights: Floats) -> Floats:
    """Of each draft (N,), by weights and bias (S + 1,)."""
    return probabilities(np.array([one.values() for one in made]), weights)


def show(name: str, made: Sequence[JudgedDraft], told: Mapping[str, Floats]) -> None:
    """Print the figures of what the drafts (N) were told (N,), by name, and how reliable the first of them is."""
    right = np.array([one.right for one in made])
    print(f"{name}: {len(made)} drafts, {right.sum()} right; {FIGURES}, what chance would show of it")
    for what, sure in told.items():
        print(f"  {what:<28}{figures(sure, right)}  {by_chance(sure):.3f}", flush=True)
    for language in sorted({one.language for one in made}):
        own = np.array([one.language == language for one in made])
        print(f"    {language} {reliability(next(iter(told.values()))[own], right[own])}")


def main() -> None:
    """Ask, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=200, help="of each outside set")
    parser.add_argument("--learn", type=int, default=0, help="verdicts on questions of the tune part, of each set")
    given = parser.parse_args()
    sure, shared = Sureness(), vector_of(shipped())
    made, beside = judged(Company(EXAMPLES, ("frozen",)), sure)
    show("example company, frozen questions", made, {"confidence": confidences(made, shared), **beside})
    for name in SETS:
        with tempfile.TemporaryDirectory() as folder:
            company = outside_company(given.data, name, "test", given.questions, Path(folder))
            made, beside = judged(company, sure)
        told = {"confidence": confidences(made, shared)}
        if given.learn:
            told[f"… by {given.learn} verdicts"] = confidences(made, own_fit(given.data, name, given.learn, shared))
        show(f"{name}, test part", made, told | beside)


def own_fit(data: Path, name: str, verdicts: int, shared: Floats) -> Floats:
    """Weights and bias (S + 1,) as a department fits them to its verdicts."""
    with tempfile.TemporaryDirectory() as folder:
        company = outside_company(data, name, "tune", verdicts, Path(folder))
        made = list(drafts_of(company, company.questions()))
    return fit(np.array([one.values() for one in made]), np.array([one.right for one in made]), PULL, shared)


if __name__ == "__main__":
    main()
