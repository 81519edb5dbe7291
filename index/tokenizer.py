"""Text to lexical terms, one and the same for indexing and asking.

NFKC and case folding; what is written in several ways is brought to one (申し込み and 申込, サーバー and サーバ,
國 and 国). Japanese in character bigrams, Latin words and numbers whole, identifiers (`QS-104`) also in one piece, a
place in a rule (第六条, 第6条) as one term. Splitting Japanese on word boundaries finds nothing; bigrams do as well as
a dictionary.
"""

import re
import unicodedata

from index.dates import count

VERSION = "bigram-3"  # any change here: passages in the database are tokenised anew at the next start
MAX_TERM = 80

_RUN = re.compile(
    r"(?:第\s*(?P<place>[0-9]+\s*[編章節款条項号](?:の[0-9]+)?)|(?P<short>[0-9]+(?:条(?![件文例約])|項(?!目))(?:の[0-9]+)?))"
    r"|(?P<identifier>[a-z0-9]+(?:[-_/.][a-z0-9]+)+)"
    r"|(?P<word>[a-z0-9à-ɏ]+(?:'[a-z]+)?)"
    r"|(?P<japanese>(?:(?!第\s*[0-9])[\u3005\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])+)"
    r"|(?P<other>[^\W_a-z0-9\u3040-\u30ff\u3400-\u9fff]+)"
)
_PLURAL = re.compile(r"(?<=[a-z]{3})(?:(?<=[^s])s|(?<=ss)es|(?<=x)es)$")
_KANJI_PLACE = re.compile(r"(?<=第)\s*[一二三四五六七八九十百]+(?=\s*[編章節款条項号])")
_ARTICLE = re.compile(r"[0-9]+条")

FUNCTION_WORDS = frozenset(
    """
    a an the is are was were be been am do does did can could may might must shall should will would i we us me my our
    you your it its they them their this that these those one someone something of to in on at for by with from as and
    or if so than then how what when where which who whom why there here have has had get got much many long any some
    not no about please
    """.split()  # noqa: SIM905  # a list of words is read more easily as text
)
_FUNCTION_TERMS = FUNCTION_WORDS | {_PLURAL.sub("", word) for word in FUNCTION_WORDS}
_OLD_KANJI = str.maketrans(
    "國學會體經營應當實驗檢證號發變續續屆區圖轉關團醫藥藝價值假條據點總舊廣處數來勞齒澤濱邊邉齋齊髙﨑眞龍壽惠榮營單壓圍衞氣佛拂雜靜擴擔權歸縣參雙戰勵賣讀譯釋驛黑黃鐵鑛竊兩乘亂豫餘與舉譽覺寫辭",
    "国学会体経営応当実験検証号発変続続届区図転関団医薬芸価値仮条拠点総旧広処数来労歯沢浜辺辺斎斉高崎真竜寿恵栄営単圧囲衛気仏払雑静拡担権帰県参双戦励売読訳釈駅黒黄鉄鉱窃両乗乱予余与挙誉覚写辞",
)
_KANJI = "\u3400-\u9fff\u3005"
_INNER_OKURIGANA = re.compile(rf"(?<=[{_KANJI}])[いきぎしちびみりえけげせねべめれわ](?=[{_KANJI}])")
_LAST_OKURIGANA = re.compile(rf"(?<=[{_KANJI}]{{2}})[いきぎしちびみりえけげせねべめれ](?![\u3040-\u309f])")
_LAST_LENGTHENING = re.compile(r"(?<=[ァ-ヺー]{2})ー(?![ァ-ヺー])")


def fold(text: str) -> str:
    """NFKC, case-folded, dashes made one."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[‐‑‒–—−]", "-", plain)


def unify(text: str) -> str:
    """A folded text with variants brought to one: old kanji, a rule's numbers, okurigana of compounds, the last long
    vowel.
    """
    plain = _KANJI_PLACE.sub(lambda place: str(count(place.group().strip())), text.translate(_OLD_KANJI))
    compound = _LAST_OKURIGANA.sub("", _INNER_OKURIGANA.sub("", plain))
    return _LAST_LENGTHENING.sub("", compound)


def terms(text: str) -> list[str]:
    """The terms of a text in order, repeats kept."""
    found: list[str] = []
    for match in _RUN.finditer(unify(fold(text))):
        run = match.group()
        if match.lastgroup in ("place", "short"):
            found.append("".join(match.group(match.lastgroup).split())[:MAX_TERM])
        elif match.lastgroup == "japanese":
            found.extend(_bigrams(run))
        elif match.lastgroup == "identifier":
            found.append(run[:MAX_TERM])
            found.extend(piece for piece in re.split(r"[-_/.]", run) if piece)
        elif match.lastgroup == "word":
            found.append(_PLURAL.sub("", run)[:MAX_TERM])
        else:
            found.extend(_bigrams(run))
    return found


def articles(text: str) -> frozenset[str]:
    """The articles of a rule that a text names, as terms: '6条', '23条の2'."""
    return frozenset(term for term in terms(text) if _ARTICLE.match(term))


def content_terms(question: str) -> list[str]:
    """The terms that a question is searched by, each once: English function words left out if others remain."""
    found = list(dict.fromkeys(terms(question)))
    return [term for term in found if term not in _FUNCTION_TERMS] or found


def _bigrams(run: str) -> list[str]:
    return [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]
