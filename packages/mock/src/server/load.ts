/** Scenarios and captures from files. What reads them is loaded only when it is needed: it takes longer than the start. */
import { basename } from "node:path";
import { MockError, type MockErrorCode } from "../mock-error.ts";
import { builtInScenarios, readBuiltInScenario, readText } from "../platform/files.ts";
import type { Capture } from "../replay/capture.ts";
import type { Scenario } from "../scenario/scenario.ts";

const scenarioBytesMax = 4_000_001;

/**
 * Reads a scenario: one that is built in, by its name, or a file of YAML or JSON.
 * Rejects with `MockError`: `SCENARIO_MISSING`, or `SCENARIO_INVALID` with everything that is wrong, each with its place.
 */
export async function loadScenario(nameOrPath: string): Promise<Scenario> {
  if (builtInScenarios().includes(nameOrPath))
    return parseScenario(readBuiltInScenario(nameOrPath), `${nameOrPath}.yaml`, nameOrPath);
  const text = read(nameOrPath, scenarioBytesMax, "SCENARIO_MISSING", () => {
    const names = builtInScenarios().join(", ");
    return { help: `Built in are ${names}; anything else is the path of a file.` };
  });
  const name = basename(nameOrPath).replace(/\.(?:ya?ml|json)$/iu, "");
  return parseScenario(text, nameOrPath, name);
}

/** Reads the text of a scenario. @param file names it in complaints */
export async function parseScenario(text: string, file: string, name: string): Promise<Scenario> {
  const { readScenario } = await import("../scenario/read-scenario.ts");
  return readScenario(text, file, name);
}

/** Rejects with `MockError`: `CAPTURE_MISSING`, `CAPTURE_INVALID` with file and line, `CAPTURE_TOO_LARGE`. */
export async function loadCapture(path: string, loop: boolean): Promise<Capture> {
  const { captureCharactersMax, readCapture } = await import("../replay/read-capture.ts");
  return readCapture(read(path, captureCharactersMax + 1, "CAPTURE_MISSING"), path, loop);
}

function read(
  path: string,
  bytesMax: number,
  code: MockErrorCode,
  more: () => { readonly help?: string } = () => ({}),
): string {
  try {
    return readText(path, bytesMax);
  } catch (cause) {
    const { code: why } = cause as { readonly code?: unknown };
    const because = typeof why === "string" ? ` (${why})` : "";
    throw new MockError(code, `${path} cannot be read${because}`, { cause, ...more() });
  }
}
