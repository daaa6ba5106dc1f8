// Administration: the plans, uploads, the build that runs with its progress and log, versions, engines, verdicts.
import { get, post, request, save } from "../api.js";
import { fill, h } from "../dom.js";
import { format, words } from "../words.js";

const text = words("admin");
const POLL_MS = 500;
const tool = (title, run, more = {}) => h("button", { type: "button", class: "pk-tool", onclick: run, ...more }, title);

export async function mount(root) {
  const tab = new AdminTab(root);
  return { show: () => tab.show() };
}

class AdminTab {
  constructor(root) {
    this.files = [];
    this.running = false;
    this.told = h("p", { class: "pk-admin-told", role: "status" });
    this.plans = h("div");
    this.job = h("section", { class: "pk-admin-box pk-job", hidden: true, "aria-label": text.JOB });
    this.facts = h("div", { class: "pk-admin-facts" });
    fill(root, h("div", { class: "pk-admin" }, this.told, this.job,
      h("section", { class: "pk-admin-box" }, h("h2", {}, text.PLANS), this.plans), this.uploads(), this.facts));
    this.buildJob();
  }

  async show() {
    await this.refresh();
    this.follow();
  }

  async refresh() {
    this.overview = await get("admin");
    this.drawPlans();
    this.drawFacts();
    this.hint.textContent = format(text.ADD_HINT, { suffixes: this.overview.suffixes.join(" "), size: this.overview.max_bytes >> 20 });
    this.input.accept = this.overview.suffixes.join(",");
  }

  // -- plans

  drawPlans() {
    const { plans } = this.overview;
    const cell = (title, value) => h("td", { data: { title } }, value);
    const head = h("thead", {}, h("tr", {}, [text.TITLE, text.ID, text.CHARACTERS, text.PASSAGES, text.ACTIONS].map((title) => h("th", { scope: "col" }, title))));
    const rows = plans.map((plan) => h("tr", { data: { plan: plan.id } }, h("th", { scope: "row" }, plan.title), cell(text.ID, plan.id),
      cell(text.CHARACTERS, plan.characters.toLocaleString()), cell(text.PASSAGES, plan.passages.toLocaleString()), this.removal(plan, plans.length === 1)));
    fill(this.plans, h("table", { class: "pk-admin-table" }, head, h("tbody", {}, rows)), h("div", { class: "pk-tools" }, tool(text.REBUILD, () => this.change(() => post("admin/rebuild", {})))));
  }

  /** Asks once more in its place; what is removed can be had back. */
  removal(plan, only) {
    const cell = h("td");
    const ask = () => {
      const yes = tool(text.YES, () => this.change(async () => (await request(`admin/plans/${encodeURIComponent(plan.id)}`, { method: "DELETE" })).json()));
      fill(cell, h("span", {}, format(text.REMOVE_SURE, { title: plan.title })), " ", yes, " ", tool(text.NO, idle));
      yes.focus();
    };
    const idle = () => fill(cell, tool(text.REMOVE, ask, { disabled: only, "aria-label": `${text.REMOVE} ${plan.title}` }));
    idle();
    return cell;
  }

  // -- uploads

  uploads() {
    this.hint = h("span");
    this.chosen = h("p", { class: "pk-chosen", role: "status" });
    this.input = h("input", { type: "file", multiple: true, class: "pk-file", onchange: () => this.choose([...this.input.files]) });
    this.send = tool(text.UPLOAD, () => this.upload(), { disabled: true });
    const zone = h("label", { class: "pk-drop", ondragover: (event) => { event.preventDefault(); zone.classList.add("pk-over"); },
      ondragleave: () => zone.classList.remove("pk-over"), ondrop: (event) => {
        event.preventDefault();
        zone.classList.remove("pk-over");
        this.choose([...event.dataTransfer.files]);
      } }, this.input, h("span", { class: "pk-tool", "aria-hidden": "true" }, text.CHOOSE), this.hint);
    return h("section", { class: "pk-admin-box" }, h("h2", {}, text.ADD), zone, this.chosen, h("div", { class: "pk-tools" }, this.send));
  }

  choose(files) {
    this.files = files;
    this.chosen.textContent = files.length ? format(text.CHOSEN, { names: files.map(({ name }) => name).join("、") }) : "";
    this.send.disabled = !files.length || this.running;
  }

  upload() {
    const form = new FormData();
    for (const file of this.files) form.append("files", file, file.name);
    this.change(async () => {
      const job = await (await request("admin/plans", { method: "POST", body: form })).json();
      this.input.value = "";
      this.choose([]);
      return job;
    });
  }

  // -- the build that runs

  async change(start) {
    try {
      this.drawJob(await start());
      this.told.textContent = "";
      this.follow();
    } catch (error) {
      this.told.textContent = error.message;
    }
  }

  buildJob() {
    this.title = h("h2");
    this.bar = h("progress", { "aria-label": text.JOB });
    this.step = h("p", { class: "pk-step" });
    this.outcome = h("p", { class: "pk-outcome", role: "status" });
    this.log = h("pre", { tabIndex: 0, "aria-label": text.LOG });
    this.cancel = tool(text.CANCEL, () => request("admin/job", { method: "DELETE" }).catch((error) => { this.told.textContent = error.message; }));
    fill(this.job, this.title, this.bar, this.step, this.outcome, h("div", { class: "pk-tools" }, this.cancel), h("details", {}, h("summary", {}, text.LOG), this.log));
  }

  drawJob(job) {
    this.job.hidden = !job;
    if (!job) return;
    this.running = job.state === "running";
    this.send.disabled = !this.files.length || this.running;
    this.title.textContent = format(text[`JOB_${job.kind.toUpperCase()}`], job);
    this.bar.hidden = this.cancel.hidden = !this.running;
    if (job.total) [this.bar.max, this.bar.value] = [job.total, job.done];
    else this.bar.removeAttribute("value");
    this.step.textContent = `${this.running ? (job.label ? format(text.STEP, job) : text.STARTING) : ""} ${format(text.SECONDS, job)}`;
    if (this.outcome.textContent !== job.message) this.outcome.textContent = job.message;
    this.outcome.dataset.state = job.state;
    const below = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 20;
    this.log.textContent = job.log.join("\n");
    if (below) this.log.scrollTop = this.log.scrollHeight;
  }

  /** Follows the build while there is one; the lists are read anew at its end. */
  async follow() {
    if (this.following) return;
    this.following = true;
    try {
      this.drawJob(await get("admin/job"));
      while (this.running) {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        this.drawJob(await get("admin/job"));
        if (!this.running) await this.refresh();
      }
    } catch (error) {
      this.told.textContent = error.message;
    } finally {
      this.following = false;
    }
  }

  // -- versions, engines, verdicts

  drawFacts() {
    const now = this.overview;
    const box = (title, ...content) => h("section", { class: "pk-admin-box" }, h("h2", {}, title), content);
    const list = (pairs) => h("dl", {}, pairs.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
    const built = (at, titles) => format(text.BUILT, { at, titles: titles.join("；") });
    const back = now.previous.length > 0;
    const file = (kind) => tool(kind === "csv" ? text.EXPORT_CSV : text.EXPORT_XLSX, () => this.saveFeedback(kind), { disabled: !(now.feedback_up + now.feedback_down) });
    fill(this.facts,
      box(text.VERSIONS, list([[text.CURRENT, built(now.built_at, now.plans.map(({ title }) => title))], [text.PREVIOUS, back ? built(now.previous_at, now.previous) : text.NO_PREVIOUS]]),
        h("div", { class: "pk-tools" }, tool(text.UNDO, () => this.change(() => post("admin/undo", {})), { disabled: !back }))),
      box(text.ENGINES, list([[text.ENGINE, now.graph_engine], [text.MODEL, now.embedding_model], [text.BUILD, now.build],
        [text.GRAPH, format(text.GRAPH_COUNTS, { nodes: now.nodes.toLocaleString(), relations: now.relations.toLocaleString() })],
        [text.STAGES, Object.entries(now.seconds).map(([name, seconds]) => `${text[`STAGE_${name.toUpperCase()}`]} ${seconds}`).join("，")],
        [text.LIBRARIES, Object.entries(now.versions).map(([name, version]) => `${name} ${version}`).join("，")]])),
      box(text.FEEDBACK, h("p", {}, format(text.FEEDBACK_COUNTS, { up: now.feedback_up, down: now.feedback_down })), h("div", { class: "pk-tools" }, file("csv"), file("xlsx"))));
  }

  async saveFeedback(kind) {
    try {
      const response = await request(`admin/feedback/${kind}`);
      save(await response.blob(), `${text.FEEDBACK}-${new Date().toISOString().slice(0, 10)}.${kind}`);
    } catch (error) {
      this.told.textContent = error.message;
    }
  }
}
