/**
 * Writes docs/openapi.json and docs/asyncapi.json.
 * `node --conditions=@trunkline/source scripts/api-docs.ts`
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { apiDocuments } from "./api-documents.ts";

const root = join(import.meta.dirname, "..");
const files = Object.entries(await apiDocuments()).map(([name, document]) => {
  const file = join(root, "docs", name);
  writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
  return file;
});
execFileSync("npm", ["exec", "--", "oxfmt", ...files], { cwd: root, stdio: "inherit" });
