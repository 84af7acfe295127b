/** Writes what is made from the schemas of the mock: openapi.json of its control API, and scenario.schema.json for editors. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { scenarioJsonSchema } from "../packages/mock/src/scenario/schema.ts";
import { openApiDocument } from "../packages/mock/src/server/openapi.ts";

const root = join(import.meta.dirname, "..");
const openApiFile = join(root, "packages/mock/openapi.json");
const schemaFile = join(root, "packages/mock/scenario.schema.json");

writeFileSync(openApiFile, `${JSON.stringify(openApiDocument(), null, 2)}\n`);
writeFileSync(schemaFile, scenarioJsonSchema());
execFileSync("npm", ["exec", "--", "oxfmt", openApiFile, schemaFile], {
  cwd: root,
  stdio: "inherit",
});
