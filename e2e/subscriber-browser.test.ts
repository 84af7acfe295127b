/** The subscriber library as a web page loads it, in Chromium; left out where there is none. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { chromium } from "playwright-core";
import { afterEach, expect, test } from "vitest";
import { endAll, onEnd } from "../packages/cli/src/testing/processes.ts";
import { sampleSecret } from "../packages/relay/src/testing/access-stage.ts";
import { browserBundle, bundleBytesMax } from "../scripts/browser-bundle.ts";
import { ChaosRoad } from "./chaos-road.ts";
import { gatewayStage } from "./gateway-stage.ts";
import { eventually } from "./relay-rig.ts";

afterEach(endAll);

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** What the page has written of itself. */
interface Seen {
  readonly had: readonly (readonly [cursor: string, message: string])[];
  readonly states: readonly string[];
  /** What to do, of the last error that is tried again. */
  readonly help: string;
  readonly errors: readonly string[];
}

/** Subscribes to what is said in its address, and keeps what comes. */
const page = `<!doctype html><title>Subscriber</title><script type="module">
import { createEventSubscription, gateway } from "/subscriber.js";
const { url, filters } = JSON.parse(decodeURIComponent(location.hash.slice(1)));
const seen = (globalThis.seen = { had: [], states: [], help: "", errors: [] });
const access = { clientId: "wallboard", clientSecret: "${sampleSecret}" };
const policy = { backoffFirstMs: 20, backoffMaxMs: 200 };
const onState = ({ kind, error }) => {
  seen.states.push(kind);
  if (error !== undefined) seen.help = error.help;
};
createEventSubscription(
  { backend: gateway({ url, access, policy }), eventTypes: ["user:presence"], filters, onState },
  ({ cursor, data }) => seen.had.push([cursor, data.message]),
  (error) => seen.errors.push(error.code + ": " + error.message),
);
</script>`;

async function servePage(code: string): Promise<string> {
  const server = createServer(({ url }, response) => {
    const isCode = url === "/subscriber.js";
    response.setHeader("content-type", isCode ? "text/javascript" : "text/html");
    response.end(isCode ? code : page);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onEnd(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.skipIf(!existsSync(executablePath))(
  "a page in Chromium gets each event once and in order, over connections that are cut",
  async () => {
    const { code, gzipBytes } = await browserBundle();
    expect(gzipBytes).toBeLessThanOrEqual(bundleBytesMax);
    const origin = await servePage(code);
    const stage = await gatewayStage({}, { origins: [origin] });
    const road = await ChaosRoad.open(Number(new URL(stage.url).port));
    const browser = await chromium.launch({
      executablePath,
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
    onEnd(() => browser.close());
    const tab = await browser.newPage();
    const told: string[] = [];
    tab.on("console", (message) => told.push(message.text()));
    tab.on("pageerror", (error) => told.push(error.message));
    const wish = { url: road.url, filters: stage.presence["filters"] };
    await tab.goto(`${origin}/#${encodeURIComponent(JSON.stringify(wish))}`);
    const look = async (): Promise<Seen> => tab.evaluate<Seen>("seen");
    const live = async (): Promise<boolean> => (await look()).states.at(-1) === "live";
    await eventually(`a page that is live ${told.join()}`, live);

    const topic = stage.topics.find((each) => each.endsWith(".presence")) ?? "";
    const due: string[] = [];
    for (let cut = 0; cut < 4; cut++) {
      for (let n = 0; n < 5; n++) {
        due.push(`m${due.length}`);
        stage.emit(topic, { message: due.at(-1) });
      }
      if (cut % 2 === 1) {
        await eventually("what was sent", async () => (await look()).had.length >= due.length);
        road.cut();
      } else road.cut();
    }
    await eventually("all that was sent", async () => (await look()).had.length >= due.length);
    const { had, states, errors } = await look();
    expect(had.map(([, message]) => message)).toEqual(due);
    expect(errors).toEqual([]);
    expect(states).toContain("waiting");
    expect(told.filter((text) => text.includes("Uncaught"))).toEqual([]);
  },
);

test.skipIf(!existsSync(executablePath))(
  "a page whose origin is not listed is told that nothing answers, and where to look",
  async () => {
    const { code } = await browserBundle();
    const origin = await servePage(code);
    const stage = await gatewayStage();
    const browser = await chromium.launch({ executablePath, args: ["--headless", "--no-sandbox"] });
    onEnd(() => browser.close());
    const tab = await browser.newPage();
    const wish = { url: stage.url, filters: stage.presence["filters"] };
    await tab.goto(`${origin}/#${encodeURIComponent(JSON.stringify(wish))}`);
    await eventually("a page that waits", async () => {
      const { states } = await tab.evaluate<Seen>("seen");
      return states.at(-1) === "waiting";
    });
    expect((await tab.evaluate<Seen>("seen")).help).toContain("http.origins");
  },
);
