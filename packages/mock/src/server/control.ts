/**
 * The control API: what the mock did and is to do, as JSON over HTTP, under `/_control`.
 * It can do harm, so it answers only to this machine and to names that it was given: a foreign Origin or Host is refused.
 */
import type { CloudRequest, CloudResponse } from "../cloud/contract.ts";
import { splitPath } from "../cloud/router.ts";
import { MockError } from "../mock-error.ts";
import type { ControlPorts } from "./control-ports.ts";
import { pointer } from "./fault-schema.ts";
import { isKnownHost, isLoopbackHost } from "./host.ts";
import { openApiDocument } from "./openapi.ts";
import { operations, type Operation } from "./operations.ts";
import { Refusal, refusalStatus, type ControlErrorCode } from "./refusal.ts";

const prefixLength = "/_control".length;

function answer(status: number, json: unknown): CloudResponse {
  return {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
    body: `${JSON.stringify(json)}\n`,
  };
}

function refuse(code: ControlErrorCode, message: string, path?: string): CloudResponse {
  return answer(refusalStatus[code], {
    error: { code, message, ...(path === undefined ? {} : { path }) },
  });
}

/** Answers one request below `/_control`. */
export async function control(ports: ControlPorts, request: CloudRequest): Promise<CloudResponse> {
  const host = request.headers["host"] ?? "";
  if (!isLoopbackHost(host) && !isKnownHost(host, ports.hosts))
    return refuse(
      "HOST_FORBIDDEN",
      "The control API answers to loopback host names and to those of --control-host.",
    );
  const { origin } = request.headers;
  if (origin !== undefined && origin !== ports.origin(host))
    return refuse("ORIGIN_FORBIDDEN", "The control API does not answer to other web pages.");

  const { path, query } = splitPath(request.path.slice(prefixLength) || "/");
  if (path === "/openapi.json" && request.method.toUpperCase() === "GET")
    return answer(200, openApiDocument());
  const fitting = operations.filter((operation) => fits(operation, path));
  if (fitting.length === 0) return refuse("NOT_FOUND", `There is ${resourcesToName().join(", ")}.`);
  const method = request.method.toUpperCase();
  const operation = fitting.find((each) => each.method === method);
  if (operation === undefined)
    return refuse(
      "METHOD_NOT_ALLOWED",
      `Allowed: ${fitting.map((each) => each.method).join(", ")}.`,
    );
  try {
    const life = ports.life();
    const nowMs = life.nowMs();
    life.cloud.wake(nowMs);
    const json = await operation.answer({
      ports,
      cloud: life.cloud,
      nowMs,
      query: checked(operation.query, queryOf(query), "?") as never,
      body: (operation.readsText === true
        ? request.body
        : readBody(operation, request.body)) as never,
      id: Number(path.split("/")[2] ?? 0),
    });
    return answer(200, json);
  } catch (error) {
    if (error instanceof Refusal) return refuse(error.code, error.message, error.path);
    // A scenario that cannot be read, or that sets an option out of its range.
    if (error instanceof MockError)
      return refuse("SCENARIO_INVALID", error.message.replace(`${error.code}: `, ""));
    throw error;
  }
}

function resourcesToName(): readonly string[] {
  return [...new Set([...operations.map(({ path }) => path), "/openapi.json"])];
}

/** `{id}` in a path is a number. */
function fits(operation: Operation, path: string): boolean {
  const wanted = operation.path.split("/");
  const parts = path.split("/");
  return (
    wanted.length === parts.length &&
    wanted.every((part, index) =>
      part === "{id}" ? /^\d{1,15}$/u.test(parts[index] ?? "") : part === parts[index],
    )
  );
}

function queryOf(query: URLSearchParams): Record<string, string> {
  return Object.fromEntries(query);
}

function readBody(operation: Operation, text: string): unknown {
  if (operation.body === undefined) return undefined;
  let json: unknown;
  try {
    json = text === "" ? undefined : JSON.parse(text);
  } catch {
    throw new Refusal("JSON_INVALID", "The body is not valid JSON.");
  }
  return operation.read === undefined ? checked(operation.body, json, "") : operation.read(json);
}

/** What a schema makes of a value; the first thing that is wrong with it is told, with its place. */
function checked(schema: Operation["body"], value: unknown, place: "?" | ""): unknown {
  if (schema === undefined) return undefined;
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const isUnknown = issue?.code === "unrecognized_keys";
  const path = [...(issue?.path ?? []), ...(isUnknown ? [issue.keys[0] ?? ""] : [])];
  const message = isUnknown ? "there is no such field" : (issue?.message ?? "invalid");
  throw new Refusal("FIELD_INVALID", message, place === "?" ? `?${path.join(".")}` : pointer(path));
}
