/** Writes what is made from the schema of the configuration: trunkline.schema.json and the tables in docs/CONFIGURATION.md. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { optionTables } from "../packages/relay/src/config/document.ts";
import { configJsonSchema } from "../packages/relay/src/config/json-schema.ts";

const root = join(import.meta.dirname, "..");
const schemaFile = join(root, "packages/relay/trunkline.schema.json");
const documentFile = join(root, "docs/CONFIGURATION.md");

writeFileSync(schemaFile, configJsonSchema());
const document = readFileSync(documentFile, "utf8");
writeFileSync(
  documentFile,
  document.replace(
    /(<!-- options -->)[^]*(<!-- \/options -->)/u,
    (_whole, before: string, after: string) => `${before}\n\n${optionTables()}\n\n${after}`,
  ),
);
execFileSync("npm", ["exec", "--", "oxfmt", schemaFile, documentFile], {
  cwd: root,
  stdio: "inherit",
});
