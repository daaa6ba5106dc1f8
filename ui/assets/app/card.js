// Everything that the graph has about a thing: attributes, relations and sentences, each with its place.
import { fill, h } from "./dom.js";
import { attributeName, attributeValue, format, labelName, relationName, words } from "./words.js";

const shared = words("shared");
const MENTIONS_AT_FIRST = 5;

/** A quote as a button that opens it in the plan's text; nothing where there is no place. */
export function placeElement(place, { openSource }) {
  if (!place) return null;
  const open = { type: "button", class: "pk-place-link", title: shared.OPEN_SOURCE, onclick: () => openSource(place) };
  return h("button", open, h("span", { class: "pk-place-quote" }, place.quote), h("span", { class: "pk-place-at" }, place.locator));
}

/**
 * The card of `GET entities/{id}`. `context` has `openSource`, `go`, `suggestQuestion`; `context.openThing(id)`,
 * where given, is called for a thing that was clicked, else the graph tab shows it;
 * `context.inGraph` says that it does already.
 */
export function cardElement(card, context) {
  const { thing } = card;
  const open = context.openThing ?? ((id) => context.go({ tab: "graph", node: id }));
  return h("article", { class: "pk-thing", "aria-label": thing.name },
    h("header", {},
      h("span", { class: "pk-label", data: { label: thing.label } }, labelName(thing.label)),
      h("h3", {}, thing.name),
      card.aliases.length > 0 && h("p", { class: "pk-aliases" }, `${shared.CARD_ALIASES}：${card.aliases.join("、")}`),
      tools(card, context)),
    placeElement(card.place, context),
    attributes(card, context),
    facts(card, context, open),
    mentions(card, context));
}

function tools({ thing }, { go, suggestQuestion, inGraph }) {
  const button = (text, run) => h("button", { type: "button", class: "pk-tool", onclick: run }, text);
  return h("div", { class: "pk-tools" },
    !inGraph && button(shared.CARD_GRAPH, () => go({ tab: "graph", node: thing.id })),
    button(shared.CARD_ASK, () => suggestQuestion(format(shared.CARD_QUESTION, { name: thing.name }))));
}

function attributes(card, context) {
  const shown = card.attributes.filter(({ key }) => attributeName(key));
  if (!shown.length) return null;
  const rows = shown.map(({ key, value, place }) => {
    const text = attributeValue(key, value);
    const cell = place ? h("button", { type: "button", class: "pk-value", title: shared.OPEN_SOURCE, onclick: () => context.openSource(place) }, text) : text;
    return h("div", {}, h("dt", {}, attributeName(key)), h("dd", {}, cell));
  });
  return h("section", {}, h("h4", {}, shared.CARD_ATTRIBUTES), h("dl", { class: "pk-attributes" }, rows));
}

function facts(card, context, open) {
  if (!card.facts.length) return h("p", { class: "pk-hint" }, shared.CARD_NO_FACTS);
  const groups = Map.groupBy
    ? Map.groupBy(card.facts, (fact) => `${fact.type}:${fact.outgoing}`)
    : card.facts.reduce((all, fact) => {
        const key = `${fact.type}:${fact.outgoing}`;
        return all.set(key, [...(all.get(key) ?? []), fact]);
      }, new Map());
  const parts = [...groups.values()].map((group) => {
    const name = relationName(group[0].type);
    const title = group[0].outgoing ? name : format(shared.CARD_IN, { type: name });
    return [h("h5", {}, title), h("ul", {}, group.map((fact) => factElement(fact, context, open)))];
  });
  return h("section", { class: "pk-facts" }, h("h4", {}, shared.CARD_FACTS), parts);
}

function factElement(fact, context, open) {
  const { other } = fact;
  const second = fact.other_place && h("div", { class: "pk-second" }, shared.CARD_CONFLICT, placeElement(fact.other_place, context));
  return h("li", {},
    h("button", { type: "button", class: "pk-thing-link", data: { label: other.label }, onclick: () => open(other.id) }, other.name),
    h("span", { class: "pk-label", data: { label: other.label } }, labelName(other.label)),
    placeElement(fact.place, context), second);
}

function mentions(card, context) {
  if (!card.mentions.length) return null;
  const item = (place) => h("li", {}, placeElement(place, context));
  const list = h("ul", {}, card.mentions.slice(0, MENTIONS_AT_FIRST).map(item));
  const rest = card.mentions.length - MENTIONS_AT_FIRST;
  const more = rest > 0 && h("button", { type: "button", class: "pk-tool", onclick: () => {
    fill(list, card.mentions.map(item));
    more.remove();
  } }, format(shared.CARD_MORE, { count: rest }));
  return h("section", { class: "pk-mentions" }, h("h4", {}, format(shared.CARD_MENTIONS, { count: card.mentions.length })), list, more);
}
