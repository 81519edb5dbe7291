"""Who tells what has happened, and asks nothing ('社員証をなくしました', "I'm locked out"), wants to know what to do.

What reads passages learnt from questions; such a message is put to it as one. A rule, not a model: a message that may
ask something, or is a heap of key words, is left as it is.
"""

import re

from assistant.language import language_of

_ASKS_JA = re.compile(
    r"[?？]|[何誰幾](?!度も|回も|日も)|いつ(?!も)|どこ(?!にも|も)|どう|どの|どれ|どん|どち|だれ|いくら|いくつ|なぜ|なん[でのじだか]"
    r"|でしょう|か(?:な|ね)?[。！!]?$|か。|っけ[。]?$|教え|知り|ください|下さい|確認|説明"
)
_TELLS_JA = re.compile(
    r"(?:ました|ません|でした|[^か]った|[いきしちにりぎじびんけせてれめえべ]た|[いん]だ|ない|[てで]いる|てる|[てで](?:い)?ます"
    r"|です|そう|かも|みたい|たい|ほしい)(?:んです|のです|の|よ|ようです|ところ)?(?:けど|が)?[。、！!…]*$"
)
_ASKS_EN = re.compile(
    r"\?|\b(?:wh?[aeio]t|wat'?s|what'?s|w?hows?|hw|whens?|wehn|wen|where|who|whom|whose|wh?ich|witch|why|whether"
    r"|asks? if|should|shall|could|would|must|need|please|tell me|show|explain|write|translate|want to know|wondering"
    r"|allowed)\b"
    r"|\b(?<!there )(?:is|are|am|was|were|do|does|did|will|has|have|can|cn|may)"
    r" (?:i|u|we|you|he|she|it|they|me|there|that|this|my|our|the|a)\b",
    re.IGNORECASE,
)
_TELLS_EN = re.compile(
    r"^(?:uh oh,? |help[,!] |hi,? |hello,? )?(?:i|i'm|im|i've|ive|i'd|we|we're|we've|my|our|someone|somebody|nobody"
    r"|nothing|one of|there(?:'s| is| was| are)|it(?:'s| is)|can'?t|cannot|got|lost|forgot|broke|dropped|spilled|missed"
    r"|typed|tripped|woke|locked)\b"
    r"|\b(?:is|are|was|were|has|have|got) (?:\w+ )?(?:gone|lost|broken|missing|stolen|dead|vanished|died|locked|late"
    r"|down|ill|sick|stuck|working|passed|damaged|expired)\b",
    re.IGNORECASE,
)
_RULES = {"ja": (_TELLS_JA, _ASKS_JA), "en": (_TELLS_EN, _ASKS_EN)}
_PUT = {"ja": "。どうすればいいですか？", "en": ". What should I do?"}


def as_question(message: str) -> str:
    """A message that only tells something with the question what to do; any other as it is."""
    language = language_of(message, "en")
    tells, asks = _RULES[language]
    text = message.strip()
    return text.rstrip("。、.!！… ") + _PUT[language] if tells.search(text) and not asks.search(text) else message


def as_told(question: str) -> str:
    """What was told, without the question that `as_question` put to it."""
    for put in _PUT.values():
        question = question.removesuffix(put)
    return question
