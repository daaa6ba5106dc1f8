// The tabs: by pointer, by keys, and by addresses (`?tab=graph&node=…`), back and forward included.
// A tab's module exports `mount(root, context)`; what it returns may have `show(parameters)`, called with
// the address's parameters whenever the tab is shown or they change.
import { fill, h } from "./dom.js";
import { format, words } from "./words.js";

const tabs = window.plankgConfig.tabs;
const mounted = new Map();
const shared = words("shared");

function parameters() {
  return Object.fromEntries(new URLSearchParams(location.search));
}

function wanted() {
  const { tab, at } = parameters();
  if (tabs.includes(tab)) return tab;
  return at && tabs.includes("source") ? "source" : tabs[0];
}

/** Go to an address within the page: `go({tab: "graph", node: "…"})`; `replace` leaves no step to go back to. */
export function go(target, { replace = false } = {}) {
  const given = Object.entries(target).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const address = `${location.pathname}?${new URLSearchParams(given)}`;
  if (address !== location.pathname + location.search) history[replace ? "replaceState" : "pushState"]({}, "", address);
  show();
}

/** Open the plan's text at a quote. */
export const openSource = ({ plan, start, end }) => go({ tab: "source", at: `${plan}:${start}-${end}` });

/** Put a question in the conversation's box, ready to be sent. */
export function suggestQuestion(question) {
  go({ tab: tabs[0] });
  const box = document.querySelector("#pk-question textarea");
  if (!box) return;
  box.value = question;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
}

function show() {
  const current = wanted();
  document.body.dataset.tab = current;
  for (const button of document.querySelectorAll(".pk-tabs [role=tab]")) {
    const selected = button.dataset.tab === current;
    button.setAttribute("aria-selected", String(selected));
    button.tabIndex = selected ? 0 : -1;
    if (selected) button.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  if (current !== tabs[0]) mount(current);
}

async function mount(id) {
  const root = document.querySelector(`#pk-panel-${id} .pk-tab`);
  if (!root) return;
  if (!mounted.has(id)) mounted.set(id, load(id, root));
  try {
    const tab = await mounted.get(id);
    if (document.body.dataset.tab === id) await tab?.show?.(parameters());
  } catch (error) {
    mounted.delete(id);
    const retry = h("button", { type: "button", class: "pk-tool", onclick: show }, shared.RETRY);
    fill(root, h("p", { class: "pk-error", role: "alert" }, format(shared.FAILED, { reason: error.message }), " ", retry));
  }
}

async function load(id, root) {
  fill(root, h("p", { class: "pk-loading", role: "status" }, shared.LOADING));
  const module = await import(`./tabs/${id}.js`);
  fill(root);
  return module.mount(root, { go, openSource, suggestQuestion });
}

function press(event) {
  const link = event.target.closest("a[data-go]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    return go(Object.fromEntries(new URL(link.href).searchParams));
  }
  const button = event.target.closest(".pk-tabs [role=tab]");
  if (button) go({ tab: button.dataset.tab });
}

function move(event) {
  const steps = { ArrowRight: 1, ArrowLeft: -1, Home: -tabs.length, End: tabs.length };
  const button = event.target.closest(".pk-tabs [role=tab]");
  if (!button || !(event.key in steps)) return;
  event.preventDefault();
  const at = tabs.indexOf(button.dataset.tab) + steps[event.key];
  const id = tabs[Math.max(0, Math.min(tabs.length - 1, at))];
  go({ tab: id });
  document.querySelector(`#pk-tab-${id}`).focus();
}

document.addEventListener("click", press);
document.addEventListener("keydown", move);
addEventListener("popstate", show);

// Gradio places the page's elements after this script has run, and may place them anew.
let placed = null;

function follow() {
  const bar = document.querySelector(".pk-tabs");
  if (!bar || bar === placed) return;
  placed = bar;
  mounted.clear();
  if (window.plankgConfig.signed) bar.after(h("form", { class: "pk-sign-out-form", method: "post", action: "logout" }, h("button", { class: "pk-tool pk-sign-out" }, words("login").SIGN_OUT)));
  show();
}

new MutationObserver(follow).observe(document.documentElement, { childList: true, subtree: true });
follow();