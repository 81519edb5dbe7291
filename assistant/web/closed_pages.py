"""What Gradio keeps of pages that people closed is forgotten after an hour.

It marks a closed page and lets go of its states in that hour, in which a browser that lost its connection comes back;
what it drew for the page, up to ten thousand of each kind, and what nobody fetched of its events it would keep.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import gradio as gr

KEPT = timedelta(hours=1)
SWEEP_SECONDS = 60.0


async def forget_again_and_again(pages: Sequence[gr.Blocks]) -> None:
    """Until it is cancelled; on the thread that Gradio itself works on."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        for page in pages:
            forget(page, datetime.now())  # what Gradio's own marks are in


def forget(page: gr.Blocks, now: datetime) -> None:
    """Let go of what is kept of the pages that were closed and that nobody has used for an hour."""
    holder, queue = page.state_holder, page._queue
    for session, state in list(holder.session_data.items()):
        if state.is_closed and now - holder.time_last_used[session] >= KEPT:
            for kept in (
                holder.session_data,
                holder.time_last_used,
                queue.pending_messages_per_session,
                queue.pending_event_ids_session,
            ):
                kept.pop(session, None)
