"""Text to lexical terms, one and the same for indexing and asking.

NFKC and case folding; Japanese in character bigrams, Latin words and numbers whole, identifiers (`QS-104`) also in
one piece. Splitting Japanese on word boundaries finds nothing; bigrams do as well as a dictionary.
"""

import re
import unicodedata

VERSION = "bigram-1"
MAX_TERM = 80

_RUN = re.compile(
    r"(?P<identifier>[a-z0-9]+(?:[-_/.][a-z0-9]+)+)"
    r"|(?P<word>[a-z0-9à-ɏ]+(?:'[a-z]+)?)"
    r"|(?P<japanese>[\u3005\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+)"
    r"|(?P<other>[^\W_a-z0-9\u3040-\u30ff\u3400-\u9fff]+)"
)
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
JAPANESE_FROM = 0.1  # share of characters; tables and identifiers stand in Japanese text in Latin letters
_PLURAL = re.compile(r"(?<=[a-z]{3})(?:(?<=[^s])s|(?<=ss)es|(?<=x)es)$")


def fold(text: str) -> str:
    """NFKC, case-folded, long-vowel and dash variants made one."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[‐‑‒–—−]", "-", plain)


def terms(text: str) -> list[str]:
    """The terms of a text in order, repeats kept."""
    found: list[str] = []
    for match in _RUN.finditer(fold(text)):
        run = match.group()
        if match.lastgroup == "japanese":
            found.extend(_bigrams(run))
        elif match.lastgroup == "identifier":
            found.append(run[:MAX_TERM])
            found.extend(piece for piece in re.split(r"[-_/.]", run) if piece)
        elif match.lastgroup == "word":
            found.append(_PLURAL.sub("", run)[:MAX_TERM])
        else:
            found.extend(_bigrams(run))
    return found


def is_japanese(text: str) -> bool:
    """Whether a text is Japanese rather than of words with blanks between them."""
    return len(_JAPANESE.findall(text)) > JAPANESE_FROM * len(text)


def _bigrams(run: str) -> list[str]:
    return [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]
