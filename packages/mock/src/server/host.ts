/** Whether a Host header names this machine by a loopback name, with or without a port. */
export function isLoopbackHost(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/iu.test(host);
}

/** Whether a Host header is one of these names; a name without a port stands for all ports. */
export function isKnownHost(host: string, names: readonly string[]): boolean {
  const plain = host.toLowerCase();
  const bare = plain.replace(/:\d{1,5}$/u, "");
  return names.some((name) => name.toLowerCase() === plain || name.toLowerCase() === bare);
}

/** An address as it stands in a URL. */
export function inUrl(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}

/** Whether it stands for every address of the machine. */
export function isAnyAddress(host: string): boolean {
  return host === "0.0.0.0" || host === "::" || host === "";
}
