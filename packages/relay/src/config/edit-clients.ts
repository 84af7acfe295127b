/**
 * Clients of the Event API in a configuration file, read and changed as text: every comment and every
 * other line stays as it was. Where a file is written in a way that this cannot follow, such as in
 * braces, the YAML library writes it anew, which keeps comments and changes line breaks.
 */
import { isDeepStrictEqual } from "node:util";
import {
  Document,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { RelayError } from "../errors.ts";
import { clientId, eventType, scope } from "./gateway-schema.ts";
import { isRecord } from "./kinds.ts";
import { type Kind, refused } from "./option.ts";

/** A client as the file has it, without what proves it. Not checked: a relay that reads the file does that. */
export interface WrittenClient {
  readonly id: string;
  readonly scopes: readonly string[];
  readonly eventTypes: readonly string[] | undefined;
  readonly trunks: readonly string[] | undefined;
  readonly genesysClientId: string | undefined;
}

export interface NewClient {
  readonly id: string;
  readonly secretHash: string;
  readonly scopes: readonly string[];
  /** Empty means all. */
  readonly eventTypes: readonly string[];
}

/** Why a client cannot be written as it is. */
export interface ClientObjection {
  readonly message: string;
  readonly help: string;
}

/** @throws RelayError CONFIG_INVALID where the text is no YAML, or its clients are no list */
export function listClients(text: string, path: string): readonly WrittenClient[] {
  return clientsIn(read(text, path).data, path).flatMap((client) => {
    if (!isRecord(client)) return [];
    const { id, scopes, eventTypes, trunks, genesysClientId } = client;
    return [
      {
        id: String(id),
        scopes: texts(scopes) ?? [],
        eventTypes: texts(eventTypes),
        trunks: texts(trunks),
        genesysClientId: typeof genesysClientId === "string" ? genesysClientId : undefined,
      },
    ];
  });
}

function texts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : undefined;
}

/** What a relay would object to, before anything is written. */
export function objectionsToClient(
  client: Omit<NewClient, "secretHash">,
): readonly ClientObjection[] {
  const { id, scopes, eventTypes } = client;
  return [
    ...objectionsTo(id, clientId),
    ...scopes.flatMap((one) => objectionsTo(one, scope)),
    ...eventTypes.flatMap((one) => objectionsTo(one, eventType)),
  ];
}

/** The text with one more client. @throws RelayError CONFIG_INVALID */
export function addClient(text: string, path: string, client: NewClient): string {
  const { id, secretHash, scopes, eventTypes } = client;
  const written = { id, secretHash, scopes, ...(eventTypes.length === 0 ? {} : { eventTypes }) };
  const { document, data } = read(text, path);
  const wanted = [...clientsIn(data, path), written];
  const spliced = spliceIn(text, document, written);
  if (spliced !== undefined && saysSo(spliced, document, wanted)) return spliced;
  if (isJson(text)) return withClients(text, wanted);
  const list = document.getIn(["gateway", "clients"], true);
  if (isSeq(list)) list.add(document.createNode(written));
  else if (isMap(document.get("gateway"))) document.setIn(["gateway", "clients"], [written]);
  else document.set("gateway", document.createNode({ clients: [written] }));
  return document.toString({ lineWidth: 0 });
}

/** The text without a client; undefined where there is none of that id. @throws RelayError CONFIG_INVALID */
export function removeClient(text: string, path: string, id: string): string | undefined {
  const { document, data } = read(text, path);
  const all = clientsIn(data, path);
  const index = all.findIndex((client) => isRecord(client) && client["id"] === id);
  if (index === -1) return undefined;
  const wanted = all.filter((_, at) => at !== index);
  const spliced = spliceOut(text, document, index);
  if (spliced !== undefined && saysSo(spliced, document, wanted)) return spliced;
  if (isJson(text)) return withClients(text, wanted);
  document.deleteIn(["gateway", "clients", index]);
  return document.toString({ lineWidth: 0 });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** JSON has no comments that could be lost, and must stay JSON. */
function withClients(text: string, clients: readonly unknown[]): string {
  const { gateway, ...others } = JSON.parse(text) as Record<string, unknown>;
  const options = isRecord(gateway) ? gateway : {};
  return `${JSON.stringify({ ...others, gateway: { ...options, clients } }, undefined, 2)}\n`;
}

function objectionsTo(written: string, kind: Kind<string>): readonly ClientObjection[] {
  const found: ClientObjection[] = [];
  const value = kind.read(written, ({ message, help = `Write ${kind.form}.` }) =>
    found.push({ message: `${JSON.stringify(written.slice(0, shownMax))} ${message}`, help }),
  );
  return value === refused ? found : [];
}

const shownMax = 60;

interface Read {
  readonly document: Document.Parsed;
  readonly data: unknown;
}

function read(text: string, path: string): Read {
  try {
    const document = parse(text);
    const [error] = document.errors;
    if (error === undefined) return { document, data: document.toJS() as unknown };
    throw notYaml(path, error.code);
  } catch (error) {
    // Nested too deeply, or aliases of aliases.
    if (error instanceof RangeError || error instanceof ReferenceError)
      throw notYaml(path, "too much of it");
    throw error;
  }
}

function parse(text: string): Document.Parsed {
  return parseDocument(text, { prettyErrors: false, stringKeys: true, logLevel: "error" });
}

/** The library's own words may repeat part of a line, so only the code is told. */
function notYaml(path: string, why: string): RelayError {
  return new RelayError("CONFIG_INVALID", `${path} is not valid YAML (${why}).`, {
    help: `See where: trunkline run -c ${path}`,
  });
}

function clientsIn(data: unknown, path: string): readonly unknown[] {
  const invalid = (where: string, what: string): RelayError =>
    new RelayError("CONFIG_INVALID", `${where} in ${path} is no ${what}.`, {
      help: "docs/CONFIGURATION.md shows how clients are written.",
    });
  if (data !== null && !isRecord(data)) throw invalid("What stands", "map of options");
  const gateway = data?.["gateway"] ?? {};
  if (!isRecord(gateway)) throw invalid("gateway", "map");
  const clients = gateway["clients"] ?? [];
  if (!Array.isArray(clients)) throw invalid("gateway.clients", "list");
  return clients;
}

/** What a document says besides clients. */
function rest(document: Document.Parsed): unknown {
  const { gateway, ...others } = (document.toJS() ?? {}) as Record<string, unknown>;
  const { clients: _, ...options } = (gateway ?? {}) as Record<string, unknown>;
  return [others, options];
}

/** Whether a text says the same as the document, but for the clients. */
function saysSo(text: string, before: Document.Parsed, wanted: readonly unknown[]): boolean {
  const after = parse(text);
  if (after.errors.length > 0) return false;
  return (
    isDeepStrictEqual(rest(after), rest(before)) &&
    isDeepStrictEqual(clientsIn(after.toJS(), ""), wanted)
  );
}

/** Undefined where the place cannot be found among plain lines. */
function spliceIn(
  text: string,
  { contents }: Document.Parsed,
  client: Readonly<Record<string, unknown>>,
): string | undefined {
  const item = itemLines(client);
  const gateway = isMap(contents) ? pairOf(contents, "gateway") : undefined;
  if (gateway === undefined) {
    const isOpen = contents === null || (isMap(contents) && contents.flow !== true);
    if (!isOpen) return undefined;
    return insert(text, text.length, [
      "",
      "gateway:",
      ...indented(["clients:", ...indented(item)]),
    ]);
  }
  const section = gateway.value as Node | null;
  if (isEmpty(section))
    return insert(text, endOf(gateway.key as Node), indented(["clients:", ...indented(item)]));
  if (!isMap(section) || section.flow === true) return undefined;
  const clients = pairOf(section, "clients");
  const column = columnOf(text, (section.items[0]?.key as Node | undefined)?.range?.[0] ?? 0);
  if (clients === undefined)
    return insert(text, endOf(section), indented(["clients:", ...indented(item)], column));
  const list = clients.value as Node | null;
  if (isEmpty(list)) return insert(text, endOf(clients.key as Node), indented(item, column + 2));
  if (!isSeq(list) || list.flow === true) return undefined;
  return insert(text, endOf(list), indented(item, dashOf(text, list)));
}

/** Undefined where the item does not stand on lines of its own. */
function spliceOut(text: string, { contents }: Document.Parsed, index: number): string | undefined {
  const gateway = isMap(contents) ? pairOf(contents, "gateway")?.value : undefined;
  const list = isMap(gateway) ? pairOf(gateway, "clients")?.value : undefined;
  if (!isSeq(list) || list.flow === true) return undefined;
  // The key stays without a value, which means no clients: a comment may stand beside it.
  const item = list.items[index] as Node;
  const from = text.lastIndexOf("\n", (item.range?.[0] ?? 0) - 1) + 1;
  const to = lineEnd(text, endOf(item));
  return text.slice(0, from) + text.slice(Math.min(text.length, to + 1));
}

function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find(({ key }) => isScalar(key) && key.value === name);
}

function isEmpty(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.value === null && (node.source ?? "") === "");
}

/** Where the last of what a node says ends, without comments and line ends after it. */
function endOf(node: Node): number {
  if (isCollection(node) && node.flow !== true) {
    const last: unknown = node.items.at(-1);
    const pair = isMap(node) ? (last as Pair | undefined) : undefined;
    const inner = (
      pair === undefined ? last : isEmpty(pair.value as Node) ? pair.key : pair.value
    ) as Node | undefined;
    if (inner !== undefined) return endOf(inner);
  }
  return node.range?.[1] ?? 0;
}

function lineEnd(text: string, offset: number): number {
  // A block of text ends after its last line.
  const from = text[offset - 1] === "\n" ? offset - 1 : offset;
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end;
}

/** Puts lines after the line in which something ends. */
function insert(text: string, offset: number, lines: readonly string[]): string {
  const at = lineEnd(text, offset);
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const head = text.slice(0, at).replace(/\r$/u, "");
  const tail = text.slice(at + 1);
  const lead = head === "" ? "" : head + eol;
  return `${lead}${lines.join(eol)}${eol}${tail}`;
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf("\n", offset - 1) + 1);
}

/** The column of the dashes of a list. */
function dashOf(text: string, list: YAMLSeq): number {
  const first = (list.items[0] as Node | undefined)?.range?.[0] ?? 0;
  return columnOf(text, text.lastIndexOf("-", first - 1));
}

function itemLines(client: Readonly<Record<string, unknown>>): readonly string[] {
  const document = new Document(client);
  for (const { value } of (document.contents as YAMLMap).items) if (isSeq(value)) value.flow = true;
  const lines = document.toString({ lineWidth: 0 }).trimEnd().split("\n");
  return lines.map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`));
}

function indented(lines: readonly string[], columns = 2): readonly string[] {
  return lines.map((line) => " ".repeat(columns) + line);
}
