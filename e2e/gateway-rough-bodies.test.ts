/**
 * The endpoints of the Event API over HTTP under wrong and half-wrong requests: each is answered in the one shape
 * of the Event API, with a code of its table, and the memory does not grow. `FUZZ` requests, from `FUZZ_SEED`.
 */
import { once } from "node:events";
import { Agent, request, type IncomingMessage } from "node:http";
import { eventApiErrors } from "@trunkline/events";
import { createDice, type Dice } from "@trunkline/testkit";
import { afterEach, expect, test } from "vitest";
import { endAll, onEnd } from "../packages/cli/src/testing/processes.ts";
import { sampleSecret } from "../packages/relay/src/testing/access-stage.ts";
import { gatewayStage } from "./gateway-stage.ts";
import { heapBytes } from "./heap.ts";

afterEach(endAll);

const count = Number(process.env["FUZZ"] ?? 10_000) / 5;
const seed = Number(process.env["FUZZ_SEED"] ?? 1);
const atOnce = 8;
const perAddress = 50;
/** What is kept of them is small beside what might leak. */
const subscriptionsMax = 200;

const form = "application/x-www-form-urlencoded";
const json = "application/json";

interface Shot {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function samples(token: string): readonly Shot[] {
  const basic = `Basic ${Buffer.from(`wallboard:${sampleSecret}`).toString("base64")}`;
  const post = (path: string, type: string, body: string, authorization = basic): Shot => ({
    method: "POST",
    path,
    headers: { authorization, "content-type": type },
    body,
  });
  const get = (path: string): Shot => ({
    ...post(path, json, "", `Bearer ${token}`),
    method: "GET",
  });
  const event = { eventTypes: ["user:presence"], filters: { divisions: ["self"] }, since: "0" };
  return [
    post("/oauth/token", form, "grant_type=client_credentials&scope=analytics:events:read"),
    post("/oauth/token", json, JSON.stringify({ grant_type: "client_credentials" })),
    post("/oauth/token", form, `grant_type=client_credentials&client_id=wallboard&client_secret=s`),
    post("/oauth/token", form, "grant_type=password&username=a&password=b"),
    post("/api/v2/oauth2/introspect", form, `token=${token}&token_type_hint=access_token`),
    post("/api/v2/oauth2/introspect", json, JSON.stringify({ token }), `Bearer ${token}`),
    post("/api/v2/analytics/events", json, JSON.stringify(event), `Bearer ${token}`),
    post("/api/v2/analytics/events?dryRun=true", json, JSON.stringify(event), `Bearer ${token}`),
    get("/api/v2/analytics/events/7f3a2b10-0c1d-4e5f-8a9b-0c1d2e3f4a5b"),
    get("/api/v2/analytics/events/consumers"),
  ];
}

const pieces: readonly string[] = [
  ...'"|{|}|[|]|,|:|&|=|%|%00|+|\\u0000|€|null|1e999|-0|[[|__proto__'.split("|"),
  "grant_type=client_credentials&",
  '"token":"a","token":"b"',
  "x".repeat(3_000),
];

function mutated(text: string, dice: Dice): string {
  let mutant = text;
  for (let times = dice.int(0, 3); times > 0; times--) {
    const at = dice.int(0, mutant.length);
    const to = Math.min(mutant.length, at + dice.int(0, 12));
    mutant = mutant.slice(0, at) + (dice.chance(0.6) ? dice.pick(pieces) : "") + mutant.slice(to);
  }
  return mutant;
}

/** A header or a path takes not every character. */
function printable(text: string): string {
  return text.replaceAll(/[^\u0021-\u007E ]/gu, "?").slice(0, 6_000);
}

function drawShot(all: readonly Shot[], dice: Dice): Shot {
  const { method, path, headers, body } = dice.pick(all);
  const drawn: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (!dice.chance(0.1)) drawn[name] = printable(dice.chance(0.3) ? mutated(value, dice) : value);
  return {
    method: dice.chance(0.05) ? dice.pick(["GET", "PUT", "DELETE", "PATCH"]) : method,
    path: dice.chance(0.05) ? `${path.split("?")[0] ?? ""}/more` : path,
    headers: drawn,
    body: dice.chance(0.01) ? "x".repeat(dice.int(1, 2_000_000)) : mutated(body, dice),
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function fire(
  url: string,
  { method, path, headers, body }: Shot,
  from: Agent,
): Promise<Answer> {
  const length = Buffer.byteLength(body);
  const sent = request(new URL(path, url), {
    agent: from,
    method,
    headers: { ...headers, "content-length": length },
    timeout: 20_000,
  });
  sent.on("timeout", () => sent.destroy(new Error("no answer")));
  // A body that is too long may be refused before it has been sent.
  sent.on("error", () => undefined);
  sent.end(body);
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  let text = "";
  for await (const part of response) text += String(part);
  return { status: response.statusCode ?? 0, text };
}

/** What is wrong with an answer; undefined where nothing is. */
function wrongWith({ status, text }: Answer): unknown {
  const body = JSON.parse(text === "" ? "{}" : text) as Readonly<Record<string, unknown>>;
  if (status < 300) return "code" in body ? text : undefined;
  const { code, help, contextId } = body;
  const isWhole = typeof help === "string" && help.length > 5 && typeof contextId === "string";
  const isKnown = Object.hasOwn(eventApiErrors, String(code));
  return status >= 400 && status < 500 && isWhole && isKnown && code !== "INTERNAL"
    ? undefined
    : { status, text };
}

test(
  `of ${count} wrong and half-wrong requests each is answered with a code (FUZZ_SEED=${seed})`,
  async () => {
    const stage = await gatewayStage({ subscriptionsMax });
    const dice = createDice(seed, "gateway-rough-bodies");
    const all = samples(await stage.token());
    // Failed logins are counted by address: from many addresses, all of this machine, they go on.
    const isLinux = process.platform === "linux";
    const codes = new Map<string, number>();
    const wrong: unknown[] = [];
    const shootFrom = async (): Promise<void> => {
      const localAddress = `127.${dice.int(1, 250)}.${dice.int(0, 250)}.${dice.int(1, 250)}`;
      const agent = new Agent({ keepAlive: true, ...(isLinux ? { localAddress } : {}) });
      onEnd(() => agent.destroy());
      for (let n = 0; n < perAddress; n++) {
        const shot = drawShot(all, dice);
        const answer = await fire(stage.url, shot, agent).catch((error: unknown) => ({
          status: 0,
          text: JSON.stringify({ error: String(error) }),
        }));
        const found = wrongWith(answer);
        if (
          found !== undefined &&
          wrong.push({ ...shot, body: shot.body.slice(0, 200), found }) > 3
        )
          return;
        const { code = "none" } = JSON.parse(answer.text || "{}") as { readonly code?: string };
        codes.set(code, (codes.get(code) ?? 0) + 1);
      }
      agent.destroy();
    };
    const rounds = Math.ceil(count / perAddress / atOnce);
    let warmBytes = 0;
    for (let round = 0; round < rounds; round++) {
      await Promise.all(Array.from({ length: atOnce }, shootFrom));
      if (warmBytes === 0 && round * 4 >= rounds) warmBytes = heapBytes();
    }
    expect(wrong.slice(0, 3)).toEqual([]);
    expect([...codes.keys()]).toEqual(
      expect.arrayContaining(["none", "CLIENT_UNKNOWN", "JSON_INVALID"]),
    );
    const grownBytes = heapBytes() - warmBytes;
    expect(grownBytes).toBeLessThan(20_000_000);
    const told = [...codes]
      .toSorted(([, a], [, b]) => b - a)
      .map(([code, times]) => `${code} ${times}`);
    process.stdout.write(
      `${rounds * atOnce * perAddress} requests: ${told.join(", ")}; heap after collection ` +
        `${(warmBytes / 1e6).toFixed(1)} MB after a quarter, ${(grownBytes / 1e6).toFixed(1)} MB more at the end\n`,
    );
  },
  60_000 + count * 20,
);
