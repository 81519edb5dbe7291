"""A question on its way to an answer: `Assistant.ask`, short enough to read on one screen.

Each step is a module in `assistant.steps`; this one hands the result of one to the next and times them.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from threading import Event
from typing import Any

from adapters import Routing
from assistant.access import User
from assistant.answer import Answer, Draft, Reading, Seconds
from assistant.clock import today
from assistant.database import Database
from assistant.domains import DomainInfo, Domains
from assistant.errors import BadInput
from assistant.language import language_of
from assistant.replay import kept
from assistant.settings import Settings
from assistant.steps import record
from assistant.steps.candidates import passage_heading
from assistant.steps.complete import complete
from assistant.steps.decide import Coefficients, Decision, Signals, decide, shipped
from assistant.steps.explain import Facts, explain, table
from assistant.steps.greetings import is_greeting
from assistant.steps.join import joined, joined_trace
from assistant.steps.matters import as_question, as_told
from assistant.steps.parts import parts
from assistant.steps.read import Reader
from assistant.steps.retrieve import POOL, narrowed, ranked
from assistant.steps.review import ReviewedAnswer, ReviewedAnswers
from assistant.steps.signal import is_sound, measure
from assistant.steps.similar import plainly_other
from assistant.steps.similar import shipped as matching
from assistant.steps.standing import told_otherwise
from assistant.steps.verify import Verification, verify
from assistant.steps.write import Cancelled, Writer
from assistant.variation import FULL, Variation
from assistant.wording import Language
from index import Hit, Index, Meaning

THIN = 0.15  # probability of a department that may be meant beside the likeliest
SURE_ROUTE = 0.6  # below it, or where another department has the evidence, the why says that all were searched


@dataclass(frozen=True)
class Progress:
    """How far a question is: routing, reading, writing; the passages once they are there."""

    stage: str
    conversation: str
    hits: Sequence[Hit] = ()


Report = Callable[[Progress], None]


@dataclass(frozen=True)
class Asked:
    """A question as it was admitted and recorded."""

    question: str
    searched: str  # completed from the conversation
    language: Language
    user: User
    picked: str | None  # the department the person chose
    conversation: str
    started: float
    parts: tuple[str, ...] = ()  # the questions in it, each to be searched by itself
    of_several: bool = False  # whether this is one of the questions in another

    @property
    def by_itself(self) -> str:
        """As anybody may ask it, whatever was asked before."""
        return as_told(self.searched)

    def part(self, question: str) -> "Asked":
        """One of its questions, asked by itself; the only one keeps its own words."""
        if len(self.parts) == 1:
            return self
        return replace(self, question=question, searched=question, parts=(question,), of_several=True)


@dataclass(frozen=True)
class Found:
    """What routing, search and reading gave."""

    router: str  # its identity
    routing: Routing
    hits: list[Hit]
    reading: Reading
    searched_all: bool
    domain: DomainInfo | None
    seconds: Seconds
    rarity: Mapping[str, float]
    known: Sequence[Meaning]
    fitted: Coefficients  # what the confidence is weighed with
    worn: Mapping[str, str]  # the adapter version of each department that has one
    aside: bool  # the question is small talk or the like

    @property
    def as_read(self) -> list[Hit]:
        """The passages in the order in which reading found them to answer."""
        order = {evidence.hit.passage.id: place for place, evidence in enumerate(self.reading.evidence)}
        return sorted(self.hits, key=lambda hit: order.get(hit.passage.id, len(order)))


class Assistant:
    """Answers questions: from passages, cited; or holds; or declines."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        index: Index,
        domains: Domains,
        reader: Reader,
        writer: Writer,
        reviewed: ReviewedAnswers,
        recorder: record.Recorder,
        worn: Callable[[], Mapping[str, str]],
        coefficients_of: Callable[[str], Coefficients],
        variation: Variation = FULL,
    ) -> None:
        """`worn`: the adapter version that answers in each department that has one, for the record; `coefficients_of`:
        what a department's answers' confidence is weighed with.
        """
        self._settings = settings
        self._database = database
        self._index = index
        self._domains = domains
        self._reader = reader
        self._reviewed = reviewed
        self._recorder = recorder
        self._worn = worn
        self._coefficients_of = coefficients_of
        self._variation = variation
        self._writer = writer

    def ask(
        self,
        question: str,
        user: User,
        domain: str | None = None,
        conversation: str | None = None,
        *,
        language: Language = "en",
        report: Report = lambda _progress: None,
        cancel: Event | None = None,
        reviewed: bool = True,
    ) -> Answer:
        """Answer `question` for `user` from what the user may see.

        Args:
            domain: the person's own choice of department; None leaves it to the router.
            conversation: id of an own conversation to go on with; None starts one.
            language: where the question itself does not tell it.
            report: told each stage, and the passages once they are there.
            reviewed: whether a person's answer to the same question is given, or told of.
            cancel: set it to stop; Cancelled is raised and the question stays on record, unanswered.

        Raises: BadInput, NotFound (domain, conversation), Cancelled.
        """
        asked = self._admit(question, user, domain, conversation, language)
        if reviewed and (known := self._reviewed.same(asked.by_itself, user, domain)):
            return self._give_reviewed(asked, known)
        made = [self._answer(asked.part(one), report, cancel, reviewed) for one in asked.parts]
        return self._record(asked, made)

    def _answer(
        self, asked: Asked, report: Report, cancel: Event | None, reviewed: bool
    ) -> tuple[Answer, dict[str, Any]]:
        """The answer to one question, not yet recorded, and its trace."""
        report(Progress("routing", asked.conversation))
        found = self._find(asked, report)
        _stop_if(cancel)
        similar = self._similar(asked, found) if reviewed else None
        if similar and self._may_give(asked, found, similar):
            return self._given(asked, found, similar)
        report(Progress("writing", asked.conversation, found.as_read))
        draft, checked = self._write(asked, found, cancel)
        decision, signals = self._decide(found, draft, checked)
        _stop_if(cancel)
        return self._made(asked, found, draft, checked, decision, signals, similar)

    def _admit(
        self, question: str, user: User, domain: str | None, conversation: str | None, language: Language
    ) -> Asked:
        text = check_question(question, self._settings.question_characters)
        if domain is not None:
            user.require("employee", domain)
        each = parts(text)
        started = time.perf_counter()
        opened, earlier = self._recorder.question(user, conversation, text)
        searched = self._completed(text, earlier, user)
        told = language_of(text, language)
        return Asked(text, searched, told, user, domain, opened, started, tuple(each if len(each) > 1 else [searched]))

    def _completed(self, text: str, earlier: Sequence[str], user: User) -> str:
        """A follow-up with the question that it goes on from; what only tells something, as a question. Small talk goes
        on with nothing ('明日の天気は？' has the form of a follow-up) and asks nothing, and nothing goes on with it.
        """
        follows = complete(text, earlier) != text
        if (not follows and as_question(text) == text) or self._is_small_talk(text, user):
            return text
        if follows:
            before = next((one for one in reversed(earlier) if not self._is_small_talk(one, user)), None)
            text = complete(text, [before]) if before else text
        return as_question(text)

    def _is_small_talk(self, text: str, user: User) -> bool:
        """Or the like: near what is nobody's, some of which other firms are asked, and for no department here."""
        if is_greeting(text):
            return True
        router = self._domains.router()
        return router.is_aside(text) and router.route(text, list(user.roles)).out_of_scope

    def _find(self, asked: Asked, report: Report) -> Found:
        began = time.perf_counter()
        router = self._domains.router()
        routing = router.route(asked.searched, list(asked.user.roles))
        routed = time.perf_counter()
        routes = dict(routing.ranked) if self._variation.routing else {}
        scope = narrowed(asked.user.scope, asked.picked)
        with self._database.read() as session:
            pool = self._index.search(session, asked.searched, scope, POOL, self._variation.search)
            rarity = self._index.rarity(session, asked.searched, asked.user.scope)
            known = self._index.meanings(session, asked.searched, asked.user.scope)
        hits = ranked(asked.searched, pool, routes, self._settings.passages, today())
        report(Progress("reading", asked.conversation, hits))
        reading = self._reader.read(asked.searched, hits, rarity, known, routes)
        name = asked.picked or (reading.evidence[0].hit.passage.domain if reading.evidence else routing.domain)
        seconds = Seconds(route=routed - began, evidence=time.perf_counter() - routed)
        unsure = asked.picked is None and (name != routing.domain or routing.probability < SURE_ROUTE)
        info = self._domains.get(name) if name else None
        fitted = self._coefficients_of(info.name) if info else shipped()
        worn = self._worn()
        # what lies near to what is nobody's may be another company's question
        aside = is_greeting(asked.searched) or (routing.out_of_scope and router.is_aside(asked.searched))
        return Found(router.identity, routing, hits, reading, unsure, info, seconds, rarity, known, fitted, worn, aside)

    def _write(self, asked: Asked, found: Found, cancel: Event | None) -> tuple[Draft | None, Verification | None]:
        evidence = found.reading.evidence[:1]
        if not evidence or found.domain is None:
            return None, None
        pieces, told = [e.quote for e in evidence], "\n".join(passage_heading(e.hit.passage) for e in evidence)
        left = self._settings.answer_seconds - (time.perf_counter() - asked.started)
        draft = self._writer.write(asked.searched, asked.language, evidence, found.domain.name, left, cancel)
        checked = verify(draft.text, pieces, asked.searched, told)
        if draft.writer == "model" and not checked.supported:
            draft = self._writer.quote(evidence)
            checked = verify(draft.text, pieces, asked.searched, told)
        return draft, checked

    def _decide(self, found: Found, draft: Draft | None, checked: Verification | None) -> tuple[Decision, Signals]:
        name = found.domain.name if found.domain else None
        signals = measure(found.routing, name, found.hits, found.reading, checked)
        if draft is None or checked is None or found.domain is None:
            return Decision("declined", 0.0, {}, "shipped"), signals
        here = found.domain
        sound = is_sound(checked, found.reading)
        return decide(signals, found.fitted, sound, here.hold_below, here.release, found.aside), signals

    def _record(self, asked: Asked, made: Sequence[tuple[Answer, dict[str, Any]]]) -> Answer:
        answer, trace = made[0]
        if len(made) > 1:
            each = [one for one, _ in made]
            title = partial(self._domains.title, language=asked.language)
            answer = joined(asked.question, asked.language, each, title)
            trace = joined_trace(asked.searched, [one for _, one in made], answer)
        return self._recorder.answer(asked.user, answer, trace)

    def _made(
        self,
        asked: Asked,
        found: Found,
        draft: Draft | None,
        checked: Verification | None,
        decision: Decision,
        signals: Signals,
        similar: ReviewedAnswer | None,
    ) -> tuple[Answer, dict[str, Any]]:
        name = found.domain.name if found.domain else None
        otherwise = told_otherwise(found.reading, name)
        citations = record.citations(found.reading, otherwise, found.routing.out_of_scope, decision.status, name)
        facts = Facts(
            language=asked.language,
            domain_title=found.domain.title(asked.language) if found.domain else None,
            chosen_by_user=asked.picked is not None,
            nearest_example=_nearest(found),
            by_documents=bool(found.routing.closest) and found.routing.closest[0][0] == name,
            runner_up=self._runner_up(asked, found),
            searched_all=found.searched_all and found.routing.probability < SURE_ROUTE,
            routed_title=self._routed(asked, found),
            citations=citations,
            otherwise=bool(otherwise),
            against=citations[1] if found.reading.against and citations else None,
            coverage=found.reading.coverage,
            unnamed=found.reading.unnamed,
            missing=found.reading.missing,
            decision=decision,
            verification=checked,
            hold_below=found.domain.hold_below if found.domain else 0.0,
            release=found.domain.release if found.domain else "hold",
            aside=found.aside,
        )
        total = time.perf_counter() - asked.started
        seconds = replace(found.seconds, total=total, answer=total - found.seconds.route - found.seconds.evidence)
        answered = decision.status == "answered"
        answer = Answer(
            id="",
            question=asked.question,
            status=decision.status,
            answer=draft.text if draft and answered else None,
            draft=draft.text if draft and decision.status != "declined" else None,
            language=asked.language,
            # what nobody could say goes to the desk of the department that was asked, else to every desk
            domain=found.domain.name if found.domain and decision.status != "declined" else asked.picked,
            adapter=found.worn.get(found.domain.name) if found.domain else None,
            confidence=math.floor(1e4 * decision.confidence) / 1e4,  # never more than was decided by
            calibrated=decision.fitted != "shipped",
            citations=citations,
            why=explain(facts),
            reasons=table(asked.language, signals.as_dict(), decision.contributions),
            signals=signals.as_dict()
            | {
                "writer": draft.writer if draft else None,
                "aside": found.aside,
                "contradicted": found.reading.against is not None,
                "unnamed": bool(found.reading.unnamed),
                "picked": asked.picked is not None,
                "release": found.domain.release if found.domain else None,
            },
            reviewed=False,
            ticket=None,
            conversation=asked.conversation,
            seconds=record.rounded(seconds),
            similar=similar.beside() if similar else None,
            choices=[] if answered else _choices(asked, found),
        )
        trace = {
            "searched": asked.searched,
            "routing": [[name, round(probability, 4)] for name, probability in found.routing.ranked],
            "nearest": [[name, example, round(cosine, 4)] for name, example, cosine in found.routing.nearest],
            "closest": [[name, round(cosine, 4)] for name, cosine in found.routing.closest],
            "out_of_scope": found.routing.out_of_scope,
            "domain": found.domain.name if found.domain else None,
            "passages": [[hit.passage.id, round(hit.score, 4)] for hit in found.hits],
            "index": self._index.generation,
            "router": found.router,
            "models": self._writer.versions(),
            "draft": draft.text if draft else None,
            "confidence": decision.fitted,
            "replay": self._kept(found, checked, decision, signals),
        }
        return answer, trace

    def _kept(self, found: Found, checked: Verification | None, decision: Decision, signals: Signals) -> dict[str, Any]:
        domains = {hit.passage.domain for hit in found.hits}
        return kept(
            found.hits,
            found.rarity,
            found.known,
            {domain: found.worn[domain] for domain in sorted(domains & found.worn.keys())},
            found.fitted,
            found.domain.hold_below if found.domain else 0.0,
            found.domain.release if found.domain else "hold",
            is_sound(checked, found.reading),
            signals,
            decision,
            found.aside,
        )

    def _similar(self, asked: Asked, found: Found) -> ReviewedAnswer | None:
        if found.domain is None or asked.of_several:
            return None
        name = found.domain.name
        best = next((one for one in found.reading.evidence if one.hit.passage.domain == name), None)
        return self._reviewed.similar(asked.by_itself, asked.language, asked.user, name, best)

    def _given(self, asked: Asked, found: Found, similar: ReviewedAnswer) -> tuple[Answer, dict[str, Any]]:
        """A person's answer to a question in other words, and its trace."""
        total = time.perf_counter() - asked.started
        trace = {
            "searched": asked.searched,
            "routing": [[name, round(probability, 4)] for name, probability in found.routing.ranked],
            "domain": similar.domain,
            "router": found.router,
            "index": self._index.generation,
            "models": self._writer.versions(),
            "likeness": asdict(similar.measured) if similar.measured else {},
            "given_from": matching().given_from,
        }
        return similar.as_answer(asked.question, asked.language, asked.conversation, total), trace

    @staticmethod
    def _may_give(asked: Asked, found: Found, similar: ReviewedAnswer) -> bool:
        """Whether a person's answer to a similar question is given: surely the same question, as sure as the department
        wants answers to be, and not where a person sees every answer first.
        """
        here = found.domain
        if here is None or here.release == "review" or plainly_other(asked.by_itself, similar.question, similar.text):
            return False
        return similar.likeness >= max(matching().given_from, here.hold_below if here.release == "hold" else 0.0)

    def _give_reviewed(self, asked: Asked, reviewed: ReviewedAnswer) -> Answer:
        total = time.perf_counter() - asked.started
        answer = reviewed.as_answer(asked.question, asked.language, asked.conversation, total)
        return self._recorder.answer(asked.user, answer, {"searched": asked.searched})

    def _routed(self, asked: Asked, found: Found) -> str | None:
        """The department that the question looked like, where the answer comes from another that nobody picked."""
        name = found.routing.domain
        elsewhere = asked.picked is None and found.domain is not None and name != found.domain.name
        return self._domains.title(name, asked.language) if elsewhere and name is not None else None

    def _runner_up(self, asked: Asked, found: Found) -> str | None:
        others = [name for name, _ in found.routing.ranked if found.domain and name != found.domain.name]
        return self._domains.title(others[0], asked.language) if others else None


def check_question(question: str, limit: int) -> str:
    """The question without blanks at its ends. Raises BadInput: empty, without a letter, too long."""
    text = question.strip()
    if not text:
        raise BadInput("empty_question")
    if len(text) > limit:
        raise BadInput("question_too_long", limit=limit, length=len(text))
    if not any(character.isalnum() for character in text):
        raise BadInput("question_without_words")
    return text


def _nearest(found: Found) -> str | None:
    for domain, example, _similarity in found.routing.nearest:
        if found.domain is not None and domain == found.domain.name:
            return example
    return None


def _choices(asked: Asked, found: Found) -> list[str]:
    """The two departments that the person may choose between where the route is thin; none where it is not."""
    if asked.picked is not None or found.routing.out_of_scope or not found.searched_all:
        return []
    likely = [name for name, probability in found.routing.ranked if probability >= THIN]
    return likely[:2] if len(likely) > 1 else []


def _stop_if(cancel: Event | None) -> None:
    if cancel is not None and cancel.is_set():
        raise Cancelled
