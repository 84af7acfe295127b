/**
 * A configuration file as text: YAML 1.2 to plain values, each with its place in the file, and with
 * variables of the environment put in. Nothing in the text can make it take long or grow large.
 */
import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type YAMLMap,
} from "yaml";

/** A step is the key in a map, or the index in a list. */
export type Path = readonly PropertyKey[];

/** What is wrong with the text, before anybody knows what it means. */
export interface SourceProblem {
  readonly path: Path;
  readonly offset: number;
  readonly message: string;
  /** The line, with a mark under the place. */
  readonly frame?: string;
  readonly help: string;
}

export interface Place {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

export interface YamlSource {
  readonly data: unknown;
  readonly problems: readonly SourceProblem[];
  /** Whether the text could be read at all; if not, `data` means nothing. */
  readonly isReadable: boolean;
  /** Where a value stands; for one that is missing, where what should hold it stands. */
  place(path: Path): Place;
  /** Where the key of a value stands. */
  keyPlace(path: Path): Place;
  placeOf(offset: number): Place;
  /** A single value as it was written, so that what a variable holds is not shown. */
  written(path: Path): string | undefined;
}

/** Values in a file, those that aliases repeat counted each time. More topics do not fit into it anyway. */
const nodesMax = 100_000;
/** Maps and lists inside one another. */
const depthMax = 30;
/** Faults of the text that are told; one fault often brings others. */
const faultsMax = 5;

export type Env = Readonly<Record<string, string | undefined>>;

export function readYaml(text: string, env: Env): YamlSource {
  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const parsed = parseText(text, lines);
  if (!parsed.isReadable) {
    const first = (): Place => placeOf(parsed.problems[0]?.offset ?? 0);
    return {
      ...parsed,
      data: undefined,
      place: first,
      keyPlace: first,
      placeOf,
      written: () => undefined,
    };
  }
  const reader = new Reader(parsed.document, env);
  const data = reader.read();
  const place = (path: Path, offsets: ReadonlyMap<string, number>): Place => {
    for (let length = path.length; length >= 0; length--) {
      const offset = offsets.get(pathKey(path.slice(0, length)));
      if (offset !== undefined) return placeOf(offset);
    }
    return placeOf(0);
  };
  return {
    data,
    problems: reader.problems,
    isReadable: true,
    place: (path) => place(path, reader.valueOffsets),
    keyPlace: (path) => place(path, reader.keyOffsets),
    placeOf,
    written: (path) => reader.written.get(pathKey(path)),
  };
}

function pathKey(path: Path): string {
  return path.map(String).join("\n");
}

type Parsed =
  | { readonly isReadable: false; readonly problems: readonly SourceProblem[] }
  | { readonly isReadable: true; readonly document: Document.Parsed };

function parseText(text: string, lineCounter: LineCounter): Parsed {
  let document: Document.Parsed;
  try {
    document = parseDocument(text, {
      lineCounter,
      prettyErrors: false,
      stringKeys: true,
      // "silent" would also be silent about a second document; nothing is printed either way.
      logLevel: "error",
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { isReadable: false, problems: [tooMuch([], 0, "is nested too deeply")] };
  }
  // What stands for bytes that are no text.
  const damaged = text.indexOf("\uFFFD");
  if (damaged !== -1) {
    const help = "Save the file as UTF-8.";
    const message = "has characters in it that are not UTF-8";
    return { isReadable: false, problems: [{ path: [], offset: damaged, message, help }] };
  }
  const faults = [...document.errors, ...document.warnings];
  // Brackets nested so deeply that the parser ran out of stack; it says so once for each.
  const deep = faults.find(({ message }) => message.includes("call stack"));
  if (deep !== undefined)
    return { isReadable: false, problems: [tooMuch([], deep.pos[0], "is nested too deeply")] };
  if (faults.length === 0) return { isReadable: true, document };
  const problems = faults.slice(0, faultsMax).map(({ code, message, pos: [offset] }) => ({
    path: [],
    offset,
    message: `${lead[code] ?? "is not valid YAML"}: ${firstLine(message)}`,
    frame: frame(text, offset, lineCounter),
    help: remedies[code] ?? "Correct the line above; indentation and quotes are the usual causes.",
  }));
  return { isReadable: false, problems };
}

const lead: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "has a key twice",
  MULTIPLE_DOCS: "holds more than one document",
  TAG_RESOLVE_FAILED: "has a tag that means nothing here",
};

const remedies: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "Keep one of the two.",
  MULTIPLE_DOCS: "Remove the line --- and what comes after it, or put it into a file of its own.",
  TAG_RESOLVE_FAILED: "Remove the word that begins with !.",
  TAB_AS_INDENT: "Indent with spaces; YAML does not allow tabs for it.",
};

function firstLine(message: string): string {
  return (message.split("\n")[0] ?? "").replace(/:$/u, "");
}

/** Characters of a line that a frame shows around the place. */
const frameWidth = 76;

/** The line with a mark under the place. It may hold a secret only if one was written out. */
function frame(text: string, offset: number, lines: LineCounter): string {
  const { line, col } = lines.linePos(offset);
  const whole = text.split("\n", line)[line - 1]?.replace(/\r$/u, "") ?? "";
  const from = Math.max(0, col - 1 - frameWidth / 2);
  const shown = conceal(whole)
    .slice(from, from + frameWidth)
    .replaceAll("\t", " ");
  return `    ${line} | ${shown}\n    ${" ".repeat(`${line}`.length)} | ${" ".repeat(Math.max(0, col - 1 - from))}^`;
}

/** What follows a name that sounds like a secret is dotted out. */
function conceal(line: string): string {
  return line.replace(
    /((?:secret|token|password|authorization|api[-_]?key)["']?\s*:\s*)(?!\{|\s*$)(\S.*)$/iu,
    (_whole, key: string, value: string) => key + "•".repeat(value.length),
  );
}

function tooMuch(path: Path, offset: number, what: string): SourceProblem {
  return { path, offset, message: what, help: "A configuration needs no such thing: remove it." };
}

/** Walks a document once, and remembers where everything stood. */
class Reader {
  readonly problems: SourceProblem[] = [];
  readonly valueOffsets = new Map<string, number>();
  readonly keyOffsets = new Map<string, number>();
  readonly written = new Map<string, string>();
  readonly #document: Document.Parsed;
  readonly #env: Env;
  readonly #anchors = new Map<string, Node>();
  #nodes = 0;

  constructor(document: Document.Parsed, env: Env) {
    this.#document = document;
    this.#env = env;
  }

  read(): unknown {
    return this.#value(this.#document.contents, [], undefined);
  }

  /** @param aliasOffset the place of the alias that stands for the value, since that is what a reader sees */
  #value(node: Node | null, path: Path, aliasOffset: number | undefined): unknown {
    const offset = aliasOffset ?? node?.range?.[0];
    if (offset !== undefined) this.valueOffsets.set(pathKey(path), offset);
    this.#nodes++;
    if (this.#nodes > nodesMax || path.length > depthMax) {
      const what = path.length > depthMax ? "is nested too deeply" : "holds too many values";
      // Said once: everything after it is left out.
      if (this.#nodes !== Number.POSITIVE_INFINITY)
        this.problems.push(tooMuch(path, offset ?? 0, what));
      this.#nodes = Number.POSITIVE_INFINITY;
      return undefined;
    }
    if (isAlias(node)) return this.#alias(node.source, path, offset ?? 0);
    // The walk goes in the order of the text, as the meaning of anchors does.
    if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined)
      this.#anchors.set(node.anchor, node);
    if (isMap(node)) return this.#map(node, path, aliasOffset);
    if (isSeq(node))
      return node.items.map((item, index) =>
        this.#value(item as Node | null, [...path, index], aliasOffset),
      );
    if (!isScalar(node)) return undefined;
    return this.#scalar(node.value, node.source ?? String(node.value), path, offset ?? 0);
  }

  #alias(name: string, path: Path, offset: number): unknown {
    const target = this.#anchors.get(name);
    if (target !== undefined) return this.#value(target, path, offset);
    const help = `Put &${name} before the value that is meant, further up.`;
    this.problems.push({ path, offset, message: `repeats *${name}, which is not there`, help });
    return undefined;
  }

  #map(node: YAMLMap, path: Path, aliasOffset: number | undefined): Record<string, unknown> {
    // Without a prototype, so that a key called __proto__ is one like any other.
    const map = Object.create(null) as Record<string, unknown>;
    for (const item of node.items) {
      if (!isPair(item) || !isScalar(item.key)) continue;
      const key = String(item.key.value);
      const below = [...path, key];
      if (key === "<<") {
        this.problems.push({
          path,
          offset: aliasOffset ?? item.key.range?.[0] ?? 0,
          message: "merges another map (<<), which is no longer part of YAML",
          help: "Write out what it would bring; an alias (*name) may stand for a single value.",
        });
        continue;
      }
      this.keyOffsets.set(pathKey(below), aliasOffset ?? item.key.range?.[0] ?? 0);
      map[key] = this.#value(item.value as Node | null, below, aliasOffset);
    }
    return map;
  }

  #scalar(value: unknown, source: string, path: Path, offset: number): unknown {
    this.written.set(pathKey(path), source);
    if (typeof value !== "string" || !value.includes("${")) return value;
    return value.replaceAll(
      /\$\$\{|\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}|\$\{/gu,
      (whole: string, name?: string, otherwise?: string) => {
        if (whole === "$${") return "${";
        if (name !== undefined) return this.#variable(name, otherwise, path, offset);
        this.problems.push({
          path,
          offset,
          message: 'has "${" without a name and "}" after it',
          help: "Write ${NAME} or ${NAME:-default} for a variable of the environment, or $${ for the characters themselves.",
        });
        return whole;
      },
    );
  }

  #variable(name: string, otherwise: string | undefined, path: Path, offset: number): string {
    const text = this.#env[name];
    if (text !== undefined && (text !== "" || otherwise === undefined)) return text;
    if (otherwise !== undefined) return otherwise;
    this.problems.push({
      path,
      offset,
      message: `takes the variable ${name}, which is not set`,
      help: `Set ${name} in the environment of trunkline, or write \${${name}:-default}.`,
    });
    return "";
  }
}
