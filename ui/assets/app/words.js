// The page's words in the language that the server chose: `words("graph").TAB`.
const sections = window.plankgConfig.words;

/** The words of a section, with those that all tabs share; a missing one throws, so that tests see it. */
export function words(section) {
  const known = { ...sections.shared, ...sections[section] };
  return new Proxy(known, {
    get(all, key) {
      if (typeof key === "string" && !(key in all)) throw new Error(`no word ${section}.${key}`);
      return all[key];
    },
  });
}

/** `format("{count} 条", {count: 3})`. */
export const format = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));

export const labelName = (label) => sections.labels[label] ?? label;
export const relationName = (type) => sections.relations[type] ?? type;

/** A property's name for people, null for one that is not shown; and its value, where it is one of a few. */
export const attributeName = (key) => sections.attributes[key] ?? null;
export const attributeValue = (key, value) => sections.values[`${key}.${value}`] ?? String(value);
