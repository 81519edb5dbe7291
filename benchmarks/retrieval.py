"""How well passages are found: `python -m benchmarks.retrieval --data DIR [--part tune] [--peers]`.

recall@1/5/10, MRR and nDCG@10 of the product's search, its halves, BM25 on word boundaries, and other projects'
default retrieval with the same encoder, on jaquad (the part's paragraphs), squad2 (all the set's paragraphs) and the
example company's answerable questions in each language. For the company a question counts as found when all its
evidence is there. `--part tune` is for development: the frozen questions and the sets' test parts stay unseen.
`--cache FILE` keeps vectors between runs.
"""

import argparse
import math
import re
import subprocess
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from json import dumps, loads
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from adapters import SearchEncoder, skills
from adapters.judging import evidence_found, stands_in
from adapters.questions import Question, read_questions
from assistant.steps.complete import complete
from benchmarks import peers
from benchmarks.outside_data import Part, read
from benchmarks.remembered import RememberedEncoder
from index import DocumentError, Incoming, Index, Mode, Scope, parsing
from index.blocks import Block
from index.library import Prepared
from index.passages import cut, searched_text
from index.queue import begin
from index.tables import GlossaryEntry, metadata
from index.tokenizer import terms

EXAMPLES = Path(__file__).parent.parent / "examples"
SHELF = "documents"
GLOSSARY = "glossary"  # a department without documents: who sees it has its words
DEPTH = 10
Found = list[tuple[str, str]]  # (file, text) of passages, best first
Ask = Callable[[str], Found]


@dataclass(frozen=True)
class Task:
    """A question, its group in the table, and what makes a list of passages right."""

    asked: str
    group: str
    complete: Callable[[Found], bool]  # all that is needed is there
    relevant: Callable[[tuple[str, str]], int]  # which piece of evidence a passage holds, from 1; 0: none
    pieces: int


@dataclass(frozen=True)
class Corpus:
    """Documents as blocks, by file, and the questions about them."""

    documents: dict[str, list[Block]]
    tasks: list[Task]
    whole: bool  # a document is a paragraph: it is found once, whichever of its pieces comes first


def outside(data: Path, name: str, part: str) -> Corpus:
    """jaquad or squad2: every paragraph a document of its own, without its article's title."""
    parts: tuple[Part, ...] = ("train", "tune") if part == "tune" and name == "squad2" else (part,)  # type: ignore[assignment]
    asked = [reading for each in parts for reading in read(data, name, each) if reading.answers]
    # squad2 is small: all its paragraphs are searched; jaquad's test part is its published development set
    around = [*asked, *(r for each in ("train", "tune", "test") for r in read(data, name, each) if name == "squad2")]
    files = {passage: f"{number}.txt" for number, passage in enumerate(dict.fromkeys(r.passage for r in around))}
    tasks = [_about(reading.question, name, files[reading.passage]) for reading in asked]
    return Corpus({file: [Block("paragraph", text)] for text, file in files.items()}, tasks, whole=True)


def _about(question: str, group: str, file: str) -> Task:
    return Task(
        question,
        group,
        lambda found: any(each == file for each, _ in found),
        lambda passage: int(passage[0] == file),
        pieces=1,
    )


def company(part: str) -> Corpus:
    """The example company's documents and its answerable questions: frozen, or those for training and tuning."""
    documents = parsed(EXAMPLES / "documents")
    splits = ("frozen",) if part == "test" else ("train", "router", "calibration")
    questions = [q for split in splits for q in read_questions(EXAMPLES / "questions.jsonl", split) if q.answerable]
    return Corpus(documents, [_needing(question) for question in questions], whole=False)


def parsed(folder: Path) -> dict[str, list[Block]]:
    """The documents of a folder as blocks, by file."""
    documents = {}
    parsing.SECONDS = 600  # a busy machine must not leave a document out of a measurement
    for path in sorted(folder.rglob("*.*")):
        try:
            documents[path.name] = list(parsing.parse_file(path, path.name))
        except DocumentError as error:
            print(f"  left out: {error}", flush=True)
    return documents


def _needing(question: Question) -> Task:
    def relevant(passage: tuple[str, str]) -> int:
        return next((n for n, piece in enumerate(question.evidence, 1) if stands_in(piece, *passage)), 0)

    asked = complete(question.question, question.history)
    pieces = len(question.evidence)
    return Task(asked, f"company {question.language}", lambda found: evidence_found(question, found), relevant, pieces)


@contextmanager
def ours(
    corpus: Corpus, encoder: RememberedEncoder, glossary: Path | None = None
) -> Iterator[Callable[[Mode, bool], Ask]]:
    """The product's own search over a corpus, in each of its modes, with a company's glossary or without."""
    model = encoder.encoder
    with tempfile.TemporaryDirectory() as home:
        engine = create_engine(f"sqlite:///{home}/records.db")
        metadata.create_all(engine)
        search = SearchEncoder.fit(encoder.encode, skills.load_retriever(model.identity))
        index = Index(Path(home), search.encode, model.count_tokens, model.identity, model.dimension, 50)
        cuts = {file: cut(blocks, model.count_tokens) for file, blocks in corpus.documents.items()}
        texts = {f: [searched_text("" if corpus.whole else Path(f).stem, c) for c in made] for f, made in cuts.items()}
        encoder.encode([text for each in texts.values() for text in each])  # in one go: sorted by length
        with Session(engine) as session:
            for file, made in cuts.items():
                prepared = Prepared(made, encoder.encode(texts[file]), [terms(text) for text in texts[file]])
                stored = index.store.receive(BytesIO(file.encode()), file)
                incoming = Incoming(file, SHELF, "benchmark", "department")
                version = index.library.register(session, stored, incoming, None)
                begin(version)
                index.library.publish(session, version.id, prepared)
            for line in glossary.read_text("utf-8").splitlines() if glossary else ():
                english, japanese = line.split("\t")
                session.add(GlossaryEntry(domain=GLOSSARY, english=english, japanese=japanese, created_by="benchmark"))
            session.commit()

        def in_mode(mode: Mode, own_words: bool = False) -> Ask:
            scope = Scope(frozenset({SHELF, GLOSSARY} if own_words else {SHELF}), None)

            def ask(question: str) -> Found:
                with Session(engine) as session:
                    hits = index.search(session, question, scope, DEPTH * 2, mode)
                return [(hit.passage.file, hit.passage.text) for hit in hits]

            return ask

        yield in_mode
        engine.dispose()


def word_boundaries(corpus: Corpus, encoder: RememberedEncoder) -> Ask:
    """BM25 over what a pattern for words finds, as most libraries begin: it cannot see Japanese words."""
    made = [(f, c.text) for f, blocks in corpus.documents.items() for c in cut(blocks, encoder.encoder.count_tokens)]
    counts = [Counter(re.findall(r"\w+", text.casefold())) for _, text in made]
    holders = Counter(word for each in counts for word in each)
    average = sum(map(Counter.total, counts)) / len(counts)
    postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, each in enumerate(counts):
        norm = 1.2 * (0.25 + 0.75 * each.total() / average)
        for word, count in each.items():
            rarity = math.log(1 + (len(counts) - holders[word] + 0.5) / (holders[word] + 0.5))
            postings[word].append((number, rarity * count * 2.2 / (count + norm)))

    def ask(question: str) -> Found:
        scores: defaultdict[int, float] = defaultdict(float)
        for word in set(re.findall(r"\w+", question.casefold())):
            for number, score in postings[word]:
                scores[number] += score
        return [made[number] for number in sorted(scores, key=lambda n: (-scores[n], n))[: DEPTH * 2]]

    return ask


def of_peer(name: str, corpus: Corpus, cache: Path | None) -> list[Found]:
    """What a peer's default pipeline finds for each task, in the peers' own environment. Raises RuntimeError."""
    job = {
        "documents": [[file, "\n".join(b.text for b in blocks)] for file, blocks in corpus.documents.items()],
        "questions": [task.asked for task in corpus.tasks],
        "count": DEPTH * 2,
        "cache": str(cache) if cache else None,
    }
    done = subprocess.run(
        [str(peers.environment()), "-m", "benchmarks.peer_retrieval", name],
        input=dumps(job), capture_output=True, text=True, cwd=Path(__file__).parent.parent, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{name} failed: {done.stderr[-2000:]}")
    return [[(file, text) for file, text in loads(line)] for line in done.stdout.splitlines()]


def figures(corpus: Corpus, found: Sequence[Found]) -> dict[str, dict[str, float]]:
    """Group → measure → mean over its questions."""
    sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for task, passages in zip(corpus.tasks, found, strict=True):
        unique: dict[object, tuple[str, str]] = {}  # each where its best piece stands
        for passage in passages:
            unique.setdefault(passage[0] if corpus.whole else passage, passage)
        best = list(unique.values())[:DEPTH]
        row = sums[task.group]
        row["questions"] += 1
        held = [task.relevant(passage) for passage in best]
        for depth in (1, 5, 10):
            row[f"R@{depth}"] += task.complete(best[:depth])
        row["MRR"] += next((1 / rank for rank, piece in enumerate(held, 1) if piece), 0.0)  # type: ignore[assignment]
        row["nDCG@10"] += _ndcg(held, task.pieces)  # type: ignore[assignment]
    return {
        group: {name: value if name == "questions" else value / row["questions"] for name, value in row.items()}
        for group, row in sums.items()
    }


def _ndcg(held: Sequence[int], pieces: int) -> float:
    """Each piece of evidence gains 1 where it first stands."""
    firsts = {piece: rank for rank, piece in reversed(list(enumerate(held, 1))) if piece}
    best = sum(1 / math.log2(rank + 1) for rank in range(1, pieces + 1))
    return sum(1 / math.log2(rank + 1) for rank in firsts.values()) / best


def measure_glossary(corpus: Corpus, encoder: RememberedEncoder, glossary: Path) -> None:
    """Print a line for each group, without a company's own words and with them."""
    encoder.encode([task.asked for task in corpus.tasks], query=True)
    with ours(corpus, encoder, glossary) as in_mode:
        for name, own_words in (("ours", False), ("own words", True)):
            _show(name, figures(corpus, [in_mode("hybrid", own_words)(task.asked) for task in corpus.tasks]))


def measure(corpus: Corpus, encoder: RememberedEncoder, peer_names: Sequence[str], cache: Path | None) -> None:
    """Print a line for each system and group."""
    encoder.encode([task.asked for task in corpus.tasks], query=True)
    with ours(corpus, encoder) as in_mode:
        modes: dict[str, Mode] = {"ours": "hybrid", "dense only": "dense", "bigram BM25": "lexical"}
        systems = {name: in_mode(mode, False) for name, mode in modes.items()}
        systems["word BM25"] = word_boundaries(corpus, encoder)
        for name, ask in systems.items():
            _show(name, figures(corpus, [ask(task.asked) for task in corpus.tasks]))
    for name in peer_names:
        _show(name, figures(corpus, of_peer(name, corpus, cache)))


def _show(name: str, table: dict[str, dict[str, float]]) -> None:
    for group, row in sorted(table.items()):
        values = " ".join(f"{key} {value:.3f}" for key, value in row.items() if key != "questions")
        print(f"{group:<12} {row['questions']:>5.0f}  {name:<14} {values}", flush=True)


def main() -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", default="test", choices=("test", "tune"))
    parser.add_argument("--sets", default="company,squad2,jaquad")
    parser.add_argument("--peers", nargs="?", const=",".join(peers.NAMES), default="")
    parser.add_argument("--glossary", type=Path, help="a company's own words: search with them against without")
    parser.add_argument("--cache", type=Path)
    given = parser.parse_args()
    encoder = RememberedEncoder(given.cache)
    for name in given.sets.split(","):
        corpus = company(given.part) if name == "company" else outside(given.data, name, given.part)
        if given.glossary:
            measure_glossary(corpus, encoder, given.glossary)
            continue
        measure(corpus, encoder, given.peers.split(",") if given.peers else [], given.cache)


if __name__ == "__main__":
    main()
