"""A page of the assistant, as a Gradio application of its own."""

import inspect
import sys
from collections.abc import Iterator
from copy import copy
from typing import Any

import gradio as gr
from gradio import blocks
from gradio.block_function import BlockFunction
from gradio.blocks import Block
from gradio.state_holder import SessionState

LISTING = "past"  # the class of a list that changes while it is open
UPLOADS_LOOKED_AT, UPLOADS_KEPT = 900, 3600  # seconds


class Page(gr.Blocks):
    """A page with a title. What an event leaves as it is (`gr.skip`) takes no work: Gradio would make that component
    anew and describe it twice, for each stage of an answer most of what the server does for it.
    """

    def __init__(self, title: str, *, takes_files: bool = False) -> None:
        """`takes_files`: uploads wait in Gradio's folder until they are read; after an hour they are cleared away."""
        kept = UPLOADS_LOOKED_AT, UPLOADS_KEPT
        super().__init__(
            title=f"{title} · Madoguchi", analytics_enabled=False, delete_cache=kept if takes_files else None
        )

    async def preprocess_data(
        self, block_fn: BlockFunction, inputs: list[Any], state: SessionState | None, explicit_call: bool = False
    ) -> list[Any]:
        """See `gr.Blocks.preprocess_data`: what the page sent. Where a list has changed since the page had it, or a
        process before this one made it, Gradio would refuse the event in its own words; the handlers find out by
        themselves whether what was chosen is there and this person's.
        """
        for block, given in zip(block_fn.inputs, inputs, strict=False):
            listed = state[block._id] if state is not None and block._id in state else block
            if state is not None and isinstance(listed, gr.Radio) and _is_list(listed) and isinstance(given, str):
                state[block._id] = _with_choice(listed, given)
        made: list[Any] = await super().preprocess_data(block_fn, inputs, state, explicit_call)
        return made

    async def postprocess_data(
        self, block_fn: BlockFunction, predictions: list[Any] | dict[Any, Any], state: SessionState | None
    ) -> list[Any]:
        """See `gr.Blocks.postprocess_data`: what is sent to the page of what an event gave."""
        outputs = list(block_fn.outputs)
        if not isinstance(predictions, list | tuple) or len(predictions) != len(outputs) or len(outputs) < 2:
            return await super().postprocess_data(block_fn, predictions, state)
        changed = [place for place, one in enumerate(predictions) if not _is_skip(one)]
        sent: list[Any] = [None if output.stateful else gr.skip() for output in outputs]
        if changed:
            part = copy(block_fn)
            part.outputs = [outputs[place] for place in changed]
            given = [predictions[place] for place in changed]
            made = await super().postprocess_data(part, given if len(given) > 1 else given[0], state)
            for place, one in zip(changed, made, strict=True):
                sent[place] = one
        return sent


def _is_list(radio: gr.Radio) -> bool:
    """Whether it lists a person's own: conversations, or the questions at a desk."""
    return LISTING in (radio.elem_classes or ())


def _with_choice(listed: gr.Radio, given: str) -> gr.Radio:
    """The same for one open page, where what was on it is still a choice."""
    if any(value == given for _, value in listed.choices):
        return listed
    taking = copy(listed)
    taking.choices = [*listed.choices, (given, given)]
    return taking


def _is_skip(given: Any) -> bool:
    return isinstance(given, dict) and given == gr.skip()


class _Unserved:
    """Stands for the web application that Gradio makes for a page thrice before `mount_gradio_app` makes the one that
    serves it: half of what a start took. No page has a validator or a cache of Gradio's, which alone ask for it.
    """

    @staticmethod
    def create_app(_page: gr.Blocks, *, mcp_server: bool) -> None:
        """See `gradio.routes.App.create_app`."""


def save_work() -> None:
    """Spare the start applications that nobody is served by, and every event what Gradio works out anew each time (a
    tenth of it): how the constructors of components are called, which `inspect` takes from `__signature__` where it is
    noted; and, before and after, whether matplotlib is there, whose drawings no page shows.
    """
    blocks.App = _Unserved  # type: ignore[attr-defined,assignment]
    for kind in _below(Block):
        made_by = inspect.unwrap(vars(kind).get("__init__", kind))
        if inspect.isfunction(made_by):
            made_by.__signature__ = inspect.signature(made_by)  # type: ignore[attr-defined]
    sys.modules.setdefault("matplotlib", None)  # type: ignore[arg-type]  # which is how Python knows that it isn't there


def _below(kind: type[Block]) -> Iterator[type[Block]]:
    one: type[Block]
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)
