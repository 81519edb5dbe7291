"""Which country a question and a document speak of, where they say so: another country's rule is no answer."""

import re
import unicodedata

_COUNTRIES = {
    "japan": r"\bjapan(ese)?\b|日本|国内",
    "united kingdom": r"\b(uk|united kingdom|britain|british|england|scotland|wales)\b|英国|イギリス",
    "united states": r"\b(usa|u\.s\.|united states|america|american)\b|米国|アメリカ",
    "china": r"\b(china|chinese)\b|中国",
    "germany": r"\b(germany|german)\b|ドイツ",
    "france": r"\b(france|french)\b|フランス",
    "india": r"\b(india|indian)\b|インド(?!ネシア)",
    "thailand": r"\b(thailand|thai)\b|タイ(国|王国|工場|支店|法人)",
    "vietnam": r"\b(vietnam|vietnamese)\b|ベトナム",
    "korea": r"\b(korea|korean)\b|韓国",
    "taiwan": r"\btaiwan(ese)?\b|台湾",
}
_PATTERNS = {name: re.compile(pattern) for name, pattern in _COUNTRIES.items()}


def countries(text: str) -> set[str]:
    """The countries a text names."""
    plain = unicodedata.normalize("NFKC", text).replace("_", " ").casefold()
    return {name for name, pattern in _PATTERNS.items() if pattern.search(plain)}


def elsewhere(asked: set[str], told: set[str]) -> bool:
    """Whether both name countries, and none is the same."""
    return bool(asked and told) and not asked & told
