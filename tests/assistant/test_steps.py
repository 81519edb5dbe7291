"""The small steps by themselves: sentences, follow-ups, kinds of answers, verification, explanation."""

import itertools
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Status
from assistant.steps.complete import complete, is_follow_up
from assistant.steps.decide import NOBODYS, Signals, confidence_of, decide, shipped
from assistant.steps.expected import fits, identifiers
from assistant.steps.explain import percent
from assistant.steps.facts import facts, strangers
from assistant.steps.sentences import sentences
from assistant.steps.verify import denials, verify

TEXTS = st.text(st.sampled_from("ab Z.。！?\n「」（）1.5第条 eg,;:-・"), max_size=200)
SHARES = st.floats(0.0, 1.0)
SIGNALS = len(fields(Signals))
VALUES = st.tuples(*[SHARES] * SIGNALS)


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("有休は10日です。半日も可。", ["有休は10日です。", "半日も可。"]),
        ("It costs 3.50. See No. 5 for e.g. details.", ["It costs 3.50.", "See No. 5 for e.g. details."]),
        ("「はい。」と答える。", ["「はい。」", "と答える。"]),
        (
            "Warehouse staff who have passed their probation of three months may\nwork remotely.",
            ["Warehouse staff who have passed their probation of three months may\nwork remotely."],
        ),
        ("Name: Aki\nRole: Owner", ["Name: Aki", "Role: Owner"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_would_say(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@given(TEXTS)
def test_sentences_lose_nothing_but_blanks_and_bullets_and_never_overlap(text: str) -> None:
    spans = list(sentences(text))
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    ends = [0, *(end for _, end in spans)]
    between = [text[end:start] for end, (start, _) in zip(ends, [*spans, (len(text), 0)], strict=True)]
    assert "".join(between).translate(dict.fromkeys(map(ord, "-*–・•●○■□◆◇＊"))).split() == []


@pytest.mark.parametrize(
    "question",
    [
        *(
            "And for part-timers?",
            "How long?",
            "What about Germany?",
            "And for how long can I stay connected from there?",
        ),
        *("How many may be carried over?", "パートの場合は?", "それは何日前まで?"),
    ],
)
def test_a_follow_up_is_completed_with_the_question_before_it(question: str) -> None:
    assert complete(question, ["How many days of leave do I get?"]) == f"How many days of leave do I get? {question}"
    assert complete(question, []) == question


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("それは社内でやるの？", "ブロックゲージは社内でやるの？"),
        ("その費用は？", "ブロックゲージの費用は？"),
        ("それぞれ何か月？", None),  # of both
    ],
)
def test_what_points_back_is_asked_of_what_was_named_last(question: str, asked: str | None) -> None:
    earlier = ["マイクロメータの校正は何か月ごと？ ブロックゲージは？"]
    assert complete(question, earlier) == (asked or f"{earlier[0]} {question}")


@pytest.mark.parametrize(
    "question",
    [
        *(
            "How long must a password be at our company?",
            "年休は入社後いつから何日もらえますか",
            "Where is the canteen?",
        ),
        *("How many points is a scarf?", "Is there extra if we have twins?", "この夏のボーナスは何か月分でしたか"),
        *(
            "Is it ok to work remotely from Lisbon for a few weeks?",
            "同じ部屋に三人で泊まるときの宿泊費はどうなりますか",
        ),
    ],
)
def test_a_question_that_stands_alone_is_left_alone(question: str) -> None:
    assert not is_follow_up(question)


@pytest.mark.parametrize(
    ("question", "sentence", "can"),
    [
        ("有休は何日ですか", "年次有給休暇を10日付与する。", True),
        ("有休は何日ですか", "翌年度に限り繰り越すことができる。", False),
        ("VPNは何分で切れる", "30分で切断される。", True),
        ("VPNは何分で切れる", "12時間まで使える。", False),
        ("How many days of leave?", "Staff get twenty-five working days.", True),
        ("How many days of leave?", "It costs £18.", False),
        ("いくらですか", "定額 3,000円", True),
        ("誰が決めますか", "課長が決める。", True),
    ],
)
def test_a_sentence_of_another_kind_answers_no_question_of_how_many(question: str, sentence: str, can: bool) -> None:
    assert fits(question, sentence) is can


def test_identifiers_are_names_with_letters_and_digits() -> None:
    assert identifiers("ＡＳ－２０４１とQS-104、M6ねじ、2026年、ISO 9001") == {"as-2041", "qs-104", "m6"}


@pytest.mark.parametrize(
    ("draft", "evidence", "holds"),
    [
        ("A password has at least 14 characters. [1]", "Passwords have at least 14 characters.", True),
        ("A password has at least fourteen characters. [1]", "Passwords have at least 14 characters.", True),
        ("A password has at least 12 characters. [1]", "Passwords have at least 14 characters.", False),
        ("Passwords have at least 14 letters and 14 digits. [1]", "Passwords have at least 14 characters.", False),
        ("Up to 28k pounds two offers are needed. [1]", "Up to £28,000 two offers are needed.", True),
        ("Up to 1.2 million yen it is needed. [1]", "Up to 1,300,000 yen it is needed.", False),
        ("The hardness is 61 HRC. [1]", "Hardness is 58 to 61 HRC.", False),
        ("USB sticks are allowed. [1]", "USB sticks are not allowed.", False),
        ("USB sticks are not allowed. [1]", "USB sticks are allowed.", False),
        ("USB sticks aren't allowed. [1]", "USB sticks are not allowed.", True),
        ("<evidence> Passwords have 14 characters. [1]", "Passwords have 14 characters.", False),
        ("The moon is made of green cheese and honey. [1]", "Passwords have 14 characters.", False),
        ("有休は10日です。 [1]", "年次有給休暇を10日付与する。", True),
        ("年次有給休暇を十日付与します。 [1]", "年次有給休暇を10日付与する。", True),
        ("年次有給休暇を10週付与する。 [1]", "年次有給休暇を10日付与する。", False),
        ("令和8年4月1日から施行します。 [1]", "2026年4月1日から施行する。", True),
        ("令和7年4月1日から施行する。 [1]", "2026年4月1日から施行する。", False),
        ("申請は3割までとする。 [1]", "申請は30%までとする。", True),
        ("The desk closes at 5:30 pm. [1]", "The desk closes at 17:30.", True),
        ("様式は総務課に提出する。 [1]", "様式は人事課に提出する。", False),
        ("様式をキンタロウで提出する。 [1]", "様式をラクダで提出する。", False),
        ("外部の人は入室できる。 [1]", "外部の人は入室できない。", False),
        ("Ask Tanaka in Sales. [1]", "Ask Suzuki in Sales.", False),
        ("", "Passwords have 14 characters.", False),
        ("5日以下とします。 [1]", "5日以上とする。", False),
        ("少なくとも5日とします。 [1]", "5日以上とする。", True),
        ("Give at most 14 days' notice. [1]", "Give at least 14 days' notice.", False),
        ("大阪は5日、仙台は3日です。 [1]", "大阪は3日、仙台は5日とする。", False),
        ("仙台は5日、大阪は3日です。 [1]", "大阪は3日、仙台は5日とする。", True),
        ("Juniors get 25 days, seniors get 20 days. [1]", "Juniors get 20 days, and seniors get 25 days.", False),
    ],
)
def test_a_draft_holds_if_it_keeps_numbers_bounds_units_dates_names_and_the_negation(
    draft: str, evidence: str, holds: bool
) -> None:
    assert verify(draft, [evidence], "").supported is holds


def test_each_sentence_must_stand_in_what_it_cites_itself() -> None:
    pieces = ["The VPN ends after 30 minutes.", "Passwords have 14 characters."]
    assert verify("The VPN ends after 30 minutes. [1]\nPasswords have 14 characters. [2]", pieces, "").supported
    assert not verify("The VPN ends after 30 minutes. [2]", pieces, "").supported
    assert not verify("The VPN ends after 30 minutes. [7]", pieces, "").supported
    assert not verify("The VPN ends after 30 minutes. Lunch is served in the canteen. [1]", pieces[:1], "").supported


@given(st.text(max_size=120), st.integers(1, 3))
def test_a_quotation_always_holds(text: str, number: int) -> None:
    quoted = " ".join(text.split())
    checked = verify(f"{quoted} [{number}]", ["other"] * (number - 1) + [text], "")
    assert checked.foreign_numbers == checked.lost_numbers == checked.foreign_names == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("二十五日", "25 days"),
        ("1時間30分", "90 minutes"),
        ("２４，５００円", "¥24,500"),
        ("2万文字", "20,000 characters"),
        ("令和8年3月31日", "31 March 2026"),
        ("3割", "30 per cent"),
        ("午後5時半", "17:30"),
        ("四年六か月", "four years and six months"),
        ("水曜日", "on Wednesdays"),
        ("半日", "half a day"),
        ("4年半", "four and a half years"),
        ("2時間半", "two hours and a half"),
        ("一年半", "a year and a half"),
        ("3分の2", "3分の2"),
    ],
)
def test_amounts_are_compared_as_they_are_meant(one: str, other: str) -> None:
    assert facts(one)
    assert strangers(facts(one), facts(other)) == strangers(facts(other), facts(one)) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("10日", "10週間"),
        ("3営業日", "3日"),
        ("30分", "30時間"),
        ("20km", "20m"),
        ("5月3日", "5月4日"),
        ("100円", "100ドル"),
        ("3年半", "3年半ば"),
    ],
)
def test_amounts_with_another_unit_are_others(one: str, other: str) -> None:
    assert strangers(facts(one), facts(other))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It is not allowed.", 1),
        ("No later than Friday.", 0),
        ("Not only staff but guests.", 0),
        ("申請しなければならない。", 0),
        ("使ってはならない。", 1),
        ("少なくとも3日。", 0),
        ("必ず申請する。", 0),
        ("使わずに返す。", 1),
    ],
)
def test_what_only_looks_like_a_negation_is_none(text: str, count: int) -> None:
    assert denials(text) == count


@given(VALUES, st.booleans(), SHARES, st.sampled_from(["hold", "automatic", "review"]), st.booleans())
def test_a_decision_follows_from_confidence_support_and_the_way_of_release(
    values: tuple[float, ...], supported: bool, hold_below: float, release: str, aside: bool
) -> None:
    signals = Signals(*values)
    decision = decide(signals, shipped(), supported, hold_below, release, aside)
    confidence, _ = confidence_of(signals, shipped())
    least = {"hold": hold_below, "automatic": shipped().show_from, "review": 2.0}[release]
    expected: Status = "answered" if supported and confidence >= least else "held"
    nobodys = signals.route < NOBODYS
    declined = confidence < (shipped().show_from if nobodys else shipped().decline_below)
    declined = declined or (aside and expected == "held")
    assert decision.status == ("declined" if declined else expected)
    assert 0.0 <= decision.confidence <= 1.0


@given(VALUES, st.integers(0, SIGNALS - 1), SHARES)
def test_a_stronger_signal_never_lowers_the_confidence(values: tuple[float, ...], which: int, more: float) -> None:
    stronger = list(values)
    stronger[which] = max(values[which], more)
    assert confidence_of(Signals(*stronger), shipped())[0] >= confidence_of(Signals(*values), shipped())[0]


@given(SHARES, SHARES)
def test_what_is_below_a_limit_is_never_told_as_the_limit(confidence: float, limit: float) -> None:
    told, bound = (float(percent(share)) for share in (confidence, limit))
    assert told <= bound if confidence < limit else told >= bound
    assert 0 <= 100 * confidence - told < 1 + 1e-6 or confidence > 1 - 1e-9
