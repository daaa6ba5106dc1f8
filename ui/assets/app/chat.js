// What the conversation gets beside its answers: verdicts, questions that lead on, and a small graph. Gradio
// writes the conversation anew with every answer, so these are placed anew; what they hold is kept here.
import { post, request } from "./api.js";
import { keep, offer, tell } from "./connection.js";
import { h } from "./dom.js";
import { Drawing } from "./drawing.js";
import { go, openSource } from "./main.js";
import { format, words } from "./words.js";

const text = words("chat");
const said = words("feedback");
const MOST_THINGS = 9;
const kept = new Map();
const turns = () => [...document.querySelectorAll("#pk-transcript .pk-turn")];
const questionOf = (turn) => turn.querySelector(".pk-question p").textContent;

/** What is kept of a turn; a new conversation's turns have other answers, and so other keys. */
function keptOf(turn) {
  const key = `${turn.dataset.turn}\n${turn.dataset.markdown}`;
  if (!kept.has(key)) kept.set(key, { about: JSON.parse(turn.dataset.about), id: newId(), verdict: "", comment: "" });
  return kept.get(key);
}

// not randomUUID, which exists only on https and loopback
const newId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// -- verdicts

/** A thumb as a drawing (Material Symbols, Apache-2.0): not every machine has a font with one. */
function thumb() {
  const [svg, path] = ["svg", "path"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", "M1 21h4V9H1v12zm22-11c0-1.1-.9-2-2-2h-6.31l.95-4.57.03-.32c0-.41-.17-.79-.44-1.06L14.17 1 7.59 7.59C7.22 7.95 7 8.45 7 9v10c0 1.1.9 2 2 2h9c.83 0 1.54-.5 1.84-1.22l3.02-7.05c.09-.23.14-.47.14-.73v-2z");
  svg.append(path);
  return svg;
}

function verdicts(turn, own) {
  const told = h("span", { class: "pk-feedback-told", role: "status" });
  const comment = h("textarea", { rows: 2, maxLength: 2000, placeholder: said.COMMENT_HINT, "aria-label": said.COMMENT, oninput: () => { own.comment = comment.value; } });
  comment.value = own.comment;
  const form = h("form", { class: "pk-comment", hidden: !own.verdict, onsubmit: (event) => { event.preventDefault(); send(); } },
    comment, h("button", { type: "submit", class: "pk-tool" }, said.SAVE));
  const button = (verdict, title) => h("button", { type: "button", class: "pk-tool pk-verdict", title, "aria-label": title, data: { verdict }, onclick: () => choose(verdict) }, thumb());
  const buttons = [button("up", said.UP), button("down", said.DOWN)];
  const show = () => {
    for (const each of buttons) each.setAttribute("aria-pressed", String(each.dataset.verdict === own.verdict));
    form.hidden = !own.verdict;
  };

  function choose(verdict) {
    own.verdict = own.verdict === verdict ? "" : verdict;
    show();
    send();
  }

  async function send() {
    const { verdict, comment: why } = own;
    const sources = own.about.cited.map(([plan, start, end]) => `${plan}:${start}-${end}`).join("\n");
    try {
      if (verdict) await request(`feedback/${own.id}`, asJson("PUT", { verdict, comment: why, question: questionOf(turn).slice(0, 2000), answer: turn.dataset.markdown.slice(0, 50_000), sources }));
      else await request(`feedback/${own.id}`, { method: "DELETE" });
      told.textContent = verdict ? said.SAVED : said.WITHDRAWN;
    } catch (error) {
      told.textContent = format(said.FAILED, { reason: error.message });
    }
  }

  show();
  turn.querySelector(".pk-body > .pk-tools").append(h("span", { class: "pk-verdicts", role: "group", "aria-label": said.TITLE }, buttons), told);
  turn.querySelector(".pk-body").append(form);
}

const asJson = (method, body) => ({ method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

// -- questions that lead on: of the last answer only

async function next(turn, own) {
  const asked = turns().map((each) => questionOf(each).slice(0, 1000)).slice(-50);
  own.next ??= post("suggestions", { ...own.about, asked }).catch(() => []);
  const questions = await own.next;
  if (!questions.length || !turn.isConnected || turns().at(-1) !== turn || turn.querySelector(".pk-next")) return;
  turn.querySelector(".pk-body").append(h("section", { class: "pk-next", "aria-label": text.NEXT }, h("strong", {}, text.NEXT),
    questions.map((question) => h("button", { type: "button", class: "pk-tool", data: { example: "" } }, question))));
}

// -- the small graph beside the answer

async function graph(own) {
  const [first, ...others] = own.about.entities.slice(0, MOST_THINGS);
  if (!first) return null;
  const part = await post("graph/around", { id: first, shown: others, limit: Math.max(1, MOST_THINGS - others.length - 1) });
  const tied = new Set(part.edges.flatMap(({ source, target }) => [source, target]));
  const nodes = part.nodes.filter(({ id }) => tied.has(id));
  return nodes.length ? { first, nodes, edges: part.edges } : null;
}

async function draw(canvas, { nodes, edges }) {
  const place = (id) => edges.find((edge) => edge.id === id)?.place;
  const show = (node) => go({ tab: "graph", node });
  const drawing = await Drawing.open(canvas, { select: show, expand: show, edge: (id) => place(id) && openSource(place(id)) }, { small: true });
  drawing.show(nodes, edges);
  drawing.fit();
}

/** A box with the graph, made once for an answer and placed again wherever its evidence is shown. */
async function graphBox(own) {
  const part = await graph(own).catch(() => null);
  if (!part) return null;
  const names = part.nodes.map(({ name }) => name).join("、");
  const canvas = h("div", { class: "pk-small-graph", role: "img", "aria-label": format(text.GRAPH_DRAWING, { names, edges: part.edges.length }) });
  const link = h("a", { href: `?${new URLSearchParams({ tab: "graph", node: part.first })}`, class: "pk-tool", data: { go: "" } }, text.GRAPH_OPEN);
  let drawn = false;
  const box = h("details", { class: "pk-answer-graph", ontoggle: () => {
    if (!box.open || drawn) return;
    drawn = true;
    draw(canvas, part);
  } }, h("summary", {}, text.GRAPH), canvas, link);
  box.open = matchMedia("(min-width: 900px)").matches;
  return box;
}

async function evidence() {
  const panel = document.querySelector("#pk-evidence .pk-evidence[data-shown]");
  const turn = panel && turns()[Number(panel.dataset.shown.split(":")[0])];
  if (!turn?.dataset.about || !panel.dataset.shown) return;
  const own = keptOf(turn);
  own.box ??= graphBox(own);
  const box = await own.box;
  if (box && panel.isConnected && box.parentElement !== panel) panel.querySelector(".pk-for")?.after(box);
}

// -- placed whenever Gradio has written

function place() {
  tell();
  keep(turns());
  offer();
  if (!window.plankgConfig.api) return;
  for (const turn of turns()) {
    if (!turn.dataset.about || turn.querySelector(".pk-verdicts")) continue;
    verdicts(turn, keptOf(turn));
  }
  const last = turns().at(-1);
  if (last?.dataset.about) next(last, keptOf(last));
  evidence();
}

let waiting = false;
new MutationObserver(() => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    place();
  });
}).observe(document.documentElement, { childList: true, subtree: true });
