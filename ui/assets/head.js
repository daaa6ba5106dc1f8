// Shared by the page's components: opening citations, copying, exporting, short notices.
document.documentElement.lang = window.plankgConfig.language === "zh" ? "zh-CN" : "en";

window.plankg = (() => {
  const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const scrollTo = (node, block) => node.scrollIntoView({ block, behavior: calm() ? "auto" : "smooth" });
  const panel = () => document.querySelector(".pk-evidence");

  // What the reader asked to see, until the panel shows it; and what they pressed, to return to.
  let wanted = null;
  let pressed = null;

  function open(button, trigger) {
    wanted = button.dataset.open;
    if (button.closest("#pk-transcript")) pressed = button;
    if (panel()?.dataset.shown === wanted) reveal();
    else trigger("select", { open: wanted });
  }

  function reveal() {
    if (wanted === null || panel()?.dataset.shown !== wanted) return;
    wanted = null;
    const source = panel().querySelector(".pk-source");
    if (source) {
      source.focus({ preventScroll: true });
      scrollTo(source.querySelector("mark"), "center");
    } else {
      scrollTo(panel(), "nearest");
    }
  }

  function back() {
    const target = pressed?.isConnected ? pressed : document.querySelector("#pk-question textarea");
    target?.focus({ preventScroll: true });
    if (target) scrollTo(target, "center");
  }

  function notice(text) {
    document.querySelector(".pk-notice")?.remove();
    const node = document.createElement("div");
    node.className = "pk-notice";
    node.setAttribute("role", "status");
    node.textContent = text;
    document.body.append(node);
    setTimeout(() => node.remove(), 2500);
  }

  // The clipboard interface exists only on https and loopback; an intranet page needs the old way.
  function copyTheOldWay(text) {
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }

  async function copy(text, words) {
    let done;
    try {
      await navigator.clipboard.writeText(text);
      done = true;
    } catch {
      done = copyTheOldWay(text);
    }
    notice(done ? words.copied : words.failed);
  }

  async function exportConversation(words, kind) {
    const turns = [...document.querySelectorAll("#pk-transcript [data-markdown]")];
    if (!turns.length) return notice(words.empty);
    const markdown = [`# ${words.title}\n`, ...turns.map((turn) => turn.dataset.markdown)].join("\n");
    try {
      const blob = kind === "docx" ? await asWord(markdown) : new Blob([markdown], { type: "text/markdown;charset=utf-8" });
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = `${words.file}-${new Date().toISOString().slice(0, 10)}.${kind}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    } catch (error) {
      notice(words.failed.replace("{reason}", error.message));
    }
  }

  async function asWord(markdown) {
    const json = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ markdown }) };
    const response = await fetch(new URL("api/v1/conversation/docx", document.baseURI), json);
    if (!response.ok) throw new Error((await response.json().catch(() => null))?.error?.message ?? response.statusText);
    return response.blob();
  }

  return { open, reveal, back, copy, exportConversation, scrollTo };
})();
