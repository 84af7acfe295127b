/**
 * `npm run soak -- --minutes 10 --rate 1000`: a client against a mock in a process of its own, with
 * a cut, a close or a dead channel every 70 s. Prints memory and handles over time, and at the end
 * whether the books balance. By hand; its figures go to docs/PROOF.md.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { createClient } from "@trunkline/client";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    rate: { type: "string", default: "1000" },
  },
});
const minutes = Number(values.minutes);
const rate = Number(values.rate);
if (!(minutes > 0) || !(rate > 0))
  throw new RangeError("--minutes and --rate take positive numbers");

/** Longer than a session must hold to reset the backoff: this is a soak, not a storm. */
const faultEveryMs = 70_000;
const sampleEveryMs = 30_000;

const mock = fork(new URL("soak-mock.ts", import.meta.url), [String(rate)], {
  execArgv: ["--conditions=@trunkline/source"],
});
const [{ apiUrl, controlUrl, clientId, clientSecret, topics }] = (await once(mock, "message")) as [
  {
    apiUrl: string;
    controlUrl: string;
    clientId: string;
    clientSecret: string;
    topics: readonly string[];
  },
];
const client = createClient({ baseUrl: apiUrl, credentials: { clientId, clientSecret }, topics });
const seen = new Set<string>();
const gaps: { id: string; topics: readonly string[]; fromMs: number; toMs: number | undefined }[] =
  [];
const books = { delivered: 0, duplicated: 0, declaredLost: 0, lost: 0, faults: 0 };
let carriedSinceMs = Number.POSITIVE_INFINITY;
let since = 0;

async function inject(fault: Readonly<Record<string, unknown>>): Promise<void> {
  await fetch(`${controlUrl}/faults`, { method: "POST", body: JSON.stringify(fault) });
  books.faults++;
}

const faults: readonly (() => Promise<void>)[] = [
  () => inject({ fault: "cutSockets" }),
  () => inject({ fault: "closeSockets", code: 1001, reason: "soak" }),
  async () => {
    const { channels } = (await (await fetch(`${controlUrl}/channels`)).json()) as {
      channels: readonly { channelId: string }[];
    };
    await inject({ fault: "dropChannel", channelId: channels.at(-1)?.channelId });
  },
];

interface Page {
  readonly entries: readonly {
    sequence: number;
    atMs: number;
    topic: string;
    correlationId: string;
  }[];
  readonly forgotten: number;
}

/** Weighs what the ledger has against what came, and forgets both, so that the soak itself stays flat. */
async function weigh(untilMs: number): Promise<void> {
  for (;;) {
    const page = (await (
      await fetch(`${controlUrl}/ledger?since=${since}&untilMs=${untilMs}&limit=5000`)
    ).json()) as Page;
    if (page.forgotten > 0)
      throw new Error(`the ledger forgot ${page.forgotten} entries: lower --rate`);
    for (const { sequence, atMs, topic, correlationId } of page.entries) {
      since = sequence;
      if (atMs < carriedSinceMs || !topics.includes(topic)) continue;
      if (seen.delete(correlationId)) books.delivered++;
      else if (
        gaps.some(
          (gap) =>
            gap.topics.includes(topic) && gap.fromMs - 1 <= atMs && atMs <= (gap.toMs ?? atMs) + 1,
        )
      )
        books.declaredLost++;
      else books.lost++;
    }
    if (page.entries.length === 0) return;
  }
}

async function read(): Promise<void> {
  for await (const event of client.events()) {
    if (event.type === "subscribed") carriedSinceMs = Math.min(carriedSinceMs, Date.now());
    else if (event.type === "gap") {
      // An open gap reaches to now, for the topics for which it has not closed.
      const at = gaps.findIndex(({ id, toMs }) => id === event.id && toMs === undefined);
      const open = gaps[at];
      if (open !== undefined) {
        const topics = open.topics.filter((topic) => !event.topics.includes(topic));
        gaps.splice(at, 1, ...(topics.length > 0 ? [{ ...open, topics }] : []));
      }
      gaps.push(event);
    } else if (event.type === "notification") {
      const id = event.correlationId ?? "";
      if (seen.has(id)) books.duplicated++;
      seen.add(id);
    }
  }
}

const reading = read();
const handles = (): number => process.getActiveResourcesInfo().length;
const samples: { minute: number; residentMb: number; heapMb: number; handles: number }[] = [];
const faulting = setInterval(() => void faults[books.faults % faults.length]?.(), faultEveryMs);
const endMs = Date.now() + minutes * 60_000;
console.log(
  `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}, ${rate} events/s, ${minutes} min`,
);
while (Date.now() < endMs) {
  await new Promise((resolve) => setTimeout(resolve, Math.min(sampleEveryMs, endMs - Date.now())));
  // What was emitted in the last seconds may still be on its way, or in a gap that has not closed.
  await weigh(Date.now() - 15_000);
  const { rss, heapUsed } = process.memoryUsage();
  const sample = {
    minute: minutes - (endMs - Date.now()) / 60_000,
    residentMb: rss / 1e6,
    heapMb: heapUsed / 1e6,
    handles: handles(),
  };
  samples.push(sample);
  console.log(
    `${sample.minute.toFixed(1)} min: ${sample.residentMb.toFixed(0)} MB resident, ${sample.heapMb.toFixed(0)} MB heap, ${sample.handles} handles, ${books.delivered} delivered, ${books.declaredLost} in ${gaps.length} gaps, ${books.lost} lost`,
  );
}
clearInterval(faulting);
await new Promise((resolve) => setTimeout(resolve, 15_000));
const stopMs = Date.now() - 5_000;
await weigh(stopMs);
await client.close();
await reading;
mock.disconnect();
console.log(JSON.stringify({ ...books, gaps: gaps.length, samples: samples.length }));
process.exitCode = books.lost === 0 && books.duplicated === 0 ? 0 : 1;
