"""Base models: prepared once, checked by hash, another one by setting, and a clear word for what is none."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adapters import Encoder, LanguageModelWorker, ModelError, model_store


def test_similar_sentences_are_near_in_both_languages(encoder: Encoder) -> None:
    vectors = encoder.encode(["有給休暇は何日もらえますか", "How many days of annual leave do I get?", "VPNの設定方法"])
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-3)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


def test_a_vector_does_not_depend_on_its_neighbours_in_a_batch(encoder: Encoder) -> None:
    texts = ["残業の上限", "A much longer sentence about travel expenses and the receipts that belong to them. " * 4]
    together, single = encoder.encode(texts), encoder.encode(texts[:1])
    assert float(together[0] @ single[0]) > 0.999


def test_vectors_come_in_the_order_of_their_texts_however_long_these_are(encoder: Encoder) -> None:
    texts = [f"Rule {number}. " + "The gate closes at nine. " * (number * 7 % 23) for number in range(24)]
    together = encoder.encode(texts)
    for at in (0, 5, 23):
        near = together @ encoder.encode([texts[at]])[0]
        assert near[at] > 0.999  # in bfloat16 a batch rounds a little otherwise; the other texts are at 0.99 or less
        assert near.argmax() == at


def test_a_question_does_not_wait_until_a_whole_document_is_embedded(encoder: Encoder) -> None:
    passages = [f"Rule {number}. " + "The gate closes at nine. " * 30 for number in range(12)]
    document = threading.Thread(target=encoder.encode, args=(passages,))
    document.start()
    encoder.encode([f"When does the gate close, {document.ident}?"], query=True)
    assert document.is_alive()
    document.join()


def test_texts_are_embedded_and_counted_at_once_and_neither_disturbs_the_other(encoder: Encoder) -> None:
    """As while a document is embedded the next one is cut: the tokenizer is one, and told each time what is wanted."""
    texts = ["The gate closes at nine.", "A long rule. " * 60, "休暇は年に二十四日です。"]
    vectors, counts = encoder.encode(texts), [encoder.count_tokens(text) for text in texts]
    over, counted = threading.Event(), list[list[int]]()

    def count() -> None:
        while not over.is_set():
            counted.append([encoder.count_tokens(text) for text in texts])

    counting = threading.Thread(target=count)
    counting.start()
    try:
        found = [encoder.encode(texts) for _ in range(30)]
    finally:
        over.set()
        counting.join()
    assert all(np.allclose(one, vectors, atol=1e-5) for one in found)
    assert counted and all(one == counts for one in counted)


def test_a_remembered_question_has_the_vector_it_had(encoder: Encoder) -> None:
    texts = ["How long is the notice period?", "退職は何日前までですか"]
    first = encoder.encode(texts, query=True)
    again = encoder.encode([*reversed(texts), "Where is the canteen?", texts[0]], query=True)
    assert np.array_equal(again[:2], first[::-1]) and np.array_equal(again[3], first[0])
    assert not np.allclose(encoder.encode(texts), first)  # as passages they are others


def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_preparing_models_again_changes_nothing(models_folder: Path) -> None:
    said: list[str] = []
    stamps = {path: path.stat().st_mtime_ns for path in models_folder.rglob("*.safetensors")}
    model_store.ensure(models_folder, said.append, "embedded", "embedded")
    assert {path: path.stat().st_mtime_ns for path in models_folder.rglob("*.safetensors")} == stamps


def test_an_altered_model_is_refused_before_it_answers(models_folder: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(models_folder / "multilingual-e5-small", tmp_path / "multilingual-e5-small")
    weights = tmp_path / "multilingual-e5-small" / "model.safetensors"
    with weights.open("r+b") as file:
        file.seek(-100, 2)
        file.write(b"\x01")
    with pytest.raises(ModelError) as refused:
        Encoder.load("embedded", tmp_path, threads=1)
    assert refused.value.code == "model_altered"


def test_a_folder_that_is_no_model_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no model")
    with pytest.raises(ModelError) as refused:
        LanguageModelWorker.load(str(tmp_path), tmp_path)
    assert refused.value.code == "not_a_model"
    with pytest.raises(ModelError) as refused:
        Encoder.load(str(tmp_path), tmp_path, threads=1)
    assert refused.value.code == "not_a_model"


def test_pickled_weights_are_never_loaded(tmp_path: Path, make_model: Any) -> None:
    (tmp_path / "config.json").write_text((make_model("llama") / "config.json").read_text())
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(ModelError) as refused:
        LanguageModelWorker.load(str(tmp_path), tmp_path)
    assert refused.value.code == "no_safetensors"


def test_a_hub_name_is_refused_while_the_hub_is_off(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as refused:
        LanguageModelWorker.load("some/model", tmp_path)
    assert refused.value.code == "hub_not_allowed"


def test_damaged_weights_are_a_model_error(tmp_path: Path, make_model: Any) -> None:
    for path in make_model("llama").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelError):
        LanguageModelWorker.load(str(tmp_path), tmp_path)


@pytest.mark.slow
def test_converting_the_encoder_twice_gives_the_same_files(tmp_path: Path) -> None:
    from adapters import encoder_file
    from adapters.pins import ENCODER

    for name in ("one", "two"):
        encoder_file.save(ENCODER.sources()[0], tmp_path / name)
    assert model_store.identity(tmp_path / "one") == model_store.identity(tmp_path / "two")
