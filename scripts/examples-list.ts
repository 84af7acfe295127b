/** The examples: in which language, what it takes, how each is built and started. */
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const executed = promisify(execFile);
const examples = resolve(import.meta.dirname, "..", "examples");

type Command = readonly [program: string, ...args: string[]];

export interface Example {
  readonly name: string;
  /** Each must end with 0, or the example is skipped; the first word is named as what is missing. */
  readonly needs: readonly Command[];
  /** Done once, into a folder that goes again. */
  readonly builds: (folder: string) => readonly Command[];
  readonly starts: (folder: string) => Command;
  readonly env?: (folder: string) => Readonly<Record<string, string>>;
}

export const exampleList: readonly Example[] = [
  {
    name: "node-ws",
    needs: [],
    builds: () => [],
    starts: () => [process.execPath, join(examples, "node-ws", "events.js")],
  },
];

/** Runs a command to its end. It throws with what the command has said. */
export async function run([program, ...args]: Command, timeoutMs: number): Promise<void> {
  await executed(program, args, { timeout: timeoutMs, killSignal: "SIGKILL" });
}
