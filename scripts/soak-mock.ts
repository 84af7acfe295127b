/** The mock of the soak, in a process of its own. Ends when its parent does. */
import { createMock } from "@trunkline/mock";

const [rate = "1000"] = process.argv.slice(2);
const mock = await createMock({ rate: Number(rate) });
const { apiUrl, controlUrl, clientId, clientSecret } = mock;
process.send?.({ apiUrl, controlUrl, clientId, clientSecret, topics: mock.sampleTopics(100) });
process.on("disconnect", () => process.exit());
