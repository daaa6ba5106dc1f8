// A sortable table: by pointer and keys; on a phone its rows read as cards. Long ones are drawn in parts.
import { fill, h } from "./dom.js";
import { format, words } from "./words.js";

const text = words("projects");
const AT_ONCE = 200;
const collator = new Intl.Collator("zh-CN", { numeric: true });

/**
 * `columns`: `{key, title, sort(row), cell(row), number?}`; `open(row)` is called for a row that was chosen.
 * The table is `element`; `show(rows)` draws rows, `sorted` is them in the order that is shown.
 */
export class Table {
  constructor({ label, columns, open, rowId }) {
    Object.assign(this, { columns, open, rowId, rows: [], key: null, down: false, opened: null });
    this.head = h("tr", {}, columns.map((column) => this.headCell(column)));
    this.body = h("tbody", {});
    this.more = h("button", { type: "button", class: "pk-tool", hidden: true, onclick: () => this.draw(Infinity) });
    this.element = h("div", { class: "pk-table", tabIndex: 0, role: "region", "aria-label": label },
      h("table", { "aria-label": label }, h("thead", {}, this.head), this.body), this.more);
  }

  headCell({ key, title, sort }) {
    if (!sort) return h("th", { scope: "col" }, title);
    return h("th", { scope: "col", "aria-sort": "none", data: { key } },
      h("button", { type: "button", title: format(text.SORT_BY, { column: title }), onclick: () => this.sortBy(key) }, title));
  }

  /** Sort by a column; again: the other way round; a third time: as the plan has it. */
  sortBy(key) {
    if (this.key !== key) [this.key, this.down] = [key, false];
    else if (!this.down) this.down = true;
    else this.key = null;
    for (const cell of this.head.children) {
      if (cell.dataset.key) cell.setAttribute("aria-sort", cell.dataset.key !== this.key ? "none" : this.down ? "descending" : "ascending");
    }
    this.draw();
  }

  show(rows) {
    this.rows = rows;
    this.draw();
  }

  get sorted() {
    const column = this.columns.find(({ key }) => key === this.key);
    if (!column) return this.rows;
    const direction = this.down ? -1 : 1;
    const empty = (value) => value === null || value === undefined || value === "";
    return this.rows.map((row) => [column.sort(row), row]).sort(([a], [b]) => {
      if (empty(a) || empty(b)) return empty(a) - empty(b); // what is not stated comes last, either way
      return direction * (typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b));
    }).map(([, row]) => row);
  }

  draw(limit = AT_ONCE) {
    const rows = this.sorted;
    fill(this.body, rows.slice(0, limit).map((row) => this.rowElement(row)));
    this.more.hidden = rows.length <= limit;
    this.more.textContent = format(text.MORE, { count: rows.length - limit });
  }

  rowElement(row) {
    const id = this.rowId(row);
    const cells = this.columns.map((column, at) => {
      const content = column.cell(row);
      const inner = at === 0 && this.open ? h("button", { type: "button", class: "pk-row-open" }, content) : content;
      return h(at === 0 ? "th" : "td", { scope: at === 0 ? "row" : null, class: column.number ? "pk-figure-cell" : null, data: { title: column.title } }, inner);
    });
    return h("tr", { data: { id }, "aria-current": id === this.opened ? "true" : null, class: this.open ? "pk-openable" : null, onclick: () => this.open?.(row) }, cells);
  }

  /** Show which row is open. */
  mark(id) {
    this.opened = id;
    for (const row of this.body.children) row.toggleAttribute("aria-current", row.dataset.id === id);
  }
}
