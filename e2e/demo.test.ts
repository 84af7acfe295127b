/** The demo as people and programs see it: a process, its output, and its exit code. */
import { afterAll, expect, test } from "vitest";
import { endAll, expectExit, trunkline } from "../packages/cli/src/testing/processes.ts";

// They wait far more than they work, so they run at the same time.
afterAll(endAll);

interface Interrupted {
  readonly name: string;
  readonly missing: number;
}

const summaryKeys = [
  "sent",
  "stored",
  "delivered",
  "lost",
  "declaredLost",
  "duplicated",
  "gaps",
  "silenceMs",
  "ok",
  "interruptions",
];

test.concurrent("--json: where it runs, entries, and books that balance though the line is cut in the middle", async () => {
  const demo = trunkline("demo --for 4s --rate 200 --json");
  await expectExit(demo, 0);
  const lines = demo.lines();
  const [first] = lines;
  const last = lines.at(-1);
  const url = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/u);
  expect(first).toEqual({
    ready: true,
    mock: {
      apiUrl: url,
      loginUrl: url,
      clientId: expect.any(String),
      clientSecret: expect.any(String),
      controlUrl: expect.stringMatching(/\/_control$/u),
    },
    relay: { url },
    gateway: { url, clientId: "demo", clientSecret: expect.any(String) },
  });
  const events = lines.filter((line) => line["type"] === "event");
  const gaps = lines.filter((line) => line["type"] === "gap");
  expect(Object.keys(last ?? {})).toEqual(summaryKeys);
  expect(last).toMatchObject({ lost: 0, duplicated: 0, gaps: 1, ok: true });
  expect(last).toMatchObject({ stored: events.length, delivered: events.length });
  expect(last?.["sent"]).toBe(events.length + Number(last?.["declaredLost"]));
  expect(events.length).toBeGreaterThan(0);
  expect(gaps.map(({ state }) => state)).toEqual(["open", "closed"]);
  expect(demo.err).toContain("The connection is cut now");
  expect(last?.["interruptions"]).toMatchObject([{ name: "abrupt cut" }]);
});

test.concurrent("announced closes, channels and tokens at their end lose nothing; cuts and silence are gaps", async () => {
  const demo = trunkline("demo --for 20s --rate 200 --json");
  await expectExit(demo, 0);
  const summary = demo.lines().at(-1) as { readonly interruptions: readonly Interrupted[] };
  expect(summary).toMatchObject({ lost: 0, duplicated: 0, gaps: 2, ok: true });
  const names = summary.interruptions.map(({ name }) => name);
  expect(names.slice(0, 2)).toEqual(["announced close", "abrupt cut"]);
  expect(names).toEqual(
    expect.arrayContaining(["channel expiry", "token renewal", "silent socket"]),
  );
  const announced = new Set(["announced close", "channel expiry", "token renewal"]);
  for (const { name, missing } of summary.interruptions)
    expect(announced.has(name) ? missing : 0).toBe(0);
});

test.concurrent("whoever breaks it more is answered by more gaps, and the books balance all the same", async () => {
  const demo = trunkline("demo --rate 200 --json");
  await demo.until("out", /\n/u);
  const [ready] = demo.lines() as readonly { readonly mock: { readonly controlUrl: string } }[];
  const controlUrl = ready?.mock.controlUrl;
  for (let cuts = 1; cuts <= 3; cuts++) {
    const body = JSON.stringify({ fault: "cutSockets" });
    expect((await fetch(`${controlUrl}/faults`, { method: "POST", body })).status).toBeLessThan(
      300,
    );
    await demo.until("out", new RegExp(`(?:"state":"closed"[^]*){${cuts}}`, "u"));
  }
  demo.child.kill("SIGINT");
  await expectExit(demo, 0);
  const summary = demo.lines().at(-1);
  expect(summary).toMatchObject({ lost: 0, duplicated: 0, ok: true });
  expect(Number(summary?.["gaps"])).toBeGreaterThanOrEqual(3);
});

test.concurrent("for people: what it is, events within seconds, and a summary", async () => {
  const demo = trunkline("demo");
  await demo.until("out", /^Trunkline demo: [^]* No account is needed\. Fast profile: /mu);
  await demo.until("out", /^\d\d:\d\d:\d\d\.\d{3} {2}(queue|user) /mu);
  demo.child.kill("SIGINT");
  await expectExit(demo, 0);
  expect(demo.out).toMatch(
    /After .*:\n +\d+ {2}events sent .*\n +\d+ {2}of them in the journal\n/u,
  );
  expect(demo.out).toMatch(/Nothing is missing\.\n$/u);
  expect(demo.out).not.toContain("\u001B");
});

test.concurrent("there is nothing to trace in it, and it says where there is", async () => {
  const demo = trunkline("demo --trace");
  await expectExit(demo, 2);
  expect(demo.err).toMatch(/^error USAGE: .*\n {2}→ trunkline tail --direct --trace .*\n$/u);
});
