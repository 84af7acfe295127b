import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createDirector } from "../scenario/director.ts";
import { Stage } from "../testing/stage.ts";
import type { ControlPorts } from "./control-ports.ts";
import { control } from "./control.ts";
import type { Life } from "./life.ts";
import { parseScenario } from "./load.ts";
import { openApiDocument } from "./openapi.ts";
import { operations } from "./operations.ts";

interface Described {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly example?: unknown;
  }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly example?: unknown }>>;
  };
}
const document = openApiDocument() as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
};
const described = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

function portsOf(stage: Stage): ControlPorts {
  const director = createDirector(stage.cloud, { onEarlier: () => {} });
  const life = {
    cloud: director.cloud,
    director,
    speed: 1,
    resets: 0,
    nowMs: () => stage.nowMs,
  } as Life;
  return {
    hosts: [],
    origin: (host) => `http://${host}`,
    life: () => life,
    reset: () => {},
    play: (scenario) => {
      if (typeof scenario !== "string") director.play(scenario, stage.nowMs);
      return Promise.resolve();
    },
    parseScenario: (text) => parseScenario(text, "the scenario", "posted"),
    builtInScenarios: () => [],
  };
}

/** A stage with something of everything in it. */
function busyStage(): Stage {
  const stage = new Stage({ rate: 5 });
  const token = stage.token();
  const channelId = stage.channel(token);
  stage.put(token, channelId, stage.cloud.sampleTopics(5));
  stage.open(channelId);
  stage.cloud.faults.ignorePings({}, stage.nowMs);
  stage.pass(10_000);
  return stage;
}

test("describes every operation that is answered, and no other", () => {
  const answered = operations.map(({ method, path }) => `${method.toLowerCase()} ${path}`);
  expect(described.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(
    [...answered, "get /openapi.json"].toSorted(),
  );
});

test.each(described)("$method $path answers its example as its schema says", async (each) => {
  const { path, method, operation } = each;
  const query = (operation.parameters ?? [])
    .filter((parameter) => parameter.in === "query" && parameter.example !== undefined)
    .map(({ name, example }) => `${name}=${String(example)}`);
  const [content] = Object.values(operation.requestBody?.content ?? {});
  const example = content?.example;
  const response = await control(portsOf(busyStage()), {
    method: method.toUpperCase(),
    path: `/_control${path.replace("{id}", "1")}?${query.join("&")}`,
    headers: { host: "localhost" },
    body:
      example === undefined || typeof example === "string"
        ? (example ?? "")
        : JSON.stringify(example),
  });
  expect(response).toMatchObject({ status: 200 });
  const reply = operations.find(
    (one) => one.path === path && one.method === method.toUpperCase(),
  )?.reply;
  const read = reply?.safeParse(JSON.parse(response.body));
  expect(read?.error?.issues ?? []).toEqual([]);
});

test("openapi.json is current (scripts/mock-docs.ts)", () => {
  const file = new URL("../../openapi.json", import.meta.url);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(JSON.parse(JSON.stringify(document)));
});
