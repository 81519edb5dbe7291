"""Which of the two languages a text is in: Japanese, or one written in Latin letters."""

import re
from typing import Literal

Language = Literal["ja", "en"]

LATIN_PER_JAPANESE = 4  # letters of a word against one kana or kanji: 離職票 in an English sentence leaves it English
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f]")
_LATIN = re.compile(r"[A-Za-zＡ-Ｚａ-ｚ]")


def language_of(text: str) -> Language:
    """'ja' where Japanese characters outweigh the Latin letters, else 'en'."""
    japanese, latin = len(_JAPANESE.findall(text)), len(_LATIN.findall(text))
    return "ja" if japanese and LATIN_PER_JAPANESE * japanese >= latin else "en"
