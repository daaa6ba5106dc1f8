// Indicators by group: where they stand, where they are to stand, what that takes a year, what the text says.
import { get, saveExport } from "../api.js";
import { placeElement } from "../card.js";
import { debounce, fill, h } from "../dom.js";
import { format, words } from "../words.js";

const text = words("indicators");
const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, BAR, GAP] = [220, 14, 6];

export async function mount(root, context) {
  const rows = await get("indicators");
  const tab = new Indicators(root, context, rows);
  return { show: (parameters) => tab.show(parameters) };
}

class Indicators {
  constructor(root, context, rows) {
    this.context = context;
    this.rows = rows;
    this.several = new Set(rows.map(({ plan }) => plan)).size > 1;
    this.search = h("input", { type: "search", placeholder: text.SEARCH, "aria-label": text.SEARCH, oninput: debounce(() => this.go({ q: this.search.value }, { replace: true }), 200) });
    this.selects = Object.fromEntries([["group", text.GROUP], ["attribute", text.ATTRIBUTE], ...(this.several ? [["plan", text.PLAN]] : [])].map(([name, title]) => {
      const values = [...new Set(rows.map((row) => row[name]).filter(Boolean))];
      return [name, h("select", { "aria-label": title, onchange: (event) => this.go({ [name]: event.target.value }) },
        h("option", { value: "" }, `${title}：${text.ALL}`), values.map((value) => h("option", { value }, value)))];
    }));
    this.count = h("p", { class: "pk-count", role: "status" });
    this.list = h("div", { class: "pk-indicator-groups" });
    const file = (type, title) => h("button", { type: "button", class: "pk-tool", onclick: () => this.export(type) }, title);
    fill(root, h("div", { class: "pk-indicators" },
      h("div", { class: "pk-lists-bar" }, this.search, Object.values(this.selects), this.count,
        h("div", { class: "pk-files" }, file("csv", text.EXPORT_CSV), file("xlsx", text.EXPORT_XLSX), file("docx", text.EXPORT_DOCX))), this.list));
  }

  async export(type) {
    try {
      await saveExport("indicators/export", { format: type, ids: this.shown.map(({ thing }) => thing.id) });
    } catch (error) {
      this.count.textContent = error.message;
    }
  }

  go = (changes, options) => this.context.go({ ...this.parameters, ...changes }, options);

  show(parameters) {
    this.parameters = { ...parameters, tab: "indicators" };
    for (const [name, select] of Object.entries(this.selects)) select.value = parameters[name] ?? "";
    if (document.activeElement !== this.search) this.search.value = parameters.q ?? "";
    const wanted = (parameters.q ?? "").trim().toLowerCase();
    this.shown = this.rows.filter((row) => row.thing.name.toLowerCase().includes(wanted) && Object.keys(this.selects).every((name) => !parameters[name] || row[name] === parameters[name]));
    this.count.textContent = format(text.COUNT, { shown: this.shown.length, all: this.rows.length });
    const groups = new Map();
    for (const row of this.shown) {
      const key = `${row.plan}\n${row.group}`;
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
    const title = (row) => (this.several ? `${row.group}（${row.plan}）` : row.group || text.TAB);
    fill(this.list, groups.size ? [...groups.values()].map((group) => h("section", { "aria-label": title(group[0]) },
      h("h2", {}, title(group[0])), h("div", { class: "pk-indicator-cards" }, group.map((row) => this.card(row))))) : h("p", { class: "pk-hint" }, text.NOTHING));
  }

  card(row) {
    return h("article", { class: "pk-indicator", data: { id: row.thing.id } },
      h("header", {}, h("h3", {}, h("button", { type: "button", class: "pk-thing-link", title: format(text.OPEN, { name: row.thing.name }), onclick: () => this.context.go({ tab: "graph", node: row.thing.id }) }, `${row.number ?? ""} ${row.thing.name}`.trim())),
        row.attribute && h("span", { class: "pk-label", data: { attribute: row.attribute } }, row.attribute)),
      chart(row), needed(row), row.growth_printed && h("p", { class: "pk-printed" }, `${text.GROWTH_PRINTED}：${row.growth_printed}`),
      placeElement(row.place, this.context),
      this.statements(row), this.disputes(row));
  }

  statements({ statements }) {
    if (!statements.length) return null;
    const tense = (said) => (said.tense === "achieved" ? text.ACHIEVED : text.GOAL);
    return h("details", {}, h("summary", {}, `${text.STATEMENTS}（${statements.length}）`), h("ul", {}, statements.map((said) => h("li", {},
      h("span", { class: "pk-label" }, tense(said)), ` ${said.year ?? ""} ${said.value}`, placeElement(said.place, this.context)))));
  }

  disputes({ disputes }) {
    if (!disputes.length) return null;
    return h("div", { class: "pk-conflict" }, h("strong", {}, text.DISPUTES), disputes.map(({ first, second }) => [placeElement(first, this.context), placeElement(second, this.context)]));
  }
}

function needed({ needed: growth, target_comparator: comparator }) {
  if (!growth) return h("p", { class: "pk-needed pk-hint" }, text.NO_NEEDED);
  const least = ["≥", ">", "＞"].includes(comparator) ? text.AT_LEAST : "";
  const value = (Math.round(growth.value * 100) / 100).toString();
  return h("p", { class: "pk-needed" }, `${text.NEEDED}：${least}${format(growth.points ? text.POINTS : text.PERCENT, { value })}`, h("code", {}, growth.expression));
}

/** Two bars on the indicator's own scale; what is no plain number is written only. */
function chart(row) {
  const values = [[row.base_year, row.base, row.base_number], [row.target_year, row.target, row.target_number]];
  const largest = Math.max(...values.map(([, , number]) => Math.abs(number ?? 0)), 0);
  const label = format(text.CHART, { name: row.thing.name, base_year: row.base_year ?? "", base: `${row.base}${row.unit}`, target_year: row.target_year ?? "", target: `${row.target}${row.unit}` });
  const height = 2 * BAR + GAP;
  const bars = values.map(([, , number], at) => number !== null && largest > 0 && svg("rect", { x: 0, y: at * (BAR + GAP), width: Math.max(2, (Math.abs(number) / largest) * WIDTH), height: BAR, rx: 2, class: at ? "pk-bar-target" : "pk-bar-base" }));
  return h("figure", { class: "pk-chart", role: "img", "aria-label": label },
    h("div", { class: "pk-chart-words", "aria-hidden": "true" }, values.map(([year, value]) => h("div", {}, h("span", {}, year ? `${year}` : "–"), h("b", {}, value || "–"), h("span", {}, value ? row.unit : "")))),
    svg("svg", { viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH, height, preserveAspectRatio: "none", "aria-hidden": "true" }, bars));
}

function svg(tag, attributes, children = []) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.filter(Boolean));
  return node;
}
