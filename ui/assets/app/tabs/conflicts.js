// Statements that disagree, side by side, with what differs marked.
import { get, saveExport } from "../api.js";
import { fill, h } from "../dom.js";
import { format, words } from "../words.js";

const text = words("conflicts");
const level = (confidence) => (confidence >= 0.85 ? text.HIGH : confidence >= 0.65 ? text.MEDIUM : text.LOW);

export async function mount(root, context) {
  const found = await get("conflicts");
  const titles = new Map(found.map(({ conflict }) => [conflict.kind, conflict.title]));
  const several = new Set(found.map(({ conflict }) => conflict.statements[0].source)).size > 1;
  let shown = found;
  let kind = "";

  const option = (value, title) => h("option", { value }, title);
  const amount = (value) => found.filter(({ conflict }) => conflict.kind === value).length;
  const select = h("select", { "aria-label": text.KIND, onchange: () => context.go({ tab: "conflicts", kind: select.value }) },
    option("", text.ALL), [...titles].map(([value, title]) => option(value, `${title}（${amount(value)}）`)));
  const count = h("p", { class: "pk-count", role: "status" });
  const list = h("ol", { class: "pk-conflicts" });
  const file = (type, title) => h("button", { type: "button", class: "pk-tool", onclick: async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    try {
      await saveExport("conflicts/export", { format: type, ids: kind ? [kind] : null });
    } catch (error) {
      count.textContent = error.message;
    }
    button.disabled = false;
  } }, title);
  const files = h("div", { class: "pk-files" }, file("docx", text.EXPORT_DOCX), file("csv", text.EXPORT_CSV), file("xlsx", text.EXPORT_XLSX));
  fill(root, h("div", { class: "pk-checked" }, h("p", { class: "pk-hint" }, text.INTRO), h("div", { class: "pk-lists-bar" }, select, count, files), list));

  return {
    show(parameters) {
      kind = titles.has(parameters.kind) ? parameters.kind : "";
      select.value = kind;
      shown = found.filter(({ conflict }) => !kind || conflict.kind === kind);
      count.textContent = format(text.COUNT, { shown: shown.length, all: found.length });
      fill(list, shown.length ? shown.map((item) => conflictElement(item, several, context)) : h("li", {}, text.NOTHING));
    },
  };
}

function conflictElement({ conflict, differences }, several, context) {
  const confidence = format(text.CONFIDENCE_OF, { level: level(conflict.confidence), value: conflict.confidence });
  const statement = (mark, at) => {
    const said = conflict.statements[at];
    const where = several ? `${said.source} ${said.locator}` : said.locator;
    return h("div", { class: "pk-statement" }, h("span", { class: "pk-who" }, mark),
      h("blockquote", {}, marked(said.quote, differences[at])),
      h("button", { type: "button", class: "pk-tool", onclick: () => context.openSource({ plan: said.source, start: said.start, end: said.end }) }, where));
  };
  return h("li", { data: { kind: conflict.kind } }, h("header", {}, h("h3", {}, conflict.title), h("span", { class: "pk-label" }, confidence)),
    h("div", { class: "pk-sides" }, statement(text.A, 0), statement(text.B, 1)));
}

/** A quote with the stretches that the other does not have in marks; offsets count characters, not units. */
function marked(quote, spans) {
  const characters = [...quote];
  const parts = [];
  let at = 0;
  for (const [start, end] of spans) {
    parts.push(characters.slice(at, start).join(""), h("mark", {}, characters.slice(start, end).join("")));
    at = end;
  }
  return [...parts, characters.slice(at).join("")];
}
