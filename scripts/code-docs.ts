/**
 * Writes the tables of codes in docs/OPERATING.md and docs/EVENT-API.md, of event types there, of the mock's settings in
 * docs/MOCK.md, and of paths, scopes and regions in docs/WHICH-URL.md.
 * `node --conditions=@trunkline/source scripts/code-docs.ts`
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventApiTable, lineCodeTable, relayCodeTable, subscriberTable } from "./code-tables.ts";
import { settingTable } from "./setting-table.ts";
import { eventTypeTable } from "./topic-tables.ts";
import { regionTable, scopeTable, socketPathTable } from "./url-tables.ts";

const root = join(import.meta.dirname, "..");

function fill(path: string, name: string, table: string): void {
  const file = join(root, path);
  const text = readFileSync(file, "utf8");
  const place = new RegExp(`(<!-- ${name} -->)[^]*(<!-- /${name} -->)`, "u");
  if (!place.test(text)) throw new Error(`${path} has no place for ${name}`);
  writeFileSync(
    file,
    text.replace(place, (_, before, after) => `${before}\n\n${table}\n\n${after}`),
  );
}

fill("docs/OPERATING.md", "relay codes", relayCodeTable());
fill("docs/OPERATING.md", "line codes", lineCodeTable());
fill("docs/EVENT-API.md", "event types", eventTypeTable());
fill("docs/EVENT-API.md", "event api codes", eventApiTable());
fill("docs/EVENT-API.md", "subscriber codes", subscriberTable());
fill("docs/MOCK.md", "settings", settingTable());
fill("docs/WHICH-URL.md", "socket paths", socketPathTable());
fill("docs/WHICH-URL.md", "scopes", scopeTable());
fill("docs/WHICH-URL.md", "regions", regionTable());
const documents = ["OPERATING", "MOCK", "EVENT-API", "WHICH-URL"].map((name) => `docs/${name}.md`);
execFileSync("npm", ["exec", "--", "oxfmt", ...documents], { cwd: root, stdio: "inherit" });
