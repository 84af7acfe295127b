/** Thread 003: "Notification API WebSocket dropping connection after 30s despite keepalive". */
import { afterEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { endAll, onEnd } from "../../packages/cli/src/testing/processes.ts";
import { gatewayStage } from "../gateway-stage.ts";
import { eventually } from "../relay-rig.ts";
import { closed, complaints, ends, heard, legacyHere, watch, ws, type Seen } from "./stage.ts";

afterEach(endAll);

/** How many times as fast as the threads' own clocks these programs and their mock run. */
const speed = 50;

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
    // Two minutes' worth; a day of them is proven on virtual time (packages/relay, machine.test.ts).
    await eventually("acknowledgements", () => acks(seen) >= 9);
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
