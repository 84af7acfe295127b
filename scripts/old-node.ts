/**
 * `node scripts/old-node.ts 22`: what programs import, on another version of Node, which npm installs into a
 * temporary folder: the built client and both ways to subscribe, against the built mock and demo.
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

const from = (path: string): string => JSON.stringify(join(root, "packages", path));
const fromMock = `
import { createClient } from ${from("client/dist/index.js")};
const { mock } = JSON.parse(process.argv[2]);
const client = createClient({ baseUrl: mock.apiUrl, credentials: mock, topics: mock.topics });
let count = 0;
for await (const event of client.events()) {
  if (event.type === "gap") throw new Error("a gap");
  if (event.type === "notification" && ++count === ${wanted}) break;
}
console.log(process.version + ": the client took " + count + " events");
`;
const subscribing = `
import { createEventSubscription, gateway } from ${from("events/dist/index.js")};
import { direct } from ${from("events/dist/direct/direct.js")};
const told = JSON.parse(process.argv[2]);
const backends = {
  gateway: () => gateway({ url: told.gateway.url, access: told.gateway }),
  direct: () => direct({ baseUrl: told.mock.apiUrl, credentials: told.mock }),
};
for (const [name, backend] of Object.entries(backends)) {
  const eventTypes = ["conversation:updated"];
  const filters = { divisions: ["self"] };
  let count = 0;
  for await (const { type } of createEventSubscription({ backend: backend(), eventTypes, filters }))
    if (type === "event" && ++count === ${wanted}) break;
  console.log(process.version + ": a subscription, " + name + ", took " + count + " events");
}
`;

interface Told {
  readonly mock: {
    readonly apiUrl: string;
    readonly clientId: string;
    readonly clientSecret: string;
  };
}

writeFileSync(
  join(folder, "package.json"),
  JSON.stringify({ private: true, allowScripts: { node: true } }),
);
execFileSync("npm", ["install", `node@${version}`], { cwd: folder, stdio: "ignore" });
try {
  await runBeside(["mock", "--port", "0", "--rate", "50"], fromMock, async (line) => {
    const mock = line as Told["mock"];
    return { mock: { ...mock, topics: await topicsOf(mock) } };
  });
  await runBeside(["demo", "--for", "60s"], subscribing, (line) => Promise.resolve(line as Told));
} finally {
  rmSync(folder, { recursive: true });
}

/** Runs a program on the other Node beside a command of ours, whose first line says where it is. */
async function runBeside(
  command: readonly string[],
  program: string,
  read: (line: unknown) => Promise<Told>,
): Promise<void> {
  const trunkline = join(root, "packages/cli/bin/trunkline.js");
  const beside = spawn(process.execPath, [trunkline, ...command, "--json"]);
  try {
    const [line] = (await once(createInterface({ input: beside.stdout }), "line")) as [string];
    const told = await read(JSON.parse(line));
    writeFileSync(join(folder, "program.mjs"), program);
    const other = join(folder, "node_modules", "node", "bin", "node");
    const printed = execFileSync(other, ["program.mjs", JSON.stringify(told)], {
      cwd: folder,
      encoding: "utf8",
      timeout: 60_000,
    });
    console.log(printed.trim());
  } finally {
    beside.kill();
  }
}

async function topicsOf({
  apiUrl,
  clientId,
  clientSecret,
}: Told["mock"]): Promise<readonly string[]> {
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
