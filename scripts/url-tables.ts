/** The tables of docs/WHICH-URL.md: paths of sockets, scopes and regions, made from the code that they are of. */
import { regions } from "@trunkline/client";
import { socketPath, socketPaths } from "../packages/relay/src/gateway/paths.ts";
import { knownScopes, mayConnect, readingOf } from "../packages/relay/src/gateway/access/scopes.ts";
import { table } from "./code-tables.ts";

/** Every path on which a socket of the Event API opens, and what it means there. */
export function socketPathTable(): string {
  const rows = socketPaths.map((path) => [path, meaningOf(path.replace("{id}", "id"))]);
  return table(["path", "what a socket on it is"], rows);
}

function meaningOf(path: string): string {
  const found = socketPath(path);
  if (found === undefined) throw new Error(`no socket opens on ${path}`);
  if (found.standing !== undefined)
    return "it reads the subscription of this id, which `POST /api/v2/analytics/events` has made";
  const implied = found.implied?.written.map((name) => `\`${name}\``).join(", ");
  return implied === undefined
    ? "it waits for a subscription as a message"
    : `the same; ${implied} is subscribed to where none comes`;
}

/** Every scope that the gateway knows, and what it lets a client do. */
export function scopeTable(): string {
  const rules = { client: { eventTypes: undefined }, eventTypeScopes: {} };
  const reads = readingOf(rules);
  const rows = knownScopes.map((scope) => {
    const read = reads([scope], "user:presence")
      ? "everything"
      : reads([scope], "conversation:updated")
        ? "event types of conversations"
        : "nothing";
    return [scope, mayConnect([scope]) ? "yes" : "no", read];
  });
  return table(["scope", "connects", "reads"], rows);
}

/** Every region of Genesys Cloud with its hosts. */
export function regionTable(): string {
  const rows = Object.entries(regions).map(([name, domain]) => [
    name,
    ...["login", "api", "streaming"].map((host) => `${host}.${domain}`),
  ]);
  return table(["region", "token", "REST", "socket (see above)"], rows);
}
