// Calls to the HTTP API; an error carries the server's line for the user.
import { words } from "./words.js";

export async function request(path, options = {}) {
  let response;
  try {
    response = await fetch(new URL(`api/v1/${path}`, document.baseURI), options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error(words("shared").SERVER_GONE);
  }
  if (!response.ok) {
    const told = await response.json().catch(() => null);
    throw new Error(told?.error?.message ?? `${response.status} ${response.statusText}`);
  }
  return response;
}

function query(parameters) {
  const given = Object.entries(parameters).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
  const text = new URLSearchParams(given.filter(([, value]) => value !== "" && value !== null && value !== undefined)).toString();
  return text && `?${text}`;
}

/** The JSON that a GET gives; list values become repeated parameters. */
export async function get(path, parameters = {}, options = {}) {
  return (await request(path + query(parameters), options)).json();
}

/** The JSON that a POST of JSON gives. */
export async function post(path, body, options = {}) {
  const json = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), ...options };
  return (await request(path, json)).json();
}

/** Save the file that a POST of JSON gives, under the name that the server gives it. */
export async function saveExport(path, body) {
  const json = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const response = await request(path, json);
  const name = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get("Content-Disposition") ?? "");
  save(await response.blob(), name ? decodeURIComponent(name[1]) : `export.${body.format}`);
}

/** Save a blob, or text as UTF-8 (with its mark, which Excel wants), as a file. */
export function save(content, name, type = "text/csv;charset=utf-8") {
  const blob = content instanceof Blob ? content : new Blob(["\ufeff", content], { type });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
