"""Step 1, third half: a message that asks several things is cut into its questions; one question is never cut.

Rules over punctuation and question words in both languages. A piece is a question of its own where its form asks and
it names its own topic; one that leans on the piece before ('… and how long?', 何時からですか) stays with it.
It knows no documents.
"""

import re
import unicodedata

from assistant.errors import BadInput
from assistant.steps.sentences import sentences
from index import terms
from index.tokenizer import FUNCTION_WORDS

_ASKS_EN = (
    r"(?:how|what|which|when|where|who|whom|whose|why|can|could|may|must|should|shall|do|does|did|is|are|was|were|will|"
    r"would|has|have|am)\b"
)
_OPENS_EN = re.compile(
    r"^(?:(?:and|also|then|or|so|but)\b,? )?(?:(?:from|until|since|by|at|in|for|if|after|before)\b[^,?]*,? )?"
    + _ASKS_EN,
    re.IGNORECASE,
)
_PLAINLY_EN = re.compile(r"(?:how|what|which|when|where|who|whose|why)\b", re.IGNORECASE)  # even before a full stop
_ALSO_EN = re.compile(
    r"(?:,|;)?\s+and (?:also )?(?=(?:how|what|which|when|where|who|whose|why)\b|"
    r"(?:after|at|before|by|for|from|in|on|to|until|with|within) (?:how|what|which|whom|whose)(?: [\w'-]+){5})",
    re.IGNORECASE,
)
_ONE_EN = re.compile(r"\b(?:between|both|either|same|compare|difference)\b", re.IGNORECASE)
_VAGUE_EN = re.compile(r"(?:how|what|which|who|whose)\b", re.IGNORECASE)
_LEANS_EN = re.compile(r"\b(?:it|that|this|those|these|them|they|one|so)\b", re.IGNORECASE)
_EMPTY = frozenset(  # they name no topic: 'and what form do I need?', 'and who do I call?'
    """
    day week month year hour minute time number amount value limit deadline cost need want know tell ask go take form
    document system rule step person notice way kind part first last next exactly also too use early soon late
    quickly fast far big high old often call contact apply ring dial speak talk sign approve agree say give left add
    more most rest top per total yes no else
    """.split()  # noqa: SIM905  # a list of words is read more easily as text
)
_EMPTY_JA = frozenset(  # the same as the topic of a question: '期限はいつですか'
    """
    基準 期限 上限 下限 限度 条件 金額 費用 料金 手数料 手続 申請 届出 締切 期日 連絡先 担当 担当者 窓口 様式 書類
    番号 場所 時間 期間 日数 回数 割合 単価 値段 理由 方法 例外 対象 対象者 承認 承認者 許可 準備 結果 報告 返事 規定
    対応 処理 場合 何年 何日 何回 何人 何歳
    """.split()  # noqa: SIM905
)
_ENDS_JA = re.compile(r"(?:か|かな|でしょう|教えて(?:ください|下さい)?|知りたい(?:です)?)[?？。]?$|[?？]$")
_ALSO_JA = re.compile(r"(?<=すか)、|(?<=か)、(?=また|それと|それから|あと|ついでに|さらに|そして)")
# '休みは何日で、祝金はいくら？'
_COUNTS_JA = re.compile(r"(何[日回円人時年月]|いくら|いつ|どこ)で、(?=.*(?:[?？]|何|いくら|いつ|どこ))")
_WHEN_JA = re.compile(r"^[^、。？?は]{2,14}?(?:とき|時|場合)(?=の|は|に|、)")  # of both: '結婚したときの…'
_ASKED_FOR = (  # what is asked of a matter: '…の期限', '…の申請先'
    r"(?:数|額|料|費|代|率|期間|期限|期日|時間|時期|時刻|上限|下限|限度|条件|基準|範囲|対象|対象者|方法|手順|手続き?|扱い|"
    r"間隔|手当|日当|見舞金|祝金|割合|単価|値段|締切|締め切り|場所|窓口|宛先|提出先|申請先|連絡先|保管先|届け先|様式|書類|"
    r"予約|有無|可否)"
)
_BOTH_JA = re.compile(
    rf"^(?P<one>[^、。？?]*?の[^、。？?の]*?{_ASKED_FOR})(?:と|および|及び|ならびに)、?"
    rf"(?P<other>[^、。？?]*?の[^、。？?の]*?{_ASKED_FOR})"
    r"(?:(?P<asks>は(?:(?:いくら|どう|いつ|どこ|何[一-龯]?|どのくらい|どれくらい)(?:です|になります)?か?)?[？?。]?)|"
    r"(?:の?(?:両方|二つ|2つ))?(?:を|について)?(?:両方|それぞれ|どちらも)?(?P<tells>(?:教えて|知りたい)[^、。？?]*[。？?]?))$"
)
_LEANS_BOTH_JA = re.compile(  # 'パスワードの文字数と変更の間隔は？': of the first one's matter
    r"^(?:[0-9０-９一]|(?:期間|金額|変更|延長|更新|申請|提出|返却|支給|取得|利用|使用|登録|解除|再発行|交換|修理|承認|手続き?|"
    r"支払い?|取消し?|キャンセル|終了|開始|実施|報告|本人|自分)の)"
)
_WHERE_JA = re.compile(  # '英国の保証期間と返品の手数料は？': where, or for whom, is said of both
    r"^[一-龯ァ-ヴー]*?(?:国|国内|海外|社員|職員|パート|アルバイト|派遣|部|課|工場|支店|営業所|事業所|センター)の(?=.*の)"
)
_TOPIC_JA = re.compile(
    r"(?=([一-龯々ァ-ヴー]{2,}|[一-龯][ぁ-ん][一-龯]|[A-Za-z][\w-]+)[^、。？?]{0,12}?"
    r"(?:は|(?<![とかもきし])って|を|には|では)[^?？。、]{2,})(?<![一-龯々ァ-ヴーA-Za-z-])"
)
_LEANS_JA = re.compile(r"^(?:それ|その|これ|この|あれ|同じ)")
_JAPANESE = re.compile(r"[\u3040-\u9fff]")
_MARKER = re.compile(r"^\s*(?:[-・•*]|\d{1,2}[.)．）]|[（(]\d{1,2}[)）]|[①-⑳])\s*")
_CONNECTIVE = re.compile(r"^(?:また|それと|それから|あと|ついでに|さらに|そして|and|also|then)[、,]?\s*", re.IGNORECASE)
SHORT_EN = 4  # words, with one of its own among them: '… and which floor?', '… and how far ahead?'
MOST = 3  # questions in one message that are answered


def parts(question: str) -> list[str]:
    """The questions of a message; what is told before or between them belongs to the next. A message that is one
    question comes back as it is. Raises BadInput: more than MOST.
    """
    found: list[str] = []
    told = ""
    for piece in _pieces(question):
        if not told and (both := _both(piece)):  # what was told before would have to be said of both
            found += both
        elif found and not told and not _stands_alone(piece):
            found[-1] = f"{found[-1]} {piece}"
        elif _asks(piece):
            found.append(f"{told} {piece}".strip())
            told = ""
        else:
            told = f"{told} {piece}".strip()
    if len(found) > MOST:
        raise BadInput("too_many_questions", count=len(found), limit=MOST)
    if len(found) < 2 or told:
        return [question]
    return [found[0], *(_CONNECTIVE.sub("", one) for one in found[1:])]


def _pieces(question: str) -> list[str]:
    """The message's sentences; one is cut within where both sides are questions of their own."""
    text = unicodedata.normalize("NFC", question)
    made: list[str] = []
    for start, end in sentences(text):
        sentence = _MARKER.sub("", text[start:end])
        inner = _ALSO_JA if _JAPANESE.search(sentence) else _ALSO_EN
        sides = [side.strip() for side in inner.split(_COUNTS_JA.sub(r"\1ですか、", sentence))]
        apart = len(sides) > 1 and all(map(_stands_alone, sides)) and not _ONE_EN.search(sentence)
        made += [sides[0], *(_also_when(sides[0], side) for side in sides[1:])] if apart else [sentence]
    return [piece for piece in made if piece]


def _also_when(first: str, other: str) -> str:
    """Another question of the same sentence, with the case that the first one was asked of."""
    case = _WHEN_JA.match(first)
    return f"{case[0]}、{other}" if case and not _WHEN_JA.match(other) else other


def _both(sentence: str) -> list[str]:
    """The two questions of a Japanese sentence that asks something of two matters, as '見積りの件数と請求書の扱いは？'
    does; none of another sentence.
    """
    told = _BOTH_JA.search(sentence)
    if not told or _LEANS_BOTH_JA.search(told["other"]):
        return []
    tail = told["asks"] or f"を{told['tells']}"
    where = _WHERE_JA.search(told["one"])
    both = where[0] if where and not _WHERE_JA.search(told["other"]) else ""
    return [f"{told['one']}{tail}", f"{both}{told['other']}{tail}"]


def _asks(piece: str) -> bool:
    """Whether a piece is a question by its form."""
    text = unicodedata.normalize("NFKC", piece).strip()
    if _JAPANESE.search(text):
        return bool(_ENDS_JA.search(text))
    form = _PLAINLY_EN if text.endswith(".") else _OPENS_EN  # 'Did not get a reply.' tells
    return text.endswith("?") or bool(form.match(text))


def _stands_alone(piece: str) -> bool:
    """Whether a piece asks and names its own topic."""
    text = _CONNECTIVE.sub("", unicodedata.normalize("NFKC", piece).strip())
    if not _asks(text):
        return False
    if _JAPANESE.search(text):
        named = any(match.group(1) not in _EMPTY_JA for match in _TOPIC_JA.finditer(text))
        return named and not _LEANS_JA.search(text)
    own = {term for term in terms(text) if term not in FUNCTION_WORDS and term not in _EMPTY}
    refers = len(own) == 1 and " the " in text.casefold()  # '… and what is the fee?'
    vague = len(own) == 1 and len(text.split()) <= SHORT_EN and bool(_VAGUE_EN.match(text))
    return bool(own) and not vague and not refers and bool(_OPENS_EN.match(text)) and not _LEANS_EN.search(text)
