/** A mock in a process of its own, that tells how much it holds. Run with `--expose-gc`; it ends with its parent. */
import { createMock } from "@trunkline/mock";

/** What the process holds once it has collected its garbage. */
export interface Holdings {
  readonly heapBytes: number;
  /** Sockets, timers and whatever else keeps the loop alive. */
  readonly resources: number;
  readonly openSockets: number;
}

/** Small rings, so that they are full early: what grows after that is a leak. */
const settings = {
  ledgerEntriesMax: 500,
  ledgerBodyCharactersMax: 200_000,
  historyMax: 500,
  conversationsKeptMax: 100,
  statusChangesKeptMax: 10,
  tokensMax: 200,
  faultsMax: 20,
  requestsPerMinuteMax: 1_000_000_000,
  clientRequestsPerMinuteMax: 1_000_000_000,
};

const mock = await createMock({ rate: 10, settings });

process.on("message", () => {
  globalThis.gc?.();
  const resources = process.getActiveResourcesInfo();
  process.send?.({
    heapBytes: process.memoryUsage().heapUsed,
    resources: resources.length,
    openSockets: mock.cloud.state().sockets.length,
  } satisfies Holdings);
});
process.on("disconnect", () => process.exit());
process.send?.({ apiUrl: mock.apiUrl, clientId: mock.clientId, clientSecret: mock.clientSecret });
