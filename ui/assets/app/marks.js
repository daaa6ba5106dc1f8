// Stretches of a text by its offsets, marked in elements that carry `data-at`, the offset of their first character.
// The plan's offsets count characters as Python does; a character outside the basic plane is two units here.

/** Wrap `[start, end)` below `root` in elements that `make` gives, one for each text node; returns them. */
export function markRange(root, start, end, make) {
  const marks = [];
  for (const holder of holders(root, start, end)) {
    let at = Number(holder.dataset.at);
    const walker = document.createTreeWalker(holder, NodeFilter.SHOW_TEXT);
    const nodes = [];
    while (walker.nextNode()) nodes.push(walker.currentNode);
    for (const node of nodes) {
      const length = [...node.data].length;
      const [from, to] = [Math.max(start - at, 0), Math.min(end - at, length)];
      at += length;
      if (from < to) marks.push(wrap(node, units(node.data, from), units(node.data, to), make()));
    }
  }
  return marks;
}

/** Take away what `markRange` put around texts. */
export function unmark(root, name) {
  for (const mark of [...root.querySelectorAll(`.${name}`)]) {
    const parent = mark.parentNode;
    mark.replaceWith(...mark.childNodes);
    parent.normalize();
  }
}

/** The stretch of the text below `root` that a selection covers, wherever the selection itself ends; null for none. */
export function stretchOf(root, selection) {
  const parts = [...root.querySelectorAll("[data-at]")]
    .filter((holder) => selection.intersectsNode(holder))
    .map((holder) => ({ holder, ...within(holder, selection) }))
    .filter(({ start, end }) => start < end);
  if (!parts.length) return null;
  const quote = parts.map((part) => part.quote).join("\n").trim();
  return { start: parts[0].start, end: parts.at(-1).end, quote, holder: parts[0].holder };
}

/** The number of the first of elements, one below the other, that ends below a height. */
export function firstBelow(elements, height) {
  let [low, high] = [0, elements.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (elements[middle].getBoundingClientRect().bottom > height) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Where the part of a selection in a holder starts and ends in the text, and its words. */
function within(holder, selection) {
  const part = document.createRange();
  part.selectNodeContents(holder);
  if (selection.compareBoundaryPoints(Range.START_TO_START, part) > 0) part.setStart(selection.startContainer, selection.startOffset);
  if (selection.compareBoundaryPoints(Range.END_TO_END, part) < 0) part.setEnd(selection.endContainer, selection.endOffset);
  const before = document.createRange();
  before.setStart(holder, 0);
  before.setEnd(part.startContainer, part.startOffset);
  const start = Number(holder.dataset.at) + [...before.toString()].length;
  return { start, end: start + [...part.toString()].length, quote: part.toString() };
}

function* holders(root, start, end) {
  for (const holder of root.querySelectorAll("[data-at]")) {
    const first = Number(holder.dataset.at);
    if (first >= end) return;
    if (first + holder.textContent.length > start) yield holder;
  }
}

function wrap(node, from, to, mark) {
  const middle = from > 0 ? node.splitText(from) : node;
  if (to - from < middle.data.length) middle.splitText(to - from);
  middle.replaceWith(mark);
  mark.append(middle);
  return mark;
}

const units = (text, characters) => [...text].slice(0, characters).join("").length;
