"""What the reranker learns from: the questions of the invented organisations with the sentences that search brings up,
and with the answers to the other questions, as a question is compared with those that people have answered.

Right are the sentences that say what the answer must say, from a document that is its evidence; the others are the ones
closest to the question, other rows of the same table among them. A sentence elsewhere that says it too takes no part.
Those questions, but the short ones, avoid the document's words. Others do not (see `own_words`), nor do people who have
the document before them.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from adapters import Encoder
from adapters.judging import says_all
from adapters.questions import Question
from adapters.reader_training import Reading
from adapters.reranker_training import Choice
from assistant.language import language_of
from assistant.steps.candidates import in_context, passage_heading, spans
from assistant.steps.read import widened
from benchmarks import company
from benchmarks.company import LESSONS, handed, opened, questions
from benchmarks.office_data import SCOPES, office
from benchmarks.outside_data import Part, read
from benchmarks.reader_data import altered
from index import Encode, Hit

JUDGED = tuple(LESSONS / name for name in ("en-library", "ja-shosha"))  # say when to stop; nothing is learnt from them
TAUGHT = [folder for folder in company.TAUGHT if folder not in JUDGED]
OTHERS = 5  # sentences beside the right one
CLOSEST = 3  # of them are the closest, the rest is drawn from as many of the next as `NEXT`
NEXT = 11
OF_ONE = 3  # at most so many others of one passage
ANOTHER = 0.4  # how often another right sentence, if there is one, stands for the shortest
OF_AN_ARTICLE = 12  # questions or, where there are few articles, more; among their passages the sentences stand
WITHOUT_ANSWER = 0.25  # of an article's questions at most
FOR_SOME = 0.5  # of the office rules that name nobody name in their sentence whom they are for, though nobody asked


@dataclass(frozen=True)
class Sentence:
    """A sentence that search brought up for a question, with what belongs to it."""

    passage: int
    heading: str
    text: str
    place: tuple[int, int]  # its characters in the passage
    close: float  # cosine with the question as search turns it
    right: bool
    says: bool  # what the answer must say, wherever it stands

    def touches(self, other: "Sentence") -> bool:
        """Whether two overlap."""
        (start, end), (begin, stop) = self.place, other.place
        return self.passage == other.passage and start < stop and begin < end


Found = tuple[str, str, list[Sentence]]  # the question's id, as it is searched for, and what was brought up


def brought_up(folder: Path) -> list[Found]:
    """The questions of an organisation with all sentences of the passages that search hands to the reader, without the
    questions whose answer is not among them."""
    found: list[Found] = []
    with opened(folder=folder) as (services, operator):
        asked = questions(["train"], folder)
        services.encoder.encode([question.question for question in asked], query=True)  # remembered: faster in a batch
        for question, given in handed(services, operator, asked):
            hits = [hit for hit in given.hits if not hit.aside]
            places = dict.fromkeys(
                (n, *widened(hit.passage.text, *span))
                for n, hit in enumerate(hits)
                for span in spans(hit.passage.text, [])
            )
            told = [in_context(hits[n], start, end) for n, start, end in places]
            if told:
                [asked_for] = services.search_encoder.encode([given.question], query=True)
                closes = services.sentence_encoder.encode(told) @ asked_for
                made = [
                    _sentence(question, hits[n], (start, end), float(close))
                    for (n, start, end), close in zip(places, closes, strict=True)
                ]
                if not question.answerable or any(one.right for one in made):
                    found.append((question.id, given.question, made))
    return found


def _sentence(question: Question, hit: Hit, place: tuple[int, int], close: float) -> Sentence:
    passage = hit.passage
    text = passage.text[slice(*place)]
    says = says_all(question, text)
    right = says and question.answerable and passage.file in {piece.file for piece in question.evidence}
    return Sentence(passage.id, passage_heading(passage), text, place, close, right, says)


def answered(asked: Sequence[Question], encoder: Encoder) -> list[Found]:
    """An organisation's questions with the answers to its other questions, each under its own question or, as often,
    by itself. Of the questions that no other answer answers as many are kept as there are of those that one does.
    """
    known = [question for question in asked if question.gold]
    vectors = encoder.encode([question.question for question in asked], query=True)
    rows = [row for row, question in enumerate(asked) if question.gold]
    closes = vectors @ vectors[rows].T
    found: list[Found] = []
    for question, row in zip(asked, closes, strict=True):
        told = [
            Sentence(n, other.question if n % 2 else "", gold, (0, len(gold)), float(close), says, says)
            for n, (other, close) in enumerate(zip(known, row, strict=True))
            if other is not question and (gold := other.gold or "")
            for says in [says_all(question, gold)]
        ]
        found.append((question.id, question.question, told))
    paired = [one for one in found if any(sentence.right for sentence in one[2])]
    alone = [one for one in found if not any(sentence.right for sentence in one[2])]
    return paired + Random(0).sample(alone, min(len(alone), len(paired)))  # no secret


def own_words(data: Path, part: Part, count: int, encode: Encode, seed: int = 0) -> list[Found]:
    """About `count` questions in the document's own words, a third each: Japanese, English, and about office rules.

    Those of the outside sets meet the sentences of their article's passages, those about a rule the other rules of its
    section, the same rule for others, another section.
    """
    random = Random(seed)  # no secret
    third = count // 3
    outside = (read(data, "jaquad", part), read(data, "squad2", part) + read(data, "xquad-en", part))
    rules = [_for_some(reading, random) for reading in office(third, seed)]
    drawn = [_of_articles([*readings, *altered(readings)], third, random) for readings in outside]
    return [found for readings in (*drawn, rules) for found in _in_passages(readings, encode)]


def _of_articles(readings: Sequence[Reading], count: int, random: Random) -> list[Reading]:
    """So many readings, in groups of one article each."""
    by_title: defaultdict[str, list[Reading]] = defaultdict(list)
    for reading in random.sample(readings, len(readings)):
        by_title[reading.title].append(reading)
    drawn: list[Reading] = []
    of_each = max(OF_AN_ARTICLE, count // len(by_title))
    for title in random.sample(sorted(by_title), len(by_title)):
        with_answer = [one for one in by_title[title] if one.answers][:of_each]
        without = [one for one in by_title[title] if not one.answers]
        drawn += with_answer + without[: round(WITHOUT_ANSWER * len(with_answer))]
        if len(drawn) >= count:
            break
    return drawn[:count]


def _for_some(reading: Reading, random: Random) -> Reading:
    """An office rule that answers, now and then with whom it is for before its sentence, as no question asks for it."""
    named = any(scope in reading.heading for scopes, _ in SCOPES for scope in scopes)
    if not reading.answers or named or random.random() >= FOR_SOME:
        return reading
    (place, answer), text = reading.answers[0], reading.passage
    start, end = next((start, end) for start, end in spans(text, []) if start <= place < end)
    if text[end - 1] not in ".。":  # a row of a table
        return reading
    japanese = language_of(text, "en") == "ja"
    scope = random.choice(SCOPES)[1][japanese]
    told = scope if japanese else f"{scope[0].upper()}{scope[1:]}, "
    return replace(
        reading,
        passage=text[:start] + told + text[start:],
        answers=((place + len(told), answer),),
    )


def _in_passages(readings: Sequence[Reading], encode: Encode) -> Iterator[Found]:
    """Each question with the sentences of all passages that the readings of its title have."""
    by_title: defaultdict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        by_title[reading.title].append(reading)
    for title, group in by_title.items():
        passages = list(dict.fromkeys((one.heading or title, one.passage) for one in group))
        places = dict.fromkeys(
            (n, *widened(text, *span)) for n, (_, text) in enumerate(passages) for span in spans(text, [])
        )
        vectors = encode([f"{passages[n][0]}: {passages[n][1][start:end]}" for n, start, end in places])
        asked = {one.question: one for one in reversed(group)}  # a question's first reading is the one that answers
        for question, vector in zip(asked, encode(list(asked), query=True), strict=True):
            one = asked[question]
            own = passages.index((one.heading or title, one.passage))
            made = []
            for (n, start, end), close in zip(places, vectors @ vector, strict=True):
                heading, text = passages[n]
                right = n == own and any(start <= place and place + len(answer) <= end for place, answer in one.answers)
                says = right or any(answer in text[start:end] for _, answer in one.answers)
                made.append(Sentence(n, heading, text[start:end], (start, end), float(close), right, says))
            if any(sentence.right for sentence in made) or not one.answers:
                yield one.id, question, made


def choices(found: Sequence[Found], draws: int, seed: int = 0) -> list[Choice]:
    """`draws` choices of every question: the others differ from draw to draw."""
    return [
        _choice(asked, sentences, Random(f"{seed}/{draw}/{name}"))  # no secret
        for name, asked, sentences in found
        for draw in range(draws)
    ]


def _choice(asked: str, sentences: Sequence[Sentence], random: Random) -> Choice:
    right = sorted((one for one in sentences if one.right), key=lambda one: len(one.text))
    chosen = right[:1]
    if len(right) > 1 and random.random() < ANOTHER:
        chosen = [random.choice(right[1:3])]
    near = _others(sentences, right)
    count = OTHERS + (not chosen) - CLOSEST
    drawn = random.sample(near[CLOSEST:], min(count, len(near[CLOSEST:])))
    told = [(one.heading, one.text) for one in (*chosen, *near[:CLOSEST], *drawn)]
    return Choice(asked, told, len(chosen))


def _others(sentences: Sequence[Sentence], right: Sequence[Sentence]) -> list[Sentence]:
    """The closest that do not answer, none of them twice in part."""
    kept: list[Sentence] = []
    for one in sorted((one for one in sentences if not one.says), key=lambda one: -one.close):
        crowded = sum(one.passage == other.passage for other in kept) >= OF_ONE
        if not crowded and not any(one.touches(other) for other in (*right, *kept)):
            kept.append(one)
        if len(kept) == CLOSEST + NEXT:
            break
    return kept
