/** The documents of the relay's interfaces as they stand in docs/: what a relay on this machine serves. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { accessRoutes } from "../packages/relay/src/gateway/access/routes.ts";
import { standingRoutes } from "../packages/relay/src/gateway/standing/routes.ts";
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
  // Where its routes are does not hang on what answers them.
  const standing = standingRoutes({} as Parameters<typeof standingRoutes>[0]);
  const { ask } = stageHttp({}, [...accessRoutes(endpoints), ...standing], undefined, version);
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
