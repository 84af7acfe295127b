/** A disk in memory that can be full, dead, forbidden or hanging, and lose power. */
import type { Dice } from "@trunkline/testkit";
import { dirname } from "node:path";
import type { FilesDoor, FileStat, OpenFile } from "../sinks/file-door.ts";

interface Inode {
  readonly identity: string;
  data: Buffer;
  syncedBytes: number;
}

export class FakeDisk implements FilesDoor {
  readonly #names = new Map<string, Inode>();
  readonly #directories = new Set<string>();
  #made = 0;
  /** Bytes that the disk holds at most. */
  capacity = Number.POSITIVE_INFINITY;
  /** Thrown by the next operations named here, until it is taken back. */
  failing: { readonly operations: readonly string[]; readonly code: string } | undefined;
  /** The disk answers nothing until it is released. */
  #hanging: PromiseWithResolvers<void> | undefined;
  /** At most so many bytes are taken at once. */
  appendMax = Number.POSITIVE_INFINITY;
  readonly log: string[] = [];
  /** Called before every operation, to stop the world there. */
  onOperation: ((operation: string) => void) | undefined;

  constructor(directory: string) {
    this.#directories.add(directory);
  }

  hang(): void {
    this.#hanging ??= Promise.withResolvers();
  }

  release(): void {
    this.#hanging?.resolve();
    this.#hanging = undefined;
  }

  removeDirectory(path: string): void {
    this.#directories.delete(path);
    for (const name of this.#names.keys()) if (dirname(name) === path) this.#names.delete(name);
  }

  makeDirectory(path: string): void {
    this.#directories.add(path);
  }

  /** The text of a file as readers see it; undefined where there is none. */
  text(path: string): string | undefined {
    return this.#names.get(path)?.data.toString();
  }

  put(path: string, text: string | Buffer): void {
    const data = Buffer.from(text);
    this.#names.set(path, { identity: `i${++this.#made}`, data, syncedBytes: data.length });
  }

  /** As another program would. */
  moveAway(from: string, to: string): void {
    const inode = this.#names.get(from);
    if (inode === undefined) throw fault("ENOENT");
    this.#names.delete(from);
    this.#names.set(to, inode);
  }

  get paths(): readonly string[] {
    return [...this.#names.keys()].toSorted();
  }

  /** Power is lost: of what was not synced some may be there, some not. */
  crash(dice: Dice): void {
    for (const inode of this.#names.values()) {
      const kept = dice.int(Math.min(inode.syncedBytes, inode.data.length), inode.data.length);
      inode.data = inode.data.subarray(0, kept);
      inode.syncedBytes = kept;
    }
  }

  async open(path: string): Promise<OpenFile> {
    await this.#enter("open");
    if (!this.#directories.has(dirname(path))) throw fault("ENOENT");
    const inode = this.#names.get(path) ?? {
      identity: `i${++this.#made}`,
      data: Buffer.alloc(0),
      syncedBytes: 0,
    };
    this.#names.set(path, inode);
    return this.#opened(inode);
  }

  async stat(path: string): Promise<FileStat | undefined> {
    await this.#enter("stat");
    if (this.#directories.has(path)) return { kind: "directory", identity: path, bytes: 0 };
    const inode = this.#names.get(path);
    return inode && { kind: "file", identity: inode.identity, bytes: inode.data.length };
  }

  async access(path: string): Promise<void> {
    await this.#enter("access");
    if (!this.#names.has(path) && !this.#directories.has(path)) throw fault("ENOENT");
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#enter("rename");
    this.moveAway(from, to);
  }

  async remove(path: string): Promise<void> {
    await this.#enter("remove");
    this.#names.delete(path);
  }

  async syncDirectory(path: string): Promise<void> {
    await this.#enter("sync-directory");
    if (!this.#directories.has(path)) throw fault("ENOENT");
  }

  async #enter(operation: string): Promise<void> {
    this.onOperation?.(operation);
    this.log.push(operation);
    await this.#hanging?.promise;
    if (this.failing?.operations.includes(operation) === true) throw fault(this.failing.code);
  }

  #opened(inode: Inode): OpenFile {
    return {
      stat: async () => {
        await this.#enter("fstat");
        return { kind: "file", identity: inode.identity, bytes: inode.data.length };
      },
      read: async (position, length) => {
        await this.#enter("read");
        return inode.data.subarray(position, position + length);
      },
      append: async (data) => {
        await this.#enter("append");
        let used = 0;
        for (const { data: other } of this.#names.values()) used += other.length;
        const bytes = Math.min(data.length, this.appendMax, this.capacity - used);
        if (bytes <= 0) throw fault("ENOSPC");
        inode.data = Buffer.concat([inode.data, data.subarray(0, bytes)]);
        return bytes;
      },
      truncate: async (bytes) => {
        await this.#enter("truncate");
        inode.data = inode.data.subarray(0, bytes);
        inode.syncedBytes = Math.min(inode.syncedBytes, bytes);
      },
      sync: async () => {
        await this.#enter("sync");
        inode.syncedBytes = inode.data.length;
      },
      close: () => this.#enter("close"),
    };
  }
}

function fault(code: string): Error {
  return Object.assign(new Error(`${code}: swordfish`), { code });
}
