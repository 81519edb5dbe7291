"""What is kept when the evidence is known: `python -m benchmarks.writing [--split frozen] [--draw N]`.

Every answerable question is given the passages that hold its evidence and no others; judged is whether the text that
comes out says all required facts. Beside each other, on the same passages: the product's quotation (of the best
passage), one quotation a passage, the passages whole, the language model with the writer's skill (in the languages that
it knows; elsewhere the quotation), and without it, with what the reader marked and with the passages whole. Texts are
judged as they are, whatever the verifier says of them. Another language model (`MADOGUCHI_LANGUAGE_MODEL`) writes with
the adapter that `--adapter FOLDER` names (`train_writer --skill FOLDER` wrote it), or as it comes.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

from sqlalchemy import select

from adapters import model_store
from adapters.judging import says_all, stands_in
from adapters.pins import EMBEDDED
from adapters.questions import Question
from adapters.scores import Share
from adapters.skills import WRITER
from assistant.access import User
from assistant.answer import Evidence
from assistant.language import language_of
from assistant.services import Services
from assistant.settings import Settings
from assistant.steps.candidates import passage_heading
from assistant.steps.read import PassageReader, Reader
from assistant.steps.verify import verify
from assistant.steps.write import Writer
from assistant.variation import FULL
from benchmarks.company import Handed, handed, opened, questions
from index import Hit, Passage
from index.search import load
from index.tables import PassageRow

SECONDS = 60.0  # a text may take
GIVEN = "given"  # the adapter's name in the worker
Way = Callable[[Question, Handed, Sequence[Hit]], tuple[str, bool, bool]]


class Gold:
    """The passages that hold a question's evidence, as search would hand them over."""

    def __init__(self, services: Services, operator: User) -> None:
        self._by_file: defaultdict[str, list[Passage]] = defaultdict(list)
        with services.database.read() as session:
            every = session.scalars(select(PassageRow.id)).all()
            for passage in load(session, every, operator.scope).values():
                self._by_file[passage.file].append(passage)

    def hits(self, question: Question) -> list[Hit]:
        """One passage for each piece of evidence, each once. Empty where a piece is nowhere."""
        found: dict[int, Passage] = {}
        for piece in question.evidence:
            where = [p for p in self._by_file[piece.file] if stands_in(piece, p.file, p.text)]
            if not where:
                return []
            found[where[0].id] = where[0]
        return [Hit(n, 1.0, 1.0, 1.0, passage) for n, passage in enumerate(found.values(), 1)]


def ways(services: Services, adapter: Path | None) -> dict[str, Way]:
    """Name → what writes a text for a question; with it whether a model worded it, and whether the verifier lets it
    pass. `adapter`: what the model writes with in place of the shipped skill.
    """
    if adapter:
        services.worker.load_adapter(GIVEN, adapter)
    shipped = WRITER.name if services.settings.language_model == EMBEDDED else None
    skill = GIVEN if adapter else shipped
    reader = services.reader(FULL)
    whole: Reader = PassageReader()
    quoting, skilled, raw = (_writer(services, mode, skill) for mode in ("quote", "model", "raw"))

    def way(reads: Reader, writes: Writer, pieces: int) -> Way:
        def write(question: Question, given: Handed, hits: Sequence[Hit]) -> tuple[str, bool, bool]:
            evidence: list[Evidence] = reads.read(
                given.question, hits, given.rarity, given.known, given.routes
            ).evidence[:pieces]
            language = language_of(question.question, "en")
            draft = writes.write(given.question, language, evidence, question.domain or "", SECONDS, None)
            told = "\n".join(passage_heading(piece.hit.passage) for piece in evidence)
            checked = verify(draft.text, [piece.quote for piece in evidence], given.question, told)
            return draft.text, draft.writer == "model", checked.supported

        return write

    made = {
        "product: best quotation": way(reader, quoting, 1),
        "a quotation a passage": way(reader, quoting, 2),
        "whole passages": way(whole, quoting, 2),
        "raw model, marked evidence": way(reader, raw, 2),
        "raw model, whole passages": way(whole, raw, 2),
    }
    return made | ({"skilled writer, best evidence": way(reader, skilled, 1)} if skill else {})


def _writer(services: Services, mode: str, skill: str | None) -> Writer:
    settings = services.settings
    known = model_store.languages(settings.language_model)
    return Writer(
        mode,
        settings.answer_tokens,
        lambda: services.worker,
        known,
        lambda _domain: None,
        skill,
        services.versions,
    )


def drawn(splits: Sequence[str], services: Services, operator: User, draw: int) -> Iterator[tuple[Question, Handed]]:
    """Answerable questions of some splits with what search found for them; `draw` of each language."""
    found = [
        (question, given) for question, given in handed(services, operator, questions(splits)) if question.answerable
    ]
    for language in ("en", "ja"):
        mine = [one for one in found if one[0].language == language]
        yield from Random(0).sample(mine, min(draw, len(mine)))


def main() -> None:
    """Print a line a way and language."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--split", nargs="+", default=["router", "calibration"])
    parser.add_argument("--draw", type=int, default=10_000, help="questions a language")
    parser.add_argument("--adapter", type=Path, help="the folder of a writer's adapter on the language model")
    parser.add_argument("--ways", help="parts of the names of those to be told, with commas; else all")
    given = parser.parse_args()
    with opened() as (services, operator):
        gold, made = Gold(services, operator), ways(services, given.adapter)
        names = [name for name in made if not given.ways or any(way in name for way in given.ways.split(","))]
        kept: defaultdict[tuple[str, str], list[tuple[bool, bool, bool]]] = defaultdict(list)
        for question, found in drawn(given.split, services, operator, given.draw):
            hits = gold.hits(question)
            for name in names if hits else ():
                text, worded, passed = made[name](question, found, hits)
                kept[name, question.language].append((says_all(question, text), worded, passed))
    print(f"all required facts kept, {Settings().language_model}; in brackets 95 % intervals")
    print("then how many a model worded, and of these: facts kept, the verifier lets it pass, both")
    for (name, language), rows in sorted(kept.items()):
        told = [(said, passed) for said, worded, passed in rows if worded]
        shares = [
            [said for said, _ in told],
            [passed for _, passed in told],
            [said and passed for said, passed in told],
        ]
        of_these = "  ".join(str(Share.count(share)) for share in shares)
        print(f"{language}  {name:28} {Share.count([row[0] for row in rows])}  {len(told):3}  {of_these}")


if __name__ == "__main__":
    main()
