import { describe, expect, test } from "vitest";
import { openWriter } from "../platform/sqlite.ts";
import { MemoryStage } from "../testing/journal-stage.ts";
import { inspect, migrate, migrations } from "./schema.ts";

/** A gap, when gaps did not say yet how certain a loss is. */
const toldThen =
  '"state":"open","topics":["v2.x"],"fromMs":1,"cause":"cut","recordedAtMs":1700000000000';
const first = "CREATE TABLE letters (name TEXT); INSERT INTO letters VALUES ('a'), ('b')";
const second = "ALTER TABLE letters ADD COLUMN size INTEGER NOT NULL DEFAULT 7";
const broken = "CREATE TABLE more (name TEXT); INSERT INTO nowhere VALUES (1)";

describe("the schema", () => {
  test("goes forward from an older version, keeping what is there", () => {
    const database = openWriter(":memory:");
    migrate(database, [first]);
    migrate(database, [first, second]);
    expect(database.prepare("SELECT name, size FROM letters").all()).toMatchObject([
      { name: "a", size: 7 },
      { name: "b", size: 7 },
    ]);
    expect(inspect(database, 2)).toBe(2);
  });

  test("a journal of version 1 is read and written on, with all that it holds", async () => {
    const stage = new MemoryStage();
    const { database } = stage.disk;
    migrate(database, migrations.slice(0, 1));
    database.exec(`
      INSERT INTO meta VALUES ('id', 'firstversion'), ('run', 1), ('closed', 1);
      INSERT INTO origins VALUES (1, 'main', 'org-1');
      INSERT INTO topics VALUES (1, 1, 'v2.x');
      INSERT INTO generations VALUES (1, 1);
      INSERT INTO entries VALUES (1, 0, 1, 1700000000000, '{}');
      INSERT INTO topics VALUES (2, 1, '');
      INSERT INTO entries VALUES (2, 1, 2, 1700000000000, '{"gapId":"g",${toldThen}}');
      INSERT INTO gaps VALUES ('main', 'g', 1, 2, 2, 1700000000000, 1, '["v2.x"]', '{${toldThen}}');
      INSERT INTO consumers VALUES ('archive', 1, 1)`);
    const journal = await stage.open();
    expect(inspect(database)).toBe(migrations.length);
    expect([journal.id, journal.head, journal.wasClosed]).toEqual(["firstversion", 2, true]);
    expect((await journal.read({ after: 0, limit: 9 })).entries).toMatchObject([
      { position: 1, topic: "v2.x", organizationId: "org-1", raw: "{}" },
      { position: 2, gapId: "g", topics: ["v2.x"], certainty: "possible" },
    ]);
    expect(await journal.gaps({ limit: 9 })).toMatchObject([{ gapId: "g", certainty: "possible" }]);
    expect(await journal.consumers()).toMatchObject([{ name: "archive", position: 1 }]);
    const known = { organizationId: "org-1", channels: [] };
    expect(await journal.trunk("main")).toEqual(known);
    const channels = [{ mark: "a", clientId: "client", untilMs: 5 }];
    void journal.append([{ kind: "trunk", trunk: "main", channels }]);
    await journal.flush();
    expect(await journal.trunk("main")).toEqual({ ...known, channels });
  });

  test("a journal of version 2 has its events, marked or not, and learns of conversations", async () => {
    const stage = new MemoryStage();
    const { database } = stage.disk;
    migrate(database, migrations.slice(0, 2));
    database.exec(`
      INSERT INTO meta VALUES ('id', 'secondversion'), ('run', 1), ('closed', 1);
      INSERT INTO origins VALUES (1, 'main', 'org-1');
      INSERT INTO topics VALUES (1, 1, 'v2.users.u1.conversations');
      INSERT INTO entries VALUES (1, 0, 1, 1700000000000, '{}'), (2, 2, 1, 1700000000000, '{}')`);
    const journal = await stage.open();
    const types = ["conversation:all"];
    expect((await journal.read({ after: 0, limit: 9 })).entries).toMatchObject([
      { position: 1, kind: "event", types, maybeDuplicate: false },
      { position: 2, kind: "event", types, maybeDuplicate: true },
    ]);
    expect(await journal.conversations("main")).toEqual([]);
  });

  test("a step that fails leaves the version before it", () => {
    const database = openWriter(":memory:");
    expect(() => migrate(database, [first, broken])).toThrow("nowhere");
    expect(inspect(database, 2)).toBe(1);
    migrate(database, [first, second]);
    expect(inspect(database, 2)).toBe(2);
  });

  test("refuses a newer one, and a database of somebody else", () => {
    const database = openWriter(":memory:");
    migrate(database, [...migrations, second.replace("letters", "entries")]);
    expect(() => migrate(database)).toThrow(`version ${migrations.length + 1}`);
    const foreign = openWriter(":memory:");
    foreign.exec(first);
    expect(() => migrate(foreign)).toThrow("another program");
  });
});
