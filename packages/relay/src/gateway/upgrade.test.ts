import { Duplex } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GatewayError, isGatewayError } from "./gateway-error.ts";
import { refusalOf, sampleClient, stageAccess } from "../testing/access-stage.ts";
import { Connections, grantFor, readUpgrade, refuseUpgrade } from "./upgrade.ts";

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    if (isGatewayError(error)) return error.code;
    throw error;
  }
  return undefined;
}

describe("a request to upgrade", () => {
  const path = "/api/v2/analytics/events";

  test.each([
    [path, {}, undefined],
    [`${path}?access_token=a.b.c`, {}, "a.b.c"],
    [path, { authorization: "Bearer a.b.c" }, "a.b.c"],
    [path, { authorization: "bearer   a.b.c " }, "a.b.c"],
    [`${path}?access_token=query`, { authorization: "Bearer header" }, "header"],
    [`${path}/?format=events&access_token=a%2Bb`, {}, "a+b"],
  ])("%s with %j has the token %s", (url, headers, token) => {
    expect(readUpgrade({ url, headers }).token).toBe(token);
  });

  test.each([
    ["/", {}, "PATH_UNKNOWN"],
    ["/websocket/more", {}, "PATH_UNKNOWN"],
    ["//", {}, "PATH_UNKNOWN"],
    ["http://[", {}, "PATH_UNKNOWN"],
    [path, { authorization: "Basic aWQ6c2VjcmV0" }, "TOKEN_INVALID"],
    [path, { authorization: "Bearer" }, "TOKEN_INVALID"],
    [path, { authorization: "Bearer a b" }, "TOKEN_INVALID"],
    [`${path}?format=xml`, {}, "FIELD_INVALID"],
  ])("%s with %j is refused as %s", (url, headers, code) => {
    expect(codeOf(() => readUpgrade({ url, headers }))).toBe(code);
  });

  test("does not have what it is refused for repeated with its query, where a token may stand", () => {
    const url = "/nowhere?access_token=swordfish";
    expect(() => readUpgrade({ url, headers: {} })).toThrow(
      expect.not.stringContaining("swordfish"),
    );
  });

  test("has a subscription of its own on paths of conversations alone", () => {
    const url = "/api/v2/analytics/conversations/events";
    expect(readUpgrade({ url: "/websocket", headers: {} }).implied).toBeUndefined();
    expect(readUpgrade({ url, headers: {} }).implied).toMatchObject({
      written: ["conversation:all"],
    });
  });
});

describe("the token of an upgrade", () => {
  test("lets in whose scopes let it connect, and nobody else", async () => {
    const reader = sampleClient({ id: "reader", scopes: ["view:conversation"] });
    const { access, token } = await stageAccess({ clients: [sampleClient(), reader] });
    expect(await grantFor(await token(), access)).toMatchObject({ clientId: "wallboard" });
    const refused = await refusalOf(grantFor(await token("reader"), access));
    expect([refused.code, refused.message]).toEqual([
      "SCOPE_MISSING",
      "The token has the scopes view:conversation, none of which lets it connect.",
    ]);
  });

  test("may be missing, and come in a message", async () => {
    const { access } = await stageAccess();
    expect(await grantFor(undefined, access)).toBeUndefined();
  });

  test("of another relay is none", async () => {
    const [here, elsewhere] = [await stageAccess(), await stageAccess()];
    const foreign = await refusalOf(grantFor(await elsewhere.token(), here.access));
    expect(foreign.code).toBe("TOKEN_INVALID");
  });
});

test("an upgrade that is refused is answered in HTTP, and its socket let go whether the peer goes or not", async () => {
  const answer: Buffer[] = [];
  // Nobody reads from it, and its peer never ends it.
  const socket = new Duplex({
    read: () => undefined,
    write: (data: Buffer, _, done) => {
      answer.push(data);
      done();
    },
  });
  const error = new GatewayError("CONNECTIONS_FULL", "There are 2.", { retryAfterMs: 10_000 });
  refuseUpgrade(socket, error);
  await new Promise<void>((resolve) => void socket.on("close", () => resolve()));
  const [head = "", body = ""] = Buffer.concat(answer).toString().split("\r\n\r\n");
  expect(head).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\n/u);
  expect(head).toMatch(/^retry-after: 10$/imu);
  expect(head).toContain(`content-length: ${Buffer.byteLength(body)}`);
  expect(JSON.parse(body)).toMatchObject({ code: "CONNECTIONS_FULL", status: 429 });
});

test("places are given back once, however often, and never leak", () => {
  const limits = { connectionsMax: 6, connectionsPerAddressMax: 3 };
  const move = fc.record({
    address: fc.constantFrom("a", "b", "c"),
    leaves: fc.boolean(),
    which: fc.nat(20),
  });
  fc.assert(
    fc.property(fc.array(move, { maxLength: 200 }), (moves) => {
      const places = new Connections(limits);
      const taken: { readonly address: string; readonly leave: () => void; isIn: boolean }[] = [];
      const answers: (readonly [got: unknown, due: unknown])[] = [];
      for (const { address, leaves, which } of moves) {
        const some = taken[which % Math.max(1, taken.length)];
        const inside = taken.filter(({ isIn }) => isIn);
        if (leaves && some !== undefined) {
          some.leave();
          some.isIn = false;
        } else {
          const ofAddress = inside.filter((each) => each.address === address).length;
          const isFull = inside.length >= 6 || ofAddress >= 3;
          const code = codeOf(() => {
            taken.push({ address, leave: places.enter(address), isIn: true });
          });
          answers.push([code, isFull ? "CONNECTIONS_FULL" : undefined]);
        }
        expect(places.count).toBe(taken.filter(({ isIn }) => isIn).length);
      }
      expect(answers.map(([got]) => got)).toEqual(answers.map(([, due]) => due));
    }),
  );
});
