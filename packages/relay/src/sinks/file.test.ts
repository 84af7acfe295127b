import { createDice, settled } from "@trunkline/testkit";
import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { entryLine } from "../entry-line.ts";
import type { Entry } from "../journal/entry.ts";
import { systemFiles } from "../platform/files.ts";
import { FakeDisk } from "../testing/fake-disk.ts";
import { sampleEvent } from "../testing/sample-entries.ts";
import { describeSink, sampleBatch, type SinkStage } from "../testing/sink-conformance.ts";
import { createFileSink, type FileSinkOptions } from "./file.ts";
import type { Sink, WriteOutcome } from "./sink.ts";

const never = new AbortController().signal;
const roomy = { bytesMax: 1_000_000, filesMax: 3 };
const written = { kind: "written", refused: [] };

function cursorsOf(text: string): readonly string[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { cursor: string }).cursor);
}

function fakeStage(): Promise<SinkStage> {
  const disk = new FakeDisk("/logs");
  const path = "/logs/events.ndjson";
  return Promise.resolve({
    sink: createFileSink({ path, rotate: roomy }, disk),
    arrived: () => Promise.resolve(cursorsOf(disk.text(path) ?? "")),
    harm: (harm) => {
      if (harm === "hangs") disk.hang();
      else if (harm === "unreachable") disk.removeDirectory("/logs");
      else disk.capacity = (disk.text(path)?.length ?? 0) + 1_000;
      return Promise.resolve();
    },
    heal: () => {
      disk.release();
      disk.makeDirectory("/logs");
      disk.capacity = Number.POSITIVE_INFINITY;
      return settled();
    },
    end: () => Promise.resolve(disk.release()),
  });
}

async function realStage(): Promise<SinkStage> {
  const directory = await mkdtemp(join(tmpdir(), "trunkline-file-"));
  const path = join(directory, "events.ndjson");
  const away = `${directory}-away`;
  const sink = createFileSink({ path, rotate: roomy }, systemFiles);
  return {
    sink,
    arrived: async () => cursorsOf(await readFile(path, "utf8").catch(() => "")),
    harm: () => rename(directory, away),
    heal: () => rename(away, directory),
    end: async () => {
      await sink.close();
      await rm(directory, { recursive: true, force: true });
      await rm(away, { recursive: true, force: true });
    },
  };
}

describeSink("file, on a simulated disk", fakeStage, { harms: ["unreachable", "fails", "hangs"] });
describeSink("file, on a real disk", realStage, { harms: ["unreachable"] });

/** A disk, and a sink on it that rotates when `lines` sample lines are in a file. */
async function onDisk(options: Partial<FileSinkOptions["rotate"]> = {}): Promise<{
  readonly disk: FakeDisk;
  readonly sink: Sink;
}> {
  const disk = new FakeDisk("/logs");
  const sink = createFileSink({ path: "/logs/e", rotate: { ...roomy, ...options } }, disk);
  await sink.open(never);
  return { disk, sink };
}

/** Events whose lines are equally long. */
function events(first: number, length: number): readonly Entry[] {
  return Array.from({ length }, (_, index) => sampleEvent(first + index));
}

const lineBytes = entryLine(sampleEvent(100)).length;

/** What lies in all files of a sink, oldest first. */
function everything(disk: FakeDisk, path = "/logs/e"): string {
  const numbers = disk.paths
    .filter((name) => name.startsWith(`${path}.`))
    .map((name) => Number(name.slice(path.length + 1)))
    .sort((a, b) => b - a);
  const rotated = numbers.map((number) => disk.text(`${path}.${number}`) ?? "");
  return [...rotated, disk.text(path) ?? ""].join("");
}

function lines(entries: readonly Entry[]): string {
  return entries.map(entryLine).join("");
}

describe("rotation", () => {
  test("comes before a file would grow too large, splits no line, and keeps the newest", async () => {
    const { disk, sink } = await onDisk({ bytesMax: 3 * lineBytes, filesMax: 2 });
    const entries = events(100, 10);
    expect(await sink.write(entries.slice(0, 2), never)).toEqual(written);
    expect(await sink.write(entries.slice(2), never)).toEqual(written);
    expect(disk.paths).toEqual(["/logs/e", "/logs/e.1", "/logs/e.2"]);
    expect(disk.text("/logs/e.2")).toBe(lines(entries.slice(3, 6)));
    expect(disk.text("/logs/e.1")).toBe(lines(entries.slice(6, 9)));
    expect(disk.text("/logs/e")).toBe(lines(entries.slice(9)));
  });

  test("lets a line that is longer than a file stand alone", async () => {
    const { disk, sink } = await onDisk({ bytesMax: 10, filesMax: 5 });
    const entries = events(100, 3);
    expect(await sink.write(entries, never)).toEqual(written);
    expect(disk.text("/logs/e.2")).toBe(lines(entries.slice(0, 1)));
    expect(disk.text("/logs/e")).toBe(lines(entries.slice(2)));
  });

  test("keeps nothing that is full where no file may be kept", async () => {
    const { disk, sink } = await onDisk({ bytesMax: lineBytes, filesMax: 0 });
    expect(await sink.write(events(100, 3), never)).toEqual(written);
    expect(disk.paths).toEqual(["/logs/e"]);
    expect(disk.text("/logs/e")).toBe(lines(events(102, 1)));
  });

  test("goes on from a size that was there at the start", async () => {
    const disk = new FakeDisk("/logs");
    disk.put("/logs/e", lines(events(100, 2)));
    const sink = createFileSink(
      { path: "/logs/e", rotate: { bytesMax: 3 * lineBytes, filesMax: 1 } },
      disk,
    );
    await sink.open(never);
    expect(await sink.write(events(102, 2), never)).toEqual(written);
    expect(disk.text("/logs/e.1")).toBe(lines(events(100, 3)));
  });

  test("that cannot rename is told, and loses and doubles nothing", async () => {
    const { disk, sink } = await onDisk({ bytesMax: 2 * lineBytes, filesMax: 2 });
    disk.failing = { operations: ["rename"], code: "EACCES" };
    const outcome = await sink.write(events(100, 5), never);
    expect(outcome).toMatchObject({
      kind: "retry",
      written: 2,
      reopen: true,
      error: { code: "SINK_FILE_UNWRITABLE" },
    });
    disk.failing = undefined;
    await sink.open(never);
    expect(await sink.write(events(102, 3), never)).toEqual(written);
    expect(everything(disk)).toBe(lines(events(100, 5)));
  });
});

describe("the end of a file after a crash", () => {
  const torn = lines(events(100, 2)) + entryLine(sampleEvent(102)).slice(0, 200);

  test.each([
    ["a torn line is cut", torn, lines(events(100, 2))],
    ["a torn line that begins the file is cut", '{"type":"gap","cu', ""],
    ["a torn line of a few letters is cut", `${lines(events(100, 1))}{"t`, lines(events(100, 1))],
    ["zeros are cut", `${lines(events(100, 1))}\0\0\0`, lines(events(100, 1))],
    ["a whole end stays", lines(events(100, 1)), lines(events(100, 1))],
    ["what is not ours is only ended", "a note", "a note\n"],
    ["a long torn line is cut", `a\n{"type":"event","${"x".repeat(200_000)}`, "a\n"],
  ])("%s", async (_, before, after) => {
    const disk = new FakeDisk("/logs");
    disk.put("/logs/e", before);
    const sink = createFileSink({ path: "/logs/e", rotate: roomy }, disk);
    await sink.open(never);
    expect(disk.text("/logs/e")).toBe(after);
    await sink.write(events(102, 1), never);
    expect(disk.text("/logs/e")).toBe(after + lines(events(102, 1)));
  });

  test("is whole wherever power was lost: no confirmed line is missing, and none is broken", async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const dice = createDice(seed, "power");
      const disk = new FakeDisk("/logs");
      disk.appendMax = dice.int(50, 2_000);
      const options = {
        path: "/logs/e",
        rotate: { bytesMax: dice.int(1, 8) * lineBytes, filesMax: 50 },
      };
      let left = dice.int(1, 60);
      disk.onOperation = () => {
        if (left-- <= 0) disk.hang();
      };
      const sink = createFileSink(options, disk);
      let confirmed = 0;
      const writing = (async (): Promise<void> => {
        await sink.open(never);
        while (confirmed < 30) {
          const outcome: WriteOutcome = await sink.write(events(100 + confirmed, 5), never);
          if (outcome.kind === "written") confirmed += 5;
        }
      })();
      void writing.catch(() => undefined);
      for (let turn = 0; turn < 10; turn++) await settled();
      disk.crash(dice);
      disk.onOperation = undefined;
      const survivors = new FakeDisk("/logs");
      for (const path of disk.paths) survivors.put(path, disk.text(path) ?? "");
      const again = createFileSink(options, survivors);
      await again.open(never);
      expect(await again.write(events(100 + confirmed, 5), never), `seed ${seed}`).toEqual(written);
      const cursors = cursorsOf(everything(survivors));
      const expected = events(100, confirmed + 5).map(({ cursor }) => cursor);
      expect([...new Set(cursors)].slice(0, expected.length), `seed ${seed}`).toEqual(expected);
      expect(cursors.slice(0, confirmed), `seed ${seed}`).toEqual(expected.slice(0, confirmed));
    }
  });
});

describe("a disk that fails", () => {
  test("takes back what it took in part, so that no half line is ever read", async () => {
    const { disk, sink } = await onDisk();
    await sink.write(events(100, 1), never);
    disk.capacity = lineBytes * 2.5;
    expect(await sink.write(events(101, 3), never)).toMatchObject({
      kind: "retry",
      written: 0,
      error: { code: "SINK_FILE_FULL", recovery: "retries" },
    });
    expect(disk.text("/logs/e")).toBe(lines(events(100, 1)));
  });

  test("cuts nothing that somebody else wrote meanwhile", async () => {
    const { disk, sink } = await onDisk();
    disk.failing = { operations: ["sync"], code: "EIO" };
    disk.onOperation = (operation) => {
      if (operation !== "sync") return;
      disk.onOperation = undefined;
      void disk.open("/logs/e").then((file) => file.append(Buffer.from("theirs\n")));
    };
    const outcome = await sink.write(events(100, 1), never);
    expect(outcome).toMatchObject({ kind: "retry", error: { code: "SINK_FILE_FAILED" } });
    expect(disk.text("/logs/e")).toContain("theirs\n");
  });

  test.each([
    ["ENOSPC", "SINK_FILE_FULL"],
    ["EDQUOT", "SINK_FILE_FULL"],
    ["EACCES", "SINK_FILE_UNWRITABLE"],
    ["EROFS", "SINK_FILE_UNWRITABLE"],
    ["EIO", "SINK_FILE_FAILED"],
    ["EMFILE", "SINK_FILE_FAILED"],
  ])("of %s is told as %s", async (code, told) => {
    const disk = new FakeDisk("/logs");
    disk.failing = { operations: ["open"], code };
    const sink = createFileSink({ path: "/logs/e", rotate: roomy }, disk);
    await expect(sink.open(never)).rejects.toMatchObject({ code: told });
  });

  test("is told where the path is a directory", async () => {
    const sink = createFileSink({ path: "/logs", rotate: roomy }, new FakeDisk("/logs"));
    await expect(sink.open(never)).rejects.toMatchObject({ code: "SINK_FILE_UNWRITABLE" });
    expect(await sink.check(never)).toMatchObject({ ok: false });
  });
});

describe("a file that others touch", () => {
  test("renamed by logrotate: the next line goes into a new one", async () => {
    const { disk, sink } = await onDisk();
    await sink.write(events(100, 1), never);
    disk.moveAway("/logs/e", "/logs/e.old");
    expect(await sink.write(events(101, 1), never)).toEqual(written);
    expect(disk.text("/logs/e.old")).toBe(lines(events(100, 1)));
    expect(disk.text("/logs/e")).toBe(lines(events(101, 1)));
  });

  test("replaced by another: the next line goes into that", async () => {
    const { disk, sink } = await onDisk();
    await sink.write(events(100, 1), never);
    disk.put("/logs/e", "other\n");
    expect(await sink.write(events(101, 1), never)).toEqual(written);
    expect(disk.text("/logs/e")).toBe(`other\n${lines(events(101, 1))}`);
  });

  test("every batch is synced before it counts as written", async () => {
    const { disk, sink } = await onDisk();
    disk.log.length = 0;
    await sink.write(events(100, 3), never);
    expect(disk.log.slice(disk.log.indexOf("append"))).toEqual(["append", "sync"]);
  });
});

async function inTemporary(): Promise<{ readonly directory: string; readonly path: string }> {
  const directory = await mkdtemp(join(tmpdir(), "trunkline-file-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return { directory, path: join(directory, "events.ndjson") };
}

describe("on a real disk", () => {
  test("the file is its owner's alone, rotates, and is mended after a crash", async () => {
    const { directory, path } = await inTemporary();
    await writeFile(path, lines(events(100, 1)) + '{"type":"event","cursor":"s', { mode: 0o600 });
    const rotate = { bytesMax: 3 * lineBytes, filesMax: 2 };
    const sink = createFileSink({ path, rotate }, systemFiles);
    await sink.open(never);
    expect(await sink.write(events(101, 9), never)).toEqual(written);
    await sink.close();
    expect((await readdir(directory)).toSorted()).toEqual([
      "events.ndjson",
      "events.ndjson.1",
      "events.ndjson.2",
    ]);
    expect(await readFile(`${path}.2`, "utf8")).toBe(lines(events(103, 3)));
    expect(await readFile(path, "utf8")).toBe(lines(events(109, 1)));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test("a rename by another process is noticed", async () => {
    const { path } = await inTemporary();
    const sink = createFileSink({ path, rotate: roomy }, systemFiles);
    onTestFinished(() => sink.close());
    await sink.open(never);
    await sink.write(sampleBatch(1, 3), never);
    await rename(path, `${path}.old`);
    await sink.write(sampleBatch(4, 3), never);
    expect(cursorsOf(await readFile(path, "utf8"))).toEqual(["sample-4", "sample-5", "sample-6"]);
  });
});
