/** A mock in a process of its own, for benchmarks. Ends when its parent does. */
import { randomUUID } from "node:crypto";
import { startMock } from "@trunkline/mock";

const [topics = "0"] = process.argv.slice(2);
const { apiUrl, clientId, clientSecret } = await startMock({ rate: 0 });
process.send?.({
  apiUrl,
  clientId,
  clientSecret,
  topics: Array.from({ length: Number(topics) }, () => `v2.users.${randomUUID()}.presence`),
});
process.on("disconnect", () => process.exit());
