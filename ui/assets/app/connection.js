// The connection to the server: when it is lost the page says so; Gradio loads the page anew once it is back.
// The server keeps no conversation, so what was said is kept for the window's next load, and offered there.
import { save } from "./api.js";
import { h } from "./dom.js";
import { words } from "./words.js";

const text = words("chat");
const KEY = "plankg.conversation";
//: what Gradio says then, in English only
const LOST = "Connection to the server was lost";

/** Storage may be forbidden or full: then nothing is kept. */
function stored(run) {
  try {
    return run(sessionStorage);
  } catch {
    return null;
  }
}

const before = stored((storage) => JSON.parse(storage.getItem(KEY)));
let seen = false;

/** Keep what has been said until now; a conversation that the reader has ended is not kept. */
export function keep(turns) {
  if (turns.length) {
    seen = true;
    const questions = turns.map((turn) => turn.querySelector(".pk-question p").textContent);
    const markdown = turns.map((turn) => turn.dataset.markdown).join("\n");
    stored((storage) => storage.setItem(KEY, JSON.stringify({ last: questions.at(-1), markdown })));
  } else if (seen) {
    seen = false;
    forget();
  }
}

const forget = () => stored((storage) => storage.removeItem(KEY));

/** In an empty conversation: what was said before the page was loaded anew. */
export function offer() {
  const welcome = document.querySelector(".pk-welcome");
  if (!before?.markdown || seen || !welcome || welcome.querySelector(".pk-before")) return;
  const tool = (title, run) => h("button", { type: "button", class: "pk-tool", onclick: run }, title);
  const box = h("section", { class: "pk-before", "aria-label": text.BEFORE }, h("p", {}, text.BEFORE),
    h("div", { class: "pk-tools" }, h("button", { type: "button", class: "pk-tool", data: { example: "" } }, before.last),
      tool(text.BEFORE_SAVE, () => save(new Blob([before.markdown], { type: "text/markdown;charset=utf-8" }), `${text.BEFORE_FILE}.md`)),
      tool(text.BEFORE_FORGET, () => { before.markdown = ""; forget(); box.remove(); })));
  welcome.prepend(box);
}

/** Our words in place of Gradio's. */
export function tell() {
  const toasts = [...document.querySelectorAll(".toast-wrap > *")].filter((toast) => toast.textContent.includes(LOST));
  for (const toast of toasts) toast.hidden = true;
  const shown = document.querySelector(".pk-gone");
  if (toasts.length && !shown) document.body.append(h("div", { class: "pk-notice pk-gone", role: "alert" }, text.GONE));
  if (!toasts.length) shown?.remove();
}
