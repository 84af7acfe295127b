/** Thread 003: "Notification API WebSocket dropping connection after 30s despite keepalive". */
import { createEventSubscription, gateway } from "@trunkline/events/subscriber";
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { endAll, onEnd } from "../../packages/cli/src/testing/processes.ts";
import { sampleSecret } from "../../packages/relay/src/testing/access-stage.ts";
import { gatewayStage } from "../gateway-stage.ts";
import { eventually } from "../relay-rig.ts";
import { closed, complaints, ends, heard, legacyHere, watch, ws, type Seen } from "./stage.ts";

afterEach(endAll);

/** How many times as fast as the threads' own clocks these programs and their mock run. */
const speed = 50;

/** So long connections are held at a relay; the second tier holds them for longer than the threads could. */
const heldSeconds = Number(process.env["HELD_SECONDS"] ?? 3);

function held(): Promise<unknown> {
  const untilMs = performance.now() + heldSeconds * 1_000;
  return eventually("the time", () => performance.now() > untilMs, heldSeconds * 2_000);
}

type Program = Seen & { readonly socket: WebSocket };

/** The client of the question, with an interval in seconds of its own. */
function client(base: string, everySeconds: number, headers: Record<string, string> = {}): Program {
  const socket = new WebSocket(`${ws(base)}/v2/analytics/events`, { headers });
  socket.on("open", () => {
    socket.send(JSON.stringify({ type: "keepalive" }));
    const timer = setInterval(
      () => {
        socket.send(JSON.stringify({ type: "keepalive" }));
      },
      (everySeconds * 1_000) / speed,
    );
    onEnd(() => clearInterval(timer));
  });
  return Object.assign(watch(socket), { socket });
}

const acks = (seen: Seen): number =>
  seen.messages.filter(({ type }) => type === "keepalive-ack").length;

describe("as it was met", () => {
  test.each([15, 14, 12])(
    "a keepalive every %i s is acknowledged, and at exactly 30 s there is a clean close",
    async (everySeconds) => {
      const mock = await legacyHere({ speed });
      const seen = client(mock.apiUrl, everySeconds);
      expect(await closed(seen)).toEqual({ code: 1000, reason: "" });
      expect(acks(seen)).toBeGreaterThan(0);
      // By the clock of the cloud.
      const history = mock.cloud.ledger.history();
      const opened = history.find(({ what }) => what === "legacy-socket-opened");
      const [ended] = ends(mock);
      expect((ended?.atMs ?? 0) - (opened?.atMs ?? 0)).toBe(30_000);
      expect(ended?.detail).toBe("it has lived for legacyLifeMs");
    },
  );
});

describe("at a relay", () => {
  test("every keepalive is acknowledged, for as long as the client likes", async () => {
    const stage = await gatewayStage();
    const seen = client(stage.url, 15, { Authorization: `Bearer ${await stage.token()}` });
    await held();
    const before = acks(seen);
    await eventually("one more acknowledgement", () => acks(seen) > before);
    expect(seen.closed).toBeUndefined();
    seen.socket.send(
      JSON.stringify({ eventTypes: ["conversation:all"], filters: { divisions: ["self"] } }),
    );
    await heard(seen, "live");
  });

  test("the client to the letter shows no token: it is told so within 10 s, with the three ways to show one", async () => {
    const stage = await gatewayStage();
    const seen = client(stage.url, 15);
    expect(await closed(seen)).toEqual({ code: 4401, reason: "TOKEN_MISSING" });
    expect(await heard(seen, "error")).toMatchObject({
      message: "No token came within 10 s.",
      help: 'Send Authorization: Bearer …, ?access_token=…, or {"type":"auth","data":{"token":…}} within 10 s. POST /oauth/token issues tokens.',
    });
    expect(acks(seen)).toBeGreaterThan(0);
  });

  test("a raw object in place of a JSON string is told what it is", async () => {
    const stage = await gatewayStage();
    const seen = client(stage.url, 15, { Authorization: `Bearer ${await stage.token()}` });
    await heard(seen, "auth-success");
    seen.socket.send("[object Object]");
    expect(complaints(await heard(seen, "error"))).toMatchObject([
      {
        code: "JSON_INVALID",
        help: "Turn the object into text first: JSON.stringify(message), json.dumps(message), JsonSerializer.Serialize(message).",
      },
    ]);
    expect(seen.closed).toBeUndefined();
  });
});

test("with the library: the program sends no keepalive, and an event finds it there", async () => {
  const stage = await gatewayStage();
  const states: string[] = [];
  const subscription = createEventSubscription({
    backend: gateway({
      url: stage.url,
      access: { clientId: "wallboard", clientSecret: sampleSecret },
    }),
    eventTypes: ["user:presence"],
    filters: { divisions: ["self"] },
    onState: ({ kind }) => states.push(kind),
  });
  onEnd(() => subscription.close());
  await eventually("the subscription to be live", () => subscription.state.kind === "live");
  await held();
  const [topic = ""] = stage.topics.filter((name) => name.endsWith(".presence"));
  stage.emit(topic, { message: "here" });
  for await (const arrival of subscription) {
    // Of what nobody had asked for before it is told that it was not carried.
    if (arrival.type === "gap") continue;
    expect(arrival.data.message).toBe("here");
    break;
  }
  expect(states.filter((kind) => kind === "waiting")).toEqual([]);
});
