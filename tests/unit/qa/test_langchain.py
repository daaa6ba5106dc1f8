"""The LangChain components work inside real chains, and what they hand on is the plan's text at its place."""

from __future__ import annotations

import asyncio

import pytest
from langchain_core.documents import Document
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda, RunnablePassthrough
from pydantic import ValidationError

from kg.errors import InputError
from qa.langchain import PlanRetriever, answer_chain
from qa.model import Answer
from qa.service import QuestionService

QUESTION = "澜青高速公路青山段全长多少公里？"


def is_verbatim(service: QuestionService, document: Document) -> bool:
    place = document.metadata
    text = service.knowledge.documents[place["source"]].text
    return text[place["start"] : place["end"]] == document.page_content


@pytest.mark.parametrize(
    "question", [QUESTION, "锂源新材", "森林覆盖率", "坚持、“”（）？", "coverage 😀", "不" * 5000, "a"]
)
def test_documents_are_verbatim_at_their_offsets(second: QuestionService, question: str) -> None:
    documents = PlanRetriever(service=second).invoke(question)
    assert len(documents) == 5
    assert all(is_verbatim(second, document) for document in documents)
    assert len({document.id for document in documents}) == 5


def test_the_best_document_comes_first_with_its_place(second: QuestionService) -> None:
    first, *others = PlanRetriever(service=second, k=3).invoke(QUESTION)
    assert "46.3公里" in first.page_content
    assert "第十一章" in first.metadata["locator"]
    scores = [document.metadata["score"] for document in (first, *others)]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("k", [1, 7, 40])
def test_as_many_documents_as_asked_for(second: QuestionService, k: int) -> None:
    assert len(PlanRetriever(service=second, k=k).invoke(QUESTION)) == k


def test_more_than_there_are_gives_all(second: QuestionService) -> None:
    count = len(second.knowledge.passages)
    documents = PlanRetriever(service=second, k=count + 10).invoke(QUESTION)
    assert 100 < len({document.id for document in documents}) <= count


def test_none_cannot_be_asked_for(second: QuestionService) -> None:
    with pytest.raises(ValidationError):
        PlanRetriever(service=second, k=0)


def test_passages_that_write_another_form_of_a_name_are_found_through_the_graph(
    second: QuestionService,
) -> None:
    documents = PlanRetriever(service=second, k=8).invoke("青山锂源新材料股份有限公司")
    short_only = [
        d for d in documents if "锂源新材" in d.page_content and "锂源新材料" not in d.page_content
    ]
    assert len(short_only) >= 3


def test_a_retriever_in_a_chain_with_a_prompt(second: QuestionService) -> None:
    def join(documents: list[Document]) -> str:
        return "\n".join(document.page_content for document in documents)

    prompt = ChatPromptTemplate.from_template("依据：{context}\n问题：{question}")
    # in place of a chat model, which is no part of this: what it would be shown comes out
    context = PlanRetriever(service=second, k=2) | RunnableLambda(join)
    chain = (
        {"context": context, "question": RunnablePassthrough()}
        | prompt
        | RunnableLambda(lambda value: value.to_string())
        | StrOutputParser()
    )
    shown = chain.invoke(QUESTION)
    assert "46.3公里" in shown
    assert shown.endswith(QUESTION)


def test_a_batch_gives_what_single_calls_give(second: QuestionService) -> None:
    questions = [QUESTION, "森林覆盖率", "锂源新材有哪些项目？", "茶叶产量"] * 3
    retriever = PlanRetriever(service=second, k=3)
    batched = retriever.batch(questions, config={"max_concurrency": 4})
    assert batched == [retriever.invoke(question) for question in questions]


def test_a_retriever_can_be_awaited(second: QuestionService) -> None:
    retriever = PlanRetriever(service=second, k=2)
    assert asyncio.run(retriever.ainvoke(QUESTION)) == retriever.invoke(QUESTION)


def test_the_answer_chain_answers_as_the_service_does(second: QuestionService) -> None:
    answer, direct = answer_chain(second).invoke(QUESTION), second.ask(QUESTION)
    assert isinstance(answer, Answer)
    assert (answer.answer, answer.citations) == (direct.answer, direct.citations)


def test_the_answer_chain_takes_history(second: QuestionService) -> None:
    first = "茶叶产量2025年达到多少？"
    history = [[first, second.ask(first).answer]]
    answer = answer_chain(second).invoke({"question": "该指标属于什么性质？", "history": history})
    assert "预期性" in answer.answer


def test_the_answer_chain_composes_and_batches(second: QuestionService) -> None:
    chain = answer_chain(second) | RunnableLambda(lambda answer: answer.refused)
    assert chain.batch([QUESTION, {"question": "文水县有哪些项目？"}]) == [False, True]


@pytest.mark.parametrize("value", ["", " \n", {"question": "x", "history": [["only one"]]}])
def test_unusable_input_is_the_products_own_error(second: QuestionService, value: object) -> None:
    with pytest.raises(InputError):
        answer_chain(second).invoke(value)  # type: ignore[arg-type]
