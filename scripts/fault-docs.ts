/** Writes the tables of faults in docs/MOCK.md. `node --conditions=@trunkline/source scripts/fault-docs.ts` */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { faultFieldTable, faultTable } from "./fault-tables.ts";

const root = join(import.meta.dirname, "..");
const file = join(root, "docs/MOCK.md");
const tables = {
  "standing faults": faultTable("standing"),
  "immediate faults": faultTable("immediate"),
  "fault fields": faultFieldTable(),
};

let text = readFileSync(file, "utf8");
for (const [name, table] of Object.entries(tables)) {
  const place = new RegExp(`(<!-- ${name} -->)[^]*(<!-- /${name} -->)`, "u");
  if (!place.test(text)) throw new Error(`docs/MOCK.md has no place for ${name}`);
  text = text.replace(place, (_, before, after) => `${before}\n\n${table}\n\n${after}`);
}
writeFileSync(file, text);
execFileSync("npm", ["exec", "--", "oxfmt", file], { cwd: root, stdio: "inherit" });
