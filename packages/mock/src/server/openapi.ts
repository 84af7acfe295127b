/** The control API as an OpenAPI document, made of the table that answers it. */
import * as z from "zod";
import { operations, type Operation } from "./operations.ts";
import { refusalStatus } from "./refusal.ts";
import * as replies from "./replies.ts";

const version = "1";

/** OpenAPI 3.1. */
export function openApiDocument(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    const path = (paths[operation.path] ??= {});
    path[operation.method.toLowerCase()] = describe(operation);
  }
  paths["/openapi.json"] = {
    get: {
      operationId: "getOpenapi",
      summary: "This document.",
      responses: { 200: json("The document.", { type: "object" }) },
    },
  };
  return {
    openapi: "3.1.0",
    info: {
      title: "Control API of @trunkline/mock",
      version,
      description:
        "What the mock did and is to do. It answers to loopback host names, and to those of --control-host.",
    },
    servers: [{ url: "http://127.0.0.1:9080/_control" }],
    paths,
    components: { schemas: { Error: schemaOf(replies.error) } },
  };
}

function describe(operation: Operation): object {
  const { method, path, summary, query, body, readsText, reply, example } = operation;
  const parameters = [
    ...(path.includes("{id}")
      ? [{ name: "id", in: "path", required: true, schema: { type: "integer" } }]
      : []),
    ...Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
      name,
      in: "query",
      required: false,
      schema: schemaOf(schema as z.ZodType),
      ...(isRecord(example) && name in example ? { example: example[name] } : {}),
    })),
  ];
  const shown = example === undefined ? {} : { example };
  const content =
    readsText === true
      ? { "application/yaml": { schema: { type: "string" }, ...shown } }
      : { "application/json": { schema: body && schemaOf(body), ...shown } };
  return {
    operationId: operationId(method, path),
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: readsText !== true, content } }),
    responses: {
      200: json("Done.", schemaOf(reply)),
      default: json(`Refused: ${Object.keys(refusalStatus).join(", ")}.`, {
        $ref: "#/components/schemas/Error",
      }),
    },
  };
}

function operationId(method: string, path: string): string {
  const words = path.split(/[/{}]+/u).filter((word) => word !== "");
  const name = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join("");
  return `${method.toLowerCase()}${name}`;
}

function json(description: string, schema: object | undefined): object {
  return { description, content: { "application/json": { schema } } };
}

function schemaOf(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: "output", unrepresentable: "any" });
  return rest;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
