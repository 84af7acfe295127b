/**
 * `node scripts/old-node.ts 22`: the built client against the built mock, each in a process of its
 * own, the client on another version of Node, which npm installs into a temporary folder.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const [version = "22"] = process.argv.slice(2);
const root = resolve(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "trunkline-node-"));
const wanted = 20;

const program = `
import { createClient } from ${JSON.stringify(join(root, "packages/client/dist/index.js"))};
const mock = JSON.parse(process.argv[2]);
const client = createClient({ baseUrl: mock.apiUrl, credentials: mock, topics: mock.topics });
let count = 0;
for await (const event of client.events()) {
  if (event.type === "gap") throw new Error("a gap");
  if (event.type === "notification" && ++count === ${wanted}) break;
}
console.log(process.version + " took " + count + " events");
`;

writeFileSync(
  join(folder, "package.json"),
  JSON.stringify({ private: true, allowScripts: { node: true } }),
);
writeFileSync(join(folder, "program.mjs"), program);
execFileSync("npm", ["install", `node@${version}`], { cwd: folder, stdio: "ignore" });

const mock = spawn(process.execPath, [
  join(root, "packages/cli/bin/trunkline.js"),
  "mock",
  "--port",
  "0",
  "--rate",
  "50",
  "--json",
]);
try {
  const [line] = (await once(createInterface({ input: mock.stdout }), "line")) as [string];
  const ready = JSON.parse(line) as { apiUrl: string; clientId: string; clientSecret: string };
  const topics = await topicsOf(ready);
  const other = join(folder, "node_modules", "node", "bin", "node");
  console.log(
    execFileSync(other, ["program.mjs", JSON.stringify({ ...ready, topics })], {
      cwd: folder,
      encoding: "utf8",
      timeout: 60_000,
    }).trim(),
  );
} finally {
  mock.kill();
  rmSync(folder, { recursive: true });
}

async function topicsOf({
  apiUrl,
  clientId,
  clientSecret,
}: {
  apiUrl: string;
  clientId: string;
  clientSecret: string;
}): Promise<readonly string[]> {
  const login = await fetch(`${apiUrl}/oauth/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  const { access_token: token } = (await login.json()) as { access_token: string };
  const listing = await fetch(`${apiUrl}/api/v2/routing/queues`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const { entities } = (await listing.json()) as { entities: readonly { id: string }[] };
  return entities.map(({ id }) => `v2.routing.queues.${id}.conversations`);
}
