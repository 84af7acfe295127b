/**
 * `node:http` as `require` gives it: an `import` would evaluate its lazy export `WebSocket`, and with it
 * load 10 MB that nobody here uses.
 */
import type * as http from "node:http";
import { createRequire } from "node:module";

const { createServer, STATUS_CODES } = createRequire(import.meta.url)("node:http") as typeof http;

export { createServer, STATUS_CODES };
