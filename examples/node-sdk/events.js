/**
 * Prints the events of a Trunkline relay, one a line, and goes on where it was whatever happens in between: connecting
 * again, cursors, tokens and heartbeats are the business of the library.
 *
 *   node events.js [COUNT]
 *
 * After COUNT events it ends.
 */
import { createEventSubscription, gateway } from "@trunkline/events/subscriber";

const {
  TRUNKLINE_URL: url = "http://127.0.0.1:8484",
  TRUNKLINE_CLIENT_ID: clientId = "",
  TRUNKLINE_CLIENT_SECRET: clientSecret = "",
} = process.env;

const subscription = createEventSubscription({
  backend: gateway({ url, access: { clientId, clientSecret } }),
  eventTypes: ["conversation:updated", "user:presence"],
  // All that the relay's credential sees.
  filters: { divisions: ["self"] },
  onState(state) {
    if (state.kind !== "waiting") return;
    const { error, retryInMs } = state;
    console.error(`waiting: ${error.code}: ${error.message} Again in ${Math.round(retryInMs)} ms.`);
  },
  onNotice: ({ message }) => console.error(`notice: ${message}`),
});

let left = Number(process.argv[2] ?? Infinity);
try {
  for await (const arrival of subscription) {
    if (arrival.type === "gap") {
      // Events may be missing in here: whoever keeps a state asks Genesys Cloud for it again.
      const { from, to, cause, message } = arrival;
      console.error(`gap from ${from} to ${to ?? "now"} (${cause}): ${message}`);
      continue;
    }
    const { cursor, eventType, entityId, time } = arrival;
    console.log(`${cursor} ${eventType} ${entityId} ${time}`);
    // Leaving the loop closes the subscription.
    if (--left <= 0) break;
  }
} catch (error) {
  // What time may mend is waited out by the library; this is the rest.
  console.error(`${error.code}: ${error.message} ${error.help}`);
  process.exitCode = 1;
}
