import { expect, test } from "vitest";
import { createGuard } from "./guard.ts";

const open = createGuard([]);

test.each(["8.8.8.8", "192.0.1.1", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])(
  "lets %s be called",
  (address) => {
    expect(open.objection("h.example", address, true)).toBeUndefined();
  },
);

test.each([
  "0.0.0.0",
  "0.1.2.3",
  "10.0.0.1",
  "100.64.0.1",
  "100.100.100.200",
  "127.0.0.1",
  "127.255.0.1",
  "168.63.129.16",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.192",
  "192.0.2.1",
  "192.88.99.1",
  "192.168.1.1",
  "198.18.0.1",
  "198.51.100.1",
  "203.0.113.1",
  "224.0.0.1",
  "239.255.255.255",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::127.0.0.1",
  "::ffff:127.0.0.1",
  "::ffff:a9fe:a9fe",
  "::ffff:0:10.0.0.1",
  "64:ff9b::10.0.0.1",
  "64:ff9b::a9fe:a9fe",
  "64:ff9b:1::1",
  "2001::1",
  "2001:db8::1",
  "2002:7f00:1::1",
  "2002:a00:1::1",
  "3fff::1",
  "100::1",
  "5f00::1",
  "fc00::1",
  "fd00:ec2::254",
  "fe80::1",
  "fe80::1%eth0",
  "fec0::1",
  "ff02::1",
  "4000::1",
  "not an address",
])("lets %s not be called", (address) => {
  expect(open.objection("h.example", address, true)).toContain(address);
});

test("lets listed ranges and addresses be called, with and without TLS", () => {
  const guard = createGuard(["10.1.0.0/16", "127.0.0.1", "fd00::/8", "169.254.169.254/32"]);
  for (const address of ["10.1.2.3", "127.0.0.1", "::ffff:127.0.0.1", "fd00::1", "169.254.169.254"])
    expect(guard.objection("h.example", address, false)).toBeUndefined();
  for (const address of ["10.2.0.1", "127.0.0.2", "fc00::1", "169.254.169.253"])
    expect(guard.objection("h.example", address, true)).toContain("not a public address");
});

test("lets a listed host be private, but never link-local, multicast or nowhere", () => {
  const guard = createGuard(["Hooks.Internal."]);
  for (const address of ["10.0.0.1", "127.0.0.1", "fd00::1", "100.64.0.1", "8.8.8.8"])
    expect(guard.objection("hooks.internal", address, false)).toBeUndefined();
  for (const address of ["169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0", "168.63.129.16"])
    expect(guard.objection("hooks.internal", address, true)).toContain("not a public address");
  expect(guard.objection("other.internal", "10.0.0.1", true)).toBeDefined();
});

test("lets plain http go nowhere but to what is listed", () => {
  expect(open.objection("h.example", "8.8.8.8", false)).toContain("plain http");
  expect(createGuard(["h.example"]).objection("h.example", "8.8.8.8", false)).toBeUndefined();
});

test.each([
  "",
  "10.0.0.0/33",
  "https://h.example",
  "h.example:80",
  "*.example",
  "a..b",
  "fe80::1%1",
])("does not take %j as allowed", (text) => {
  expect(() => createGuard([text])).toThrow(expect.objectContaining({ code: "WEBHOOK_INVALID" }));
});
