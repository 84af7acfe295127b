/** The documents of the relay's interfaces as they stand in docs/: what the relay serves, for one on this machine. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { asyncApiDocument } from "../packages/relay/src/http/documents/asyncapi.ts";

const { version } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../packages/relay/package.json"), "utf8"),
) as { readonly version: string };

/** By the name of their file in docs/. */
export const apiDocuments: Readonly<Record<string, object>> = {
  "asyncapi.json": asyncApiDocument({ version, host: "127.0.0.1:8484", isSecure: false }),
};
