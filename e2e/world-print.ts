/** Everything that two sockets hear in a few minutes of a seed's world, as one hash. Run as a process, it tells its parent. */
import { createHash } from "node:crypto";
import { createCloud } from "@trunkline/mock";

const startAtMs = Date.parse("2026-03-02T08:00:00.000Z");
const minutes = 3;
const clientId = "c";

/** No machine's clock or chance is in it: a request comes when the model is told so. */
export function worldPrint(seed: number): string {
  const hash = createHash("sha256");
  const cloud = createCloud(
    {
      seed,
      startAtMs,
      rate: 10,
      rhythm: seed % 2 === 0 ? "flat" : "day",
      streamingUrl: "ws://127.0.0.1:9080",
      clients: [{ clientId, clientSecret: "s" }],
    },
    (effect) => hash.update(JSON.stringify(effect)),
  );
  const ask = (path: string, body: string, token?: string): Readonly<Record<string, string>> => {
    const headers = {
      "content-type":
        token === undefined ? "application/x-www-form-urlencoded" : "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const answer = cloud.request({ method: "POST", path, headers, body }, startAtMs);
    if (answer.kind === "cut") throw new Error("the request was cut");
    hash.update(answer.response.body);
    return JSON.parse(answer.response.body) as Record<string, string>;
  };
  const form = `grant_type=client_credentials&client_id=${clientId}&client_secret=s`;
  const { access_token: token = "" } = ask("/oauth/token", form);
  const topics = cloud.sampleTopics(1_000).map((id) => ({ id }));
  const path = "/api/v2/notifications/channels";
  for (const part of [topics, topics.slice(0, 100)]) {
    const { id = "" } = ask(path, "{}", token);
    ask(`${path}/${id}/subscriptions`, JSON.stringify(part), token);
    cloud.upgrade(`/channels/${id}`, startAtMs);
  }
  for (let ms = 0; ms <= minutes * 60_000; ms += 250) cloud.wake(startAtMs + ms);
  hash.update(JSON.stringify(cloud.ledger.query()));
  return hash.digest("hex");
}

const [first, count] = process.argv.slice(2).map(Number);
if (process.send !== undefined && first !== undefined && count !== undefined) {
  process.send(Array.from({ length: count }, (_, index) => worldPrint(first + index)));
  process.disconnect();
}
