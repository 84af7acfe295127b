/** The documents of the relay's interfaces as they stand in docs/: what a relay on this machine serves. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { accessRoutes } from "../packages/relay/src/gateway/access/routes.ts";
import { stageHttp } from "../packages/relay/src/testing/http-stage.ts";

const { version } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../packages/relay/package.json"), "utf8"),
) as { readonly version: string };

/** By the name of their file in docs/. */
export async function apiDocuments(): Promise<Readonly<Record<string, object>>> {
  const endpoints: Parameters<typeof accessRoutes>[0] = {
    token: unasked,
    introspect: unasked,
    keys: unasked,
  };
  const { ask } = stageHttp({}, accessRoutes(endpoints), undefined, version);
  const names = ["openapi.json", "asyncapi.json"];
  return Object.fromEntries(
    await Promise.all(
      names.map(async (name) => {
        const answer = await ask(`/${name}`, { headers: { host: "127.0.0.1:8484" } });
        return [name, answer.json<object>()] as const;
      }),
    ),
  );
}

function unasked(): never {
  throw new Error("nobody asks while documents are made");
}
