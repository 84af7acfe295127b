import { inspect } from "node:util";
import { expect, test } from "vitest";
import { createStage, jsonAnswer } from "./testing/stage.ts";
import { sharedTokenSource, tokenSource } from "./token-source.ts";

const tokenUrl = "https://relay.example/oauth/token";
const options = { tokenUrl, clientId: "wallboard", clientSecret: "sesame" };

test("many that ask at once cause one request, and its token is kept until four fifths of its life are over", async () => {
  const stage = createStage();
  const { ports, asked } = stage;
  const source = tokenSource({ ...options, ports });
  const all = await Promise.all([source.token(), source.token(), source.token()]);
  expect(all).toEqual(["token-1", "token-1", "token-1"]);
  await stage.pass(2_879_000);
  expect(await source.token()).toBe("token-1");
  await stage.pass(2_000);
  expect(await source.token()).toBe("token-2");
  expect(asked).toEqual([`POST ${tokenUrl}`, `POST ${tokenUrl}`]);
});

test("a token that was refused is replaced once, however many were refused with it", async () => {
  const { ports, asked } = createStage();
  const source = tokenSource({ ...options, ports });
  const refused = await source.token();
  expect(await Promise.all([source.token(refused), source.token(refused)])).toEqual([
    "token-2",
    "token-2",
  ]);
  expect(await source.token(refused)).toBe("token-2");
  expect(asked).toHaveLength(2);
});

test("what the gateway says of the credentials is final, and said with its help", async () => {
  const stage = createStage();
  stage.answer = () =>
    jsonAnswer(401, {
      code: "CLIENT_UNKNOWN",
      message: "There is no such client.",
      help: "Add it.",
    });
  await expect(tokenSource({ ...options, ports: stage.ports }).token()).rejects.toMatchObject({
    code: "CLIENT_UNKNOWN",
    message: "There is no such client.",
    help: "Add it.",
    retry: "never",
  });
});

test.each([
  ["503 without a body", () => ({ status: 503, header: () => undefined, body: "" })],
  ["200 without a token", () => jsonAnswer(200, {})],
  ["200 that is no JSON", () => ({ status: 200, header: () => undefined, body: "<html>" })],
  [
    "no answer",
    () => {
      throw new TypeError("fetch failed");
    },
  ],
])("%s may be tried again", async (_, answer) => {
  const stage = createStage();
  stage.answer = answer;
  const source = tokenSource({ ...options, ports: stage.ports });
  await expect(source.token()).rejects.toMatchObject({ code: "TOKEN_UNAVAILABLE", retry: "later" });
  stage.answer = () => jsonAnswer(200, { access_token: "after", expires_in: 3_600 });
  expect(await source.token()).toBe("after");
});

test("Retry-After is told on", async () => {
  const stage = createStage();
  stage.answer = () => jsonAnswer(429, { code: "TOO_FAST", message: "" }, { "retry-after": "7" });
  await expect(tokenSource({ ...options, ports: stage.ports }).token()).rejects.toMatchObject({
    code: "TOO_FAST",
    retryAfterMs: 7_000,
  });
});

test("an answer that does not come is waited for 30 s", async () => {
  const stage = createStage();
  stage.answer = () => new Promise(() => undefined);
  const late = tokenSource({ ...options, ports: stage.ports })
    .token()
    .catch((reason: unknown) => reason);
  await stage.pass(30_000);
  expect(await late).toMatchObject({ code: "TOKEN_UNAVAILABLE" });
});

test("neither a source nor an error shows the secret", async () => {
  const stage = createStage();
  const source = tokenSource({ ...options, ports: stage.ports });
  await source.token();
  stage.answer = () => jsonAnswer(401, { code: "CLIENT_UNKNOWN", message: "no" });
  const error = await source.token("token-1").catch((reason: unknown) => reason);
  const shown = inspect([source, error], { depth: 10, showHidden: true });
  expect(shown).not.toMatch(/sesame|token-1|d2FsbGJvYXJk/u);
});

/** The part of the official client that is used. */
class FakeApiClient {
  readonly authentications = {
    "PureCloud OAuth": { accessToken: undefined as string | undefined },
  };
  logins = 0;
  setAccessToken(token: string): void {
    this.authentications["PureCloud OAuth"].accessToken = token;
  }
  async logIn(): Promise<void> {
    const token = `genesys-${++this.logins}`;
    await Promise.resolve();
    this.setAccessToken(token);
  }
}

test("sources of one official client log it in once, and take over what the program logs in itself", async () => {
  const client = new FakeApiClient();
  const one = sharedTokenSource(client, () => client.logIn());
  const other = sharedTokenSource(client, () => client.logIn());
  expect(await Promise.all([one.token(), other.token(), one.token()])).toEqual([
    "genesys-1",
    "genesys-1",
    "genesys-1",
  ]);
  client.setAccessToken("by-the-program");
  expect(await one.token("genesys-1")).toBe("by-the-program");
  expect(await other.token("by-the-program")).toBe("genesys-2");
  expect(client.logins).toBe(2);
});

test("an official client that nobody logs in is an error that says so", async () => {
  await expect(sharedTokenSource(new FakeApiClient()).token()).rejects.toMatchObject({
    code: "TOKEN_EXPIRED",
    help: expect.stringContaining("sharedTokenSource") as string,
  });
});

test("a failed login shows nothing of the official client's error, which has the secret in it", async () => {
  const source = sharedTokenSource(new FakeApiClient(), async () => {
    const response = { status: 401 };
    throw Object.assign(new Error("Basic sesame"), { response, config: { headers: "sesame" } });
  });
  const error = await source.token().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "TOKEN_UNAVAILABLE", retry: "never" });
  expect(inspect(error, { depth: 10 })).not.toContain("sesame");
});
