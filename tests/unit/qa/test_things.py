"""Things of the graph: found as they are typed, and everything about one with its places."""

from __future__ import annotations

import pytest

from kg.errors import InputError
from kg.schema import Label
from qa.browse import things
from qa.browse.model import Card, Place
from qa.service import QuestionService


def places(card: Card) -> list[Place]:
    found = [card.place, *card.mentions, *(a.place for a in card.attributes)]
    found += [place for fact in card.facts for place in (fact.place, fact.other_place)]
    return [place for place in found if place is not None]


def test_every_quote_of_every_card_stands_in_the_plan(service: QuestionService) -> None:
    knowledge = service.knowledge
    seen = 0
    for label in (Label.ENTERPRISE, Label.PROJECT, Label.TOWN, Label.INDICATOR, Label.CONCEPT):
        for node in knowledge.nodes[label][:15]:
            for place in places(things.card(knowledge, node.id)):
                seen += 1
                assert knowledge.documents[place.plan].text[place.start : place.end] == place.quote != ""
                assert place.locator
    assert seen > 200


def test_a_card_has_what_the_graph_has(service: QuestionService) -> None:
    for node in service.knowledge.nodes[Label.ENTERPRISE]:
        row = service.cypher(
            "MATCH (a:Entity {id: $id})-[r]-(b:Entity) WHERE NOT type(r) IN ['MENTIONS', 'HAS_PASSAGE']"
            " RETURN count(DISTINCT r) AS relations",
            {"id": node.id},
        )[0]
        assert len(things.card(service.knowledge, node.id).facts) == row["relations"], node.name


def test_an_attribute_stands_at_its_own_place(service: QuestionService) -> None:
    invested = [n for n in service.knowledge.nodes[Label.PROJECT] if n.number("investment_yi_yuan")]
    for node in invested:
        (amount,) = [a for a in things.card(service.knowledge, node.id).attributes if a.key == "investment"]
        assert amount.place is not None and str(amount.value).removeprefix("投资") in amount.place.quote


def test_an_unknown_thing_is_named(service: QuestionService) -> None:
    with pytest.raises(InputError, match="没有编号为 无此物"):
        things.card(service.knowledge, "无此物")


def test_a_name_is_found_as_it_is_typed(service: QuestionService) -> None:
    node = service.knowledge.nodes[Label.TOWN][0]
    typed = [node.name, node.name[:2], node.name[1:]]
    for text in typed:
        assert node.id in [thing.id for thing in things.search(service.knowledge, text)], text
    assert things.search(service.knowledge, node.name)[0].id == node.id


def test_pinyin_and_its_initials_find_a_name(service: QuestionService) -> None:
    from pypinyin import Style, lazy_pinyin

    node = service.knowledge.nodes[Label.TOWN][0]
    for style in (Style.NORMAL, Style.FIRST_LETTER):
        typed = "".join(lazy_pinyin(node.name, style=style))
        assert node.id in [thing.id for thing in things.search(service.knowledge, typed, [Label.TOWN])], typed


def test_only_the_wanted_labels_are_found(service: QuestionService) -> None:
    found = things.search(service.knowledge, "项目", [Label.PROJECT], limit=7)
    assert len(found) == 7 and {thing.label for thing in found} == {"Project"}


@pytest.mark.parametrize("typed", ["", "  ", "\x00", "!!!", "没有任何东西叫这个名字"])
def test_what_names_nothing_finds_nothing(service: QuestionService, typed: str) -> None:
    assert things.search(service.knowledge, typed) == ()
