"""How long people wait, and what serving costs beside plain transformers: `python -m benchmarks.latency`.

Three parts, each printed with its baseline from the same run:

1. the language model's worker against `PeftModel.generate`, same base, adapter, prompts and threads: seconds a
   request with 1 user, requests a second with 8 users against the plain sequential loop;
2. the whole assistant on the example company: seconds to the first passages and to the answer, 1 and 8 users;
3. `madoguchi serve` on a filled home: seconds until it answers, and the most memory it held.
"""

import json
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from adapters import GenerationRequest, LanguageModelWorker, model_store
from adapters.pins import LANGUAGE_MODEL
from adapters.processor import number_type
from assistant.access import User, local_operator
from assistant.ask import Progress
from assistant.example import load_example
from assistant.services import Services
from assistant.settings import Settings
from assistant.steps.write import SYSTEM

EXAMPLES = Path(__file__).parent.parent / "examples"
USERS, NEW_TOKENS = 8, 32
QUESTIONS = [
    "How long must a password be?",
    "How many days of annual leave do I get in the UK?",
    "Where do rejected parts go?",
    "How long is paternity leave?",
    "When do I need a doctor's note?",
    "Who signs the inspection certificate?",
    "Can I use a USB stick?",
    "What is the notice period during probation?",
    "有休の申請は何日前まで？",
    "車通勤の手当の上限は月いくら",
    "測定室の温度は何度に保つ？",
    "特採は誰が決めますか",
]
EVIDENCE = (
    "Passwords have at least 14 characters. They are not changed by the calendar, but at once when somebody else may "
    "know them. After five wrong attempts an account is locked for 30 minutes."
)


def p95(seconds: Sequence[float]) -> float:
    """The 95th percentile."""
    return sorted(seconds)[max(0, round(0.95 * len(seconds)) - 1)]


def show(name: str, seconds: Sequence[float]) -> None:
    """One line: median and 95th percentile."""
    print(f"  {name:<44} median {statistics.median(seconds):6.2f} s   p95 {p95(seconds):6.2f} s   n {len(seconds)}")


def conversation(question: str) -> list[dict[str, str]]:
    """The writer's prompt for one question."""
    body = f"<evidence>\n(Passwords) {EVIDENCE}\n</evidence>\nQuestion: {question}"
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": body}]


def random_adapter(base: str, folder: Path) -> Path:
    """A LoRA adapter of rank 8 on attention, as a department's would be; small weights, so that answers stay usual."""
    torch.manual_seed(1)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    targets = ["q_proj", "k_proj", "v_proj", "o_proj"]
    adapted = get_peft_model(model, LoraConfig(r=8, lora_alpha=16, target_modules=targets))
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if "lora_B" in name:
                weight.normal_(0.0, 0.002)
    adapted.save_pretrained(str(folder))
    return folder


class Plain:
    """Transformers and PEFT as their manuals have it: one adapter, one prompt at a time."""

    def __init__(self, base: str, adapter: Path) -> None:
        dtype = number_type()
        self._tokenizer = AutoTokenizer.from_pretrained(base)
        model: Any = AutoModelForCausalLM.from_pretrained(base, dtype=dtype)
        self._model: Any = PeftModel.from_pretrained(model, str(adapter), autocast_adapter_dtype=False).eval()

    def answer(self, question: str) -> int:
        """Answer one prompt; gives the number of new tokens."""
        words = self._tokenizer.apply_chat_template(conversation(question), add_generation_prompt=True, tokenize=False)
        ids = self._tokenizer(words, return_tensors="pt", add_special_tokens=False)
        with torch.inference_mode():
            out = self._model.generate(**ids, do_sample=False, max_new_tokens=NEW_TOKENS, pad_token_id=0)
        return int(out.shape[1] - ids["input_ids"].shape[1])


def timed(act: Callable[[str], Any], questions: Sequence[str]) -> list[float]:
    """Seconds of each call, one after the other."""
    seconds = []
    for question in questions:
        began = time.perf_counter()
        act(question)
        seconds.append(time.perf_counter() - began)
    return seconds


def serving(settings: Settings, folder: Path) -> None:
    """Part 1."""
    base = model_store.resolve("embedded", LANGUAGE_MODEL, settings.models_folder)
    adapter = random_adapter(base, folder / "adapter")
    torch.set_num_threads(settings.threads)
    plain = Plain(base, adapter)
    worker = LanguageModelWorker.load("embedded", settings.models_folder, threads=settings.threads, max_queue=64)
    worker.load_adapter("department", adapter)

    def ours(question: str) -> None:
        worker.submit(GenerationRequest(conversation(question), "department", NEW_TOKENS)).result(120)

    questions = [question for question in QUESTIONS if question.isascii()] * 2
    for act in (plain.answer, ours):  # warm both
        act(questions[0])
    theirs, mine = [], []
    for question in questions:  # in turns, so that a noisy machine is noisy to both
        theirs += timed(plain.answer, [question])
        mine += timed(ours, [question])
    print(f"\n1. Language model, {settings.threads} threads, {NEW_TOKENS} new tokens, one LoRA adapter of rank 8")
    show("transformers + PEFT generate, 1 user", theirs)
    show("this worker, 1 user", mine)
    overhead = statistics.median(m / t for m, t in zip(mine, theirs, strict=True)) - 1
    print(f"  overhead at 1 user (median of pairs)          {100 * overhead:+.0f} %   (must: at most +15 %)")
    many = questions * 2
    ratios = []
    for _ in range(3):
        began = time.perf_counter()
        for question in many:
            plain.answer(question)
        loop = time.perf_counter() - began
        began = time.perf_counter()
        with ThreadPoolExecutor(USERS) as users:
            list(users.map(ours, many))
        ratios.append(loop / (time.perf_counter() - began))
    print(f"  throughput at {USERS} users against the loop           x{statistics.median(ratios):.2f}   (must: x2)")
    worker.close()


def assistant(services: Services, user: User) -> None:
    """Part 2."""

    def once(question: str) -> tuple[float, float]:
        began = time.perf_counter()
        seen: list[float] = []

        def note(progress: Progress) -> None:
            if progress.hits and not seen:
                seen.append(time.perf_counter() - began)

        services.assistant.ask(question, user, report=note)
        whole = time.perf_counter() - began
        return (seen or [whole])[0], whole

    once(QUESTIONS[0])
    alone = [once(question) for question in QUESTIONS * 3]
    print("\n2. The whole assistant, example company, questions in both languages")
    show("first passages, 1 user", [first for first, _ in alone])
    show("whole answer, 1 user", [whole for _, whole in alone])
    with ThreadPoolExecutor(USERS) as users:
        together = list(users.map(once, QUESTIONS * 6))
    show(f"first passages, {USERS} users", [first for first, _ in together])
    show(f"whole answer, {USERS} users", [whole for _, whole in together])


def ready(settings: Settings) -> None:
    """Part 3."""
    opened, loaded, peak = [], [], 0
    for _ in range(3):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        began = time.perf_counter()
        command = [str(Path(sys.executable).parent / "madoguchi"), "serve", "--port", str(port)]
        environment = os.environ | {
            "MADOGUCHI_HOME": str(settings.home),
            "MADOGUCHI_MODELS": str(settings.models_folder),
        }
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
        while not (health := _health(port)):
            time.sleep(0.05)
        opened.append(time.perf_counter() - began)
        while not health["models"]:
            time.sleep(0.5)  # asking more often would slow down what is waited for
            health = _health(port)
        loaded.append(time.perf_counter() - began)
        status = Path(f"/proc/{process.pid}/status").read_text()
        peak = max(peak, int(status.split("VmHWM:")[1].split()[0]))
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    print("\n3. The server on a filled home")
    show("pages open", opened)
    show("models loaded, questions answered", loaded)
    print(f"  most memory held when ready                   {peak / 1024:.0f} MB")


def _health(port: int) -> dict[str, Any]:
    """What the server says of itself; empty while it says nothing."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
            return dict(json.load(answer))
    except OSError:
        return {}


def main() -> None:
    """Run all three parts."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder) / "home", models=Settings().models_folder)
        print(f"{settings.threads} threads, {threading.active_count()} Python threads at the start")
        serving(settings, Path(folder))
        services = Services(settings)
        load_example(services, EXAMPLES, lambda _line: None)
        with services.database.read() as session:
            user = local_operator(session, "benchmark")
        assistant(services, user)
        services.close()
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"  most memory held by this process (part 1 included)    {most:.0f} MB")
        ready(settings)


if __name__ == "__main__":
    main()
