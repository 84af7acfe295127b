import { describe, expect, test } from "vitest";
import { regions } from "../data/regions.ts";
import { clientId, clientSecret, Stage, type Reply } from "../testing/stage.ts";

const channels = "/api/v2/notifications/channels";

function call(
  stage: Stage,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = "",
): Pick<Reply, "status" | "json"> {
  const response = stage.raw(method, path, headers, body);
  if (response === "cut") throw new Error("cut");
  return {
    status: response.status,
    json: response.body === "" ? undefined : JSON.parse(response.body),
  };
}

function login(
  stage: Stage,
  path = "/oauth/token",
  host = "localhost",
): Pick<Reply, "status" | "json"> {
  const headers = {
    host,
    authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`,
    "content-type": "application/x-www-form-urlencoded",
  };
  return call(stage, "POST", path, headers, "grant_type=client_credentials");
}

/** A stage whose sockets are where its host names say. */
function everywhere(region?: string): Stage {
  return new Stage({
    streamingUrl: (host) => `wss://${host ?? "none"}`,
    ...(region !== undefined && { region }),
  });
}

function connectUri(stage: Stage, host: string, path = channels): unknown {
  const authorization = `Bearer ${stage.token()}`;
  return Object(call(stage, "POST", path, { host, authorization }).json).connectUri;
}

test("there are 18 regions, each of a domain of its own", () => {
  expect(Object.keys(regions)).toHaveLength(18);
  expect(new Set(Object.values(regions)).size).toBe(18);
});

describe.each(Object.entries(regions))("%s", (name, domain) => {
  test("is reached by its hosts, each of which serves its own paths only", () => {
    const stage = everywhere();
    expect(login(stage, "/oauth/token", `login.${domain}`).status).toBe(200);
    expect(login(stage, "/oauth/token", `LOGIN.${domain}:8443`).status).toBe(200);
    expect(login(stage, "/oauth/token", `api.${domain}`).status).toBe(404);
    expect(login(stage, "/oauth/token", `streaming.${domain}`).status).toBe(404);
    const status = (host: string): number => call(stage, "POST", channels, { host }).status;
    expect(status(`api.${domain}`)).toBe(401);
    expect(status(`login.${domain}`)).toBe(404);
    expect(status(`streaming.${domain}:443`)).toBe(404);
  });

  test("names its streaming host in connectUri, with the port that was used", () => {
    const stage = everywhere();
    const uri = /^wss:\/\/streaming\.([^/]+)\/channels\/streaming-/u;
    expect(uri.exec(String(connectUri(stage, `api.${domain}`)))?.[1]).toBe(domain);
    expect(uri.exec(String(connectUri(stage, `api.${domain}:90`)))?.[1]).toBe(`${domain}:90`);
  });

  test.each([domain, name, `api.${domain}`])("is reached by the prefix /%s", (prefix) => {
    const stage = everywhere();
    const uri = String(connectUri(stage, "localhost:1", `/${prefix}${channels}`));
    const streaming = prefix.replace(/^api\./u, "streaming.");
    expect(uri.startsWith(`wss://localhost:1/${streaming}/channels/streaming-`)).toBe(true);
    const { pathname } = new URL(uri);
    expect(stage.cloud.upgrade(pathname, stage.nowMs, "localhost:1").kind).toBe("accepted");
  });
});

test("prefixes of login and API serve their own paths only, and a bare region serves all", () => {
  const stage = everywhere();
  expect(login(stage, "/mypurecloud.de/oauth/token").status).toBe(200);
  expect(login(stage, "/eu-central-1/oauth/token").status).toBe(200);
  expect(login(stage, "/login.mypurecloud.de/oauth/token").status).toBe(200);
  expect(login(stage, "/api.mypurecloud.de/oauth/token").status).toBe(404);
  expect(call(stage, "GET", `/login.mypurecloud.de${channels}`).status).toBe(404);
  expect(call(stage, "GET", `/api.mypurecloud.de${channels}`).status).toBe(401);
});

test("a path that only resembles a prefix is none", () => {
  const stage = everywhere();
  for (const prefix of [
    "/mypurecloud.example",
    "/api",
    "/eu-central-9",
    "/mypurecloud.de/eu-west-1",
    "//",
  ])
    expect(call(stage, "GET", `${prefix}${channels}`).status).toBe(404);
  expect(call(stage, "GET", "/mypurecloud.de").status).toBe(404);
  expect(login(stage, "/oauth/token", "api.mypurecloud.example").status).toBe(200);
});

test("sockets are not served by hosts of the API and of login", () => {
  const stage = everywhere();
  const path = `/channels/${stage.channel(stage.token())}`;
  const kind = (host?: string): string => stage.cloud.upgrade(path, stage.nowMs, host).kind;
  expect(kind("api.mypurecloud.de")).toBe("refused");
  expect(kind("login.mypurecloud.de:9")).toBe("refused");
  expect(kind("streaming.mypurecloud.de")).toBe("accepted");
  expect(kind("localhost:1")).toBe("accepted");
  expect(kind()).toBe("accepted");
});

describe.each(["mypurecloud.de", "eu-central-1", "EU-Central-1"])(
  "an organisation in %s",
  (region) => {
    test("is known at home, and where no region is named", () => {
      const stage = everywhere(region);
      expect(login(stage).status).toBe(200);
      expect(login(stage, "/oauth/token", "login.mypurecloud.de").status).toBe(200);
      expect(login(stage, "/eu-central-1/oauth/token").status).toBe(200);
      expect(String(connectUri(stage, "api.mypurecloud.de"))).toContain(
        "//streaming.mypurecloud.de/",
      );
    });

    test("is nobody's client elsewhere", () => {
      const stage = everywhere(region);
      const stranger = {
        status: 400,
        json: {
          error: "invalid_client",
          description: "client not found",
          error_description: "client not found",
        },
      };
      expect(login(stage, "/oauth/token", "login.mypurecloud.ie")).toEqual(stranger);
      expect(login(stage, "/eu-west-1/oauth/token")).toEqual(stranger);
    });

    test("has tokens and channels that are worth nothing elsewhere", () => {
      const stage = everywhere(region);
      const token = stage.token();
      const headers = { host: "api.mypurecloud.ie", authorization: `Bearer ${token}` };
      expect(call(stage, "GET", channels, headers).json).toMatchObject({ code: "bad.credentials" });
      const anonymous = { host: "api.mypurecloud.ie" };
      expect(call(stage, "GET", channels, anonymous).json).toMatchObject({
        code: "authentication.required",
      });
      const path = `/channels/${stage.channel(token)}`;
      expect(stage.cloud.upgrade(`/mypurecloud.ie${path}`, stage.nowMs).kind).toBe("refused");
      expect(stage.cloud.upgrade(path, stage.nowMs, "streaming.mypurecloud.ie").kind).toBe(
        "refused",
      );
      expect(stage.cloud.upgrade(path, stage.nowMs, "streaming.mypurecloud.de").kind).toBe(
        "accepted",
      );
    });
  },
);

test("an organisation lives in no region that there is not", () => {
  expect(() => everywhere("eu-central-9")).toThrow("OPTION_INVALID");
});
