"""How the page of documents shows them: the list, the files under way, one document, what changed, what hangs on it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import PurePath

from assistant.derived import NAMED, Derived
from assistant.document_texts import Changes
from assistant.pages.frame import notice
from assistant.pages.markup import table, tag, text
from assistant.wording import Language, say
from index import DocumentInfo, Pace, Passage, VersionInfo

COLUMNS = ("file", "department", "state", "version", "time", "label", "uploaded_by")
LISTED = 200  # documents in one list; a filter finds the others
CHOSEN = "document"  # in the page's address: the document that is shown
PREVIEWED = 3  # passages of a document that are shown beside its facts
CHANGED = 100  # changes that are shown of a comparison


class View:
    """Markup for one language. `titles`: departments' names; `people`: display names by account."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._tell = partial(say, language)

    def documents(
        self,
        rows: Sequence[DocumentInfo],
        total: int,
        titles: Mapping[str, str],
        people: Mapping[str, str],
        today: date,
        me: str,
    ) -> str:
        """The list, as the person `me` sees it. `total`: how many there are without a filter."""
        if not rows:
            return tag("p", text(self._tell("documents.none")), "empty")
        labels = [self._tell(f"documents.{column}") for column in COLUMNS]
        shown = table(labels, [self._row(row, titles, people, today, me) for row in rows[:LISTED]], "documents")
        count = self._tell("documents.count", shown=min(len(rows), LISTED), count=total)
        return tag("p", text(count), "small") + shown

    def _row(
        self, row: DocumentInfo, titles: Mapping[str, str], people: Mapping[str, str], today: date, me: str
    ) -> list[str]:
        key = "documents.private" if row.owner == me else "documents.is_private"
        private = " " + tag("span", text(self._tell(key)), "chip") if row.visibility == "private" else ""
        late = self._late(row, today)
        link = tag("a", text(row.filename), href=f"/documents/{row.id}/text")
        folder = PurePath(row.source).parent.as_posix()
        where = tag("div", text(folder), "small") if row.source else ""
        card = tag("div", tag("a", text(self._tell("documents.details")), href=f"?{CHOSEN}={row.id}"), "details")
        who = text(self.person(row.latest.uploaded_by, people))
        return [
            link + late + where + card,
            text(titles.get(row.domain, row.domain)) + private,
            self.state(row),
            text(row.serving.number if row.serving else row.latest.number),
            self._time(row, today),
            self.label(row.sensitivity),
            who + tag("div", text(_when(row.latest.uploaded_at)), "small"),
        ]

    def _late(self, row: DocumentInfo, today: date) -> str:
        return " " + tag("span", text(self._tell("documents.overdue")), "chip held") if row.overdue(today) else ""

    def _time(self, row: DocumentInfo, today: date) -> str:
        """What a document says of its own time, marked where it is not in force today."""
        told, force = row.standing.validity, row.standing.on(today)
        facts = [told.label] if told.label else []
        if told.since and force != "not_yet":
            facts.append(self._tell("documents.since", day=told.since))
        if force == "replaced" and (end := row.standing.last_day_known):
            facts.append(self._tell("place.until", day=end))
        if force == "replaced" and row.standing.successor:
            facts.append(self._tell("documents.replaced_by", file=row.standing.successor))
        words = text(self._tell("place.joint").join(facts))
        if force == "in_force":
            return words
        mark = text(self._tell(f"place.{force}_chip", day=told.since or ""))
        return tag("span", mark, "chip held") + " " + words

    def state(self, row: DocumentInfo) -> str:
        """How a document is, also where its newest version is not the one in force."""
        newest = self.version(row.latest)
        if row.serving is None or row.serving.id == row.latest.id:
            return newest
        number = text(self._tell("documents.newer", number=row.latest.number))
        return self.version(row.serving) + tag("div", number + newest, "small")

    def version(self, version: VersionInfo, pace: Pace | None = None) -> str:
        """How a version is, or why it could not be read."""
        if version.error is not None:
            return notice(self._language, version.error)
        if pace is not None and pace.of:
            return text(self._tell("documents.state_indexing") + " " + self.pace(pace))
        return text(self._tell(f"documents.state_{version.state}", passages=version.passages))

    def pace(self, pace: Pace) -> str:
        """How far a reading is."""
        return self._tell(f"documents.pace_{pace.stage}", done=pace.done, of=pace.of)

    def label(self, sensitivity: str) -> str:
        """How sensitive a document is."""
        css = "chip held" if sensitivity == "confidential" else "plain"
        return tag("span", text(self._tell(f"documents.label_{sensitivity}")), css)

    def person(self, account: str, people: Mapping[str, str]) -> str:
        """Who it is, by name."""
        return people.get(account) or self._tell("documents.operator")

    def jobs(self, rows: Sequence[DocumentInfo], paces: Mapping[str, Pace | None], counts: Mapping[str, int]) -> str:
        """The files under way, and those that came to their end lately."""
        if not rows:
            return ""
        told = {state: counts.get(state, 0) for state in ("queued", "indexing", "failed", "cancelled")}
        summary = tag("p", text(self._tell("documents.under_way", **told)), "small") if any(told.values()) else ""
        items = [
            tag("li", tag("strong", text(row.filename)) + ": " + self.version(row.latest, paces.get(row.id)))
            for row in rows
        ]
        return summary + tag("div", tag("ul", "".join(items), "uploads"), role="status")

    def facts(
        self, info: DocumentInfo, versions: Sequence[VersionInfo], people: Mapping[str, str], title: str, today: date
    ) -> str:
        """All that is known of a document, with its versions to be downloaded."""
        review = info.review_on.isoformat() if info.review_on else "–"
        means = "private" if info.visibility == "private" else info.sensitivity
        reach = tag("span", text(self._tell(f"documents.means_{means}")), "small")
        facts = [
            ("department", text(title)),
            ("time", self._time(info, today) or "–"),
            ("scope", text(info.standing.validity.scope or "–")),
            ("label", self.label(info.sensitivity) + " " + reach),
            ("source", text(info.source or self._tell("documents.uploaded"))),
            ("responsible", text(info.responsible or "–")),
            ("owner", text(self.person(info.owner, people))),
            ("review_on", text(review) + self._late(info, today)),
        ]
        known = "".join(
            tag("tr", tag("th", text(self._tell(f"documents.{name}")), scope="row") + tag("td", value))
            for name, value in facts
        )
        labels = [self._tell(f"documents.{name}") for name in ("version", "state", "file", "size", "who", "when")]
        rows = [
            [
                text(one.number),
                self.version(one),
                tag("a", text(one.filename), href=f"/documents/{info.id}/{one.id}", download=""),
                text(f"{max(1, round(one.bytes / 1024)):,} KB"),
                text(self.person(one.uploaded_by, people)),
                text(_when(one.uploaded_at)),
            ]
            for one in versions
        ]
        return tag("table", known, "signals") + tag("div", table(labels, rows, "versions"), "listing")

    def preview(self, info: DocumentInfo, passages: Sequence[Passage], count: int) -> str:
        """How a document's text begins, with a link to all of it."""
        if not passages:
            return tag("p", text(self._tell("documents.no_text")), "small")
        pieces = [
            (tag("p", text(one.heading), "small") if one.heading else "") + tag("blockquote", text(one.text))
            for one in passages[:PREVIEWED]
        ]
        whole = tag("a", text(self._tell("documents.read_all", count=count)), href=f"/documents/{info.id}/text")
        return tag("div", "".join(pieces), "preview") + tag("p", whole)

    def changes(self, told: Changes) -> str:
        """What changed, word by word."""
        counts = {kind: told.count(kind) for kind in ("added", "removed", "changed")}
        summary = self._tell("documents.changes", **{"from": told.old.number, "to": told.new.number}, **counts)
        names = {"same": "span", "gone": "del", "new": "ins"}
        items = [
            tag(
                "li",
                tag("strong", text(self._tell(f"documents.change_{one.kind}")))
                + (" " + tag("span", text(one.heading), "small") if one.heading else "")
                + tag("blockquote", "".join(_kept(names[part], words) for part, words in one.parts)),
            )
            for one in told.changes[:CHANGED]
        ]
        more = len(told.changes) - len(items)
        rest = tag("p", text(self._tell("adapters.more", count=more)), "small") if more > 0 else ""
        return tag("p", text(summary), role="status") + tag("ul", "".join(items), "changes") + rest

    def derived(self, derived: Derived, titles: Mapping[str, str]) -> str:
        """What was made from a document, and goes out of use with it."""
        lines = [text(self._tell("documents.derived", count=len(derived.examples), learnt=derived.learnt))]
        names = [f"{titles.get(one['domain'], one['domain'])}: {one['question']}" for one in derived.examples]
        names += [
            self._tell("documents.learnt_by", version=one["id"][:8], state=self._tell(f"version.{one['state']}"))
            for one in derived.versions
        ]
        listed = tag("ul", "".join(tag("li", text(name)) for name in names), "small") if names else ""
        parts = ["<br>".join(lines) + listed]
        desk = f"/{self._language}/desk/"
        for kind, rows in (("proposals", derived.proposals), ("tickets", derived.tickets)):
            named = [text(f"{titles.get(one['domain'], one['domain'])}: {one['question']}") for one in rows]
            parts.append(self._cited(kind, named, desk))
        parts.append(self._cited("answers", [self._answer(one, titles) for one in derived.answers]))
        if derived.elsewhere:
            parts.append(tag("p", text(self._tell("documents.elsewhere", count=derived.elsewhere))))
        return tag("div", "".join(parts), "notice")

    def _answer(self, one: Mapping[str, str], titles: Mapping[str, str]) -> str:
        at, domain = _when(datetime.fromisoformat(one["at"])), titles.get(one["domain"], one["domain"])
        told = self._tell("documents.answer_of", at=at, domain=domain)
        return tag("a", text(told), href=f"/answers/{one['id']}")

    def _cited(self, kind: str, named: Sequence[str], page: str = "") -> str:
        """How many of a kind cite a document, with a link to the page where they are, and the first of them."""
        if not named:
            return ""
        counted = text(self._tell(f"documents.derived_{kind}", count=len(named)))
        more = [text(self._tell("adapters.more", count=len(named) - NAMED))] if len(named) > NAMED else []
        items = "".join(tag("li", one) for one in [*named[:NAMED], *more])
        return tag("p", tag("a", counted, href=page) if page else counted) + tag("ul", items, "small")

    def late(self, rows: Sequence[DocumentInfo]) -> str:
        """The documents that somebody was to look at by now."""
        if not rows:
            return ""
        named = ", ".join(f"{row.filename} ({row.review_on})" for row in rows[:5]) + (" …" if len(rows) > 5 else "")
        return tag("p", text(self._tell("documents.late", count=len(rows), names=named)), "notice late", role="status")


def _kept(name: str, words: str) -> str:
    """Words with the blanks at their ends, which `text` drops with an empty line."""
    lead, rest = words[: len(words) - len(words.lstrip())], words.lstrip()
    tail, rest = rest[len(rest.rstrip()) :], rest.rstrip()
    return tag(name, _blank(lead) + text(rest) + _blank(tail))


def _blank(words: str) -> str:
    return "<br>" if "\n" in words else " " if words else ""


def _when(moment: datetime) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")
