/**
 * The sink `file`: entries as lines of JSON in a file that is rotated by size. "Written" means that
 * the lines have been synced to the disk. A line is never split over two files.
 */
import { dirname } from "node:path";
import { entryLine } from "../entry-line.ts";
import { RelayError } from "../errors.ts";
import type { Entry } from "../journal/entry.ts";
import type { FilesDoor, FileStat, OpenFile } from "./file-door.ts";
import { fileError } from "./file-errors.ts";
import { repairEnd } from "./file-repair.ts";
import type { CheckOutcome, Sink, WriteOutcome } from "./sink.ts";
import { Turns, unlessAborted } from "./turns.ts";

export type { FilesDoor, FileStat, OpenFile } from "./file-door.ts";

export interface FileSinkOptions {
  /** Absolute. */
  readonly path: string;
  readonly rotate: {
    /** A file is rotated before it would exceed this; a longer line stands alone in its file. */
    readonly bytesMax: number;
    /** So many rotated files are kept: `<path>.1` is the newest. With 0 what is full is deleted. */
    readonly filesMax: number;
  };
}

export function createFileSink(options: FileSinkOptions, files: FilesDoor): Sink {
  return new FileSink(options, files);
}

/** The file that is written to; all in it was synced. */
interface Current {
  readonly file: OpenFile;
  readonly identity: string;
}

const never = new AbortController().signal;

class FileSink implements Sink {
  readonly #path: string;
  readonly #rotate: FileSinkOptions["rotate"];
  readonly #files: FilesDoor;
  /** Disks cannot be interrupted; and two batches must not mix. */
  readonly #turns = new Turns();
  #current: Current | undefined;

  constructor({ path, rotate }: FileSinkOptions, files: FilesDoor) {
    this.#path = path;
    this.#rotate = rotate;
    this.#files = files;
  }

  async open(signal: AbortSignal): Promise<void> {
    try {
      await this.#turns.take(() => this.#open(), signal);
    } catch (error) {
      throw fileError(error, this.#path, signal);
    }
  }

  async write(batch: readonly Entry[], signal: AbortSignal): Promise<WriteOutcome> {
    const progress = { written: 0 };
    try {
      await this.#turns.take(() => this.#write(batch, progress, signal), signal);
      return { kind: "written", refused: [] };
    } catch (cause) {
      const error = fileError(cause, this.#path, signal);
      return { kind: "retry", written: progress.written, error, reopen: true };
    }
  }

  async close(): Promise<void> {
    const closing = this.#turns.take(() => this.#close(), never).catch(() => undefined);
    // What was written is safe. A disk that does not answer keeps its file, but nobody waiting.
    if (!this.#turns.isStuck) await closing;
  }

  async check(signal: AbortSignal): Promise<CheckOutcome> {
    try {
      return { ok: true, detail: await unlessAborted(this.#look(), signal) };
    } catch (error) {
      return { ok: false, error: fileError(error, this.#path, signal) };
    }
  }

  async #look(): Promise<string> {
    const stat = await this.#statFile();
    await this.#files.access(stat === undefined ? dirname(this.#path) : this.#path);
    return `${this.#path}: ${stat === undefined ? "will be made" : `${stat.bytes} bytes`}.`;
  }

  async #statFile(): Promise<FileStat | undefined> {
    const stat = await this.#files.stat(this.#path);
    if (stat !== undefined && stat.kind !== "file")
      throw new RelayError("SINK_FILE_UNWRITABLE", `${this.#path} is not a regular file.`);
    return stat;
  }

  async #open(): Promise<Current> {
    await this.#close();
    // Other things than files may never finish opening.
    const isNew = (await this.#statFile()) === undefined;
    const file = await this.#files.open(this.#path);
    try {
      if (isNew) await this.#files.syncDirectory(dirname(this.#path));
      else await repairEnd(file);
      const { identity } = await file.stat();
      this.#current = { file, identity };
      return this.#current;
    } catch (error) {
      await file.close().catch(() => undefined);
      throw error;
    }
  }

  async #close(): Promise<void> {
    const file = this.#current?.file;
    this.#current = undefined;
    await file?.close();
  }

  /** The present file and its size. Somebody may have renamed it (logrotate): then it is another. */
  async #place(): Promise<{ readonly file: OpenFile; readonly bytes: number }> {
    const named = await this.#statFile();
    const isSame = this.#current !== undefined && named?.identity === this.#current.identity;
    const { file } = isSame && this.#current !== undefined ? this.#current : await this.#open();
    const { bytes } = await file.stat();
    return { file, bytes };
  }

  /** Writes as many lines at a time as fit, and counts them when they are safe. */
  async #write(
    batch: readonly Entry[],
    progress: { written: number },
    signal: AbortSignal,
  ): Promise<void> {
    const lines = batch.map(entryLine);
    while (progress.written < lines.length) {
      let { file, bytes } = await this.#place();
      let count = this.#fitting(lines, progress.written, bytes);
      if (count === 0) {
        await this.#rotateFiles();
        ({ file, bytes } = await this.#place());
        count = Math.max(1, this.#fitting(lines, progress.written, bytes));
      }
      const end = progress.written + count;
      await this.#append(file, bytes, lines.slice(progress.written, end).join(""), signal);
      progress.written = end;
    }
  }

  /** How many lines the file takes; an empty one takes at least one, however long. */
  #fitting(lines: readonly string[], from: number, bytes: number): number {
    let size = bytes;
    let count = 0;
    for (let index = from; index < lines.length; index++) {
      size += Buffer.byteLength(lines[index] ?? "");
      if (size > this.#rotate.bytesMax && (bytes > 0 || count > 0)) break;
      count++;
    }
    return count;
  }

  /** All or nothing, as far as the disk lets us: what was not synced is taken back. */
  async #append(file: OpenFile, start: number, text: string, signal: AbortSignal): Promise<void> {
    let taken = 0;
    try {
      let rest = Buffer.from(text);
      while (rest.length > 0) {
        signal.throwIfAborted();
        const bytes = await file.append(rest);
        taken += bytes;
        rest = rest.subarray(bytes);
      }
      signal.throwIfAborted();
      await file.sync();
      signal.throwIfAborted();
    } catch (error) {
      await this.#takeBack(file, start, taken).catch(() => undefined);
      await this.#close().catch(() => undefined);
      throw error;
    }
  }

  async #takeBack(file: OpenFile, start: number, taken: number): Promise<void> {
    const { bytes } = await file.stat();
    // Where somebody else has written too, nothing may be cut.
    if (taken > 0 && bytes === start + taken) await file.truncate(start);
  }

  /** From the oldest to the newest, each in one step: whenever it is broken off, no line is lost. */
  async #rotateFiles(): Promise<void> {
    const { filesMax } = this.#rotate;
    await this.#close();
    if (filesMax === 0) {
      await this.#files.remove(this.#path);
    } else {
      for (let number = await this.#freeNumber(); number > 1; number--)
        await this.#files.rename(`${this.#path}.${number - 1}`, `${this.#path}.${number}`);
      await this.#files.rename(this.#path, `${this.#path}.1`);
    }
    await this.#files.syncDirectory(dirname(this.#path));
  }

  /** The lowest number that no file has; else the highest, whose file is the oldest and goes. */
  async #freeNumber(): Promise<number> {
    const { filesMax } = this.#rotate;
    for (let number = 1; number < filesMax; number++) {
      if ((await this.#files.stat(`${this.#path}.${number}`)) === undefined) return number;
    }
    return filesMax;
  }
}
