"""The four cases of `benchmarks.load`."""

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

from adapters.tables import TrainingRun
from assistant.services import Services
from assistant.web.session import COOKIE
from assistant.wording import Language
from benchmarks.load_people import Asked, Log, Probe, Visitor, heartbeat, lag
from benchmarks.load_site import Site, quantile
from benchmarks.many_people import PASSWORD, Seen
from benchmarks.page_client import LIMITS, OpenPage, PageError

USERS = 50
STEPS = (25, 50, 100, 200, 10)
CALM = 30.0  # seconds after a drop of load by which everything is as before
DROPPED, CANCELLED, WAVE = 500, 100, 10
STREAMS = 40
WATCHED = ("writing", "runs", "events", "iterators", "pages", "connections", "files")
TRAINING = "training.json"  # in the home: the process that stands for a training
BUSY = "import os\nos.nice(10)\nwhile True: sum(range(100_000))"


@dataclass(frozen=True)
class Case:
    """What is done, for how many accounts, with which server, on which home."""

    act: Callable[[Site, float, float], Coroutine[Any, Any, None]]
    people: int
    server: Mapping[str, Any] = field(default_factory=dict)
    prepare: Callable[[Services, Path], None] | None = None
    scales: bool = False  # whether fewer people may come, to try things


@asynccontextmanager
async def visitor(site: Site, number: int, log: Log, page: str = "ask", cookie: str = "") -> AsyncIterator[Visitor]:
    """Somebody with a page that is not loaded yet."""
    language: Language = "ja" if number % 2 else "en"
    cookies, headers = {COOKIE: cookie or site.cookies[number]}, {"origin": site.address}
    async with httpx.AsyncClient(
        base_url=site.address, cookies=cookies, headers=headers, timeout=120, limits=LIMITS
    ) as client:
        at, name = OpenPage(client, f"/{language}/{page}/"), f"person{number:02}"
        yield Visitor(
            name, language, at, Seen(), random.Random(name), token=site.tokens[number], log=log, domains=site.domains
        )


async def come(site: Site, number: int, log: Log, after: float, until: float) -> None:
    """One visitor from a moment to another; people come one after another within a pause of thinking."""
    await asyncio.sleep(max(0.0, after - time.monotonic()) + random.Random(number).uniform(0, 15))
    async with visitor(site, number, log) as who:
        await who.visit(site.questions, until)


def told(site: Site, log: Log, asked: Sequence[Asked]) -> None:
    """What hangs on no must."""
    whole = [one.whole for one in asked if one.outcome == "answered"]
    site.say(
        f"{len(asked)} questions; whole answer p50 {quantile(whole, 0.5):.2f} s, p95 {quantile(whole, 0.95):.2f} s"
    )
    for name, taken in sorted(log.others.items()):
        site.say(f"{name}: {len(taken)} times, p95 {quantile(taken, 0.95):.2f} s")
    for line in log.errors[:10]:
        site.say(line[:300])


def signs(asked: Sequence[Asked]) -> list[float]:
    """Seconds to the first sign of those that were answered."""
    return [one.sign for one in asked if one.outcome == "answered"]


def whole(site: Site, log: Log, asked: Sequence[Asked]) -> None:
    """The musts on errors and on what was cut off."""
    done = len(asked) + sum(map(len, log.others.values()))
    wrong = len(log.errors) + sum(one.outcome in ("error", "late") for one in asked)
    site.must("errors", 100 * wrong / max(1, done), 0.1, "%")
    site.must("truncated answers", site.read()[-1]["cut"], 0, "")


async def steady(site: Site, minutes: float, share: float) -> None:
    """Steady load: 50 people, 15 s to think, 75 chat / 20 search / 5 upload."""
    log, began, probe = Log(), time.monotonic(), Probe(site.address)
    at, until = time.time(), began + 60 * minutes
    async with asyncio.TaskGroup() as group:
        for number in range(max(1, round(USERS * share))):
            group.create_task(come(site, number, log, began, until))
    health = probe.close()
    site.must("first sign of an answer, p95", quantile(signs(log.asked), 0.95), 2.0)
    whole(site, log, log.asked)
    site.must("refused", sum(one.outcome == "refused" for one in log.asked), 0, "")
    memory = [one["memory"] for one in site.read() if one["at"] > at + 12 * minutes]  # from minute 2 of ten
    first, last = (
        quantile(part, 0.5) for part in (memory[: len(memory) // 16 + 1], memory[-(len(memory) // 16 + 1) :])
    )
    site.must("memory growth from a fifth of the time to the end", 100 * (last / first - 1), 10, "%")
    site.must("health, p99", quantile(health, 0.99), 1.0)
    told(site, log, log.asked)


async def overload(site: Site, minutes: float, share: float) -> None:
    """Overload: 25, 50, 100, 200 people, then 10."""
    log, began, each = Log(), time.monotonic(), 12 * minutes
    levels = [max(1, round(level * share)) for level in STEPS]
    drop = began + each * (len(levels) - 1)
    end = drop + max(each, CALM + 60)  # long enough to see something after the calm
    late_by: list[float] = []
    watching = asyncio.create_task(lag(late_by))
    async with asyncio.TaskGroup() as group:
        for number in range(max(levels)):
            after = next(step for step, level in enumerate(levels) if number < level)
            until = end if number < levels[-1] else drop
            group.create_task(come(site, number, log, began + after * each, until))
    watching.cancel()
    site.say(
        f"the people's own process was late by {quantile(late_by, 0.95):.2f} s (p95), {max(late_by):.2f} s at most"
    )
    refused = [one for one in log.asked if one.outcome == "refused"]
    before = [one for one in log.asked if one.at < drop]
    late = [one for one in log.asked if one.at > drop + CALM]
    for step, level in enumerate(levels):
        some = [one for one in log.asked if began + step * each <= one.at < began + (step + 1) * each]
        gone = sum(one.outcome == "refused" for one in some)
        site.say(f"{level} people: {len(some)} questions, {gone} refused, sign p95 {quantile(signs(some), 0.95):.2f} s")
    if refused:
        site.must("refusal, slowest", max(one.whole for one in refused), 1.0)
        site.say(f"refusal, median {quantile([one.whole for one in refused], 0.5):.2f} s")
        site.must("refusals without the way to a person", sum(not one.door for one in refused), 0, "")
        outside = [one.whole for one in refused if one.outside]
        site.say(f"{len(outside)} of them before the page opened, slowest {max(outside, default=0.0):.2f} s")
        site.say(f"{log.straight} refused questions went to a person")
    else:
        site.say("nobody was refused: the load did not reach the limit")
    site.must("first sign of those admitted, p95", quantile(signs(before), 0.95), 10.0)
    site.must("longest wait", max(one.whole for one in log.asked), 60.0)
    site.must("first sign 30 s after the drop, p95", quantile(signs(late), 0.95), 2.0)
    site.must("refused 30 s after the drop", sum(one.outcome == "refused" for one in late), 0, "")
    whole(site, log, log.asked)
    told(site, log, log.asked)


class Left(Exception):
    """Somebody leaves in the middle of an answer."""


def leave() -> None:
    """Close the page at once."""
    raise Left


async def drop(site: Site, number: int, log: Log) -> None:
    """Open a page, ask, and close it at the first sign of an answer."""
    async with visitor(site, number, log) as who:
        await who.page.load()
        beat = asyncio.create_task(heartbeat(who.page))
        with suppress(Left), who.hearing(leave):
            await who.send(who.draw.choice(site.questions))
        await who.page.leave()
        beat.cancel()


async def hang_up(site: Site, number: int, log: Log) -> None:
    """Ask by the REST interface and hang up while the answer is written."""
    async with visitor(site, number, log) as who:
        sent = {"question": who.draw.choice(site.questions)}
        headers = {"authorization": f"Bearer {who.token}"}
        with suppress(httpx.TimeoutException):
            await who.page.client.post("/api/v1/ask", headers=headers, timeout=0.8, json=sent)


async def cancel(site: Site, number: int, log: Log) -> None:
    """Ask, press *Stop* at the first sign of an answer, and see that it stopped."""
    async with visitor(site, number, log) as who:
        await who.page.load()
        beat = asyncio.create_task(heartbeat(who.page))
        pressed: list[asyncio.Task[None]] = []
        [stop] = who.page.find("button", who.label("ask.stop"))

        def press() -> None:
            if not pressed:
                pressed.append(asyncio.create_task(who.page.push(stop, "click")))

        with who.hearing(press):
            await who.send(who.draw.choice(site.questions))
        await asyncio.gather(*pressed)
        if not who.page.shown(who.label("error.cancelled")):
            log.errors.append(f"{who.name}: no '{who.label('error.cancelled')}' on the page")
        await who.page.leave()
        beat.cancel()


async def calm(site: Site, names: Sequence[str], start: Mapping[str, Any], longest: float) -> float:
    """Seconds until these gauges are at their start values again; longer than allowed where they are not."""
    began = time.monotonic()
    while (waited := time.monotonic() - began) < longest:
        now = site.now()
        if time.time() - now["at"] < 1 and all(now[name] <= start[name] for name in names):
            return waited
        await asyncio.sleep(0.1)
    now = site.now()
    site.say(
        "still: " + ", ".join(f"{name} {now[name]} (was {start[name]})" for name in names if now[name] > start[name])
    )
    return longest + 1


async def waves(
    site: Site, act: Callable[[Site, int, Log], Awaitable[None]], count: int, log: Log, limit: float | None
) -> float:
    """So many of these, ten at a time. Returns the most seconds after a wave until nothing was written any more."""
    slowest, start = 0.0, {"writing": 0, "runs": 0}
    for first in range(0, count, WAVE):
        try:
            await asyncio.gather(
                *(act(site, n % len(site.cookies), log) for n in range(first, min(first + WAVE, count)))
            )
        except (PageError, httpx.HTTPError) as error:
            log.errors.append(f"{type(error).__name__} {error}")
        waited = await calm(site, list(start), start, 30.0)
        slowest = max(slowest, waited)
    if limit is not None:
        site.must(
            f"{count} times {(act.__doc__ or '').splitlines()[0].rstrip('.').lower()}: writing stopped", slowest, limit
        )
    return slowest


async def foreign(site: Site, log: Log) -> int:
    """What somebody else and somebody unknown do to an answer under way changes it: how often that was so."""
    async with visitor(site, 0, log) as who, visitor(site, 1, log) as other:
        await who.page.load()
        await other.page.load()
        [stop] = who.page.find("button", who.label("ask.stop"))
        [event] = [one["id"] for one in who.page.events.values() if [stop, "click"] in map(list, one["targets"])]
        tried: list[asyncio.Task[list[int]]] = []
        route = f"{who.page.path}gradio_api/"
        told = {"data": [None], "fn_index": event, "session_hash": who.page.session, "event_data": None}

        async def attack() -> list[int]:
            async with httpx.AsyncClient(base_url=site.address, headers={"origin": site.address}) as nobody:
                heard = [
                    await client.post(route + path, json=told | {"event_id": "0" * 32, "trigger_id": stop})
                    for client in (other.page.client, nobody)
                    for path in ("cancel", "queue/join")
                ]
            return [one.status_code for one in heard]

        def act() -> None:
            if not tried:
                tried.append(asyncio.create_task(attack()))

        with who.hearing(act):
            await who.send(site.questions[0])
        [codes] = await asyncio.gather(*tried)
        site.say(f"cancel and stop by another and by nobody: {codes} (the second is his own, empty page)")
        stopped = who.page.shown(who.label("error.cancelled"))
        return int(stopped) + sum(code < 400 for n, code in enumerate(codes) if n != 1)


async def leaving(site: Site, minutes: float, _share: float) -> None:
    """Disconnect and cancel: 500 left at the first sign (half at pages, half by REST), 100 cancelled."""
    share, log = minutes / 10, Log()
    half, cancelled = max(WAVE, round(DROPPED * share / 2)), max(WAVE, round(CANCELLED * share))
    for act in (drop, hang_up, cancel):  # what is made once is made
        await waves(site, act, WAVE, log, None)
    site.must("answers that somebody else or nobody could stop", await foreign(site, log), 0, "")
    await asyncio.sleep(CALM)
    start = site.now()
    at_pages = await waves(site, drop, half, log, None)
    site.say(
        f"{half} pages left: by decision their answers are finished and kept; over {at_pages:.1f} s after the last"
    )
    await waves(site, hang_up, half, log, 2.0)
    await waves(site, cancel, cancelled, log, 2.0)
    site.must("everything back to its start values", await calm(site, WATCHED, start, CALM), CALM)
    now = site.read()[-1]
    site.must("memory growth", 100 * (now["memory"] / start["memory"] - 1), 5, "%")
    site.say(f"closed pages that Gradio still keeps something of: {now['kept']} (before {start['kept']})")
    whole(site, log, log.asked)
    told(site, log, log.asked)


def with_training(services: Services, home: Path) -> None:
    """A training under way: a process that only takes processor time, with the row and folder that a real one has."""
    process = subprocess.Popen([sys.executable, "-c", BUSY], start_new_session=True)
    with services.database.transaction("benchmark", "training started") as change:
        row = TrainingRun(
            domain="people",
            state="running",
            settings={"part": "reader"},
            version=None,
            error=None,
            created_by="cli:load",
        )
        change.session.add(row)
        change.session.flush()
        change.record("training.started", "training", row.id)
        run = row.id
    folder = home / "training" / run
    folder.mkdir(parents=True)
    seen = {"pid": process.pid, "started": psutil.Process(process.pid).create_time()}
    (folder / "pid.json").write_text(json.dumps(seen), "utf-8")
    (home / TRAINING).write_text(json.dumps(seen), "utf-8")


async def starving(site: Site, minutes: float, _share: float) -> None:
    """Starvation: 40 answers of two minutes under way at any time, and a training."""
    training = psutil.Process(json.loads((site.home / TRAINING).read_text("utf-8"))["pid"])
    try:
        await _starving(site, minutes, training)
    finally:
        os.kill(training.pid, 9)


async def _starving(site: Site, minutes: float, training: psutil.Process) -> None:
    log, until = Log(), time.monotonic() + min(120.0, 12 * minutes)

    async def stream(number: int) -> None:
        async with visitor(site, number, log) as who:
            await who.page.load()
            while time.monotonic() < until:
                await who.chat(who.draw.choice(site.questions))

    streams = [asyncio.create_task(stream(number)) for number in range(STREAMS)]
    past = still = float("nan")
    probe: Probe | None = None
    while time.monotonic() < until:
        now = time.monotonic()
        if probe is None and site.read()[-1]["runs"] >= STREAMS * 0.9:
            probe, past = Probe(site.address), now
        if still != still and training.status() == psutil.STATUS_STOPPED:
            still = now
        if probe is not None:
            await _others(site, log)
        await asyncio.sleep(1)
    for one in streams:
        one.cancel()
    await asyncio.gather(*streams, return_exceptions=True)
    health = probe.close() if probe else []
    site.must("health, p99", quantile(health, 0.99), 1.0)
    for name in ("sign-in", "upload list", "desk list"):
        site.must(f"{name}, p95", quantile(log.others.get(name, []), 0.95), 2.0)
    site.must("training stands still after more than half of the places were taken", max(0.0, still - past), 10.0)
    site.must("errors", len(log.errors), 0, "")
    told(site, log, log.asked)


async def _others(site: Site, log: Log) -> None:
    """What other people do meanwhile: sign in, open the list of documents, open the desk."""
    began = time.monotonic()
    async with httpx.AsyncClient(base_url=site.address, headers={"origin": site.address}, timeout=60) as client:
        answer = await client.post("/sign-in", data={"name": f"person{STREAMS}", "password": PASSWORD})
    if answer.status_code != 303 or COOKIE not in answer.cookies:
        log.errors.append(f"sign-in: {answer.status_code}")
    log.note("sign-in", began)
    for name, page, cookie in (("upload list", "documents", ""), ("desk list", "desk", site.reviewer)):
        began = time.monotonic()
        async with visitor(site, STREAMS, log, page, cookie) as who:
            await who.page.load()
        log.note(name, began)


CASES: Mapping[str, Case] = {
    "T01": Case(steady, USERS, scales=True),
    "T02": Case(overload, max(STEPS), scales=True),
    "T03": Case(leaving, 2 * WAVE),
    "T04": Case(
        starving,
        STREAMS + 1,
        {"each": 0.16, "settings": {"queue_length": 64, "answer_seconds": 600}},  # eight at once: 40 take two minutes
        with_training,
    ),
}
