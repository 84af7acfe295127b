/** Blocks of code in a page, and how an answer that is shown there is held against a real one. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A block with an information string such as `json answer no-scope`. */
export interface Block {
  readonly language: string;
  /** What it is in the page: `sent`, `answer`, `program`; empty where nobody looks at it. */
  readonly role: string;
  readonly name: string;
  readonly text: string;
}

/** @param path of the page, in `docs/` */
export function blocksOf(path: string): readonly Block[] {
  const page = readFileSync(join(import.meta.dirname, "../docs", path), "utf8");
  const found = page.matchAll(/^```(\w+)(?: (\w+))?(?: ([\w-]+))?\n([^]*?)^```$/gmu);
  return [...found].map(([, language = "", role = "", name = "", text = ""]) => ({
    language,
    role,
    name,
    text,
  }));
}

/**
 * Where what is shown is not what was answered; undefined where it is. `…` in a text stands for what differs each
 * time, as the last of an array for more of them, and as a key for keys that are left out.
 */
export function difference(shown: unknown, actual: unknown, at = ""): string | undefined {
  if (typeof shown === "string" && shown.includes("…")) {
    const parts = shown
      .split("…")
      .map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/gu, String.raw`\$&`));
    const isAlike =
      typeof actual === "string" && new RegExp(`^${parts.join(".*")}$`, "su").test(actual);
    return isAlike ? undefined : differs(shown, actual, at);
  }
  if (Array.isArray(shown)) {
    const isOpen = shown.at(-1) === "…";
    const items = isOpen ? shown.slice(0, -1) : shown;
    if (
      !Array.isArray(actual) ||
      (isOpen ? actual.length <= items.length : actual.length !== items.length)
    )
      return differs(shown, actual, at);
    return first(items.map((item, index) => difference(item, actual[index], `${at}/${index}`)));
  }
  if (isObject(shown)) {
    if (!isObject(actual)) return differs(shown, actual, at);
    const { "…": more, ...named } = shown;
    const extra = Object.keys(actual).filter((key) => !Object.hasOwn(named, key));
    if (more === undefined && extra.length > 0) return `${at}: ${extra.join(", ")} is not shown`;
    return first(
      Object.entries(named).map(([key, value]) => difference(value, actual[key], `${at}/${key}`)),
    );
  }
  return Object.is(shown, actual) ? undefined : differs(shown, actual, at);
}

function first(faults: readonly (string | undefined)[]): string | undefined {
  return faults.find((fault) => fault !== undefined);
}

function differs(shown: unknown, actual: unknown, at: string): string {
  return `${at}: shown ${JSON.stringify(shown)}, answered ${JSON.stringify(actual)}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
