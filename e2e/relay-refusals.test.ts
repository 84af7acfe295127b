/** A relay that cannot start says why and what to do, ends with 1, and leaves the disk as it was. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
  closeSync,
} from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "@trunkline/client";
import { afterEach, expect, test } from "vitest";
import {
  bin,
  endAll,
  expectExit,
  onEnd,
  type Running,
} from "../packages/cli/src/testing/processes.ts";
import { openJournal } from "../packages/relay/src/platform/sqlite-journal.ts";
import { smallDisk } from "./relay-disk.ts";
import { eventually, folder, startRelay, writeConfig, type Launcher } from "./relay-rig.ts";

afterEach(endAll);

/** Nothing listens there: a relay that starts all the same waits, and the test fails. */
const mock = { apiUrl: "http://127.0.0.1:1", clientId: "c0ffee00-0000-4000-8000-000000000001" };
const secret = "s3cret-of-the-client";
const topics = ["v2.users.4b1d9f52-6c0f-4b3e-9a70-0d5e8f1c2a3b.presence"];

/** Every file and directory with its mode and contents. */
function contents(path: string): Readonly<Record<string, string>> {
  const stat = lstatSync(path);
  const mode = (stat.mode & 0o777).toString(8);
  if (!stat.isDirectory()) {
    const hash = createHash("sha256").update(readFileSync(path)).digest("hex");
    return { [path]: `${mode} ${stat.size} ${hash}` };
  }
  const below = readdirSync(path).map((name) => contents(join(path, name)));
  return Object.assign({ [path]: mode }, ...below) as Record<string, string>;
}

/** A data directory that a relay has used, with entries in it, stopped in peace. */
async function usedDirectory(dir: string, entries = 2_000): Promise<string> {
  const dataDir = join(dir, "data");
  const retention = { maxAgeMs: 1e12, bytesMax: 1e12 };
  const options = { dataDir, writer: "caller", clock: systemClock, retention } as const;
  const journal = await openJournal({ ...options, random: Math.random });
  for (let n = 1; n <= entries; n++) {
    const raw = `{"topicName":"${topics[0]}","eventBody":{"n":${n},"text":"${"x".repeat(500)}"}}`;
    void journal.append([
      {
        kind: "event",
        trunk: "main",
        topic: topics[0] ?? "",
        receivedAtMs: n,
        maybeDuplicate: false,
        raw,
      },
    ]);
  }
  await journal.close();
  return dataDir;
}

interface Refusal {
  readonly code: string;
  readonly message: RegExp;
  readonly remedy: RegExp;
}

/** Ends with 1, and says a code, a message and a remedy on stderr, and nothing on stdout or of secrets. */
async function expectRefusal(running: Running, { code, message, remedy }: Refusal): Promise<void> {
  await expectExit(running, 1);
  const told = new RegExp(`^error ${code}: (?<message>[^]*?)\\n {2}→ (?<remedy>.*)\\n`, "mu").exec(
    running.err,
  );
  if (told === null) throw new Error(`no error ${code} in\n${running.err}`);
  expect(told.groups?.["message"]).toMatch(message);
  expect(told.groups?.["remedy"]).toMatch(remedy);
  expect(running.err).not.toContain("    at ");
  expect(running.err).not.toContain(secret);
  expect(running.out).toBe("");
}

interface Case extends Refusal {
  readonly name: string;
  /** Spoils what is there: the directory of the configuration, and the used data directory in it. */
  readonly spoil: (dir: string, dataDir: string) => void;
}

const cases: readonly Case[] = [
  {
    name: "a data directory below a file",
    spoil: (dir) => {
      writeFileSync(join(dir, "file"), "");
      writeConfig({ dir, mock, topics, more: { dataDir: "./file/data" } });
    },
    code: "DATA_DIR_UNWRITABLE",
    message: /file\/data cannot be used: a part of its path is a file/u,
    remedy: /--data-dir/u,
  },
  {
    name: "a data directory that is a file",
    spoil: (dir) => {
      writeFileSync(join(dir, "file"), "mine");
      writeConfig({ dir, mock, topics, more: { dataDir: "./file" } });
    },
    code: "DATA_DIR_UNWRITABLE",
    message: /cannot be used: there is a file of that name/u,
    remedy: /--data-dir/u,
  },
  {
    name: "a journal that is no database",
    spoil: (_, dataDir) =>
      overwrite(join(dataDir, "journal.db"), 0, "this is no database at all, but it was here"),
    code: "JOURNAL_CORRUPT",
    message: /journal\.db: .*\(SQLite 26\)/u,
    remedy: /Nothing was changed.*put back a copy/u,
  },
  {
    name: "a journal with a damaged page in its middle",
    spoil: (_, dataDir) => {
      const path = join(dataDir, "journal.db");
      const page = 8_192;
      const middle = Math.floor(lstatSync(path).size / page / 2) * page;
      overwrite(path, middle, "\u00ff".repeat(2_000));
    },
    code: "JOURNAL_CORRUPT",
    message: /journal\.db/u,
    remedy: /Nothing was changed.*put back a copy/u,
  },
  {
    name: "a journal that was cut short",
    spoil: (_, dataDir) => {
      const path = join(dataDir, "journal.db");
      writeFileSync(path, readFileSync(path).subarray(0, 3 * 8_192 + 17));
    },
    code: "JOURNAL_CORRUPT",
    message: /journal\.db/u,
    remedy: /Nothing was changed/u,
  },
  {
    name: "a journal of a newer version",
    spoil: (_, dataDir) => {
      const database = new DatabaseSync(join(dataDir, "journal.db"));
      database.exec("PRAGMA user_version = 1000");
      database.close();
    },
    code: "JOURNAL_NEWER",
    message: /1000/u,
    remedy: /newer version of Trunkline/u,
  },
  {
    name: "YAML that is none",
    spoil: (dir) =>
      writeFileSync(
        join(dir, "trunkline.yaml"),
        "dataDir: ./data\ntrunks:\n  - name: main\n   topics: [a\n",
      ),
    code: "CONFIG_INVALID",
    message: /trunkline\.yaml:4:\d+[^]*\n.*topics: \[a\n\s*.*\^/u,
    remedy: /indentation/u,
  },
  {
    name: "an option that does not exist",
    spoil: (dir) => writeConfig({ dir, mock, topics, more: { jurnal: {} } }),
    code: "CONFIG_INVALID",
    message: /trunkline\.yaml:\d+:\d+: jurnal/u,
    remedy: /journal/u,
  },
  {
    name: "a secret that is not there",
    spoil: (dir) =>
      writeConfig({ dir, mock, topics, trunk: { clientSecret: { env: "NOT_SET_ANYWHERE" } } }),
    code: "CONFIG_INVALID",
    message: /trunkline\.yaml:\d+:\d+: .*NOT_SET_ANYWHERE/u,
    remedy: /Set NOT_SET_ANYWHERE/u,
  },
];

test.each(cases)(
  "$name: $code, with a remedy, and the disk is as it was",
  async ({ spoil, ...refusal }) => {
    const dir = folder();
    const dataDir = await usedDirectory(dir);
    const path = writeConfig({ dir, mock, topics });
    spoil(dir, dataDir);
    const before = contents(dir);
    await expectRefusal(startRelay(path, secret).running, refusal);
    expect(contents(dir)).toEqual(before);
  },
);

/** How to run as somebody who may not write everywhere; undefined where that cannot be had. */
function asNobody(): Launcher | undefined {
  if (process.getuid?.() !== 0) return ["env"];
  const launcher: Launcher = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const [command, ...argv] = [...launcher, process.execPath, bin, "--version"];
  return spawnSync(command, argv).status === 0 ? launcher : undefined;
}

test("a data directory that this user may not write: DATA_DIR_UNWRITABLE", async () => {
  const launcher = asNobody();
  if (launcher === undefined) {
    process.stdout.write("not tried: no other user can run the command here\n");
    return;
  }
  const dir = folder();
  const path = writeConfig({ dir, mock, topics });
  mkdirSync(join(dir, "data"));
  chmodSync(join(dir, "data"), 0o555);
  chmodSync(dir, 0o755);
  const before = contents(dir);
  await expectRefusal(startRelay(path, secret, launcher).running, {
    code: "DATA_DIR_UNWRITABLE",
    message: /data cannot be used: this user may not write there/u,
    remedy: /--data-dir/u,
  });
  expect(contents(dir)).toEqual(before);
});

test("a disk without room: a code, and no stack", async () => {
  const dir = folder();
  mkdirSync(join(dir, "disk"));
  const path = writeConfig({ dir, mock, topics, more: { dataDir: "./disk/data" } });
  // A page or three, and not one more: names can be made, contents cannot.
  const { kind, launcher } = smallDisk(join(dir, "disk"), 4_096);
  await expectRefusal(startRelay(path, secret, launcher).running, {
    code: kind === "tmpfs" ? "(?:JOURNAL_FULL|DATA_DIR_UNWRITABLE)" : "JOURNAL_UNWRITABLE",
    message: /disk\/data/u,
    remedy: /disk|directory/u,
  });
});

test("a second relay on the same data names the process that has it, which goes on", async () => {
  const dir = folder();
  await usedDirectory(dir);
  const path = writeConfig({ dir, mock, topics });
  const first = startRelay(path, secret);
  const pid = `${first.running.child.pid}\n`;
  const holder = (): string => readFileSync(join(dir, "data", "lock.pid"), "utf8");
  await eventually("the first at work", () => holder() === pid);
  await expectRefusal(startRelay(path, secret).running, {
    code: "DATA_DIR_LOCKED",
    message: new RegExp(
      `data is in use by another relay \\(process ${first.running.child.pid}\\)`,
      "u",
    ),
    remedy: /--data-dir/u,
  });
  expect(readFileSync(join(dir, "data", "lock.pid"), "utf8")).toBe(`${first.running.child.pid}\n`);
  expect(await first.stop()).toBe(0);
});

test("a port that is taken: nothing was changed, and the data is free again", async () => {
  const dir = folder();
  const dataDir = await usedDirectory(dir);
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  onEnd(() => server.close());
  const { port } = server.address() as { readonly port: number };
  const path = writeConfig({ dir, mock, topics, more: { http: { port } } });
  await expectRefusal(startRelay(path, secret).running, {
    code: "PORT_IN_USE",
    message: new RegExp(`${port}`, "u"),
    remedy: /http\.port/u,
  });
  const names = readdirSync(dataDir);
  expect(
    names.filter((name) => !["journal.db", "lock.db", "signing-key.pem"].includes(name)),
  ).toEqual([]);
});

function overwrite(path: string, at: number, text: string): void {
  const file = openSync(path, "r+");
  writeSync(file, Buffer.from(text, "latin1"), 0, text.length, at);
  closeSync(file);
}
