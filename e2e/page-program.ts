/** A program out of a page, run in a folder of its own, where it may be killed and begun again. */
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { start, type Env, type Running } from "../packages/cli/src/testing/processes.ts";
import { folder, linesOf } from "./relay-rig.ts";

export class PageProgram {
  readonly #dir = folder();
  readonly #env: Env;
  #running: Running;

  /** @param text JavaScript, as a module */
  constructor(text: string, env: Env) {
    this.#env = env;
    writeFileSync(join(this.#dir, "program.mjs"), text);
    symlinkSync(join(import.meta.dirname, "../node_modules"), join(this.#dir, "node_modules"));
    this.#running = this.#begin();
  }

  #begin(): Running {
    const file = pathToFileURL(join(this.#dir, "program.mjs")).href;
    // Packages of ours are read from their sources, so that no old build is run.
    const conditions = "--conditions=@trunkline/source";
    const argv = [
      conditions,
      "-e",
      `process.chdir(${JSON.stringify(this.#dir)}); import("${file}")`,
    ];
    return start(process.execPath, argv, this.#env);
  }

  async killAndBegin(): Promise<void> {
    this.#running.child.kill("SIGKILL");
    await this.#running.exit;
    this.#running = this.#begin();
  }

  get exit(): Promise<number | string> {
    return this.#running.exit;
  }

  /** What it has written to its standard output since it was begun last. */
  get told(): string {
    return this.#running.out;
  }

  /** Whole lines of a file that it has written, over all its lives. */
  linesOf(name: string): readonly string[] {
    return linesOf(join(this.#dir, name));
  }

  /** What it has written to its standard error since it was begun last. */
  get complaints(): string {
    return this.#running.err;
  }
}
