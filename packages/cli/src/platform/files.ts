/** Files that are larger than memory should be: read line by line, written aside and put in place at the end. */
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import type { FileWriter } from "../system.ts";

/** Characters that are gathered for one write. */
const gatheredMax = 256 * 1024;

/** Lines without their ends; undefined for one that is longer than so many characters. */
export async function* readLines(
  path: string,
  charactersMax: number,
): AsyncGenerator<string | undefined> {
  let rest = "";
  let isTooLong = false;
  const stream = createReadStream(path, { encoding: "utf8" }) as AsyncIterable<string>;
  for await (const piece of stream) {
    const parts = piece.split("\n");
    for (const [index, part] of parts.entries()) {
      if (rest.length + part.length > charactersMax) isTooLong = true;
      rest = isTooLong ? "" : rest + part;
      if (index === parts.length - 1) break;
      yield isTooLong ? undefined : rest.replace(/\r$/u, "");
      rest = "";
      isTooLong = false;
    }
  }
  if (isTooLong) yield undefined;
  else if (rest !== "") yield rest;
}

/** Throws EEXIST where the file is there and may not be replaced. Nothing is at the path before the commit. */
export function openFile(path: string, mode: "create" | "overwrite"): FileWriter {
  if (mode === "create" && existsSync(path)) throw exists(path);
  const aside = `${path}.${process.pid}.part`;
  // Only its owner reads it: until it is complete, nobody has looked at it.
  const file = openSync(aside, "w", 0o600);
  let gathered = "";
  const flush = (): void => {
    writeFileSync(file, gathered);
    gathered = "";
  };
  const end = (): void => {
    closeSync(file);
    rmSync(aside, { force: true });
  };
  return {
    write: (text) => {
      gathered += text;
      if (gathered.length > gatheredMax) flush();
    },
    commit: () => {
      flush();
      fsyncSync(file);
      // A link fails where somebody has made the file meanwhile; a rename would replace it.
      if (mode === "create") linkSync(aside, path);
      else renameSync(aside, path);
      end();
    },
    abort: end,
  };
}

function exists(path: string): Error {
  return Object.assign(new Error(`${path} is there already`), { code: "EEXIST" });
}
