/** What docs/threads shows as a relay's answer is what one answers, and the programs there run. */
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { endAll, onEnd } from "../packages/cli/src/testing/processes.ts";
import { signToken } from "../packages/relay/src/gateway/access/jwt.ts";
import { loadSigningKey } from "../packages/relay/src/platform/signing-key-file.ts";
import { sampleClient, sampleSecret } from "../packages/relay/src/testing/access-stage.ts";
import { Bare, gatewayStage, type GatewayStage, type Message } from "./gateway-stage.ts";
import { blocksOf, difference, type Block } from "./page-blocks.ts";
import { PageProgram } from "./page-program.ts";
import { eventually } from "./relay-rig.ts";

afterEach(endAll);

/** The clients of the pages, by what their threads say of scopes. */
const clients = {
  terraform: ["analytics:events:read"],
  messages: ["view:conversation", "view:notification"],
  dotnet: ["conversation:view", "notification:subscribe"],
  narrow: ["view:conversation"],
};
type ClientId = keyof typeof clients;

class Visitor {
  readonly stage: GatewayStage;

  private constructor(stage: GatewayStage) {
    this.stage = stage;
  }

  static async arrive(): Promise<Visitor> {
    const listed = Object.entries(clients).map(([id, scopes]) => sampleClient({ id, scopes }));
    return new Visitor(await gatewayStage({ clients: listed }));
  }

  async ask(path: string, authorization: string, body: string): Promise<Message> {
    const headers = { authorization, "content-type": "application/x-www-form-urlencoded" };
    const request = { method: "POST", headers, body };
    return (await (await fetch(`${this.stage.url}${path}`, request)).json()) as Message;
  }

  async token(client: ClientId): Promise<string> {
    const answer = await this.ask("/oauth/token", basic(client), "grant_type=client_credentials");
    return String(answer["access_token"]);
  }

  async post(body: string, client: ClientId = "terraform"): Promise<Message> {
    return this.ask("/api/v2/analytics/events", `Bearer ${await this.token(client)}`, body);
  }

  socket(path: string, token?: string): Bare {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return new Bare(`${this.stage.url}${path}`, { headers });
  }

  /** The first message that is none of the given types, after what was sent on a socket with a token. */
  async say(path: string, client: ClientId, text: string): Promise<Message> {
    const socket = await this.socket(path, await this.token(client)).open();
    socket.say(text);
    return eventually(`an answer to ${text}`, () =>
      socket.heard.find(({ type }) => type !== "heartbeat" && type !== "auth-success"),
    );
  }

  async refused(path: string, token: string): Promise<Message> {
    const socket = this.socket(path, token);
    return (await eventually("the refusal", () => socket.refused)).body;
  }
}

function basic(client: ClientId): string {
  return `Basic ${btoa(`${client}:${sampleSecret}`)}`;
}

type Answers = Readonly<Record<string, (visitor: Visitor, sent: string) => Promise<unknown>>>;

const introspection = "/api/v2/oauth2/introspect";
const query = "/v2/analytics/conversations/details/query/ws";
const foreign = "opaque-token-of-genesys-cloud";

const answers: Readonly<Record<string, Answers>> = {
  "000": {
    "two-types": (visitor, sent) => visitor.post(sent),
    "queue-member-added": (visitor, sent) => visitor.post(sent),
    "one-without-filter": (visitor, sent) => visitor.post(sent),
    "not-an-array": (visitor, sent) => visitor.post(sent),
    aggregate: (visitor, sent) => visitor.post(sent),
    "without-scope": (visitor) => visitor.post(sentIn("000", "two-types"), "narrow"),
    "foreign-token": (visitor) =>
      visitor.ask("/api/v2/analytics/events", `Bearer ${foreign}`, sentIn("000", "two-types")),
  },
  "001": {
    auth: async (visitor) => {
      const socket = await visitor.socket("/websocket").open();
      socket.say({ type: "auth", data: { token: await visitor.token("messages") } });
      return socket.first("auth-success");
    },
    "twice-id": (visitor, sent) => visitor.say("/websocket", "messages", sent),
    "one-conversation": (visitor, sent) => visitor.say("/websocket", "messages", sent),
    "with-filter": (visitor, sent) => visitor.say("/websocket", "messages", sent),
    "without-filter": (visitor, sent) => visitor.say("/websocket", "messages", sent),
    "not-encoded": async (visitor) => {
      const token = await visitor.token("messages");
      return visitor.ask(introspection, `Basic messages:${sampleSecret}`, `token=${token}`);
    },
    introspected: async (visitor) => {
      const token = await visitor.token("messages");
      return visitor.ask(introspection, basic("messages"), `token=${token}`);
    },
    password: (visitor) =>
      visitor.ask("/oauth/token", basic("messages"), "grant_type=password&username=a&password=b"),
    "not-yet-valid": async (visitor) => {
      const socket = await visitor.socket("/websocket").open();
      socket.say({ type: "auth", data: { token: await tokenIssued(visitor, -60_000) } });
      expect(await socket.end()).toEqual({ code: 4401, reason: "TOKEN_NOT_YET_VALID" });
      return socket.first("error");
    },
  },
  "002": {
    "channel-and-query": (visitor, sent) => visitor.say(query, "dotnet", sent),
    header: async (visitor) =>
      visitor.socket(query, await visitor.token("dotnet")).first("auth-success"),
    implied: async (visitor) => {
      const token = await visitor.token("dotnet");
      const path = "/api/v2/analytics/conversations/events";
      return visitor.socket(`${path}?access_token=${token}`).first("notice");
    },
    refused: (visitor) => visitor.refused(query, foreign),
  },
  "003": {
    keepalive: (visitor, sent) => visitor.say("/v2/analytics/events", "terraform", sent),
    ping: (visitor, sent) => visitor.say("/v2/analytics/events", "terraform", sent),
    "without-token": async (visitor) => {
      const socket = await visitor.socket("/v2/analytics/events").open();
      socket.say(sentIn("003", "keepalive"));
      expect(await socket.first("keepalive-ack")).toHaveProperty("time");
      expect(await socket.end()).toEqual({ code: 4401, reason: "TOKEN_MISSING" });
      return socket.first("error");
    },
    "without-scope": async (visitor) =>
      visitor.refused("/v2/analytics/events", await visitor.token("narrow")),
  },
  "004": {
    stale: async (visitor) =>
      visitor.refused("/api/v2/analytics/events", await tokenIssued(visitor, 3_600_000)),
    renewed: async (visitor) => {
      const path = "/api/v2/analytics/events";
      const socket = await visitor.socket(path, await visitor.token("terraform")).open();
      await socket.first("auth-success");
      socket.say({ type: "auth", data: { token: await visitor.token("terraform") } });
      return eventually("the second answer", () => socket.of("auth-success")[1]);
    },
  },
};

/** A token that lives for ten minutes, and was issued so long ago; later than now where that is negative. */
async function tokenIssued({ stage }: Visitor, agoMs: number): Promise<string> {
  const key = await loadSigningKey({ dataDir: stage.dataDir, signingKeyFile: undefined });
  const issuedAtMs = Date.now() - agoMs;
  return signToken(key, {
    id: "signed-by-the-test",
    clientId: "terraform",
    scopes: clients.terraform,
    issuedAtMs,
    notBeforeMs: issuedAtMs,
    expiresAtMs: issuedAtMs + 600_000,
  });
}

function block(page: string, role: string, name: string): Block | undefined {
  return blocksOf(join("threads", `${page}.md`)).find(
    (each) => each.role === role && each.name === name,
  );
}

/** Programs in JavaScript. */
const programs = ["001 conversations", "003 keepalive", "004 library", "004 names"];

test.each(programs)("the program of thread %s gets events", async (which) => {
  const visitor = await Visitor.arrive();
  const { stage } = visitor;
  const [page = "", name = ""] = which.split(" ");
  const program = new PageProgram(block(page, "program", name)?.text ?? "", {
    TRUNKLINE_URL: stage.url,
    TRUNKLINE_CLIENT_ID: page === "001" ? "messages" : "terraform",
    TRUNKLINE_CLIENT_SECRET: sampleSecret,
    GC_CLIENT_ID: "terraform",
    GC_CLIENT_SECRET: sampleSecret,
    TRUNKLINE_TOKEN: await visitor.token("terraform"),
  });
  const [queue] = stage.mock.cloud.world.queues;
  const id = "3a1f6f0e-52c4-4c1e-8f0b-6a2d9c7e1b45";
  let turn = 0;
  const beat = setInterval(() => {
    stage.emit(`v2.routing.queues.${queue?.id}.conversations`, inboundMessage(id, ++turn));
    stage.emit(`v2.analytics.queues.${queue?.id}.observations`, { id, turn });
  }, 50);
  onEnd(() => clearInterval(beat));
  await eventually("an event", () => {
    if (program.told.includes(id)) return true;
    throw new Error(program.complaints);
  });
  // Each prints the cursor to go on after.
  expect(program.told).toMatch(/\b[a-z\d]{12}-\d+\b/u);
});

/** A conversation that differs from turn to turn. */
function inboundMessage(id: string, turn: number): object {
  const held = turn % 2 === 0;
  const messages = [{ id: "m", state: "connected", direction: "inbound", held }];
  return { id, participants: [{ id: "p", purpose: "customer", messages }] };
}

function sentIn(page: string, name: string): string {
  return block(page, "sent", name)?.text ?? "";
}

describe.each(Object.entries(answers))("thread %s", (page, producers) => {
  test("every answer that is shown is asked for here, and the other way round", () => {
    const blocks = blocksOf(join("threads", `${page}.md`));
    const namesOf = (role: string): readonly string[] =>
      blocks.filter((each) => each.role === role).map(({ name }) => name);
    expect(namesOf("answer").toSorted()).toEqual(Object.keys(producers).toSorted());
    expect(namesOf("sent").filter((name) => !Object.hasOwn(producers, name))).toEqual([]);
    expect(namesOf("program").filter((name) => !programs.includes(`${page} ${name}`))).toEqual([]);
    // What looks like an answer, and is none that is looked at.
    expect(blocks.filter(({ language, role }) => language === "json" && role === "")).toEqual([]);
  });

  test("each is answered as the page shows it", async () => {
    const visitor = await Visitor.arrive();
    const faults = await Promise.all(
      Object.entries(producers).map(async ([name, produce]) => {
        const answer = await produce(visitor, sentIn(page, name));
        const shown = JSON.parse(block(page, "answer", name)?.text ?? "") as unknown;
        const fault = difference(shown, answer);
        return fault === undefined ? [] : [`${name} ${fault}`];
      }),
    );
    expect(faults.flat()).toEqual([]);
  });
});
