import { describe, expect, test } from "vitest";
import { openWriter } from "../platform/sqlite.ts";
import { inspect, migrate, migrations } from "./schema.ts";

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
