"""The mark with which an item of a list begins, in Japanese and English: a bullet, '1.', '(2)', '①', '三', 'イ'."""

import re

BULLET = re.compile(r"[-*–]\s+|[・•●○■□◆◇＊]\s*")
_NUMBER = re.compile(
    r"[0-9０-９]{1,2}[.．)）](?![0-9])|[（(]\s?(?:[0-9０-９]{1,2}|[一二三四五六七八九十]{1,3}|[a-zア-ン])\s?[)）]|[①-⑳]"
    r"|(?:[一二三四五六七八九十]{1,3}|[イロハニホヘト])[\s、]|[a-z][.)]\s"
)
_AT_A_LINE = re.compile(rf"^(?:{BULLET.pattern})", re.MULTILINE)


def begins_item(text: str, at: int = 0) -> bool:
    """Whether an item begins there."""
    return bool(BULLET.match(text, at) or _NUMBER.match(text, at))


def as_item(text: str, mark: str = "-") -> str:
    """An item with its mark; one that brings its own keeps it."""
    return text if begins_item(text) else f"{mark} {text}"


def without_bullets(text: str) -> str:
    """A text as it is embedded and counted: a bullet says nothing of what is there."""
    return _AT_A_LINE.sub("", text)


def unmarked(text: str) -> str:
    """An item's words without its mark."""
    mark = BULLET.match(text) or _NUMBER.match(text)
    return text[mark.end() :].lstrip() if mark else text
