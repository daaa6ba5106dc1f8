// Projects and firms: filters, tables, a card with every fact, what is related and why, files.
import { get, saveExport } from "../api.js";
import { cardElement, placeElement } from "../card.js";
import { debounce, fill, h } from "../dom.js";
import { Table } from "../table.js";
import { format, labelName, relationName, words } from "../words.js";

const text = words("projects");
const names = (things) => things.map(({ name }) => name);
const joined = (things) => names(things).join("、");

/** What differs between the two lists. `filters`: what of a row is chosen from, by the parameter's name. */
const LISTS = {
  projects: {
    path: "projects",
    title: text.PROJECTS,
    filters: {
      plan: [text.PLAN, (row) => [row.plan]],
      industry: [text.INDUSTRIES, (row) => names(row.industries)],
      town: [text.TOWNS, (row) => names(row.towns)],
      owner: [text.OWNERS, (row) => names(row.owners)],
      box: [text.BOX, (row) => [row.box]],
      status: [text.STATUS, (row) => (row.status ? [row.status] : [])],
    },
    columns: [
      { key: "name", title: text.PROJECT, sort: (row) => row.thing.name, cell: (row) => row.thing.name },
      { key: "box", title: text.BOX, sort: (row) => row.box, cell: (row) => row.box.split(/\s/)[0] + (row.number ? ` · ${row.number}` : "") },
      { key: "owner", title: text.OWNERS, sort: (row) => joined(row.owners), cell: (row) => joined(row.owners) },
      { key: "industry", title: text.INDUSTRIES, sort: (row) => row.industries[0]?.name, cell: (row) => row.industries[0]?.name ?? "" },
      { key: "place", title: text.PLACES, sort: (row) => joined(row.places), cell: (row) => joined(row.places) },
      { key: "status", title: text.STATUS, sort: (row) => row.status, cell: (row) => row.status },
      { key: "amount", title: text.AMOUNT, number: true, sort: (row) => row.investment_yi_yuan, cell: (row) => row.investment_yi_yuan ?? "" },
    ],
  },
  enterprises: {
    path: "enterprises",
    title: text.ENTERPRISES,
    filters: {
      plan: [text.PLAN, (row) => [row.plan]],
      industry: [text.INDUSTRIES, (row) => names(row.industries)],
      town: [text.TOWNS, (row) => names(row.towns)],
    },
    columns: [
      { key: "name", title: text.ENTERPRISE, sort: (row) => row.thing.name, cell: (row) => row.thing.name },
      { key: "industry", title: text.INDUSTRIES, sort: (row) => row.industries[0]?.name, cell: (row) => row.industries[0]?.name ?? "" },
      { key: "place", title: text.PLACES, sort: (row) => joined(row.places), cell: (row) => joined(row.places) },
      { key: "projects", title: text.PROJECT_COUNT, number: true, sort: (row) => row.projects.length, cell: (row) => String(row.projects.length) },
      { key: "amount", title: text.AMOUNT, number: true, sort: (row) => row.investment_yi_yuan, cell: (row) => row.investment_yi_yuan ?? "" },
      { key: "products", title: text.PRODUCTS, sort: (row) => joined(row.products), cell: (row) => joined(row.products) },
      { key: "partners", title: text.PARTNERS, sort: (row) => joined(row.partners), cell: (row) => joined(row.partners) },
    ],
  },
};

export async function mount(root, context) {
  const [projects, enterprises] = await Promise.all([get("projects"), get("enterprises")]);
  const tab = new Lists(root, context, { projects, enterprises });
  return { show: (parameters) => tab.show(parameters) };
}

class Lists {
  constructor(root, context, rows) {
    this.context = context;
    this.rows = rows;
    this.controls = h("div", { class: "pk-filters" });
    this.chips = h("div", { class: "pk-chips" });
    this.count = h("p", { class: "pk-count", role: "status" });
    this.holder = h("div", { class: "pk-list" });
    this.detail = h("aside", { class: "pk-detail", "aria-label": text.DETAIL, tabIndex: -1 });
    fill(root, h("div", { class: "pk-lists" }, h("div", { class: "pk-lists-bar" }, this.controls, this.chips, this.count, this.files()), this.holder, this.detail));
  }

  files() {
    const button = (format_, title) => h("button", { type: "button", class: "pk-tool", onclick: (event) => this.export(format_, event.currentTarget) }, title);
    return h("div", { class: "pk-files" }, button("csv", text.EXPORT_CSV), button("xlsx", text.EXPORT_XLSX), button("docx", text.EXPORT_DOCX));
  }

  async export(format_, button) {
    button.disabled = true;
    try {
      await saveExport(`${this.list.path}/export`, { format: format_, ids: this.table.sorted.map(({ thing }) => thing.id) });
    } catch (error) {
      this.count.textContent = error.message;
    } finally {
      button.disabled = false;
    }
  }

  // -- what the address says

  show(parameters) {
    const kind = parameters.kind in LISTS ? parameters.kind : "projects";
    if (kind !== this.kind) this.change(kind);
    this.parameters = { ...parameters, tab: "projects" };
    this.all = this.rows[kind];
    for (const [name, control] of Object.entries(this.inputs)) {
      if (control.type === "checkbox") control.checked = parameters[name] === "1";
      else if (document.activeElement !== control) control.value = parameters[name] ?? "";
    }
    this.filter();
    this.openDetail(parameters.open);
  }

  go(changes, options) {
    this.context.go({ ...this.parameters, ...changes }, options);
  }

  change(kind) {
    this.kind = kind;
    this.list = LISTS[kind];
    this.table = new Table({ label: this.list.title, columns: this.list.columns, rowId: ({ thing }) => thing.id, open: ({ thing }) => this.go({ open: thing.id }) });
    fill(this.holder, this.table.element);
    this.inputs = {};
    const switches = Object.entries(LISTS).map(([id, { title }]) => h("button", {
      type: "button", class: "pk-switch", "aria-pressed": String(id === kind), onclick: () => this.context.go({ tab: "projects", kind: id }),
    }, `${title} ${this.rows[id].length}`));
    this.inputs.q = h("input", { type: "search", placeholder: text.SEARCH, "aria-label": text.SEARCH, oninput: debounce(() => this.go({ q: this.inputs.q.value, open: null }, { replace: true }), 200) });
    const several = new Set(this.rows[kind].map(({ plan }) => plan)).size > 1;
    const selects = Object.entries(this.list.filters).filter(([name]) => name !== "plan" || several).map(([name, [title]]) => {
      this.inputs[name] = h("select", { "aria-label": title, onchange: (event) => this.go({ [name]: event.target.value, open: null }) });
      return h("label", {}, h("span", {}, title), this.inputs[name]);
    });
    this.inputs.amount = h("input", { type: "checkbox", onchange: (event) => this.go({ amount: event.target.checked ? "1" : null, open: null }) });
    const amount = h("label", { class: "pk-check" }, this.inputs.amount, h("span", {}, text.WITH_AMOUNT));
    fill(this.controls, h("div", { class: "pk-switches", role: "group", "aria-label": text.KIND }, switches), this.inputs.q, selects, amount);
  }

  // -- filtering

  filter() {
    const passing = (but) => this.all.filter((row) => this.passes(row, but));
    const shown = passing();
    for (const name of Object.keys(this.list.filters)) if (this.inputs[name]) this.offer(name, passing(name));
    this.table.show(shown);
    this.count.textContent = format(text.COUNT, { shown: shown.length, all: this.all.length });
    this.drawChips();
  }

  passes(row, but) {
    const { q, amount } = this.parameters;
    if (q && !searched(row).includes(q.trim().toLowerCase())) return false;
    if (amount === "1" && row.investment_yi_yuan === null) return false;
    return Object.entries(this.list.filters).every(([name, [, values]]) => {
      const wanted = this.parameters[name];
      if (!wanted || name === but) return true;
      const own = values(row);
      return wanted === NONE ? own.length === 0 : own.includes(wanted);
    });
  }

  /** The values of a filter with how many rows each would leave. */
  offer(name, rows) {
    const counts = new Map();
    let none = 0;
    for (const row of rows) {
      const own = new Set(this.list.filters[name][1](row));
      if (!own.size) none += 1;
      for (const value of own) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    const wanted = this.parameters[name];
    if (wanted && wanted !== NONE && !counts.has(wanted)) counts.set(wanted, 0);
    const options = [...counts].sort(([a, n], [b, m]) => (name === "box" ? 0 : m - n || a.localeCompare(b, "zh-CN")));
    fill(this.inputs[name], h("option", { value: "" }, text.ALL),
      options.map(([value, count]) => h("option", { value }, `${value}（${count}）`)),
      none > 0 && h("option", { value: NONE }, `${text.NOT_STATED}（${none}）`));
    this.inputs[name].value = wanted ?? "";
  }

  drawChips() {
    const active = Object.keys(this.inputs).filter((name) => this.parameters[name]);
    const title = (name) => (name === "amount" ? text.WITH_AMOUNT : this.parameters[name] === NONE ? `${this.list.filters[name][0]}：${text.NOT_STATED}` : this.parameters[name]);
    const chip = (name) => h("button", { type: "button", class: "pk-chip", "aria-label": format(text.REMOVE_FILTER, { name: title(name) }), onclick: () => this.go({ [name]: null }) }, title(name), h("span", { "aria-hidden": "true" }, " ×"));
    const clear = () => this.context.go({ tab: "projects", kind: this.kind });
    fill(this.chips, active.map(chip), active.length > 0 && h("button", { type: "button", class: "pk-tool", onclick: clear }, text.CLEAR));
  }

  // -- the card

  async openDetail(id) {
    this.table.mark(id ?? null);
    this.detail.classList.toggle("pk-open", Boolean(id));
    if (!id) return void fill(this.detail, h("p", { class: "pk-hint" }, text.DETAIL_HINT));
    try {
      const [card, related] = await Promise.all([get(`entities/${encodeURI(id)}`), get(`related/${encodeURI(id)}`)]);
      if (this.parameters.open !== id) return; // another was opened meanwhile
      const context = { ...this.context, openThing: (other) => this.openThing(other) };
      const back = h("button", { type: "button", class: "pk-tool pk-back", onclick: () => this.go({ open: null }) }, text.BACK_TO_LIST);
      fill(this.detail, back, cardElement(card, context), this.relatedElement(related, context));
      this.detail.scrollTop = 0;
      this.detail.focus({ preventScroll: matchMedia("(min-width: 900px)").matches });
    } catch (error) {
      fill(this.detail, h("p", { class: "pk-error", role: "alert" }, error.message));
    }
  }

  openThing(id) {
    const kind = Object.keys(LISTS).find((name) => this.rows[name].some(({ thing }) => thing.id === id));
    if (kind) this.context.go({ tab: "projects", kind, open: id });
    else this.context.go({ tab: "graph", node: id });
  }

  relatedElement(related, context) {
    const reason = ({ type, via, place }) => h("li", {}, format(via ? text.REASON_SHARED : text.REASON_DIRECT, { type: relationName(type), via: via?.name }), placeElement(place, context));
    const item = ({ thing, reasons }) => h("li", {}, h("button", { type: "button", class: "pk-thing-link", onclick: () => context.openThing(thing.id) }, thing.name),
      h("span", { class: "pk-label" }, labelName(thing.label)), h("ul", { class: "pk-reasons" }, reasons.map(reason)));
    return h("section", { class: "pk-thing pk-related" }, h("h4", {}, text.RELATED),
      related.length ? h("ul", {}, related.map(item)) : h("p", { class: "pk-hint" }, text.RELATED_NONE));
  }
}

const NONE = "-";

/** All that is searched in a row. */
function searched(row) {
  const things = [row.thing, ...row.industries, ...row.places, ...row.towns, ...row.products, ...(row.owners ?? row.projects)];
  return [...names(things), ...(row.aliases ?? []), row.box ?? "", row.status ?? "", row.capacity ?? ""].join(" ").toLowerCase();
}
