"""The plain ways to an answer, beside the product's on the same questions, by the same judge, with the same search.

- `extractive`: the quotation that the product's reader puts first, always shown: no confidence, nothing held.
- `raw-passages`: the language model as it comes, with the first passages that search finds in its prompt.
- `plain`: the same with one adapter that learnt it (`python -m benchmarks.train_writer --passages`).
- `conventions`: as it comes, with what a department would write into its prompt besides (`benchmarks.own_adapter`).

Whatever a language model says but the agreed words is shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from types import MappingProxyType

from adapters import GenerationRequest, LanguageModelWorker
from adapters.evaluation import Judged, Outcome, Progress, judge, timed
from adapters.judging import evidence_found, says_all
from adapters.questions import Question
from adapters.writer_training import Writing
from assistant.access import User
from assistant.language import language_of
from assistant.services import Services
from assistant.steps.write import NOTHING
from assistant.variation import FULL
from benchmarks.company import Handed, handed, opened, questions
from index import Hit

AS_THEY_COME = ("extractive", "raw-passages")
LEARNT = "plain"
PASSAGES = 4  # in the prompt
TAUGHT = 100  # questions of an organisation, at most
PROMPT_TOKENS = 2048  # the longest prompt
NEW_TOKENS = 64  # the longest answer, as the peers'
SECONDS = 7200.0  # all of them may take
NONE: Mapping[str, str] = MappingProxyType({})
SYSTEM = (
    "Answer an employee's question from the passages alone, in one or two short sentences. "
    f"If they do not say, answer exactly: {NOTHING['en']} (in Japanese: {NOTHING['ja']})"
)


@dataclass(frozen=True)
class Said:
    """The words, how sure they were said, and the seconds that they took: of a batch of eight, where a model wrote."""

    text: str
    sure: float
    seconds: float


def prompt(question: str, hits: Sequence[Hit], conventions: str = "") -> list[dict[str, str]]:
    """The messages for the language model: rules, the department's conventions, the first passages, question."""
    told = [f"[{n}] {hit.passage.heading}\n{hit.passage.text}" for n, hit in enumerate(hits[:PASSAGES], 1)]
    body = "\n\n".join(told) + f"\n\nQuestion: {question}"
    rules = f"{SYSTEM}\n{conventions}".strip()
    return [{"role": "system", "content": rules}, {"role": "user", "content": body}]


def taught(folder: Path, splits: Sequence[str], languages: Sequence[str]) -> list[Writing]:
    """What an organisation's questions teach: the first passages as search finds them → the answer, or the agreed
    words.
    """
    asked = [q for q in questions(list(splits), folder) if not q.history and q.language in languages]
    with opened(folder=folder) as (services, operator):
        some = Random(0).sample(asked, min(TAUGHT, len(asked)))  # no secret
        return writings(folder.name, some, services, operator)


def writings(name: str, asked: Sequence[Question], services: Services, operator: User) -> list[Writing]:
    """The same of some questions; those are left out whose answer is not among the passages."""
    made = []
    for question, given in handed(services, operator, asked):
        found = [(hit.passage.file, hit.passage.text) for hit in given.hits[:PASSAGES]]
        answer = (question.gold or "").strip() if question.answerable else NOTHING[question.language]
        answers = evidence_found(question, found) and says_all(question, answer)
        if found and (answers or not question.answerable) and language_of(answer, "en") == question.language:
            messages = prompt(given.question, given.hits)
            made.append(Writing(f"{name}/{question.id}", question.language, messages, answer))
    return made


def run(
    name: str,
    services: Services,
    operator: User,
    asked: Sequence[Question],
    adapter: Path | None,
    progress: Progress,
    conventions: Mapping[str, str] = NONE,
) -> list[Judged]:
    """A plain way's judged answers.

    Args:
        adapter: the folder of what `plain` learnt.
        conventions: by department, what stands in the prompt of the questions that are its own.

    Raises: AdapterError.
    """
    found = [timed(partial(_search, services, operator, question)) for question in asked]
    givens = [given for given, _ in found]
    if name == "extractive":
        said = _quoted(services, givens)
    else:
        prompts = [
            prompt(given.question, given.hits, conventions.get(question.domain or "", ""))
            for question, given in zip(asked, givens, strict=True)
        ]
        said = _worded(services, prompts, name, adapter)
    judged = []
    for question, (given, seconds), one in zip(asked, found, said, strict=True):
        judged.append(judge(question, outcome(given.hits, one, seconds)))
        progress(len(judged), len(asked))
    return judged


def _search(services: Services, operator: User, question: Question) -> Handed:
    """What the product's reader is handed; completed from the conversation as there."""
    ((_, given),) = handed(services, operator, [question])
    return given


def _quoted(services: Services, givens: Sequence[Handed]) -> Iterator[Said]:
    reader = services.reader(FULL)
    for given in givens:
        reading, seconds = timed(
            partial(reader.read, given.question, given.hits, given.rarity, given.known, given.routes)
        )
        best = reading.evidence[:1]
        yield Said(best[0].quote, best[0].score, seconds) if best else Said("", 0.0, seconds)


def _worded(
    services: Services, prompts: Sequence[list[dict[str, str]]], name: str, adapter: Path | None
) -> Iterator[Said]:
    settings = services.settings
    worker = LanguageModelWorker.load(
        settings.language_model,
        settings.models_folder,
        max_queue=len(prompts),
        prompt_tokens=PROMPT_TOKENS,
        threads=settings.threads,
    )
    worn = adapter if name == LEARNT else None
    try:
        if worn:
            worker.load_adapter(name, worn)
        requests = [GenerationRequest(one, name if worn else None, NEW_TOKENS, SECONDS) for one in prompts]
        for handle in [worker.submit(request) for request in requests]:
            made = handle.result()
            yield Said(" ".join(made.text.split()), made.minimum_token_probability or 0.0, made.seconds)
    finally:
        worker.close()


def outcome(hits: Sequence[Hit], said: Said, searched: float) -> Outcome:
    """What is shown: whatever was said but the agreed words, with the passages of the prompt as its source."""
    passages = [(hit.passage.file, f"{hit.passage.heading}\n{hit.passage.text}") for hit in hits]
    status = "answered" if said.text and said.text not in NOTHING.values() else "declined"
    return Outcome(status, said.text, said.sure, None, passages, passages[:PASSAGES], searched + said.seconds)
