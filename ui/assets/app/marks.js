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
