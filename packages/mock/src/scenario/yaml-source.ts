/** The text of a scenario as plain values, each with its place. JSON is YAML too. */
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from "yaml";

export type Path = readonly PropertyKey[];

export interface Place {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

export interface TextFault extends Place {
  readonly message: string;
}

export interface YamlSource {
  readonly data: unknown;
  /** What is wrong with the text itself; then `data` means nothing. */
  readonly faults: readonly TextFault[];
  /** Where a value stands; for one that is missing, where what should hold it stands. */
  place(path: Path): Place;
  /** Where the key of a value stands. */
  keyPlace(path: Path): Place;
  /** A single value as it was written. */
  written(path: Path): string | undefined;
}

/** Values that aliases may repeat. */
const aliasesMax = 100;
/** Faults of the text that are told; one often brings others. */
const faultsMax = 5;

export function readYaml(text: string): YamlSource {
  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  try {
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      stringKeys: true,
      logLevel: "error",
    });
    const wrong = [...document.errors, ...document.warnings].slice(0, faultsMax);
    if (wrong.length > 0)
      return broken(
        wrong.map(({ message, pos: [offset] }) => ({ ...placeOf(offset), message: lead(message) })),
      );
    return sourceOf(document, placeOf);
  } catch (error) {
    // What the parser says of text that is nested too deeply, or that aliases would blow up.
    const message = error instanceof Error ? lead(error.message) : "cannot be read";
    return broken([{ line: 1, column: 1, message }]);
  }
}

function broken(faults: readonly TextFault[]): YamlSource {
  const first = (): Place => faults[0] ?? { line: 1, column: 1 };
  return { data: undefined, faults, place: first, keyPlace: first, written: () => undefined };
}

function lead(message: string): string {
  return (message.split("\n")[0] ?? "").replace(/:$/u, "");
}

function sourceOf(document: Document.Parsed, placeOf: (offset: number) => Place): YamlSource {
  const offsetOf = (path: Path): number | undefined => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true);
    return isNode(node) ? node.range?.[0] : undefined;
  };
  const place = (path: Path): Place => {
    for (let length = path.length; length >= 0; length -= 1) {
      const offset = offsetOf(path.slice(0, length));
      if (offset !== undefined) return placeOf(offset);
    }
    return { line: 1, column: 1 };
  };
  return {
    data: document.toJS({ maxAliasCount: aliasesMax }) as unknown,
    faults: [],
    place,
    keyPlace(path) {
      const above = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
      const key = isMap(above)
        ? above.items.find(({ key: each }) => isScalar(each) && each.value === path.at(-1))?.key
        : undefined;
      return isNode(key) && key.range ? placeOf(key.range[0]) : place(path);
    },
    written(path) {
      const node = path.length === 0 ? document.contents : document.getIn(path, true);
      return isScalar(node) ? (node.source ?? String(node.value)) : undefined;
    },
  };
}
