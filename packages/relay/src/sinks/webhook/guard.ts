/**
 * Which addresses a webhook may call. By default only those that anyone on the internet could call:
 * a relay stands inside a network, and must not be made to reach into it (SSRF). What is judged is
 * the resolved address, at connect time, so that a name cannot turn to another one in between.
 */
import ipaddr from "ipaddr.js";
import { RelayError } from "../../errors.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

export interface Guard {
  /** Whether a host may be called at an address. @returns why not; undefined where it may */
  objection(host: string, address: string, isSecure: boolean): string | undefined;
}

/** The one address in public space that is a cloud's own metadata service (Azure's WireServer). */
const metadata = ipaddr.parse("168.63.129.16");

/** All of the IPv6 internet so far; anything else that the library takes for unicast is not routed. */
const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");
/** The well-known prefix of NAT64: the IPv4 address that is meant stands in the last 32 bits. */
const nat64 = ipaddr.IPv6.parseCIDR("64:ff9b::/96");

/** Ranges that a listed host name opens. Link-local (metadata services) and multicast need a range of their own. */
const privateRanges = new Set(["private", "loopback", "uniqueLocal", "carrierGradeNat"]);

/**
 * @param allow address ranges, addresses and host names that may be called though they are not public,
 * and without TLS
 * @throws RelayError WEBHOOK_INVALID
 */
export function createGuard(allow: readonly string[]): Guard {
  const ranges: [Address, number][] = [];
  const hosts = new Set<string>();
  for (const text of allow) {
    if (ipaddr.isValidCIDR(text)) ranges.push(ipaddr.parseCIDR(text));
    else if (ipaddr.isValid(text) && !text.includes("%")) {
      const address = ipaddr.process(text);
      ranges.push([address, address.kind() === "ipv4" ? 32 : 128]);
    } else if (/^(?!.*\.\.)[a-z\d_](?:[a-z\d_.-]*[a-z\d_.])?$/iu.test(text) && /[a-z]/iu.test(text))
      hosts.add(plainHost(text));
    else
      throw new RelayError(
        "WEBHOOK_INVALID",
        `webhook.allow has "${text.slice(0, 100)}", which is neither a host name nor an address range such as 10.1.0.0/16.`,
      );
  }
  return {
    objection: (host, text, isSecure) => {
      if (!ipaddr.isValid(text)) return `${text} is no address`;
      const address = ipaddr.process(text);
      if (ranges.some((range) => contains(range, address))) return undefined;
      const range = rangeOf(address);
      const isListed = hosts.has(plainHost(host));
      if (range !== "public" && !(isListed && privateRanges.has(range)))
        return `${text} is not a public address (${range})`;
      if (!isSecure && !isListed)
        return `${text} would be called over plain http, which only what is listed under webhook.allow may be`;
      return undefined;
    },
  };
}

/** As URLs and certificates compare names: without case, brackets, or the final dot. */
function plainHost(host: string): string {
  return host.toLowerCase().replace(/\.$/u, "");
}

function contains([network, bits]: [Address, number], address: Address): boolean {
  return network.kind() === address.kind() && address.match([network, bits] as never);
}

/** "public", or the name of the special range that an address lies in. */
function rangeOf(address: Address): string {
  if (address instanceof ipaddr.IPv6) {
    if (address.match(nat64)) return rangeOf(new ipaddr.IPv4(address.toByteArray().slice(12)));
    const range = address.range();
    if (range !== "unicast") return range;
    return address.match(globalUnicast) ? "public" : "reserved";
  }
  if (address.toString() === metadata.toString()) return "metadata service";
  const range = address.range();
  return range === "unicast" ? "public" : range;
}
