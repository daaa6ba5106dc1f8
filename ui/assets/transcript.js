// Runs once, when the transcript is on the page. Gradio gives: element, trigger, watch, props.
const wide = matchMedia("(min-width: 900px)");
const box = () => document.querySelector("#pk-question textarea");
let turns = 0;

element.addEventListener("click", (event) => {
  const example = event.target.closest("[data-example]");
  if (example) return trigger("example_select", { question: example.textContent });
  const repeat = event.target.closest("[data-repeat]");
  if (repeat) return trigger("example_select", { question: repeat.dataset.repeat });
  const edit = event.target.closest("[data-edit]");
  if (edit) return write(edit.dataset.edit);
  const opener = event.target.closest("[data-open]");
  if (opener) {
    event.preventDefault();
    return window.plankg.open(opener, trigger);
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) window.plankg.copy(copy.closest("[data-markdown]").dataset.markdown, props.words);
});

/** Put a question in the box, ready to be changed and sent. */
function write(question) {
  const field = box();
  field.value = question;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

// As in a shell: the last question comes back into an empty box.
document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowUp" || event.target !== box() || event.target.value) return;
  const asked = [...element.querySelectorAll("[data-edit]")].pop();
  if (!asked) return;
  event.preventDefault();
  write(asked.dataset.edit);
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
