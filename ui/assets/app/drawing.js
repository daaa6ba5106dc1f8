// The graph drawn by vis-network: colours from the style sheet, still once it is laid out.
import { labelName, relationName } from "./words.js";

const NAME_CHARS = 14;
/** Within this time two clicks are one double click. */
const DOUBLE_MS = 300;
const shortened = (name) => ([...name].length > NAME_CHARS ? `${[...name].slice(0, NAME_CHARS - 1).join("")}…` : name);
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

const LEGEND_LINE = 32;

/** Labels in lines that are no wider than the picture: where each stands, and how many lines there are. */
function laidOut(labels, widthOf, width) {
  let [x, line] = [0, 0];
  const places = labels.map((label) => {
    if (x && x + widthOf(label) > width) [x, line] = [0, line + 1];
    const place = { label, x, line };
    x += widthOf(label);
    return place;
  });
  return { places, lines: line + 1 };
}

export class Drawing {
  /** The library is large: it is loaded when the first drawing is. */
  static async open(canvas, on, { small = false } = {}) {
    const { DataSet, Network } = await import("./vendor/vis-network.js");
    return new Drawing(canvas, on, small, DataSet, Network);
  }

  /** `small`: a picture beside a text, with larger names and none on its lines. */
  constructor(canvas, on, small, DataSet, Network) {
    this.canvas = canvas;
    this.small = small;
    this.fixed = new Set();
    this.origin = null;
    this.nodes = new DataSet();
    this.edges = new DataSet();
    this.network = new Network(canvas, { nodes: this.nodes, edges: this.edges }, this.options());
    this.network.on("stabilized", () => this.rest());
    this.network.on("stabilizationIterationsDone", () => this.rest());
    let waiting = null;
    this.network.on("click", ({ nodes, edges }) => {
      clearTimeout(waiting);
      // choosing a node moves the drawing: the second click of two would then hit something else
      if (nodes.length) waiting = setTimeout(() => on.select(nodes[0]), DOUBLE_MS);
      else if (edges.length) on.edge(edges[0]);
    });
    this.network.on("doubleClick", ({ nodes }) => {
      clearTimeout(waiting);
      if (nodes.length) on.expand(nodes[0]);
    });
    new MutationObserver(() => this.recolour()).observe(document.body, { attributes: true, attributeFilter: ["class"] });
    new ResizeObserver(() => canvas.clientHeight && this.network.redraw()).observe(canvas);
  }

  options() {
    return {
      autoResize: true,
      nodes: { shape: "dot", borderWidth: 1.5, font: { size: this.small ? 24 : 14, face: "system-ui, Noto Sans CJK SC, sans-serif" } },
      edges: { arrows: { to: { enabled: true, scaleFactor: 0.5 } }, smooth: false, width: 1, hoverWidth: 0.5, selectionWidth: 2 },
      interaction: { hover: true, tooltipDelay: 250, multiselect: false, keyboard: false, hideEdgesOnDrag: true },
      physics: { solver: "barnesHut", barnesHut: { gravitationalConstant: -6000, springLength: 120, avoidOverlap: 0.2 }, stabilization: { iterations: 180, fit: true } },
      layout: { improvedLayout: false, randomSeed: 7 },
    };
  }

  /** A graph that moves on cannot be read, and costs the machine. */
  rest() {
    this.network.setOptions({ physics: { enabled: false } });
  }

  /** What is added next appears around this node. */
  near(id) {
    this.origin = this.nodes.get(id) && this.network.getPosition(id);
  }

  /** The canvas was away and is back: fit it, or go to the chosen node. */
  shown(id) {
    this.network.redraw();
    if (id && this.nodes.get(id)) this.focus(id);
    else this.fit();
  }

  show(nodes, edges) {
    const [known, ids] = [new Set(this.nodes.getIds()), new Set(nodes.map(({ id }) => id))];
    const fresh = nodes.filter(({ id }) => !known.has(id));
    const lines = new Set(edges.map(({ id }) => id));
    this.edges.remove(this.edges.getIds().filter((id) => !lines.has(id)));
    this.nodes.remove([...known].filter((id) => !ids.has(id)));
    this.colours = this.read();
    this.nodes.add(fresh.map((node) => this.nodeOf(node)));
    this.edges.add(edges.filter(({ id }) => !this.edges.get(id)).map((edge) => this.edgeOf(edge)));
    this.origin = null;
    if (fresh.length) {
      this.network.setOptions({ physics: { enabled: true } });
      this.network.stabilize(fresh.length > 30 ? 180 : 80);
    }
  }

  nodeOf({ id, label, name, links }) {
    const around = this.origin && { x: this.origin.x + 160 * (Math.random() - 0.5), y: this.origin.y + 160 * (Math.random() - 0.5) };
    return { id, kind: label, label: shortened(name), title: `${name}（${labelName(label)}）`, size: this.small ? 16 : 8 + 3 * Math.sqrt(links), ...this.look(label), ...around, ...this.pinning(id) };
  }

  edgeOf({ id, source, target, type }) {
    return { id, from: source, to: target, label: this.small ? undefined : relationName(type), title: relationName(type), ...this.lineLook() };
  }

  lineLook() {
    const { muted, text, page } = this.colours;
    return { color: { color: muted, highlight: text, hover: text, opacity: 0.5 }, font: { size: 11, color: muted, strokeColor: page, strokeWidth: 3 } };
  }

  look(label) {
    const { text, page } = this.colours;
    const background = this.colours[label] ?? this.colours.muted;
    return { color: { background, border: text, highlight: { background, border: text }, hover: { background, border: text } }, font: { color: text, strokeColor: page, strokeWidth: 3 } };
  }

  /** Colours by their names in the style sheet; a label's is that of its dot in the legend. */
  read() {
    const style = getComputedStyle(this.canvas);
    const named = (name) => style.getPropertyValue(name).trim();
    const labels = Object.keys(window.plankgConfig.words.labels).map((label) => [label, named(`--pk-label-${label}`)]).filter(([, colour]) => colour);
    return { ...Object.fromEntries(labels), text: named("--pk-text"), muted: named("--pk-muted"), page: named("--pk-page") };
  }

  recolour() {
    this.colours = this.read();
    this.nodes.update(this.nodes.get().map(({ id, kind }) => ({ id, ...this.look(kind) })));
    this.edges.update(this.edges.getIds().map((id) => ({ id, ...this.lineLook() })));
  }

  focus(id) {
    if (!this.nodes.get(id)) return;
    this.network.selectNodes([id]);
    this.network.focus(id, { scale: Math.max(this.network.getScale(), 0.7), animation: calm() ? false : { duration: 300 } });
  }

  fit() {
    this.network.fit({ animation: false });
  }

  pinned = (id) => this.fixed.has(id);

  /** Fix a node where it is, or let it go; returns whether it is fixed now. */
  pin(id) {
    if (!this.fixed.delete(id)) this.fixed.add(id);
    if (this.nodes.get(id)) this.nodes.update({ id, ...this.pinning(id) });
    return this.fixed.has(id);
  }

  pinning = (id) => ({ fixed: this.fixed.has(id), borderWidth: this.fixed.has(id) ? 4 : 1.5 });

  /** The drawing as PNG, on the page's ground and with a legend. */
  async picture(shown) {
    const drawn = this.canvas.querySelector("canvas");
    const ratio = drawn.width / drawn.clientWidth;
    const font = `${14 * ratio}px system-ui, sans-serif`;
    const measure = new OffscreenCanvas(1, 1).getContext("2d");
    measure.font = font;
    const { places, lines } = laidOut([...new Set(shown.map(({ label }) => label))], (label) => measure.measureText(labelName(label)).width + 36 * ratio, drawn.width);
    const paper = new OffscreenCanvas(drawn.width, drawn.height + lines * LEGEND_LINE * ratio);
    const pen = paper.getContext("2d");
    pen.fillStyle = this.colours.page;
    pen.fillRect(0, 0, paper.width, paper.height);
    pen.drawImage(drawn, 0, 0);
    pen.font = font;
    pen.textBaseline = "middle";
    for (const { label, x, line } of places) {
      const [left, middle] = [x + 16 * ratio, drawn.height + (line + 0.5) * LEGEND_LINE * ratio];
      pen.fillStyle = this.colours[label] ?? this.colours.muted;
      pen.beginPath();
      pen.arc(left, middle, 6 * ratio, 0, 2 * Math.PI);
      pen.fill();
      pen.fillStyle = this.colours.text;
      pen.fillText(labelName(label), left + 12 * ratio, middle);
    }
    return paper.convertToBlob({ type: "image/png" });
  }
}
