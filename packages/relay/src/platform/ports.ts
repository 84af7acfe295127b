/** The real world of the relay. */
import { readFile } from "node:fs/promises";
import {
  createClient,
  createSystemHttp,
  systemClock,
  type Client,
  type ClientOptions,
} from "@trunkline/client";
import type { Accept } from "../gateway/gateway.ts";
import type { AccessPorts } from "../gateway/access/open-access.ts";
import { createHttp, type HttpFace, type HttpOptions } from "../http/server.ts";
import type { Journal } from "../journal/journal.ts";
import type { Clock, Random } from "../ports.ts";
import type { SinkDoors } from "../sinks/create.ts";
import { systemFiles } from "./files.ts";
import type { OutputDoor } from "../sinks/stdout.ts";
import { createOutputDoor } from "./output.ts";
import { createAccept } from "./sockets.ts";
import { openJournal, type JournalOptions } from "./sqlite-journal.ts";
import { loadSigningKey } from "./signing-key-file.ts";
import { createAskTokensMe } from "./tokens-me.ts";
import { createWebhookHttp } from "./webhook-http.ts";

/** The doors of a relay to the outside. */
export interface RelayPorts
  extends
    Pick<SinkDoors, "output" | "files" | "webhookHttp">,
    Pick<AccessPorts, "loadSigningKey" | "createAskTokensMe"> {
  readonly clock: Clock;
  readonly random: Random;
  readonly openJournal: (options: JournalOptions) => Promise<Journal>;
  readonly createClient: (options: ClientOptions) => Client;
  readonly createHttp: (options: HttpOptions) => HttpFace;
  /** Completes handshakes of sockets whose messages are no larger. */
  readonly createAccept: (messageBytesMax: number) => Accept;
  /** Reads a file as text; throws the error of the operating system. */
  readonly readText: (path: string) => Promise<string>;
  /** How soon a journal that cannot store is told of; a simulated month looks less often. @default 1000 */
  readonly lookEveryMs?: number | undefined;
}

/** There is one, however many relays a process makes: each door listens to its stream. */
let stdout: OutputDoor | undefined;

export function createPlatform(): RelayPorts {
  return {
    clock: systemClock,
    random: Math.random,
    openJournal,
    createClient,
    createHttp,
    createAccept,
    output: (stdout ??= createOutputDoor(process.stdout)),
    files: systemFiles,
    webhookHttp: createWebhookHttp,
    loadSigningKey,
    createAskTokensMe: (trunks) => createAskTokensMe(trunks, createSystemHttp().http),
    readText: (path) => readFile(path, "utf8"),
  };
}
