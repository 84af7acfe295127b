/** A log that keeps what it was told. */
import type { Log, LogFields } from "../ports.ts";

export interface LogLine extends LogFields {
  readonly code?: string;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly msg: string;
}

export class FakeLog implements Log {
  readonly lines: LogLine[] = [];
  readonly levels: string[] = [];

  debug(fields: LogFields, msg: string): void {
    this.#put("debug", fields, msg);
  }

  info(fields: LogFields, msg: string): void {
    this.#put("info", fields, msg);
  }

  warn(fields: LogFields, msg: string): void {
    this.#put("warn", fields, msg);
  }

  error(fields: LogFields, msg: string): void {
    this.#put("error", fields, msg);
  }

  setLevel(level: string): void {
    this.levels.push(level);
  }

  /** `warn LINE_DOWN: line down` of each line, those for hunting faults left out. */
  get told(): readonly string[] {
    return this.lines
      .filter(({ level }) => level !== "debug")
      .map(({ level, code, msg }) => `${level}${code === undefined ? "" : ` ${code}`}: ${msg}`);
  }

  forget(): void {
    this.lines.length = 0;
  }

  #put(level: LogLine["level"], fields: LogFields, msg: string): void {
    this.lines.push({ ...fields, level, msg });
  }
}
