"""Which language a text is in, by rule: libraries took short kanji questions for Chinese."""

import re

from assistant.wording import Language

_KANA = re.compile(r"[\u3040-\u30ff\uff66-\uff9f]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")


def language_of(text: str, otherwise: Language) -> Language:
    """Any kana: Japanese. Kanji alone: `otherwise` if that is Japanese, else Japanese too unless Latin
    letters outnumber them. Latin letters: English. Nothing of these: `otherwise`."""
    if _KANA.search(text):
        return "ja"
    han, latin = len(_HAN.findall(text)), len(_LATIN.findall(text))
    if han:
        return "en" if latin > 4 * han and otherwise == "en" else "ja"
    return "en" if latin else otherwise
