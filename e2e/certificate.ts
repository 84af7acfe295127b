/** A certificate that signs itself, made when it is needed: no key lies in the repository. */
import { generateKeyPairSync, sign } from "node:crypto";

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const bytesOf = (...values: readonly (Buffer | string)[]): Buffer =>
  Buffer.concat(values.map((value) => (typeof value === "string" ? Buffer.from(value) : value)));

/** One element of DER: its tag, its length, its content. */
function der(tag: number, ...content: readonly (Buffer | string)[]): Buffer {
  const body = bytesOf(...content);
  const { length } = body;
  const size =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

const sequence = (...content: readonly Buffer[]): Buffer => der(0x30, ...content);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, "hex"));
const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));

/** @param host its one DNS name @param hoursValid from now on; negative for one that has run out */
export function selfSigned(host: string, hoursValid = 24): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = sequence(der(0x31, sequence(oid("550403"), der(0x0c, host))));
  const end = Date.now() + hoursValid * 3_600_000;
  const subjectAltName = sequence(der(0x82, host));
  const extensions = sequence(
    sequence(oid("551d11"), der(0x04, subjectAltName)),
    sequence(oid("551d13"), der(0x04, sequence(der(0x01, Buffer.from([255]))))),
  );
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1, ...Buffer.from(String(end))])),
    ecdsaWithSha256,
    name,
    sequence(der(0x17, utcTime(end - 48 * 3_600_000)), der(0x17, utcTime(end))),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, extensions),
  );
  const signature = sign("sha256", content, privateKey);
  const whole = sequence(content, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature));
  const lines = whole.toString("base64").replaceAll(/.{64}(?=.)/gu, "$&\n");
  return {
    key: String(privateKey.export({ type: "pkcs8", format: "pem" })),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}

function utcTime(atMs: number): string {
  return `${new Date(atMs).toISOString().replaceAll(/[-:T]/gu, "").slice(2, 14)}Z`;
}
