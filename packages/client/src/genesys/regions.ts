/**
 * The 18 regions of Genesys Cloud.
 * Source: enum PureCloudRegionHosts of the official JavaScript SDK 259.0.0 (official SDK code).
 * Hosts are regular: `api.`, `login.` and `streaming.` in front of the domain.
 */
import { TrunklineError } from "../errors.ts";

/** AWS region name → domain of Genesys Cloud in it. */
export const regions = {
  "us-east-1": "mypurecloud.com",
  "eu-west-1": "mypurecloud.ie",
  "ap-southeast-2": "mypurecloud.com.au",
  "ap-northeast-1": "mypurecloud.jp",
  "eu-central-1": "mypurecloud.de",
  "us-west-2": "usw2.pure.cloud",
  "ca-central-1": "cac1.pure.cloud",
  "ap-northeast-2": "apne2.pure.cloud",
  "eu-west-2": "euw2.pure.cloud",
  "ap-south-1": "aps1.pure.cloud",
  "us-east-2": "use2.us-gov-pure.cloud",
  "sa-east-1": "sae1.pure.cloud",
  "me-central-1": "mec1.pure.cloud",
  "ap-northeast-3": "apne3.pure.cloud",
  "eu-central-2": "euc2.pure.cloud",
  "mx-central-1": "mxc1.pure.cloud",
  "ap-southeast-1": "apse1.pure.cloud",
  "eusc-de-east-1": "edee1.eusc-pure.cloud",
} as const;

/** The AWS name of a region of Genesys Cloud. */
export type RegionName = keyof typeof regions;

/** Where a Genesys Cloud is reached. */
export interface Hosts {
  /** Origin of the API, without a trailing slash. */
  readonly apiUrl: string;
  /** Origin of the login service, without a trailing slash. */
  readonly loginUrl: string;
  /** Host name, or a suffix beginning with a dot, under which a connectUri must lie. */
  readonly connectHost: string;
}

/**
 * Resolves a region by AWS name (`eu-central-1`, `eu_central_1`), domain (`mypurecloud.de`) or a
 * host in it (`api.mypurecloud.de`), without regard to case.
 * @throws TrunklineError REGION_UNKNOWN, naming the nearest known one
 */
export function resolveRegion(region: string): Hosts {
  const wanted = region.trim().toLowerCase().replaceAll("_", "-");
  const bare = wanted.replace(/^https?:\/\//, "").replace(/^(api|login|apps|streaming)\./, "");
  for (const [name, domain] of Object.entries(regions)) {
    if (wanted === name || bare === domain) {
      return {
        apiUrl: `https://api.${domain}`,
        loginUrl: `https://login.${domain}`,
        connectHost: `.${domain}`,
      };
    }
  }
  const [near] = Object.entries(regions)
    .flat()
    .map((candidate) => ({ candidate, away: distance(candidate, bare) }))
    .filter(({ away }) => away <= 2)
    .toSorted((a, b) => a.away - b.away);
  const hint =
    near === undefined
      ? `Known: ${Object.keys(regions).join(", ")}.`
      : `Did you mean ${near.candidate}?`;
  throw new TrunklineError(
    "REGION_UNKNOWN",
    `There is no Genesys Cloud region "${region}". ${hint}`,
  );
}

/**
 * Resolves a base URL, as of a mock or a gateway. The login service is at `login.` where the host
 * begins with `api.`, else at the base URL itself.
 * @throws TrunklineError OPTION_INVALID
 */
export function resolveBaseUrl(baseUrl: string): Hosts {
  let url: URL;
  try {
    url = new URL(baseUrl);
  } catch (cause) {
    throw new TrunklineError("OPTION_INVALID", `baseUrl "${baseUrl}" is not a URL.`, { cause });
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new TrunklineError(
      "OPTION_INVALID",
      `baseUrl "${baseUrl}" must begin with https:// or http://.`,
    );
  }
  const apiUrl = `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  return {
    apiUrl,
    loginUrl: apiUrl.replace("://api.", "://login."),
    connectHost: url.hostname.startsWith("api.") ? url.hostname.slice("api".length) : url.hostname,
  };
}

/** Levenshtein distance, for names of a few dozen characters. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
