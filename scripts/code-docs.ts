/** Writes the tables of error codes in docs/OPERATING.md. `node --conditions=@trunkline/source scripts/code-docs.ts` */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lineCodeTable, relayCodeTable } from "./code-tables.ts";

const root = join(import.meta.dirname, "..");
const file = join(root, "docs/OPERATING.md");

function filled(text: string, name: string, table: string): string {
  const place = new RegExp(`(<!-- ${name} -->)[^]*(<!-- /${name} -->)`, "u");
  if (!place.test(text)) throw new Error(`docs/OPERATING.md has no place for ${name}`);
  return text.replace(place, (_, before, after) => `${before}\n\n${table}\n\n${after}`);
}

const text = readFileSync(file, "utf8");
writeFileSync(
  file,
  filled(filled(text, "relay codes", relayCodeTable()), "line codes", lineCodeTable()),
);
execFileSync("npm", ["exec", "--", "oxfmt", file], { cwd: root, stdio: "inherit" });
