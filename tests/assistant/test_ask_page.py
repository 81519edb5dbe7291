"""The page where one asks, drawn without a browser."""

import gradio as gr
import pytest

from assistant import conversations
from assistant.pages.ask_page import Handlers
from assistant.wording import Language
from tests.assistant.conftest import Company


@pytest.mark.parametrize(("language", "words"), [("en", "does not exist"), ("ja", "存在しない")])
def test_an_open_conversation_that_was_deleted_meanwhile_says_so_and_a_strangers_looks_the_same(
    company: Company, language: Language, words: str
) -> None:
    page, asker = Handlers(company.services, language), gr.Request(username=company.employee.id)
    foreign = company.ask("How long is parental leave?", company.colleague).conversation
    shown = []
    for conversation in (foreign, "deleted"):
        assert page.look(conversation, (0, ""), asker) == gr.skip()
        _, drawn = page.show(conversation, asker)
        with gr.Blocks() as thread:
            page.thread(conversation, drawn, asker)
        shown.append([getattr(block, "value", None) for block in thread.blocks.values()])
    assert shown[0] == shown[1]
    assert any(words in str(value) for value in shown[0])


def test_an_own_conversation_is_found_by_words_that_were_said_in_it(company: Company) -> None:
    first = company.ask("How long is parental leave?", company.employee, reviewed=False)
    company.ask("And who approves it in Kasumino?", company.employee, conversation=first.conversation, reviewed=False)
    company.ask("パスワードは何文字以上？", company.employee, reviewed=False)
    company.ask("Who approves it in Kasumino?", company.colleague, reviewed=False)
    with company.services.database.read() as session:
        found = {
            words: [key for key, _, _ in conversations.listing(session, company.employee, words)]
            for words in ("kasumino parental", "パスワード", "100%", "")
        }
    assert found["kasumino parental"] == [first.conversation]
    assert len(found["パスワード"]) == 1 and found["100%"] == [] and len(found[""]) == 2
