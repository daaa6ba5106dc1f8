"""The page's actions: what each shows, and that no failure is silent."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator

import pytest

from kg.errors import StateError
from qa.model import Answer, History, Status
from tests.fakes import FakeService
from ui import texts
from ui.chat.conversation import HISTORY_TURNS, Conversation, TurnState
from ui.chat.examples import PlanExamples, RoleExamples
from ui.chat.page import Page, View

EXAMPLES = (PlanExamples(title="规划", roles=(RoleExamples(role="官员", questions=("粮食<多少>？",)),)),)


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def page(service: FakeService) -> Page:
    return Page(service, EXAMPLES)


def ask(page: Page, question: str, conversation: Conversation | None = None) -> View:
    return list(page.ask(question, conversation or Conversation()))[-1]


def test_the_question_is_shown_before_the_service_is_called(page: Page, service: FakeService) -> None:
    views = page.ask("粮食目标？", Conversation())
    first = next(views)
    assert "粮食目标？" in first.transcript
    assert first.busy
    assert service.asked == []


def test_text_is_shown_while_the_service_is_still_writing(page: Page, service: FakeService) -> None:
    pieces = page.ask("慢慢说粮食", Conversation())
    next(pieces)
    shown = next(pieces)  # the fake now waits for `proceed` before its third piece
    assert "到202" in shown.transcript
    assert shown.busy
    service.proceed.set()
    last = list(pieces)[-1]
    assert not last.busy
    assert "4.1万吨" in last.transcript


def test_the_last_view_has_the_answer_with_links_and_its_cards(page: Page) -> None:
    view = ask(page, "粮食目标？")
    assert 'data-open="0:1"' in view.transcript
    assert view.evidence.count("pk-card ") + view.evidence.count('pk-card"') == 2
    assert "到2025年，全县粮食产量达到4.1万吨" in view.evidence


def test_notes_conflicts_refusals_and_computed_numbers_are_told_apart(page: Page) -> None:
    answered, refused = ask(page, "粮食目标？").transcript, ask(page, "有地铁吗？").transcript
    assert "pk-conflict" in answered and texts.CONFLICT in answered
    assert "pk-notes" in answered
    assert texts.DERIVED.format(numbers="0.2") in answered
    assert 'data-state="refused"' in refused and texts.REFUSED in refused
    assert "pk-conflict" not in refused and 'data-state="refused"' not in answered


def test_a_question_goes_with_the_earlier_turns(page: Page, service: FakeService) -> None:
    first = ask(page, "粮食目标？")
    ask(page, "那项目呢？", first.conversation)
    assert service.asked[0] == ("粮食目标？", ())
    assert service.asked[1][1][0][0] == "粮食目标？"
    assert "4.1万吨" in service.asked[1][1][0][1]


def test_only_the_last_answered_turns_go_along(page: Page, service: FakeService) -> None:
    conversation = Conversation()
    for number in range(HISTORY_TURNS + 2):
        conversation = ask(page, f"项目{number}", conversation).conversation
    conversation = ask(page, "断线", conversation).conversation
    ask(page, "项目最后", conversation)
    sent = [question for question, _ in service.asked[-1][1]]
    assert sent == [f"项目{number}" for number in range(2, HISTORY_TURNS + 2)]


@pytest.mark.parametrize("question", ["", "   ", "\n"])
def test_a_blank_question_does_nothing(page: Page, service: FakeService, question: str) -> None:
    assert list(page.ask(question, Conversation())) == []
    assert service.asked == []


def test_a_known_error_is_shown_as_its_line(page: Page, caplog: pytest.LogCaptureFixture) -> None:
    view = ask(page, "断线了")
    assert "图数据库没有响应。请检查服务是否启动。" in view.transcript
    assert not view.busy
    assert caplog.records[0].exc_info is not None


def test_an_unknown_error_is_logged_and_told_in_one_line(
    page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    view = ask(page, "崩溃")
    assert texts.UNEXPECTED in view.transcript
    assert "a defect" not in view.transcript
    assert "a defect" in caplog.text
    assert caplog.records[0].levelno == logging.ERROR


class Mute(FakeService):
    """Breaks the promise that the answer comes last."""

    def stream(self, question: str, history: History = ()) -> Iterator[str | Answer]:
        yield "只有文字"


def test_a_stream_without_an_answer_is_an_error_and_not_an_answer() -> None:
    view = ask(Page(Mute()), "粮食？")
    assert texts.UNEXPECTED in view.transcript
    assert view.conversation.turns[-1].state is TurnState.FAILED


def test_stopping_keeps_the_text_and_says_that_it_is_unfinished(page: Page) -> None:
    shown = list(itertools.islice(page.ask("慢慢说粮食", Conversation()), 2))[-1]
    stopped = page.stop(shown.conversation)
    assert "到202" in stopped.transcript
    assert texts.STOPPED in stopped.transcript
    assert not stopped.busy
    assert stopped.conversation.history() == ()


def test_a_cleared_conversation_can_be_brought_back_whole(page: Page) -> None:
    asked = ask(page, "粮食目标？")
    cleared = page.clear(asked.conversation, asked.undo)
    assert "粮食目标？" not in cleared.transcript
    assert cleared.conversation == Conversation()
    again = page.clear(cleared.conversation, cleared.undo)  # clearing nothing loses nothing
    assert page.restore(again.undo).transcript == asked.transcript
    assert page.restore(again.undo).evidence == asked.evidence


def test_after_the_next_question_there_is_nothing_to_bring_back(page: Page) -> None:
    cleared = page.clear(ask(page, "粮食目标？").conversation, Conversation())
    assert cleared.undo.turns
    assert ask(page, "项目？", cleared.conversation).undo == Conversation()


def test_an_empty_conversation_offers_the_examples_by_role(page: Page) -> None:
    welcome = page.welcome().transcript
    assert "官员" in welcome
    assert "粮食&lt;多少&gt;？" in welcome


def test_opening_a_citation_marks_exactly_the_quoted_words(page: Page) -> None:
    conversation = ask(page, "粮食目标？").conversation
    panel = page.open_source(conversation, "0:2")
    assert "<mark>全县粮食产量达到4.3万吨</mark>" in panel
    assert panel.count('aria-expanded="true"') == 1
    assert 'data-shown="0:2"' in panel


def test_the_dots_stand_only_where_the_text_goes_on(page: Page) -> None:
    conversation = ask(page, "粮食目标？").conversation
    first, second = (page.open_source(conversation, f"0:{number}") for number in (1, 2))
    assert f'pk-original">{texts.CUT}' not in first and f"{texts.CUT}</div>" in first
    assert f'pk-original">{texts.CUT}' in second and f"{texts.CUT}</div>" not in second


def test_number_zero_shows_the_cards_closed(page: Page) -> None:
    conversation = ask(page, "粮食目标？").conversation
    panel = page.open_source(conversation, "0:0")
    assert "<mark>" not in panel
    assert 'aria-expanded="true"' not in panel


@pytest.mark.parametrize("target", [None, "", "9:1", "-1:1", "x:y", "0", "1e9:1", {"a": 1}, "9" * 99 + ":1"])
def test_a_target_that_does_not_exist_says_so(page: Page, target: object) -> None:
    conversation = ask(page, "粮食目标？").conversation
    assert texts.EVIDENCE_GONE in page.open_source(conversation, target)


def test_a_source_that_cannot_be_read_is_told_in_its_card(
    page: Page, service: FakeService, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    conversation = ask(page, "粮食目标？").conversation
    monkeypatch.setattr("tests.fakes.FAKE_PLAN_ID", "another-plan")
    assert texts.SOURCE_FAILED in page.open_source(conversation, "0:1")
    assert "KeyError" in caplog.text


def test_markup_in_question_answer_note_and_plan_is_escaped(page: Page) -> None:
    view = ask(page, "<img src=x onerror=alert(1)>")
    panel = page.open_source(view.conversation, "0:1")
    for html in (view.transcript, view.evidence, panel):
        assert "<img" not in html and "<script" not in html and "<b>" not in html
    assert "&lt;b&gt;专班&lt;/b&gt;" in panel


def test_the_status_line_names_plan_counts_engine_and_model(page: Page) -> None:
    header = page.header()
    for expected in ("测试规划", "1,234 个节点", "5,678 条关系", "210 个段落", "内存图 1.0", "fake-embedder"):
        assert expected in header


class NothingBuilt(FakeService):
    """As before the first build."""

    def status(self) -> Status:
        raise StateError("尚未建库。请运行 plankg build。")


def test_a_status_that_cannot_be_read_is_told_in_the_status_line() -> None:
    assert "尚未建库。请运行 plankg build。" in Page(NothingBuilt()).header()
