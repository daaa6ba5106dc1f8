// Runs once, when the evidence panel is on the page. Gradio gives: element, trigger, watch.
element.addEventListener("click", (event) => {
  if (event.target.closest("[data-back]")) return window.plankg.back();
  const opener = event.target.closest("[data-open]");
  if (opener) window.plankg.open(opener, trigger);
});

element.addEventListener("keydown", (event) => {
  if (event.key === "Escape") window.plankg.back();
});

watch("value", () => window.plankg.reveal());
