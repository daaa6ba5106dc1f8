// Runs once, when the transcript is on the page. Gradio gives: element, trigger, watch, props.
const wide = matchMedia("(min-width: 900px)");
const box = () => document.querySelector("#pk-question textarea");
let turns = 0;

element.addEventListener("click", (event) => {
  const example = event.target.closest("[data-example]");
  if (example) return trigger("example_select", { question: example.textContent });
  const opener = event.target.closest("[data-open]");
  if (opener) {
    event.preventDefault();
    return window.plankg.open(opener, trigger);
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) window.plankg.copy(copy.closest("[data-markdown]").dataset.markdown, props.words);
});

watch("value", () => {
  const all = element.querySelectorAll(".pk-turn");
  // A new question goes to the top, and its answer is read downwards from there.
  if (all.length > turns) window.plankg.scrollTo(all[all.length - 1], "start");
  turns = all.length;
  // The pressed button may be gone. Not on a phone, where focus opens the keyboard.
  if (wide.matches && document.activeElement === document.body) box()?.focus({ preventScroll: true });
});

requestAnimationFrame(() => wide.matches && box()?.focus({ preventScroll: true }));
