/** Files of the machine. */
import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";

/** The examples that come with this package; from `src` and from `dist` they are equally far. */
const scenarioFolder = new URL("../../scenarios/", import.meta.url);

/** Bytes that are read at a time. */
const chunkBytes = 1024 * 1024;

/** Reads at most so many bytes: the path may be anything. Throws the error of the operating system. */
export function readText(path: string, bytesMax: number): string {
  const file = openSync(path, "r");
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    while (length < bytesMax) {
      const chunk = Buffer.alloc(Math.min(chunkBytes, bytesMax - length));
      const read = readSync(file, chunk, 0, chunk.length, null);
      if (read === 0) break;
      chunks.push(chunk.subarray(0, read));
      length += read;
    }
    return Buffer.concat(chunks).toString("utf8");
  } finally {
    closeSync(file);
  }
}

/** Names of the scenarios that are built in. */
export function builtInScenarios(): readonly string[] {
  return readdirSync(scenarioFolder)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.replace(/\.yaml$/u, ""))
    .toSorted();
}

export function readBuiltInScenario(name: string): string {
  return readFileSync(new URL(`${name}.yaml`, scenarioFolder), "utf8");
}
