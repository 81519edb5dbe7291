"""Is a document still in force? As its own name says, in Japanese or English."""

import re
import unicodedata

_REPLACED = re.compile(
    r"[（(][^）)]*(廃止|失効|旧)[^）)]*[）)]|(廃止|失効|旧版)$|(^|\s)旧"
    r"|\b(superseded|obsolete|withdrawn|archived|outdated|no longer valid|not in force)\b",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"廃止|以前|前は|昔|旧|改[訂定]前|前の版|もとは|元は|これまで"
    r"|\b(superseded|obsolete|old|older|previous|previously|former|formerly|earlier|used to|last year|before)\b",
    re.IGNORECASE,
)


def was_replaced(name: str) -> bool:
    """Whether a document's name (without its ending) says that another took its place."""
    return bool(_REPLACED.search(unicodedata.normalize("NFKC", name).replace("_", " ")))


def asks_for_the_past(question: str) -> bool:
    """Whether a question may mean what was in force earlier."""
    return bool(_PAST.search(unicodedata.normalize("NFKC", question)))
