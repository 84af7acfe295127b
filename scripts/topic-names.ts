/**
 * Writes what the Event API knows of the real topics: names and permissions, from the mock's catalogue.
 * `node --conditions=@trunkline/source scripts/topic-names.ts`
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { topicTables } from "./topic-tables.ts";

const folder = join(import.meta.dirname, "../packages/events/src/data");
for (const [name, text] of Object.entries(topicTables())) writeFileSync(join(folder, name), text);
