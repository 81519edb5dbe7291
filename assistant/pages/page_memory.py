"""What Gradio keeps of open and closed pages, without what nobody needs any more.

It marks a closed page and lets go of its states in an hour, in which a browser that lost its connection comes back; all
else of it it would keep, of up to ten thousand pages of each kind, also of those that were left by a link. Of an open
page it would keep every component that it ever drew, and a second copy of all of them for links to a page's state,
which are not used here.
"""

import asyncio
import ctypes
import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

import gradio as gr
from gradio.blocks import Block, BlockContext, BlocksConfig
from gradio.components import Component
from gradio.context import LocalContext, get_render_context
from gradio.state_holder import SessionState

KEPT = timedelta(hours=1)
SENT = timedelta(seconds=10)  # after the last event of a page; what was drawn then is in its browser
SWEEP_SECONDS = 10.0
FREED = 6  # sweeps after which memory is given back: it takes 0.1 s
_owners: WeakKeyDictionary[SessionState, str] = WeakKeyDictionary()
_left: WeakSet[SessionState] = WeakSet()


async def sweep_again_and_again(pages: Sequence[gr.Blocks]) -> None:
    """Until it is cancelled; on the thread that Gradio itself works on."""
    for turn in count(1):
        await asyncio.sleep(SWEEP_SECONDS)
        for page in pages:
            sweep(page, datetime.now())  # what Gradio's own marks are in
        if turn % FREED == 0:
            _give_back()


def _give_back() -> None:
    """The memory of what was let go of: components hold each other in circles, which Python by itself looks for once in
    an hour, and the C library (where it is GNU's) keeps what it got.
    """
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def sweep(page: gr.Blocks, now: datetime) -> None:
    """Let go of what is kept of the pages that were closed and that nobody has used for an hour, and of what was drawn
    in the others, is in their browsers, and takes part in no event."""
    holder, queue = page.state_holder, page._queue
    busy = {event.session_hash for event in queue.event_ids_to_events.values()}
    for session, state in list(holder.session_data.items()):
        state.config_values.clear()
        unused = now - holder.time_last_used[session]
        if session not in busy and unused >= SENT:
            _forget_inert(state.blocks_config)
        if (state in _left and session not in busy) or (state.is_closed and unused >= KEPT):
            for kept in (
                holder.session_data,
                holder.time_last_used,
                queue.pending_messages_per_session,
                queue.pending_event_ids_session,
            ):
                kept.pop(session, None)
    own = {id(page.upload_file_set), *(id(block.temp_files) for block in page.blocks.values())}
    page.temp_file_sets[:] = [files for files in page.temp_file_sets if files or id(files) in own]


def owned(page: gr.Blocks, session: str, owner: str) -> str:
    """Note whose an open page is; the address at which it says that it is being left."""
    _owners[page.state_holder[session]] = owner
    return f"/pages/{session}/left"


def leave(pages: Sequence[gr.Blocks], session: str, owner: str) -> None:
    """An own page is being left for good, unlike one that only lost its connection: the next sweep forgets it."""
    _left.update(state for state in _holding(pages, session) if _owners.get(state) == owner)


def reopen(pages: Sequence[gr.Blocks], session: str) -> None:
    """A page that lost its connection has one again."""
    for state in _holding(pages, session):
        state.is_closed = False


def _holding(pages: Sequence[gr.Blocks], session: str) -> Iterator[SessionState]:
    for page in pages:
        if session in page.state_holder:
            yield page.state_holder.session_data[session]


def redrawn(
    draw: Callable[[Any, Any, gr.Request], None], inputs: Sequence[Component], triggers: Sequence[Callable[..., Any]]
) -> None:
    """Have a part of a page drawn from two values whenever one of the triggers says so (see `gr.render`), and let go of
    its former drawing."""

    def drawing(first: Any, second: Any, request: gr.Request) -> None:
        draw(first, second, request)
        _forget_former()

    gr.render(inputs=inputs, triggers=triggers)(drawing)


def _forget_former() -> None:
    """At the end of a drawing: its page holds no other any more."""
    config, drawn = LocalContext.blocks_config.get(), get_render_context()
    if config is None or drawn is None:
        raise RuntimeError("nothing is being drawn")
    kept = config.root_block.blocks.keys() | {block._id for block in _under([drawn])}
    for key in config.blocks.keys() - kept:
        config.blocks.pop(key, None)


def _forget_inert(config: BlocksConfig) -> None:
    """What was drawn and nothing happens to: texts and frames, most of a long conversation."""
    acting = {block._id for event in config.fns.values() for block in (*event.inputs, *event.outputs)}
    acting |= {target for event in config.fns.values() for target, _ in event.targets if target is not None}
    own = config.root_block.blocks
    for key, block in list(config.blocks.items()):
        if block is own.get(key):
            continue
        block.parent = None
        if isinstance(block, BlockContext):
            block.children = []
        if key not in acting and key not in own:
            config.blocks.pop(key)


def _under(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, BlockContext):
            yield from _under(block.children)
