// The graph: search, expand, hide, pin, filters, paths with their quotes, files; the same as tables for keyboard
// and screen reader.
import { get, post, save, saveExport } from "../api.js";
import { cardElement, placeElement } from "../card.js";
import { thingBox } from "../combo.js";
import { fill, h } from "../dom.js";
import { Drawing } from "../drawing.js";
import { Table } from "../table.js";
import { format, labelName, relationName, words } from "../words.js";

const text = words("graph");
const MOST_NODES = 300;
const asThing = ({ id, label, name }) => ({ id, label, name });

export async function mount(root, context) {
  const tab = new GraphTab(root, context);
  return { show: (parameters) => tab.show(parameters) };
}

class GraphTab {
  constructor(root, context) {
    this.context = context;
    this.nodes = new Map();
    this.edges = new Map();
    this.hidden = new Set();
    this.noLabels = new Set();
    this.noTypes = new Set();
    this.asTable = false;
    this.build(root);
  }

  build(root) {
    const tool = (title, run) => h("button", { type: "button", class: "pk-tool", onclick: run }, title);
    const open = (thing) => this.context.go({ tab: "graph", node: thing.id });
    this.search = thingBox({ label: text.SEARCH, suggestions: text.SUGGESTIONS, choose: open });
    this.from = thingBox({ label: text.FROM, suggestions: text.SUGGESTIONS });
    this.to = thingBox({ label: text.TO, suggestions: text.SUGGESTIONS });
    this.status = h("p", { class: "pk-count", role: "status" });
    this.unhide = tool("", () => { this.hidden.clear(); this.draw(); });
    this.unhideLast = tool("", () => { this.hidden.delete([...this.hidden].at(-1)); this.draw(); });
    this.switch = h("button", { type: "button", class: "pk-tool", "aria-pressed": "false", onclick: () => this.toggleTable() }, text.AS_TABLE);
    this.legend = h("fieldset", { class: "pk-legend" });
    this.relations = h("details", { class: "pk-relation-filter" });
    this.canvas = h("div", { class: "pk-canvas", role: "img" });
    this.tables = h("div", { class: "pk-graph-tables", hidden: true });
    this.detail = h("aside", { class: "pk-detail", "aria-label": text.DETAIL, tabIndex: -1 }, h("p", { class: "pk-hint" }, text.DETAIL_HINT));
    const file = (type, title) => tool(title, () => this.export(type));
    fill(root, h("div", { class: "pk-graph" },
      h("div", { class: "pk-lists-bar" }, this.search,
        h("div", { class: "pk-path-form" }, this.from, h("span", { "aria-hidden": "true" }, "→"), this.to, tool(text.FIND_PATH, () => this.askPath())),
        tool(text.FIT, () => this.drawing?.fit()), tool(text.RESET, () => this.reset()), this.unhideLast, this.unhide, this.switch,
        h("div", { class: "pk-files" }, tool(text.PNG, () => this.picture()), file("csv", text.EXPORT_CSV), file("xlsx", text.EXPORT_XLSX), file("graphml", text.GRAPHML)),
        this.legend, this.relations, this.status),
      h("div", { class: "pk-graph-main" }, this.canvas, this.tables), this.detail));
    this.nodeTable = new Table({ label: text.NODES, rowId: ({ id }) => id, open: ({ id }) => this.context.go({ tab: "graph", node: id }), columns: [
      { key: "name", title: text.NAME, sort: (n) => n.name, cell: (n) => n.name },
      { key: "type", title: text.TYPE, sort: (n) => labelName(n.label), cell: (n) => labelName(n.label) },
      { key: "links", title: text.LINKS, number: true, sort: (n) => n.links, cell: (n) => String(n.links) },
    ] });
    const name = (id) => this.nodes.get(id)?.name ?? id;
    this.edgeTable = new Table({ label: text.EDGES, rowId: ({ id }) => id, open: null, columns: [
      { key: "from", title: text.SOURCE, sort: (e) => name(e.source), cell: (e) => name(e.source) },
      { key: "type", title: text.RELATION, sort: (e) => relationName(e.type), cell: (e) => relationName(e.type) },
      { key: "to", title: text.TARGET, sort: (e) => name(e.target), cell: (e) => name(e.target) },
      { key: "quote", title: text.QUOTE, cell: (e) => placeElement(e.place, this.context) ?? text.NO_QUOTE },
    ] });
    fill(this.tables, h("h3", {}, text.NODES), this.nodeTable.element, h("h3", {}, text.EDGES), this.edgeTable.element);
  }

  // -- what the address says

  async show({ node, from, to }) {
    this.drawing ??= await Drawing.open(this.canvas, {
      select: (id) => this.context.go({ tab: "graph", node: id }),
      expand: (id) => this.expand(id),
      edge: (id) => this.openEdge(this.edges.get(id)),
    });
    if (from && to) return this.showPaths(from, to);
    if (!node) return this.showStart();
    this.started = false;
    if (!this.nodes.has(node)) this.put(await post("graph/around", { id: node }), true);
    this.reveal([node]);
    this.drawing.focus(node);
    await this.openCard(node);
  }

  /** The start, and not what was drawn before: an address shows the same whenever it is opened. */
  async showStart() {
    if (this.started) return this.told();
    this.started = true;
    this.put(await get("graph/start"), true);
    fill(this.detail, h("p", { class: "pk-hint" }, text.DETAIL_HINT));
  }

  /** Undo whatever keeps these things, and these types of relations, from being seen. */
  reveal(ids, types = []) {
    for (const id of ids) {
      this.hidden.delete(id);
      this.noLabels.delete(this.nodes.get(id)?.label);
    }
    for (const type of types) this.noTypes.delete(type);
    this.draw();
  }

  async reset() {
    this.hidden.clear();
    this.noLabels.clear();
    this.noTypes.clear();
    this.started = false;
    this.context.go({ tab: "graph" });
    await this.showStart();
  }

  // -- what is shown

  put({ nodes, edges }, anew = false) {
    if (anew) {
      this.nodes.clear();
      this.edges.clear();
    }
    for (const node of nodes) this.nodes.set(node.id, node);
    for (const edge of edges) this.edges.set(edge.id, edge);
    this.draw();
    if (anew) this.drawing.fit();
  }

  get shownNodes() {
    return [...this.nodes.values()].filter(({ id, label }) => !this.hidden.has(id) && !this.noLabels.has(label));
  }

  get shownEdges() {
    const ids = new Set(this.shownNodes.map(({ id }) => id));
    return [...this.edges.values()].filter(({ source, target, type }) => ids.has(source) && ids.has(target) && !this.noTypes.has(type));
  }

  draw() {
    const [nodes, edges] = [this.shownNodes, this.shownEdges];
    this.drawing?.show(nodes, edges);
    this.canvas.setAttribute("aria-label", format(text.DRAWING, { nodes: nodes.length, edges: edges.length }));
    this.unhide.hidden = !this.hidden.size;
    this.unhide.textContent = format(text.UNHIDE, { count: this.hidden.size });
    this.unhideLast.hidden = !this.hidden.size;
    this.unhideLast.textContent = format(text.UNHIDE_LAST, { name: this.nodes.get([...this.hidden].at(-1))?.name ?? "" });
    this.drawFilters();
    if (this.asTable) this.drawTables();
    this.told();
  }

  told(words_) {
    this.status.textContent = words_ ?? format(text.SHOWN, { nodes: this.shownNodes.length, edges: this.shownEdges.length });
  }

  drawFilters() {
    const counted = (items, key) => items.reduce((all, item) => all.set(item[key], (all.get(item[key]) ?? 0) + 1), new Map());
    const check = (value, name, count, off) => h("label", { data: { label: value } }, h("input", {
      type: "checkbox", checked: !off.has(value), onchange: (event) => {
        if (event.target.checked) off.delete(value);
        else off.add(value);
        this.draw();
      },
    }), h("span", { class: "pk-dot" }), `${name} ${count}`);
    const kept = document.activeElement?.closest?.("[data-label]")?.dataset.label;
    fill(this.legend, h("legend", {}, text.LEGEND), [...counted([...this.nodes.values()], "label")].map(([label, count]) => check(label, labelName(label), count, this.noLabels)));
    const wasOpen = this.relations.open;
    fill(this.relations, h("summary", {}, text.RELATIONS), h("div", {}, [...counted([...this.edges.values()], "type")].map(([type, count]) => check(type, relationName(type), count, this.noTypes))));
    this.relations.open = wasOpen;
    if (kept) [...this.legend.querySelectorAll("label"), ...this.relations.querySelectorAll("label")].find((label) => label.dataset.label === kept)?.querySelector("input").focus();
  }

  toggleTable() {
    this.asTable = !this.asTable;
    this.switch.setAttribute("aria-pressed", String(this.asTable));
    this.canvas.hidden = this.asTable;
    this.tables.hidden = !this.asTable;
    if (this.asTable) this.drawTables();
    else this.drawing?.shown(this.chosen);
    this.switch.textContent = this.asTable ? text.AS_GRAPH : text.AS_TABLE;
  }

  drawTables() {
    this.nodeTable.show(this.shownNodes);
    this.edgeTable.show(this.shownEdges);
  }

  // -- things

  async openCard(id) {
    const node = this.nodes.get(id);
    this.chosen = id;
    const card = await get(`entities/${encodeURI(id)}`);
    const button = (title, run) => h("button", { type: "button", class: "pk-tool", onclick: run }, title);
    const pin = button(this.drawing.pinned(id) ? text.UNPIN : text.PIN, () => { pin.textContent = this.drawing.pin(id) ? text.UNPIN : text.PIN; });
    fill(this.detail, h("div", { class: "pk-tools pk-node-tools" }, button(text.EXPAND, () => this.expand(id)), button(text.HIDE, () => this.hide(node)), pin,
      button(text.SET_FROM, () => this.from.set(asThing(node))), button(text.SET_TO, () => this.to.set(asThing(node)))),
    cardElement(card, { ...this.context, inGraph: true }));
    this.detail.scrollTop = 0;
  }

  async expand(id) {
    for (const hidden of [...this.hidden]) if (this.nodes.size >= MOST_NODES) this.forget(hidden);
    const room = MOST_NODES - this.nodes.size;
    if (room < 1) return this.told(format(text.FULL, { count: MOST_NODES }));
    const before = this.nodes.size;
    let part;
    try {
      part = await post("graph/around", { id, shown: [...this.nodes.keys()], limit: Math.min(40, room) });
    } catch (error) {
      return this.told(error.message);
    }
    this.reveal([id]);
    this.drawing.near(id);
    this.put(part);
    this.told(format(text.EXPANDED, { name: this.nodes.get(id).name, count: this.nodes.size - before, left: part.left_out }));
  }

  /** What is hidden makes room for what is not. */
  forget(id) {
    this.hidden.delete(id);
    this.nodes.delete(id);
    for (const { id: edge, source, target } of [...this.edges.values()]) if (source === id || target === id) this.edges.delete(edge);
  }

  hide(node) {
    this.hidden.add(node.id);
    this.draw();
    fill(this.detail, h("p", { class: "pk-hint" }, text.DETAIL_HINT));
    this.told(format(text.HIDDEN, { name: node.name }));
  }

  openEdge(edge) {
    if (!edge) return;
    fill(this.detail, this.edgeElement(edge));
  }

  edgeElement(edge) {
    const [source, target] = [edge.source, edge.target].map((id) => this.nodes.get(id));
    const open = ({ id, name }) => h("button", { type: "button", class: "pk-thing-link", onclick: () => this.context.go({ tab: "graph", node: id }) }, name);
    return h("article", { class: "pk-thing pk-edge" }, h("h3", {}, open(source), ` —${relationName(edge.type)}→ `, open(target)),
      placeElement(edge.place, this.context) ?? h("p", { class: "pk-hint" }, text.NO_QUOTE),
      edge.other_place && h("div", { class: "pk-second" }, text.SECOND, placeElement(edge.other_place, this.context)));
  }

  // -- paths

  askPath() {
    if (!this.from.thing || !this.to.thing) return this.told(text.CHOOSE_BOTH);
    this.context.go({ tab: "graph", from: this.from.thing.id, to: this.to.thing.id });
  }

  async showPaths(from, to) {
    const found = await get("graph/paths", { source: from, target: to });
    this.from.set(found.source);
    this.to.set(found.target);
    this.started = false;
    if (found.paths.length) {
      this.put(found.graph, true);
      this.reveal(found.graph.nodes.map(({ id }) => id), found.graph.edges.map(({ type }) => type));
    }
    fill(this.detail, this.pathsElement(found));
    this.told(found.paths.length ? undefined : text.NO_PATH);
    this.detail.focus({ preventScroll: true });
  }

  pathsElement({ source, target, paths, structural, more }) {
    const step = (hop) => {
      const [edge] = hop.edges;
      const arrow = hop.forward ? `—${relationName(edge.type)}→` : `←${relationName(edge.type)}—`;
      return h("li", {}, format(text.STEP, { from: hop.source.name, arrow, to: hop.target.name }), placeElement(edge.place, this.context) ?? h("p", { class: "pk-hint" }, text.NO_QUOTE));
    };
    return h("article", { class: "pk-thing pk-paths" }, h("h3", {}, format(text.PATHS, { from: source.name, to: target.name })),
      !paths.length && h("p", { class: "pk-hint" }, text.NO_PATH), structural && h("p", { class: "pk-hint" }, text.STRUCTURAL),
      paths.map((hops, at) => h("section", {}, h("h4", {}, format(text.PATH, { number: at + 1, steps: hops.length })), h("ol", {}, hops.map(step)))),
      more && h("p", { class: "pk-hint" }, text.MORE_PATHS));
  }

  // -- files

  async export(type) {
    const types = [...new Set(this.shownEdges.map((edge) => edge.type))];
    try {
      await saveExport("graph/export", { format: type, ids: this.shownNodes.map(({ id }) => id), types });
    } catch (error) {
      this.told(error.message);
    }
  }

  async picture() {
    const blob = await this.drawing.picture(this.shownNodes);
    save(blob, `${text.TAB}-${new Date().toISOString().slice(0, 10)}.png`);
  }
}
