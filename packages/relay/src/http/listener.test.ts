import { expect, test } from "vitest";
import { plainHttp } from "../testing/http-stage.ts";
import { listenError, listenHost, urlOf } from "./listener.ts";

test.each([
  ["EADDRINUSE", "PORT_IN_USE", "Port 8484 of 127.0.0.1 is taken."],
  ["EACCES", "PORT_FORBIDDEN", "This user may not listen on 127.0.0.1:8484."],
  ["EPERM", "PORT_FORBIDDEN", "This user may not listen on 127.0.0.1:8484."],
  [
    "EADDRNOTAVAIL",
    "ADDRESS_UNAVAILABLE",
    "127.0.0.1 is no address of this machine (EADDRNOTAVAIL).",
  ],
  ["ENOTFOUND", "ADDRESS_UNAVAILABLE", "127.0.0.1 is no address of this machine (ENOTFOUND)."],
  ["EMFILE", "LISTEN_FAILED", "Listening on 127.0.0.1:8484 failed: EMFILE."],
])("%s is %s", (code, expected, message) => {
  const cause = Object.assign(new Error("listen"), { code });
  const error = listenError(cause, { ...plainHttp, port: 8484 });
  expect([error.code, error.message, error.cause]).toEqual([expected, message, cause]);
  expect(error.help).not.toBe("");
});

test.each([
  ["127.0.0.1", "http://127.0.0.1:8484"],
  ["::1", "http://[::1]:8484"],
  ["0.0.0.0", "http://127.0.0.1:8484"],
  ["::", "http://[::1]:8484"],
  ["relay.lan", "http://relay.lan:8484"],
])("on %s it is asked at %s", (host, url) => {
  expect(urlOf({ ...plainHttp, host }, 8484)).toBe(url);
});

test("with a certificate it is asked by https", () => {
  const tls = { certFile: "c", keyFile: "k" };
  expect(urlOf({ ...plainHttp, tls }, 1)).toBe("https://127.0.0.1:1");
});

test("localhost is one address, so that no second server stands without our limits", () => {
  expect(["localhost", "LOCALHOST", "::1"].map(listenHost)).toEqual([
    "127.0.0.1",
    "127.0.0.1",
    "::1",
  ]);
});
