/** The subscriber library against a relay, on real sockets. */
import { createEventSubscription, gateway, type Arrival } from "@trunkline/events";
import { afterEach, expect, test } from "vitest";
import { endAll, onEnd } from "../packages/cli/src/testing/processes.ts";
import { sampleSecret } from "../packages/relay/src/testing/access-stage.ts";
import { gatewayStage, type GatewayStage } from "./gateway-stage.ts";
import { eventually } from "./relay-rig.ts";

afterEach(endAll);

const client = { clientId: "wallboard", clientSecret: sampleSecret };

/** What is subscribed to by the stage, and by nobody else. */
function presence(stage: GatewayStage): {
  readonly eventTypes: readonly ["user:presence"];
  readonly filters: Readonly<Record<string, unknown>>;
} {
  return {
    eventTypes: ["user:presence"],
    filters: stage.presence["filters"] as Readonly<Record<string, unknown>>,
  };
}

function topicOf(stage: GatewayStage): string {
  const topic = stage.topics.find((each) => each.endsWith(".presence"));
  if (topic === undefined) throw new Error("the stage carries no presence");
  return topic;
}

test("a program gets events by an iterable, and goes on after its cursor", async () => {
  const stage = await gatewayStage();
  const backend = gateway({ url: stage.url, access: client });
  const first = createEventSubscription({ backend, ...presence(stage) });
  onEnd(() => first.close());
  await eventually("the subscription to be live", () => first.state.kind === "live");
  for (const n of [1, 2, 3]) stage.emit(topicOf(stage), { message: `m${n}` });
  const had: Arrival<"user:presence">[] = [];
  for await (const arrival of first) {
    had.push(arrival);
    if (had.length === 2) break;
  }
  expect(first.state).toEqual({ kind: "closed", error: undefined });
  // Of the second nobody said that it is dealt with.
  const since = first.cursor;
  expect(since).toBe(had[0]?.cursor);
  const second = createEventSubscription({ backend, ...presence(stage), since });
  onEnd(() => second.close());
  for await (const arrival of second) {
    if (arrival.type === "event") had.push(arrival);
    if (had.length === 4) break;
  }
  const messages = had.map((each) => (each.type === "event" ? each.data.message : each.type));
  expect(messages).toEqual(["m1", "m2", "m2", "m3"]);
});
