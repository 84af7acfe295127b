/** The image of the mock, as far as it can be looked at without an engine: its files, and the command that it would run. */
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { parse } from "yaml";
import { endAll, expectExit, start } from "../packages/cli/src/testing/processes.ts";

const folder = fileURLToPath(new URL("../packages/mock", import.meta.url));
const dockerfile = readFileSync(join(folder, "Dockerfile"), "utf8").replaceAll(/\\\n\s*/gu, "");
const compose = parse(readFileSync(join(folder, "docker-compose.yaml"), "utf8")) as {
  readonly services: Readonly<Record<string, Service>>;
};

interface Service {
  readonly image: string;
  readonly build: { readonly context: string; readonly dockerfile: string };
  readonly command: readonly string[];
  readonly ports: readonly string[];
  readonly environment: readonly string[];
  readonly volumes: readonly string[];
}

afterEach(endAll);

function instruction(name: string): string {
  return new RegExp(`^(?:HEALTHCHECK .*)?${name} (.*)$`, "mu").exec(dockerfile)?.[1] ?? "";
}

function words(name: string): readonly string[] {
  const last = dockerfile.split("\n").findLast((line) => line.startsWith(`${name} `)) ?? "";
  return JSON.parse(/\[.*\]$/u.exec(last)?.[0] ?? "[]") as readonly string[];
}

/** Where the installed package would be. */
const installed = "node_modules/@trunkline/mock/";

test("the service is called as the threads call it, and fits its image", () => {
  const service = compose.services["mock-gc"];
  expect(Object.keys(compose.services)).toEqual(["mock-gc"]);
  expect(service?.image).toBe("gc-mock-server:latest");
  const context = resolve(folder, service?.build.context ?? "");
  expect(existsSync(join(context, service?.build.dockerfile ?? ""))).toBe(true);
  expect(join(context, service?.build.dockerfile ?? "")).toBe(join(folder, "Dockerfile"));
  expect(service?.command).toEqual(words("CMD"));
  const port = instruction("EXPOSE");
  expect(service?.ports).toEqual([`127.0.0.1:${port}:${port}`]);
  expect(words("CMD")).toContain(port);
  expect(service?.environment).toContain("JWT_VALIDATION_MODE=strict");
  expect(service?.volumes).toEqual(["/etc/localtime:/etc/localtime:ro"]);
});

test("the image runs as nobody in particular, on the Node that the package needs", () => {
  expect(instruction("USER")).toBe("node");
  const { engines } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    readonly engines: { readonly node: string };
  };
  const versions = [...dockerfile.matchAll(/^FROM node:(\d+)/gmu)].map(([, version]) => version);
  expect(versions.map((version) => `>=${version ?? ""}`)).toEqual([engines.node, engines.node]);
});

test("its command starts as it stands, is healthy, and answers to the name of the service", async () => {
  const [node, bin = "", ...none] = words("ENTRYPOINT");
  expect([node, none]).toEqual(["node", []]);
  const path = join(folder, bin.replace(installed, ""));
  const { command = [], environment = [] } = compose.services["mock-gc"] ?? {};
  const env = Object.fromEntries(environment.map((each) => each.split("=") as [string, string]));
  // The port aside: another program may have it.
  const argv = command.map((word) => (word === instruction("EXPOSE") ? "0" : word));
  const running = start(process.execPath, [path, ...argv], env);
  const [, port = ""] = await running.until("out", /http:\/\/127\.0\.0\.1:(\d+)\n/u);
  expect(running.out).toContain("TZ=America/Los_Angeles does not move the clock");

  const [, healthBin, ...health] = words("HEALTHCHECK");
  expect(healthBin).toBe(bin);
  const check = start(process.execPath, [path, ...health, "--url", `http://127.0.0.1:${port}`]);
  await expectExit(check, 0);

  const raw = connect(Number(port), "127.0.0.1");
  raw.write("GET /_control/faults HTTP/1.1\r\nhost: mock-gc:9080\r\nconnection: close\r\n\r\n");
  const [answer] = (await once(raw, "data")) as [Buffer];
  expect(answer.toString()).toContain("200 OK");
  raw.destroy();
});
