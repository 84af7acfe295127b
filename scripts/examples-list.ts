/** The examples: in which language, what it takes, how each is built and started. */
import { execFile } from "node:child_process";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const executed = promisify(execFile);
const at = (...path: readonly string[]): string =>
  resolve(import.meta.dirname, "..", "examples", ...path);

/** How events are read, and what an example is told for it. */
export const wayOptions = { WebSocket: [], "Server-Sent Events": ["--sse"] } as const;
export type Way = keyof typeof wayOptions;

type Command = readonly [program: string, ...args: string[]];

export interface Example {
  readonly name: string;
  /** Each must end with 0, or the example is skipped; the first word is named as what is missing. */
  readonly needs: readonly Command[];
  /** Done once, into a folder that goes again. */
  readonly builds: (folder: string) => readonly Command[];
  readonly starts: (folder: string) => Command;
  /** By default every way. */
  readonly ways?: readonly Way[];
  readonly env?: (folder: string) => Readonly<Record<string, string>>;
}

export const exampleList: readonly Example[] = [
  {
    name: "node-sdk",
    needs: [],
    builds: () => [],
    starts: () => [process.execPath, at("node-sdk", "events.js")],
    // The library reads from sockets alone.
    ways: ["WebSocket"],
  },
  {
    name: "node-ws",
    needs: [],
    builds: () => [],
    starts: () => [process.execPath, at("node-ws", "events.js")],
  },
  {
    name: "python",
    needs: [["python3", "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]],
    builds: (folder) => [
      [
        "python3",
        "-m",
        "pip",
        "install",
        "--target",
        folder,
        "-r",
        at("python", "requirements.txt"),
      ],
    ],
    starts: () => ["python3", "-B", at("python", "events.py")],
    env: (folder) => ({ PYTHONPATH: folder }),
  },
  {
    name: "go",
    needs: [["go", "version"]],
    builds: (folder) => [["go", "build", "-C", at("go"), "-o", join(folder, "events"), "."]],
    starts: (folder) => [join(folder, "events")],
  },
  {
    name: "java",
    needs: [["javac", "--release", "17", "--version"]],
    // It is started from its source.
    builds: () => [],
    starts: () => ["java", at("java", "Events.java")],
  },
  {
    name: "csharp",
    needs: [
      ["mono", "--version"],
      ["mcs", "--version"],
    ],
    builds: (folder) => [
      [
        "mcs",
        `-out:${join(folder, "events.exe")}`,
        "-r:System.Net.Http",
        "-r:System.Runtime.Serialization",
        at("csharp", "*.cs"),
      ],
    ],
    starts: (folder) => ["mono", join(folder, "events.exe")],
  },
];

/** Runs a command to its end. It throws with what the command has said. */
export async function run([program, ...args]: Command, timeoutMs: number): Promise<void> {
  await executed(program, args, { timeout: timeoutMs, killSignal: "SIGKILL" });
}
