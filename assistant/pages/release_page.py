"""The owners' page of the promise: how answers are released, how many wrong ones are tolerated, what that costs."""

from functools import partial
from typing import Any

import gradio as gr
import plotly.graph_objects as go
from scipy.stats import beta

from adapters.risk_control import DELTA, Promise
from assistant.access import User
from assistant.pages.frame import Events, current_user, good_news, head, head_place, markdown, notice, refused
from assistant.pages.markup import table, tag, text
from assistant.pages.page import Page
from assistant.release import WAYS, JudgedDraft, Preview
from assistant.release_words import own_confidence, promised, released
from assistant.services import Services
from assistant.wording import Language, say

USUAL = 5  # wrong answers tolerated in 100 shown, where nothing was chosen
LOOK_SECONDS = 3.0


def build(services: Services, language: Language) -> gr.Blocks:
    """The page in one language."""
    tell = partial(say, language)
    handle = Handlers(services, language)
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    page: gr.Blocks
    with Page(tell("page.release")) as page:
        top = head_place()
        markdown(tag("h1", text(tell("release.title"))) + tag("p", text(tell("release.lead")), "small"))
        domain = gr.Dropdown([], label=tell("documents.department"), filterable=False)
        present = markdown(elem_id="present")
        way = gr.Radio([(tell(f"release.way_{name}"), name) for name in WAYS], label=tell("release.way"))
        promise = gr.Checkbox(False, label=tell("release.promise"), info=tell("release.promise_info"))
        tolerated = gr.Slider(1, 20, USUAL, step=1, label=tell("release.tolerated"))
        weighted = gr.Checkbox(False, label=tell("release.weighted"), info=tell("release.weighted_info"))
        preview = markdown(elem_id="preview", elem_classes="figures")
        curve = gr.Plot(show_label=False, visible=False)
        with gr.Row(elem_classes="actions"):
            measure = gr.Button(tell("release.measure"))
        measuring = markdown(elem_id="measuring")
        remark = gr.Textbox(label=tell("release.remark"))
        with gr.Row(elem_classes="actions"):
            save = gr.Button(tell("release.save"), variant="primary")
        result = markdown(elem_id="result")
        markdown(tag("h2", text(tell("release.own_title"))) + tag("p", text(tell("release.own_lead")), "small"))
        own = markdown(elem_id="own")
        with gr.Row(elem_classes="actions"):
            refit = gr.Button(tell("release.refit"))
            take_back = gr.Button(tell("release.take_back"))
        own_result = markdown(elem_id="own-result")
        shown = [preview, curve]
        asked = [domain, tolerated, weighted]
        chosen = [present, way, promise, tolerated, weighted, *shown, own]
        page.load(handle.open, None, [top, domain, *chosen], **quiet)
        domain.input(handle.show, domain, [*chosen, result, own_result], **quiet)
        tolerated.release(handle.preview, asked, shown, **quiet)
        weighted.input(handle.preview, asked, shown, **quiet)
        measure.click(handle.measure, domain, measuring, **quiet)
        save.click(handle.save, [way, promise, remark, *asked], [result, present, *shown], **quiet)
        for button, change in ((refit, handle.refit), (take_back, handle.take_back)):
            button.click(change, [remark, *asked], [own_result, own, *shown], **quiet)
        gr.Timer(LOOK_SECONDS).tick(handle.look, [measuring, *asked], [measuring, *shown], **quiet)
    return page


class Handlers(Events):
    """The events of the page; each finds out anew who is asking."""

    def open(self, request: gr.Request) -> tuple[Any, ...]:
        """Fill the page with the first department that this person owns."""
        user = current_user(self._services, request)
        titles = [(self._services.domains.get(name).title(self._language), name) for name in user.owned]
        first = titles[0][1] if titles else None
        return (
            head(self._services, self._language, "release")(request),
            gr.Dropdown(choices=titles, value=first),
            *self._chosen(user, first),
        )

    def show(self, domain: str, request: gr.Request) -> tuple[Any, ...]:
        """Another department."""
        return *self._chosen(current_user(self._services, request), domain), "", ""

    def preview(self, domain: str, tolerated: float, weighted: bool, request: gr.Request) -> tuple[Any, ...]:
        """What another number of tolerated wrong answers would mean, or another weighing of them."""
        return self._preview(current_user(self._services, request), domain, tolerated, weighted)

    def measure(self, domain: str, request: gr.Request) -> str:
        """Ask the examples kept for the threshold, in the background."""
        user = current_user(self._services, request)

        def measure() -> str:
            self._services.comparisons.measure(user, domain)
            return self._stage(0, 0)

        return refused(self._language, measure)

    def look(
        self, before: str, domain: str | None, tolerated: float, weighted: bool, request: gr.Request
    ) -> tuple[Any, ...]:
        """How far the measuring is; the figures anew once it is over."""
        user = current_user(self._services, request)
        under_way = self._services.comparisons.progress(f"release/{domain}") if domain else None
        if under_way is None or not before:
            return (gr.skip(),) * 3
        if not under_way.over:
            return self._stage(under_way.done, under_way.total), gr.skip(), gr.skip()
        said = notice(self._language, under_way.error) if under_way.error else ""
        return said, *self._preview(user, domain, tolerated, weighted)

    def save(
        self,
        way: str,
        promise: bool,
        remark: str,
        domain: str,
        tolerated: float,
        weighted: bool,
        request: gr.Request,
    ) -> tuple[Any, ...]:
        """Set how answers are released and what is promised, if anything."""
        user = current_user(self._services, request)

        def save() -> str:
            promised = {"tolerated": tolerated / 100, "weighted": weighted} if promise else {"unpromised": True}
            done = self._services.releases.set(user, domain, remark, release=way, **promised)
            return good_news(self._language, "release.saved", hold_below=done.hold_below)

        return refused(self._language, save), self._present(domain), *self._preview(user, domain, tolerated, weighted)

    def refit(self, remark: str, domain: str, tolerated: float, weighted: bool, request: gr.Request) -> tuple[Any, ...]:
        """Weigh the department's confidence anew by its reviewers' verdicts."""
        user = current_user(self._services, request)

        def refit() -> str:
            done = self._services.confidences.refit(user, domain, remark)
            return good_news(self._language, "release.refitted", number=done.live)

        return (
            refused(self._language, refit),
            self._own(user, domain),
            *self._preview(user, domain, tolerated, weighted),
        )

    def take_back(
        self, remark: str, domain: str, tolerated: float, weighted: bool, request: gr.Request
    ) -> tuple[Any, ...]:
        """Back to the shared weighing."""
        user = current_user(self._services, request)

        def take_back() -> str:
            self._services.confidences.take_back(user, domain, remark)
            return good_news(self._language, "release.taken_back")

        told = refused(self._language, take_back)
        return told, self._own(user, domain), *self._preview(user, domain, tolerated, weighted)

    def _stage(self, done: int, total: int) -> str:
        words = self._tell("evaluation.progress", done=done, total=total) if total else self._tell("release.measuring")
        return tag("div", tag("span", text(words), "stage"), "stages", role="status")

    def _chosen(self, user: User, domain: str | None) -> tuple[Any, ...]:
        if not domain:
            return "", None, False, USUAL, False, "", gr.Plot(visible=False), ""
        info = self._services.domains.get(domain)
        tolerated = 100 * info.tolerated if info.tolerated is not None else USUAL
        shown = self._preview(user, domain, tolerated, info.weighted)
        promise = info.tolerated is not None
        return self._present(domain), info.release, promise, tolerated, info.weighted, *shown, self._own(user, domain)

    def _own(self, user: User, domain: str) -> str:
        return tag(
            "p", text(own_confidence(self._language, self._services.confidences.preview(user, domain))), "notice"
        )

    def _present(self, domain: str) -> str:
        return tag("p", text(released(self._language, self._services.domains.get(domain))), "notice")

    def _preview(self, user: User, domain: str | None, tolerated: float, weighted: bool) -> tuple[Any, ...]:
        if not domain:
            return "", gr.Plot(visible=False)
        found = self._services.releases.preview(user, domain, tolerated / 100, weighted)
        words = tag("p", text(promised(self._language, found)), "notice good" if found.is_kept else "notice error")
        if not found.drafts:
            words = tag("p", text(self._tell("release.unmeasured")), "small") + words
        load = self._tell("release.load", asked=found.traffic, held=found.held)
        load = load if found.traffic else self._tell("release.no_load")
        figure = self._curve(found) if found.drafts else None
        return words + tag("p", text(load), "small") + self._costs(found), gr.Plot(figure, visible=figure is not None)

    def _costs(self, found: Preview) -> str:
        def cost(other: Promise) -> str:
            if other.hold_below is None:
                return self._tell("release.cost_not_kept", needed=other.needed)
            return self._tell("release.cost_kept", share=100 * other.shown / other.judged)

        rows = [
            [text(self._tell("release.cost_row", tolerated=100 * other.tolerated)), text(cost(other))]
            for other in found.others
        ]
        return table([self._tell("release.costs"), ""], rows)

    def _curve(self, found: Preview) -> go.Figure:
        """Share wrong over share shown as the threshold falls, with its upper bound, and what is tolerated."""
        points = risk_curve(found.drafts)
        figure = go.Figure()
        shares = [share for share, _, _ in points]
        figure.add_scatter(x=shares, y=[bound for _, _, bound in points], name=self._tell("release.bound"),
                           line={"dash": "dot", "color": "#7b8c89"})  # fmt: skip
        figure.add_scatter(x=shares, y=[risk for _, risk, _ in points], name=self._tell("release.risk_axis"),
                           line={"color": "#1f5f5b"})  # fmt: skip
        figure.add_hline(y=found.promise.tolerated, line={"color": "#b3261e", "dash": "dash"})
        figure.update_layout(
            template="plotly_white",
            height=280,
            margin={"l": 50, "r": 20, "t": 40, "b": 40},
            title={"text": self._tell("release.curve"), "font": {"size": 14}},
            xaxis={"title": self._tell("release.shown_axis"), "tickformat": ".0%", "range": [0, 1]},
            yaxis={"title": self._tell("release.risk_axis"), "tickformat": ".0%", "range": [0, 1]},
            legend={"orientation": "h", "y": 1.12, "x": 0.4},
        )
        return figure


def risk_curve(drafts: list[JudgedDraft]) -> list[tuple[float, float, float]]:
    """(share shown, share wrong among these, its upper 95 % bound), the threshold falling."""
    points, wrong = [], 0
    for number, draft in enumerate(sorted(drafts, key=lambda one: -one.confidence), start=1):
        wrong += not draft.right
        bound = float(beta.ppf(1 - DELTA, wrong + 1, number - wrong)) if wrong < number else 1.0
        points.append((number / len(drafts), wrong / number, bound))
    return points
