"""The questions that routing is judged on, and the encoder's vectors of them, kept on disk.

A `Task` has routes with sentences to learn from, and questions: of its routes, near to them (whole intents or whole
departments that nobody was taught) and far from them.
"""

import csv
import hashlib
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adapters import Encoder, skills
from adapters.questions import read_questions
from adapters.router import NO_DOCUMENTS, Documents, Vectors
from assistant.settings import Settings
from benchmarks.outside_data import Part, read, read_intents

EXAMPLES = Path(__file__).parent.parent / "examples"
VECTORS = Path(__file__).parent.parent / "data" / "routing_vectors"  # ignored by git

# banking77's intents by what a bank's departments would be called
GROUPS = {
    "cards": "activate_my_card card_about_to_expire card_acceptance card_arrival card_delivery_estimate card_linking "
    "card_not_working contactless_not_working card_swallowed getting_spare_card get_physical_card order_physical_card "
    "visa_or_mastercard lost_or_stolen_card compromised_card supported_cards_and_currencies",
    "virtual cards": "get_disposable_virtual_card getting_virtual_card disposable_card_limits "
    "virtual_card_not_working apple_pay_or_google_pay",
    "access": "change_pin pin_blocked passcode_forgotten lost_or_stolen_phone edit_personal_details "
    "terminate_account age_limit country_support",
    "identity": "unable_to_verify_identity verify_my_identity why_verify_identity verify_source_of_funds",
    "topping up": "pending_top_up top_up_by_bank_transfer_charge top_up_by_card_charge top_up_failed top_up_reverted "
    "topping_up_by_card automatic_top_up top_up_by_cash_or_cheque top_up_limits verify_top_up",
    "transfers": "balance_not_updated_after_bank_transfer balance_not_updated_after_cheque_or_cash_deposit "
    "beneficiary_not_allowed cancel_transfer declined_transfer failed_transfer pending_transfer receiving_money "
    "transfer_fee_charged transfer_into_account transfer_not_received_by_recipient transfer_timing",
    "payments": "Refund_not_showing_up request_refund card_payment_fee_charged declined_card_payment "
    "pending_card_payment reverted_card_payment? direct_debit_payment_not_recognised transaction_charged_twice "
    "card_payment_not_recognised extra_charge_on_statement",
    "cash": "atm_support cash_withdrawal_charge declined_cash_withdrawal pending_cash_withdrawal "
    "wrong_amount_of_cash_received cash_withdrawal_not_recognised wrong_exchange_rate_for_cash_withdrawal",
    "exchange": "card_payment_wrong_exchange_rate exchange_charge exchange_rate exchange_via_app fiat_currency_support",
}
GROUP_OF = {intent: group for group, intents in GROUPS.items() for intent in intents.split()}
Labelled = list[tuple[str, str]]  # (question, route)


@dataclass(frozen=True)
class Task:
    """One way to be judged: `pool` to draw examples from, and questions."""

    name: str
    pool: dict[str, list[str]]  # examples by route
    descriptions: dict[str, list[str]]
    questions: Labelled
    near: list[str]
    far: dict[str, list[str]]  # by kind
    documents: Documents = NO_DOCUMENTS  # of the routes

    def drawn(self, shots: int, seed: int) -> dict[str, list[str]]:
        """So many examples a route, fewer where the pool has fewer; the same ones for the same seed."""
        chance = np.random.default_rng(seed)
        return {
            route: [texts[at] for at in chance.permutation(len(texts))[:shots]] for route, texts in self.pool.items()
        }


def company(data: Path, part: Part, documents: Documents = NO_DOCUMENTS) -> Task:
    """The example company: judged on its frozen split (test) or its calibration split (tune).

    Follow-ups are left out: alone they have no department.
    """
    domains = tomllib.loads((EXAMPLES / "domains.toml").read_text("utf-8"))
    pool = {name: list(entry["questions"]) for name, entry in domains.items()}
    questions: Labelled = []
    far = {"encyclopaedia": wikipedia(data, part, 150)}
    for question in read_questions(EXAMPLES / "questions.jsonl"):
        if question.kind == "follow-up":
            continue
        if question.split in ("router", "train") and question.domain:
            pool[question.domain].append(question.question)
        elif question.split == {"test": "frozen", "tune": "calibration"}[part]:
            if question.domain:
                questions.append((question.question, question.domain))
            elif question.kind != "false-premise":  # these ask a department for what it never had: neither near nor far
                far.setdefault(question.kind, []).append(question.question)
    titles = ("title_ja", "title_en", "description_ja", "description_en")
    descriptions = {name: [entry[key] for key in titles] for name, entry in domains.items()}
    return Task("example company", pool, descriptions, questions, [], far, documents)


def banking(data: Path, part: Part, route: Callable[[str], str], name: str) -> Task:
    """banking77's taught intents as routes, each called what `route` says of it; untaught ones are near."""
    pool: dict[str, list[str]] = {}
    for intent in read_intents(data, "train"):
        pool.setdefault(route(intent.intent), []).append(intent.question)
    judged = read_intents(data, part)
    questions = [(intent.question, route(intent.intent)) for intent in judged if intent.known]
    near = [intent.question for intent in judged if not intent.known]
    return Task(name, pool, {}, questions, near, {"encyclopaedia": wikipedia(data, part, 150)})


def wikipedia(data: Path, part: Part, each: int) -> list[str]:
    """Questions on encyclopaedia articles, so many Japanese ones (jaquad) and English ones (squad2), by turns."""
    texts = []
    for name in ("jaquad", "squad2"):
        readings = read(data, name, part)
        texts.append([readings[at].question for at in np.random.default_rng(0).permutation(len(readings))[:each]])
    return [text for pair in zip(*texts, strict=True) for text in pair]


def banking_all(data: Path) -> tuple[dict[int, dict[str, list[str]]], Labelled]:
    """All 77 intents: the published samples by their shots, and the questions of the test file."""

    def plain(intent: str) -> str:  # the samples write intents in their own way
        return intent.lower().rstrip("?").replace("_", " ")

    with (data / "banking77" / "test.csv").open(encoding="utf-8", newline="") as file:
        questions = [(row["text"], plain(row["category"])) for row in csv.DictReader(file)]
    samples: dict[int, dict[str, list[str]]] = {}
    for shots in (5, 10):
        texts = (data / "banking77" / f"fewshot{shots}_seq.in").read_text("utf-8").splitlines()
        labels = (data / "banking77" / f"fewshot{shots}_label").read_text("utf-8").splitlines()
        samples[shots] = {}
        for text, label in zip(texts, labels, strict=True):
            samples[shots].setdefault(plain(label), []).append(text)
    return samples, questions


class KeptVectors:
    """The embedded encoder, with the router's skill or frozen, each text once: vectors are kept beside its identity."""

    def __init__(self, skilled: bool = True) -> None:
        settings = Settings()
        frozen = Encoder.load("embedded", settings.models_folder, settings.threads)
        self.encoder = skills.load_router(frozen) if skilled else frozen
        self.common = skills.load_common(frozen.identity) if skilled else None
        self._path = VECTORS / f"{self.encoder.identity}.npz"
        self._known: dict[str, Vectors] = {}
        if self._path.exists():
            with np.load(self._path) as kept:
                self._known = dict(zip(kept["texts"].tolist(), kept["vectors"], strict=True))

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Vectors (N, D) of questions."""
        keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        if new:
            self._known |= dict(zip(new, self.encoder.encode(list(new.values()), query=True), strict=True))
            VECTORS.mkdir(parents=True, exist_ok=True)
            np.savez(self._path, texts=np.array(list(self._known)), vectors=np.stack(list(self._known.values())))
        return np.stack([self._known[key] for key in keys])
