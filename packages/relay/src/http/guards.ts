/**
 * Who may ask. The relay listens on loopback, and loopback is open to every web page in a browser
 * on this machine: a page may point a name of its own here (DNS rebinding), or simply ask
 * (cross-site requests). So the name that was asked for must be one of ours, and so must the page.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { HttpConfig } from "../config/config.ts";
import { refuse, type Refusal } from "./refusal.ts";

/** What a guard looks at. Header names are lower-case. */
export interface Asked {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export type Admission =
  | Refusal
  | {
      readonly kind: "admitted";
      /** The listed origin that the answer is to be readable for. */
      readonly foreignOrigin: string | undefined;
    };

export interface Guard {
  /** Looks at where a request was sent, and from which page. */
  admit(asked: Asked): Admission;
  /** Whether a request carries the token; always, where none is configured. */
  isTrusted(asked: Asked): boolean;
}

export function createGuard(config: HttpConfig): Guard {
  const scheme = config.tls === undefined ? "http" : "https";
  // An address that was configured to listen on is ours; that of all interfaces is nobody's.
  const own = isUnspecified(config.host) ? [] : [inHost(config.host)];
  const hosts = new Set([...config.hosts, ...own].map((host) => host.toLowerCase()));
  const origins = new Set(config.origins.map((origin) => origin.toLowerCase().replace(/\/$/u, "")));
  const expected = config.token === undefined ? undefined : digest(config.token.reveal());
  return {
    admit: ({ method, headers }) => {
      const host = one(headers["host"])?.toLowerCase();
      if (host === undefined || !(isLoopbackHost(host) || isListed(host, hosts)))
        return refuse("HOST_FORBIDDEN", hostMessage(host));
      const origin = one(headers["origin"])?.toLowerCase();
      if (origin !== undefined && origin !== `${scheme}://${host}`) {
        if (!origins.has(origin)) return refuse("ORIGIN_FORBIDDEN", originMessage(origin));
        return { kind: "admitted", foreignOrigin: origin };
      }
      // Images, scripts and forms of other pages send no Origin where they only read; the browser
      // says so here. Following a link is as good as typing the address.
      const site = one(headers["sec-fetch-site"]);
      if ((site === "cross-site" || site === "same-site") && !isNavigation({ method, headers }))
        return refuse("ORIGIN_FORBIDDEN", "A page of another origin asked for this in a browser.");
      return { kind: "admitted", foreignOrigin: undefined };
    },
    isTrusted: ({ headers }) => {
      if (expected === undefined) return true;
      const match = /^Bearer +(?<token>\S+) *$/iu.exec(one(headers["authorization"]) ?? "");
      const token = match?.groups?.["token"];
      // Digests are of one length, and comparing them takes as long whatever they are.
      return token !== undefined && timingSafeEqual(digest(token), expected);
    },
  };
}

/** Whether a `Host` names this machine by a loopback name, with or without a port. */
export function isLoopbackHost(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/iu.test(host);
}

/** An address as it stands in a URL or a `Host`. */
export function inHost(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

/** Whether an address stands for all interfaces. */
export function isUnspecified(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}

/** A host is listed with its port, or without one for all ports. */
function isListed(host: string, hosts: ReadonlySet<string>): boolean {
  return hosts.has(host) || hosts.has(host.replace(/:\d{1,5}$/u, ""));
}

function isNavigation({ method, headers }: Asked): boolean {
  return (
    (method === "GET" || method === "HEAD") &&
    one(headers["sec-fetch-mode"]) === "navigate" &&
    one(headers["sec-fetch-dest"]) === "document"
  );
}

function one(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === "string" ? header : header?.[0];
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function hostMessage(host: string | undefined): string {
  return host === undefined || host === ""
    ? "The request carries no Host header."
    : `The relay was asked under the name "${host.slice(0, textMax)}", which is not one of its own.`;
}

function originMessage(origin: string): string {
  return `A page of ${origin.slice(0, textMax)} asked, which is not allowed to.`;
}

const textMax = 100;
