/** The real disk. */
import { constants } from "node:fs";
import { access, open, rename, rm, stat, type FileHandle } from "node:fs/promises";
import type { FilesDoor, FileStat, OpenFile } from "../sinks/file-door.ts";

export const systemFiles: FilesDoor = {
  open: async (path) => new SystemFile(await open(path, "a+", 0o600)),
  stat: async (path) => {
    try {
      return statOf(await stat(path, { bigint: true }));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      // A link that leads nowhere is nothing as well; that the directory is missing, `open` will say.
      return undefined;
    }
  },
  access: (path) => access(path, constants.R_OK | constants.W_OK),
  rename,
  remove: (path) => rm(path, { force: true }),
  syncDirectory: async (path) => {
    const directory = await open(path, "r");
    try {
      await directory.sync();
    } catch (error) {
      // Some file systems cannot sync a directory, and need not.
      if (!["EINVAL", "ENOTSUP", "EISDIR"].includes(String((error as NodeJS.ErrnoException).code)))
        throw error;
    } finally {
      await directory.close();
    }
  },
};

interface Stat {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  isFile(): boolean;
  isDirectory(): boolean;
}

function statOf(of: Stat): FileStat {
  return {
    kind: of.isFile() ? "file" : of.isDirectory() ? "directory" : "other",
    identity: `${of.dev}:${of.ino}`,
    bytes: Number(of.size),
  };
}

class SystemFile implements OpenFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async stat(): Promise<FileStat> {
    return statOf(await this.#handle.stat({ bigint: true }));
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const buffer = new Uint8Array(length);
    const { bytesRead } = await this.#handle.read(buffer, 0, length, position);
    return buffer.subarray(0, bytesRead);
  }

  async append(data: Uint8Array): Promise<number> {
    const { bytesWritten } = await this.#handle.write(data);
    return bytesWritten;
  }

  truncate(bytes: number): Promise<void> {
    return this.#handle.truncate(bytes);
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
