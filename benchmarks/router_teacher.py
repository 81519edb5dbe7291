"""What `train_router --teacher` learns from: how near texts lie to each other for two encoders side by side.

These are the encoder with an earlier skill, and an English sentence encoder. Of each batch the new skill learns which
messages lie how near to which, in English from both, in Japanese from the earlier skill; a translation lies where its
original does (Hinton et al. 2015, 'Distilling the knowledge in a neural network', of rows of cosines). Texts:
`messages.tsv` (messages to services and help desks, own writing), the questions of the invented organisations, what is
for nobody, and questions of squad2's and jaquad's training articles. Every second batch also has a contrast.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from torch import Tensor

from adapters.router import Embed, Vectors, background
from adapters.router_training import Pairs, contrast, disagreement, embedded
from adapters.search_encoder import translations
from assistant.language import language_of
from benchmarks.company import TAUGHT, questions
from benchmarks.outside_data import read

MESSAGES = Path(__file__).parent / "messages.tsv"
OUTSIDE = {"squad2": 2000, "jaquad": 1200}  # questions
ENGLISH, JAPANESE, TRANSLATED = 48, 32, 8  # texts of a batch
NEAR, TOGETHER = 24, 5  # so many of a text's nearest are drawn from, and so many drawn
EVERY_JAPANESE, EVERY_CONTRAST = 3, 2  # batches
CONTRAST, TRANSLATION = 0.5, 0.5  # their losses' weights


@dataclass(frozen=True)
class Texts:
    """What is learnt from: texts of both languages with the teacher's vectors, and translations of English ones."""

    english: Sequence[str]
    japanese: Sequence[str]
    translated: Sequence[tuple[int, str]]  # (number of the English text, Japanese)
    of_english: Vectors  # (E, D)
    of_japanese: Vectors  # (J, D')

    def sizes(self) -> dict[str, int]:
        """How many there are of each."""
        return {each: len(getattr(self, each)) for each in ("english", "japanese", "translated")}


@dataclass(frozen=True)
class Batch:
    """Numbers of texts; those of Japanese ones and the contrast's pairs may be none."""

    english: Sequence[int]
    translated: Sequence[tuple[int, str]]
    japanese: Sequence[int]
    contrast: Pairs


def rules() -> list[list[list[str]]]:
    """By organisation, the questions about each rule that has more than one."""
    made = []
    for folder in TAUGHT:
        about: defaultdict[str, list[str]] = defaultdict(list)
        for question in questions(["train"], folder):
            if question.answerable and question.kind != "follow-up":
                about[question.group].append(question.question)
        made.append([asked for asked in about.values() if len(asked) > 1])
    return made


def gathered(data: Path, seed: int) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    """English texts, Japanese ones, and (English, Japanese) of the same meaning."""
    lines = [line.split("\t") for line in MESSAGES.read_text("utf-8").splitlines()]
    pairs = [(line[0], line[1]) for line in lines if len(line) > 1] + translations()
    texts = [line[0] for line in lines] + [english for english, _ in pairs]
    texts += [question for about in rules() for asked in about for question in asked] + background()
    for name, count in OUTSIDE.items():
        readings = read(data, name, "train")
        texts += [reading.question for reading in Random(seed).sample(readings, count)]
    own = {language: [t for t in dict.fromkeys(texts) if language_of(t, "en") == language] for language in ("en", "ja")}
    return own["en"], own["ja"], pairs


def taught(data: Path, earlier: Embed, teacher: Embed, seed: int) -> Texts:
    """The texts, with the vectors that both encoders give them; each is centred on what is for nobody first."""
    english, japanese, pairs = gathered(data, seed)
    nobodys = background()
    plain = [text for text in nobodys if language_of(text, "en") == "en"]
    centre = earlier(nobodys).mean(axis=0)
    ours, theirs = _centred(earlier(english), centre), _centred(teacher(english), teacher(plain).mean(axis=0))
    number = {text: at for at, text in enumerate(english)}
    translated = [(number[one], other) for one, other in pairs if one in number]
    both = np.concatenate([ours, theirs], axis=1) / np.sqrt(2.0)  # cosines are the mean of both encoders'
    return Texts(english, japanese, translated, both, _centred(earlier(japanese), centre))


def _centred(vectors: Vectors, centre: Vectors) -> Vectors:
    moved = vectors - centre
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), np.float32)


def drawn(texts: Texts, contrasts: Sequence[Pairs], seed: int) -> list[Batch]:
    """As many batches of neighbours as there are contrasts, so that a text is told from what is like it."""
    random = Random(seed)
    english, japanese = _neighbours(texts.of_english), _neighbours(texts.of_japanese)
    return [
        Batch(
            _together(english, ENGLISH, random),
            random.sample(texts.translated, TRANSLATED),
            _together(japanese, JAPANESE, random) if step % EVERY_JAPANESE == 0 else [],
            pairs if step % EVERY_CONTRAST == 0 else [],
        )
        for step, pairs in enumerate(contrasts)
    ]


def _neighbours(vectors: Vectors) -> list[list[int]]:
    """The NEAR nearest of each text."""
    parts = [np.argpartition(-(part @ vectors.T), NEAR, axis=1)[:, :NEAR] for part in np.array_split(vectors, 20)]
    return [list(map(int, row)) for row in np.concatenate(parts)]


def _together(neighbours: Sequence[Sequence[int]], size: int, random: Random) -> list[int]:
    held: dict[int, None] = {}
    while len(held) < size:
        one = random.randrange(len(neighbours))
        held |= dict.fromkeys([one, *random.sample(neighbours[one], TOGETHER)])
    return list(held)[:size]


def loss_of(model: Any, texts: Texts) -> Callable[[Batch], Tensor]:
    """What a batch costs."""
    of_english, of_japanese = torch.from_numpy(texts.of_english), torch.from_numpy(texts.of_japanese)

    def one(batch: Batch) -> Tensor:
        numbers = [*batch.english, *(at for at, _ in batch.translated)]
        asked = [texts.english[at] for at in numbers] + [text for _, text in batch.translated]
        vectors = embedded(model, asked)
        own, other = vectors[: len(numbers)], vectors[len(numbers) :]
        to, those = of_english[numbers], of_english[[at for at, _ in batch.translated]]
        loss = disagreement(own @ own.T, to @ to.T) + TRANSLATION * disagreement(other @ own.T, those @ to.T)
        if batch.japanese:
            vectors, to = embedded(model, [texts.japanese[at] for at in batch.japanese]), of_japanese[batch.japanese]
            loss = loss + disagreement(vectors @ vectors.T, to @ to.T)
        return loss + CONTRAST * contrast(model, batch.contrast) if batch.contrast else loss

    return one
