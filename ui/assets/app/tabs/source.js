// The plan's text: contents, search, names by type, links to any place, and what the graph knows of a paragraph.
import { get } from "../api.js";
import { cardElement, placeElement } from "../card.js";
import { debounce, fill, h } from "../dom.js";
import { firstBelow, markRange, stretchOf, unmark } from "../marks.js";
import { format, labelName, relationName, words } from "../words.js";

const text = words("source");
const page = words("page");
const copy = (said) => window.plankg.copy(said, { copied: page.COPIED, failed: page.COPY_FAILED });
const REMEMBERED = "plankg.highlight";
/** Hits that are marked; more would only slow the page down. */
const MOST_HITS = 2000;
/** What stands so far below the top edge is being read. */
const READING_PX = 40;
const AT = /^(.+):(\d+)-(\d+)$/;
const CELLS = { table_header: "columnheader", table_group: "rowheader" };
const PART = ".pk-block, .pk-row";
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export async function mount(root, context) {
  const plans = await get("source");
  const reader = new Reader(root, context, plans);
  return { show: (parameters) => reader.show(parameters) };
}

class Reader {
  constructor(root, context, plans) {
    this.context = context;
    this.plans = plans;
    this.plan = null;
    this.on = new Set(remembered() ?? ["Enterprise", "Town"]);
    this.hits = [];
    this.build(root);
  }

  // -- the frame

  build(root) {
    this.notice = h("p", { class: "pk-reader-notice", role: "status" });
    this.contents = h("nav", { class: "pk-contents", "aria-label": text.CONTENTS });
    this.body = h("div", { class: "pk-reader-text", tabIndex: 0, role: "document", "aria-label": text.TEXT, "aria-description": text.KEYS });
    this.known = h("aside", { class: "pk-known", "aria-label": text.KNOWN, role: "region", tabIndex: 0 }, h("h2", {}, text.KNOWN), h("p", { class: "pk-hint" }, text.KNOWN_HINT));
    this.quote = h("button", { type: "button", class: "pk-tool pk-copy-quote", hidden: true, onclick: () => this.copyQuote() }, text.COPY_QUOTE);
    const details = h("details", { class: "pk-contents-box", open: matchMedia("(min-width: 900px)").matches }, h("summary", {}, text.CONTENTS), this.contents);
    fill(root, h("div", { class: "pk-reader" }, this.bar(), this.notice, details, this.body, this.known, this.quote));
    this.body.addEventListener("click", (event) => this.click(event));
    this.body.addEventListener("keydown", (event) => this.key(event));
    this.known.addEventListener("keydown", ({ key }) => key === "Escape" && this.told?.focus());
    document.addEventListener("selectionchange", debounce(() => this.select(), 150));
    const follow = debounce(() => this.follow(), 120);
    for (const scrolled of [this.body, window]) scrolled.addEventListener("scroll", follow, { passive: true }); // the window on a phone
    this.tellSoon = debounce((part) => {
      if (!this.chosen && part !== this.told && part.isConnected) this.tell(part);
    }, 300);
    this.near = new IntersectionObserver((entries) => this.highlight(entries), { rootMargin: "600px 0px" });
  }

  bar() {
    this.select_ = h("select", { "aria-label": text.PLAN, onchange: () => this.context.go({ tab: "source", plan: this.select_.value }) },
      this.plans.map((plan) => h("option", { value: plan.id }, plan.title)));
    this.search = h("input", { type: "search", "aria-label": text.SEARCH, placeholder: text.SEARCH, oninput: debounce(() => this.find(), 250) });
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.step(event.shiftKey ? -1 : 1);
      if (event.key === "Escape") this.clearSearch();
    });
    this.count = h("span", { class: "pk-hits", role: "status" });
    this.types = h("div", { class: "pk-types", role: "group", "aria-label": text.HIGHLIGHT });
    const step = (name, by) => h("button", { type: "button", class: "pk-tool", onclick: () => this.step(by) }, name);
    return h("div", { class: "pk-reader-bar" }, this.plans.length > 1 && this.select_, this.search,
      step(text.PREVIOUS, -1), step(text.NEXT, 1), this.count, this.types);
  }

  // -- what the address says

  async show({ at, plan }) {
    const place = this.placeOf(at);
    fill(this.notice, at && !place ? format(text.BAD_PLACE, { at }) : null);
    await this.load(place?.plan ?? (this.plans.some(({ id }) => id === plan) ? plan : this.plan ?? this.plans[0].id));
    unmark(this.body, "pk-at");
    if (place) this.goTo(place);
    else this.follow();
  }

  placeOf(at) {
    const parts = AT.exec(at ?? "");
    if (!parts) return null;
    const plan = this.plans.find(({ id }) => id === parts[1]);
    const [start, end] = [Number(parts[2]), Number(parts[3])];
    return plan && start < end && end <= plan.length ? { plan: plan.id, start, end } : null;
  }

  async load(plan) {
    if (plan === this.plan) return;
    const [outline, blocks] = await Promise.all([get(`source/${encodeURIComponent(plan)}/outline`), get(`source/${encodeURIComponent(plan)}/blocks`)]);
    this.plan = plan;
    this.select_.value = plan;
    this.clearSearch();
    this.drawContents(outline);
    this.drawText(blocks);
    this.drawTypes();
  }

  // -- drawing

  drawContents(outline) {
    this.links = new Map();
    fill(this.contents, outline.filter(({ level }) => level <= 6).map((heading) => {
      const link = h("a", { href: this.address(heading.start, heading.end), class: `pk-toc pk-toc-${heading.level}`, onclick: (event) => {
        event.preventDefault();
        this.context.go({ tab: "source", at: `${this.plan}:${heading.start}-${heading.end}` });
      } }, heading.title);
      this.links.set(heading.start, link);
      return link;
    }));
  }

  drawText(blocks) {
    const content = [];
    let [table, row] = [null, null];
    for (const block of blocks) {
      if (block.row === null) {
        [table, row] = [null, null];
        content.push(this.blockElement(block));
        continue;
      }
      if (!table) content.push((table = h("div", { class: "pk-rows", role: "table", "aria-label": block.locator })));
      if (row?.dataset.row !== String(block.row)) {
        row = h("div", { class: "pk-row", role: "row", data: { row: block.row, start: block.start, locator: block.locator } });
        table.append(row);
      }
      row.append(h("span", { class: "pk-cell", role: CELLS[block.kind] ?? "cell", data: { at: block.start } }, block.text));
      row.dataset.end = block.end;
      table.style.setProperty("--pk-columns", Math.max(...[...table.children].map((each) => each.children.length)));
    }
    fill(this.body, content);
    this.parts = [...this.body.querySelectorAll(PART)];
    this.told = this.chosen = null;
    this.named = new Set();
    for (const part of this.parts) this.near.observe(part);
  }

  blockElement(block) {
    const level = { chapter: "h2", section: "h3", subheading: "h4", box_heading: "h4", table_heading: "h3", title: "h1", run_in: "h5" }[block.kind] ?? "p";
    const link = h("button", { type: "button", class: "pk-anchor", "aria-label": format(text.COPY_LINK_TO, { locator: block.locator }), title: text.COPY_LINK, tabIndex: -1, onclick: () => copy(this.link(block.start, block.end)) });
    return h("div", { class: `pk-block pk-${block.kind}`, data: { start: block.start, end: block.end, locator: block.locator } },
      h(level, { class: "pk-words", data: { at: block.start } }, block.text), link);
  }

  async drawTypes() {
    const names = await get(`source/${encodeURIComponent(this.plan)}/names`, { start: 0, end: this.plans.find(({ id }) => id === this.plan).length });
    this.names = names;
    const labels = [...new Set(names.map(({ thing }) => thing.label))];
    fill(this.types, h("span", {}, text.HIGHLIGHT), labels.map((label) => h("button", {
      type: "button", class: "pk-type", data: { label }, "aria-pressed": String(this.on.has(label)),
      onclick: (event) => this.toggle(label, event.currentTarget),
    }, labelName(label))));
    this.renewNames();
  }

  toggle(label, button) {
    if (!this.on.delete(label)) this.on.add(label);
    button.setAttribute("aria-pressed", String(this.on.has(label)));
    remember([...this.on]);
    this.renewNames();
  }

  renewNames() {
    for (const part of this.named) unmark(part, "pk-name");
    this.named.clear();
    for (const part of this.parts) {
      this.near.unobserve(part);
      this.near.observe(part); // tells again which are near
    }
  }

  highlight(entries) {
    if (!this.names) return;
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting || this.named.has(target)) continue;
      this.named.add(target);
      const [start, end] = [Number(target.dataset.start), Number(target.dataset.end)];
      for (const span of this.names) {
        if (span.start >= end) break;
        if (span.start >= start && span.end <= end && this.on.has(span.thing.label)) {
          markRange(target, span.start, span.end, () => h("span", { class: "pk-name", role: "button", tabIndex: target === this.told ? 0 : -1, title: labelName(span.thing.label), data: { thing: span.thing.id, label: span.thing.label } }));
        }
      }
    }
  }

  // -- places

  goTo({ start, end }) {
    const marks = markRange(this.body, start, end, () => h("mark", { class: "pk-at", tabIndex: -1 }));
    if (!marks.length) return;
    marks[0].focus({ preventScroll: true });
    // what lies between grows when it is first laid out, so the place is looked for again
    marks[0].scrollIntoView({ block: "center" });
    requestAnimationFrame(() => marks[0].scrollIntoView({ block: "center" }));
    const block = marks[0].closest("[data-locator]");
    if (block) this.notice.textContent = format(text.AT, { locator: block.dataset.locator });
    this.choose(marks[0].closest(PART));
  }

  /** Contents and knowledge follow what is read; a chosen paragraph stays until it is out of sight. */
  follow() {
    if (!this.body.clientHeight) return; // another tab is shown
    const [top, bottom] = [Math.max(this.body.getBoundingClientRect().top, 0), innerHeight];
    const box = this.chosen?.isConnected && this.chosen.getBoundingClientRect();
    if (box && box.bottom > top && box.top < bottom) return;
    this.chosen = null;
    const part = this.parts[firstBelow(this.parts, top + READING_PX)];
    if (!part) return;
    this.markContents(Number(part.dataset.start));
    this.tellSoon(part);
  }

  /** The heading that an offset stands under is the current one. */
  markContents(offset) {
    const link = [...this.links].findLast(([start]) => start <= offset)?.[1] ?? null;
    const before = this.contents.querySelector("[aria-current]");
    if (before === link) return;
    before?.removeAttribute("aria-current");
    link?.setAttribute("aria-current", "true");
    const box = [this.contents, this.contents.parentElement].find((each) => each.scrollHeight > each.clientHeight);
    if (!box || !link) return;
    const [frame, line] = [box.getBoundingClientRect(), link.getBoundingClientRect()];
    // not scrollIntoView, which would move the page on a phone
    if (line.top < frame.top || line.bottom > frame.bottom) box.scrollTop += line.top - frame.top - frame.height / 2;
  }

  address = (start, end) => `?${new URLSearchParams({ tab: "source", at: `${this.plan}:${start}-${end}` })}`;

  link = (start, end) => new URL(this.address(start, end), document.baseURI).href;

  select() {
    this.quote.hidden = !this.selected();
  }

  /** The selected stretch of the plan, or null. */
  selected() {
    const selection = getSelection();
    if (!selection.rangeCount || selection.isCollapsed) return null;
    return stretchOf(this.body, selection.getRangeAt(0));
  }

  copyQuote() {
    const chosen = this.selected();
    if (!chosen) return;
    const block = chosen.holder.closest("[data-locator]");
    const link = this.link(chosen.start, chosen.end);
    const { title } = this.plans.find(({ id }) => id === this.plan);
    copy(format(text.QUOTE, { quote: chosen.quote, title, locator: block?.dataset.locator ?? "", link }));
    this.quote.hidden = true;
  }

  // -- searching

  async find() {
    unmark(this.body, "pk-hit");
    this.hits = [];
    const wanted = this.search.value.trim();
    if (!wanted) return void (this.count.textContent = "");
    try {
      const found = await get(`source/${encodeURIComponent(this.plan)}/search`, { text: wanted, limit: MOST_HITS });
      if (wanted !== this.search.value.trim()) return; // typed on meanwhile
      this.total = found.count;
      this.hits = found.hits.flatMap(({ place }) => markRange(this.around(place), place.start, place.end, () => h("mark", { class: "pk-hit" })).slice(0, 1));
      this.at = -1;
      if (this.hits.length) this.step(1);
      else this.count.textContent = format(text.SEARCH_NONE, { text: wanted });
    } catch (error) {
      this.count.textContent = error.message;
    }
  }

  /** The smallest element that holds a place: looking through the whole text for each hit would take seconds. */
  around({ start, end }) {
    const part = this.parts.findLast((each) => Number(each.dataset.start) <= start);
    return part && end <= Number(part.dataset.end) ? part : this.body;
  }

  step(by) {
    if (!this.hits.length) return;
    this.hits[this.at]?.classList.remove("pk-current");
    this.at = (this.at + by + this.hits.length) % this.hits.length;
    this.hits[this.at].classList.add("pk-current");
    this.hits[this.at].scrollIntoView({ block: "center", behavior: calm() ? "auto" : "smooth" });
    const said = this.total > this.hits.length ? text.SEARCH_HITS_CUT : text.SEARCH_HITS;
    this.count.textContent = format(said, { at: this.at + 1, count: this.total, listed: this.hits.length });
  }

  clearSearch() {
    this.search.value = "";
    this.count.textContent = "";
    this.hits = [];
    unmark(this.body, "pk-hit");
  }

  // -- what the graph knows

  click(event) {
    const name = event.target.closest(".pk-name");
    if (name) return this.openName(name);
    if (!event.target.closest("button") && getSelection().isCollapsed) this.choose(event.target.closest(PART));
  }

  /** Arrows choose the paragraph before or after; Enter leads to what the graph knows of it, Escape there back. */
  key(event) {
    const name = event.target.closest(".pk-name");
    const enters = event.key === "Enter" || (name && event.key === " ");
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const part = event.target.closest(PART);
    if (event.target.closest("button") || !(enters || (by && part))) return;
    event.preventDefault();
    if (name && enters) this.openName(name).then(() => this.known.focus());
    else if (enters) this.known.focus();
    else this.choose(this.parts[this.parts.indexOf(part) + by], { focus: true });
  }

  openName(name) {
    this.chosen = name.closest(PART); // else the next scrolling would take the card away
    return this.openThing(name.dataset.thing);
  }

  openThing(id) {
    return this.into(async () => cardElement(await get(`entities/${encodeURI(id)}`), { ...this.context, openThing: (other) => this.openThing(other) }));
  }

  /** The reader's own choice, which stays while it is in sight. */
  choose(part, { focus = false } = {}) {
    if (!part) return;
    this.chosen = part;
    this.markContents(Number(part.dataset.start));
    this.tell(part);
    if (focus) part.focus(); // which scrolls to it
  }

  tell(part) {
    this.tabTo(part);
    const { start, end } = part.dataset;
    return this.into(async () => this.stretchElement(await get(`source/${encodeURIComponent(this.plan)}/knowledge`, { start, end })));
  }

  /** Of all paragraphs, names and buttons of the text, the tab key stops only at those of one paragraph. */
  tabTo(part) {
    const stops = (each, tabIndex) => [each, ...each.querySelectorAll(".pk-name, .pk-anchor")].forEach((stop) => (stop.tabIndex = tabIndex));
    if (this.told) stops(this.told, -1);
    this.told?.classList.remove("pk-chosen");
    this.told = part;
    part.classList.add("pk-chosen");
    stops(part, 0);
  }

  async into(make) {
    const asked = (this.asked = Symbol("the newest wins, whichever answer comes first"));
    let content;
    try {
      content = await make();
    } catch (error) {
      content = h("p", { class: "pk-error", role: "alert" }, error.message);
    }
    if (asked === this.asked) fill(this.known, h("h2", {}, text.KNOWN), content);
  }

  stretchElement({ things, relations, conflicts }) {
    if (!things.length && !relations.length && !conflicts.length) return h("p", { class: "pk-hint" }, text.KNOWN_NOTHING);
    const open = (thing) => h("button", { type: "button", class: "pk-thing-link", onclick: () => this.openThing(thing.id) }, thing.name);
    const label = (thing) => h("span", { class: "pk-label", data: { label: thing.label } }, labelName(thing.label));
    const relation = ({ source, fact }) => h("li", {}, open(source), ` ${relationName(fact.type)} `, open(fact.other), placeElement(fact.place, this.context), placeElement(fact.other_place, this.context));
    const part = (title, items) => items.length > 0 && h("section", {}, h("h4", {}, title), h("ul", {}, items));
    return h("div", { class: "pk-thing" },
      part(text.KNOWN_CONFLICTS, conflicts.map(relation)),
      part(text.KNOWN_THINGS, things.map((thing) => h("li", {}, open(thing), label(thing)))),
      part(text.KNOWN_RELATIONS, relations.map(relation)));
  }
}

/** Types chosen in an earlier visit, null if there are none that can be read. */
function remembered() {
  try {
    const kept = JSON.parse(localStorage.getItem(REMEMBERED));
    return Array.isArray(kept) ? kept : null;
  } catch {
    return null;
  }
}

function remember(labels) {
  try {
    localStorage.setItem(REMEMBERED, JSON.stringify(labels));
  } catch {
    // storage may be forbidden or full: then it is not remembered
  }
}
