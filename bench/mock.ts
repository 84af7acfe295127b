/** A mock in a process of its own, for benchmarks. Ends when its parent does. */
import { randomUUID } from "node:crypto";
import { createMock } from "@trunkline/mock";

const [count = "0", rate = "0"] = process.argv.slice(2);
const mock = await createMock({ rate: 0 });
const { apiUrl, clientId, clientSecret } = mock;
const topics = Array.from({ length: Number(count) }, () => `v2.users.${randomUUID()}.presence`);
process.send?.({ apiUrl, clientId, clientSecret, topics });

/** Events at a steady rate, spread over the topics, from the first message of the parent on. */
process.once("message", () => {
  const startMs = performance.now();
  let emitted = 0;
  setInterval(() => {
    const due = ((performance.now() - startMs) / 1_000) * Number(rate);
    for (; emitted < due; emitted++) {
      const topic = topics[(emitted * 7919) % topics.length] ?? "";
      mock.cloud.emit(topic, { message: String(emitted).padEnd(400, ".") }, mock.nowMs());
    }
  }, 5);
});
process.on("disconnect", () => process.exit());
