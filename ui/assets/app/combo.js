// A box that finds things of the graph as they are typed (ARIA combobox with a listbox).
import { get } from "./api.js";
import { debounce, fill, h } from "./dom.js";
import { labelName } from "./words.js";

let boxes = 0;

/** `choose(thing)` is called for a chosen one. The element has `thing`, the one that its text stands for. */
export function thingBox({ label, placeholder, suggestions, choose }) {
  const id = `pk-combo-${(boxes += 1)}`;
  let things = [];
  let at = -1;
  const list = h("ul", { id, role: "listbox", "aria-label": suggestions, hidden: true });
  const input = h("input", {
    type: "search", role: "combobox", "aria-label": label, placeholder: placeholder ?? label, autocomplete: "off",
    "aria-expanded": "false", "aria-controls": id, "aria-autocomplete": "list",
  });
  const box = h("div", { class: "pk-combo" }, input, list);
  box.thing = null;

  function close() {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function pick(thing) {
    box.set(thing);
    close();
    choose?.(thing);
  }

  function move(by) {
    if (list.hidden || !things.length) return;
    at = (at + by + things.length) % things.length;
    [...list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    input.setAttribute("aria-activedescendant", `${id}-${at}`);
    list.children[at].scrollIntoView({ block: "nearest" });
  }

  const find = debounce(async () => {
    const typed = input.value.trim();
    if (!typed) return close();
    const found = await get("entities", { text: typed, limit: 12 }).catch(() => []);
    if (typed !== input.value.trim() || document.activeElement !== input) return;
    things = found;
    at = -1;
    fill(list, found.map((thing, index) => h("li", { id: `${id}-${index}`, role: "option", "aria-selected": "false", onmousedown: (event) => {
      event.preventDefault();
      pick(thing);
    } }, h("span", {}, thing.name), h("span", { class: "pk-label" }, labelName(thing.label)))));
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(found.length > 0));
  }, 120);

  input.addEventListener("input", () => {
    box.thing = null;
    find();
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault();
      pick(things[Math.max(at, 0)]);
    } else if (event.key === "Escape") close();
  });

  box.set = (thing) => {
    box.thing = thing;
    input.value = thing?.name ?? "";
  };
  return box;
}
