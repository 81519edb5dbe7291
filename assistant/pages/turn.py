"""How one turn of a conversation looks: the question, the answer's card with its sources and its why, a reply.

Makes markup from recorded facts; it asks nothing and changes nothing.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from assistant.answer import Answer, Citation, address_of
from assistant.pages.markup import marked, tag, text
from assistant.steps.explain import percent, place
from assistant.wording import Language, say
from index import row_cells

PassageTexts = Mapping[int, str]  # by id, of what the person may see
SHOWN_SOURCES = 3


def confidence_word(confidence: float) -> str:
    """'high', 'medium' or 'low'."""
    return "high" if confidence >= 0.8 else "medium" if confidence >= 0.5 else "low"


def question(language: Language, asked: str) -> str:
    """What the employee typed."""
    return tag("div", tag("p", text(asked)), "turn question", **{"aria-label": say(language, "ask.you")})


def reply(
    language: Language, words: str, rests_on: Sequence[Citation] = (), passages: PassageTexts = MappingProxyType({})
) -> str:
    """A person's answer from the desk, and what it rests on, of that what is in `passages`."""
    title = tag("p", tag("span", text(say(language, "ask.person_answered")), "chip person"), "facts")
    seen = [citation for citation in rests_on if citation.passage in passages]
    sources = _sources(language, "ask.sources", seen, passages, opened=True) if seen else ""
    return tag("div", title + tag("p", text(words), "words") + sources, "turn card from-person")


def answer_card(language: Language, answer: Answer, title: str | None, passages: PassageTexts) -> str:
    """The answer with department, confidence, sources and why."""
    parts = [_facts(language, answer, title), _words(language, answer)]
    if answer.similar and not answer.reviewed:
        parts.append(_similar(language, answer.similar))
    used, other = _used(answer)
    if answer.status == "answered" and used:
        parts.append(_scopes(language, used))
    if used:
        rests_on = "ask.sources" if answer.status == "answered" else "ask.nearest"
        parts.append(_sources(language, rests_on, used, passages, opened=True))
    if other:
        parts.append(_sources(language, "ask.other_passages", other, passages, opened=False))
    if answer.why:
        parts.append(_why(language, answer))
    return tag("div", "".join(parts), f"turn card {answer.status}")


def _facts(language: Language, answer: Answer, title: str | None) -> str:
    chip = "reviewed" if answer.reviewed else answer.status
    told = "imported" if _imported(answer) else chip
    parts = [tag("span", text(say(language, f"ask.{told}")), f"chip {chip}")]
    if title:
        parts.append(tag("span", text(say(language, "ask.department", department=title))))
    parts.append(tag("span", text(say(language, "ask.adapter", adapter=answer.adapter or say(language, "ask.base")))))
    beside = answer.is_contradicted or answer.is_unnamed  # it says nothing of why this was held
    if not answer.reviewed and not answer.straight and not beside:
        word = say(language, f"ask.confidence_{confidence_word(answer.confidence)}")
        figure = say(language, "ask.confidence", word=word, percent=percent(answer.confidence))
        parts.append(tag("span", text(figure), "confidence"))
    return tag("p", "".join(parts), "facts")


def _imported(answer: Answer) -> bool:
    """Whether a person's answer came with a sheet; answers recorded before that was noted do not tell."""
    return answer.reviewed and answer.signals.get("source") == "sheet"


def _words(language: Language, answer: Answer) -> str:
    if answer.status == "answered" and answer.answer:
        said = _said(answer.answer, answer.citations)
        if not (answer.reviewed and answer.similar):
            return said
        asked = {name: answer.similar[name] for name in ("person", "question")}
        key = "ask.answered_to_imported" if _imported(answer) else "ask.answered_to"
        return said + tag("p", text(say(language, key, **asked)), "small")
    if answer.straight:
        return tag("p", text(say(language, "ask.straight_words")), "words")
    if answer.is_aside:
        return tag("p", text(say(language, "ask.aside_words")), "words")
    if answer.is_reviewed_first:
        key = "ask.reviewed_first_words"
    elif answer.status == "held":
        why = "contradicted" if answer.is_contradicted else "unnamed" if answer.is_unnamed else "held"
        key = f"ask.{why}_words"
    else:
        key = "ask.declined_there_words" if answer.signals.get("picked") else "ask.declined_words"
    extra = "ask.see_passages" if answer.citations else "ask.no_passages"
    return tag("p", text(say(language, key)), "words") + tag("p", text(say(language, extra)))


def _scopes(language: Language, used: list[Citation]) -> str:
    """For whom the documents hold that the answer rests on, each said once."""
    told = dict.fromkeys(say(language, "place.scope", scope=one.scope, file=one.file) for one in used if one.scope)
    return "".join(tag("p", text(line), "small") for line in told)


def _said(words: str, citations: list[Citation]) -> str:
    """An answer's lines; of each the citation is the next one."""
    told, cited = [], None
    for line in reversed(words.splitlines()):
        cited = next((one for one in citations if line.endswith(f"[{one.n}]")), cited)
        if line.strip():
            told.append(_line(line, cited))
    return "".join(reversed(told))


def _line(line: str, cited: Citation | None) -> str:
    """A line of the answer, what the reader marked in it in bold; a table's row as its cells."""
    number = f"[{cited.n}]" if cited and line.endswith(f"[{cited.n}]") else ""
    said = line.removesuffix(number).rstrip()
    wanted = " ".join(cited.marked.split()) if cited else ""
    cells = row_cells(said)
    if not cells:
        return tag("p", _bold(line, wanted), "words")
    rows = (tag("th", text(name), scope="row") + tag("td", _bold(value, wanted)) for name, value in cells)
    return tag("table", "".join(tag("tr", row) for row in rows), "words cells") + tag("p", text(number), "small")


def _bold(said: str, wanted: str) -> str:
    before, found, after = said.partition(wanted) if wanted else (said, "", "")
    return text(before) + tag("strong", text(found)) + text(after) if found else text(said)


def _similar(language: Language, similar: dict[str, Any]) -> str:
    """A person's answer to a question that may be the same, marked as another question's."""
    summary = tag("summary", text(say(language, "ask.similar", person=similar["person"])))
    return tag("details", summary + tag("p", text(similar["question"])) + tag("blockquote", text(similar["answer"])))


def _used(answer: Answer) -> tuple[list[Citation], list[Citation]]:
    """The citations that the answer rests on, and the others that were looked at, as many as are shown."""
    shown = answer.citations[:SHOWN_SOURCES]
    if answer.status != "answered" or answer.reviewed:
        return shown, []
    used = [citation for citation in shown if f"[{citation.n}]" in (answer.answer or "")]
    return used, [citation for citation in shown if citation not in used]


def _sources(language: Language, title: str, citations: list[Citation], passages: PassageTexts, *, opened: bool) -> str:
    items = "".join(_source(language, citation, passages) for citation in citations)
    summary = tag("summary", text(say(language, title, count=len(citations))))
    attributes = {"open": ""} if opened else {}
    return tag("details", summary + tag("ol", items, "sources"), "sources-box", **attributes)


def _source(language: Language, citation: Citation, passages: PassageTexts) -> str:
    where = place(language, citation)
    name = _link(citation.file, citation.document, citation.version, citation.passage, citation.quote)
    elsewhere = [_link(quote=citation.quote, **copy) for copy in citation.copies]
    head = tag(
        "p",
        tag("strong", f"&#91;{citation.n}&#93; ")
        + name
        + (" " + tag("span", text(where), "place") if where else "")
        + time_of(language, citation)
        + (
            " " + tag("span", text(say(language, "ask.also_in")) + " " + ", ".join(elsewhere), "place")
            if elsewhere
            else ""
        ),
    )
    whole = passages.get(citation.passage)
    context = marked(whole, citation.quote) if whole else tag("mark", text(citation.quote))
    return tag("li", head + tag("blockquote", context))


def _link(file: str, document: str, version: str, passage: int, quote: str) -> str:
    return tag("a", text(file), href=address_of(document, version, passage, quote))


def time_of(language: Language, citation: Citation) -> str:
    """The edition and time of a citation's document, as far as it tells them; marked where it is not in force."""
    told = [citation.edition] if citation.edition else []
    if citation.force == "in_force" and citation.since:
        told.append(say(language, "place.in_force", day=citation.since))
    if citation.force == "replaced" and citation.until:
        told.append(say(language, "place.until", day=citation.until))
    shown = " " + tag("span", text(say(language, "place.joint").join(told)), "place") if told else ""
    if citation.force == "in_force":
        return shown
    mark = say(language, f"place.{citation.force}_chip", day=citation.since or "")
    return shown + " " + tag("span", text(mark), "chip held")


def _why(language: Language, answer: Answer) -> str:
    summary = tag("summary", text(say(language, "ask.why")))
    rows = "".join(
        tag(
            "tr",
            tag("td", text(reason["label"]))
            + tag("td", text(f"{round(100 * reason['value'])} %"))
            + tag("td", text(_effect(language, reason["effect"]))),
        )
        for reason in answer.reasons
    )
    heads = "".join(
        tag("th", text(say(language, f"ask.{name}")), scope="col") for name in ("signal", "value", "effect")
    )
    grid = tag("table", tag("thead", tag("tr", heads)) + tag("tbody", rows), "signals") if rows else ""
    note = "" if answer.calibrated or answer.reviewed else tag("p", text(say(language, "ask.not_calibrated")), "small")
    seconds = tag("p", text(say(language, "ask.seconds", seconds=f"{answer.seconds.total:.1f}")), "small")
    back = tag("p", tag("a", text(say(language, "trace.title")), href=f"/answers/{answer.id}"), "small")
    return tag("details", summary + tag("p", text(answer.why)) + grid + note + seconds + back, "why-box")


def _effect(language: Language, effect: float) -> str:
    strength = 3 if abs(effect) > 0.8 else 2 if abs(effect) > 0.3 else 1
    return ("＋" if effect >= 0 else "－") * strength
