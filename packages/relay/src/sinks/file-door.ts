/** The door to the disk. Failures are thrown as Node throws them, with `code`. */
export interface FilesDoor {
  /**
   * Opens for reading and for writing at the end. A file that is not there is made, for its owner
   * alone (0600: events are about people).
   */
  open(path: string): Promise<OpenFile>;
  /** Undefined where there is nothing. */
  stat(path: string): Promise<FileStat | undefined>;
  /** Whether this user may read and write it. @throws where not */
  access(path: string): Promise<void>;
  /** Puts one name in the place of another, in one step. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Names that were made, changed or removed in a directory survive a loss of power. */
  syncDirectory(path: string): Promise<void>;
}

export interface FileStat {
  readonly kind: "file" | "directory" | "other";
  /** Tells one file from another that has its name. */
  readonly identity: string;
  readonly bytes: number;
}

export interface OpenFile {
  stat(): Promise<FileStat>;
  /** At most so many bytes. */
  read(position: number, length: number): Promise<Uint8Array>;
  /** Writes at the end. Returns how many bytes were taken, which may be fewer. */
  append(data: Uint8Array): Promise<number>;
  truncate(bytes: number): Promise<void>;
  /** What was written survives a loss of power. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
