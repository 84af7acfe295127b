/**
 * A disk that is too small, and grows: a tmpfs in namespaces of its own, which needs no rights but is
 * not allowed everywhere; else a limit on the size of each file, which says another error.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Launcher } from "./relay-rig.ts";

export interface SmallDisk {
  readonly kind: "tmpfs" | "file size limit";
  /** Runs a command with the disk mounted at a directory, and is replaced by it. */
  readonly launcher: Launcher;
  /** Where the test sees what a process has on the disk. */
  readonly at: (pid: number, path: string) => string;
  /** Whether files take room from each other, so that a ballast takes what is left. */
  readonly hasBallast: boolean;
  /** The disk has as much room as anybody needs. */
  readonly grow: (pid: number) => void;
}

const enough = "2g";

/** @param directory that is to be the disk; exists. With room for three files of `fileBytes` */
export function smallDisk(directory: string, fileBytes: number): SmallDisk {
  if (canMount()) {
    const script = `mount -t tmpfs -o size=${3 * fileBytes} tmpfs "$0" && exec "$@"`;
    return {
      kind: "tmpfs",
      launcher: ["unshare", "-rm", "sh", "-c", script, directory],
      at: (pid, path) => join(`/proc/${pid}/root`, path),
      hasBallast: true,
      grow: (pid) =>
        run(
          "nsenter",
          "-t",
          `${pid}`,
          "-U",
          "-m",
          "--preserve-credentials",
          "mount",
          "-o",
          `remount,size=${enough}`,
          directory,
        ),
    };
  }
  process.stdout.write("no tmpfs here: the size of files is limited instead\n");
  return {
    kind: "file size limit",
    launcher: ["prlimit", `--fsize=${fileBytes}:unlimited`],
    at: (_, path) => path,
    hasBallast: false,
    grow: (pid) => run("prlimit", `--pid=${pid}`, "--fsize=unlimited"),
  };
}

function run(command: string, ...argv: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, argv, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`, { cause: error });
}

/** Whether a user may mount a tmpfs of his own here, and there is a way in to change it. */
function canMount(): boolean {
  if (process.env["NO_TMPFS"] !== undefined) return false;
  const place = mkdtempSync(join(tmpdir(), "trunkline-mount-"));
  const script = `mount -t tmpfs -o size=1m tmpfs "$0" && exec nsenter --version`;
  const { status } = spawnSync("unshare", ["-rm", "sh", "-c", script, place]);
  rmdirSync(place);
  return status === 0;
}
