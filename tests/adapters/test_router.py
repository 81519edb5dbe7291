"""Routing by nearest examples: the right department, none for what is nobody's, and nothing of hidden ones."""

import pytest

from adapters import Encoder, Router

EXAMPLES = {
    "people": [
        "有給休暇は何日ありますか",
        "How many holidays do I have?",
        "残業の上限は",
        "When is pay day?",
        "育児休業",
    ],
    "it": ["VPNにつながらない", "How do I reset my password?", "パソコンが起動しない", "Which printer do I use?"],
    "quality": ["外径の公差は", "測定器の校正周期は", "不適合品の処理", "Which sample size do I take?"],
}
DESCRIPTIONS = {"people": ["work and leave"], "it": ["computers"], "quality": ["inspection"]}


@pytest.fixture(scope="module")
def router(encoder: Encoder) -> Router:
    return Router.fit(encoder.encode, EXAMPLES, DESCRIPTIONS)


@pytest.mark.parametrize(
    ("question", "domain"),
    [
        ("年休は全部で何日?", "people"),
        ("my VPN does not connect", "it"),
        ("ノギスの校正の頻度は", "quality"),
        ("how much vacation do I get", "people"),
        ("パスワードを忘れた", "it"),
    ],
)
def test_a_question_goes_to_the_department_that_knows(router: Router, question: str, domain: str) -> None:
    routing = router.route(question, list(EXAMPLES))
    assert (routing.domain, routing.out_of_scope) == (domain, False)


@pytest.mark.parametrize("question", ["明日の天気は?", "Who won the match yesterday?", "おすすめの映画は"])
def test_a_question_for_nobody_is_out_of_scope(router: Router, question: str) -> None:
    assert router.route(question, list(EXAMPLES)).out_of_scope


def test_a_hidden_department_changes_nothing(router: Router, encoder: Encoder) -> None:
    visible = ["people", "it"]
    without = Router.fit(encoder.encode, {d: EXAMPLES[d] for d in visible}, {d: DESCRIPTIONS[d] for d in visible})
    for question in ("ノギスの校正の頻度は", "How many holidays?"):
        seen, never = router.route(question, visible), without.route(question, visible)
        assert dict(seen.ranked) == pytest.approx(dict(never.ranked), abs=0.02)
        assert [name for name, _, _ in seen.nearest if name == "quality"] == []


def test_probabilities_sum_to_one_at_most(router: Router) -> None:
    ranked = router.route("有給休暇", list(EXAMPLES)).ranked
    assert [p for _, p in ranked] == sorted((p for _, p in ranked), reverse=True)
    assert 0.0 <= sum(p for _, p in ranked) <= 1.0 + 1e-6


def test_without_a_visible_department_everything_is_out_of_scope(router: Router) -> None:
    routing = router.route("有給休暇", [])
    assert (routing.domain, routing.out_of_scope) == (None, True)
