/**
 * The mock of the load benchmark, in a process of its own: many clients, and events at a steady rate, each on the topic of
 * one channel. A body carries the moment at which it was emitted. Ends when its parent does.
 */
import { createMock } from "@trunkline/mock";
import { machineMs } from "./sender.ts";

/** What the parent asks for; the answers are messages too. */
export type Order =
  | { readonly ask: "memory" }
  | {
      readonly ask: "flood";
      readonly rate: number;
      readonly seconds: number;
      readonly topics: readonly string[];
    };

/** What a flood came to. */
export interface Flooded {
  readonly emitted: number;
  readonly tookMs: number;
  /** Processor time of this process for each second of the flood, in percent of one core. */
  readonly corePercent: number;
}

const [clientCount = "1"] = process.argv.slice(2);
const clients = Array.from({ length: Number(clientCount) }, (_, index) => ({
  clientId: `c0ffee00-0000-4000-8000-${String(index + 1).padStart(12, "0")}`,
  clientSecret: "mock-secret",
}));
const mock = await createMock({ rate: 0, clients });
process.send?.({ apiUrl: mock.apiUrl, clients });

const tickMs = 5;
const filler = "x".repeat(400);

function flood(rate: number, seconds: number, topics: readonly string[]): void {
  const startMs = performance.now();
  const before = process.cpuUsage();
  const wanted = rate * seconds;
  let emitted = 0;
  const timer = setInterval(() => {
    const due = Math.min(wanted, ((performance.now() - startMs) / 1_000) * rate);
    for (; emitted < due; emitted++) {
      const topic = topics[(emitted * 7919) % topics.length] ?? "";
      mock.cloud.emit(topic, { sentAtMs: machineMs(), filler }, mock.nowMs());
    }
    if (emitted < wanted) return;
    clearInterval(timer);
    const tookMs = performance.now() - startMs;
    const { user, system } = process.cpuUsage(before);
    const corePercent = Math.round((user + system) / 10 / tookMs);
    process.send?.({ emitted, tookMs, corePercent } satisfies Flooded);
  }, tickMs);
}

process.on("message", (order: Order) => {
  if (order.ask === "memory") process.send?.({ residentBytes: process.memoryUsage.rss() });
  else flood(order.rate, order.seconds, order.topics);
});
process.on("disconnect", () => process.exit());
