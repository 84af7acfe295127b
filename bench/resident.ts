/**
 * The memory of a client with 19 lines of 1,000 topics each, in a process of its own; the mock is
 * in another. What Node itself takes, and the compiler that reads this file, is in the figure.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { createClient } from "@trunkline/client";

/** One channel of the 20 is spare. */
const topicsMax = 19 * 1_000;
const settleMs = 3_000;

const mock = fork(new URL("mock.js", import.meta.url), [String(topicsMax)]);
const [{ apiUrl, clientId, clientSecret, topics }] = (await once(mock, "message")) as [
  { apiUrl: string; clientId: string; clientSecret: string; topics: readonly string[] },
];
const client = createClient({
  baseUrl: apiUrl,
  credentials: { clientId, clientSecret },
  combine: "never",
  topics,
});
const watch = async (): Promise<void> => {
  let live = 0;
  for await (const event of client.events()) {
    if (event.type === "gap" && event.cause === "stopped") continue;
    if (event.type === "rejected" || event.type === "gap") {
      throw new Error(JSON.stringify(event).slice(0, 500));
    }
    if (event.type !== "subscribed") continue;
    live += event.topics.length;
    if (live === topicsMax) setTimeout(report, settleMs);
  }
};
const report = (): void => {
  const open = client.topics().filter(({ state }) => state === "live").length;
  process.send?.({ residentBytes: process.memoryUsage.rss(), open });
  mock.disconnect();
  void client.close().then(() => process.disconnect());
};
await watch();
