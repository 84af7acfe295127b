/**
 * The legacy face: the Event API that the threads describe, with the failures that they tell of. Genesys Cloud has no such
 * service, and every answer says so. It is written from the threads alone, and knows of the cloud its tokens and its clock.
 */
import type { CloudEffect, CloudRequest, CloudResponse, CloudUpgrade } from "../cloud/contract.ts";
import type { Deadline, Deadlines } from "../cloud/deadlines.ts";
import { refusals, type Refusal } from "../cloud/errors.ts";
import type { LedgerBook } from "../cloud/ledger.ts";
import { refused, toResponse } from "../cloud/reply.ts";
import { splitPath } from "../cloud/router.ts";
import type { Settings } from "../cloud/settings.ts";
import type { Token, Tokens } from "../cloud/tokens.ts";
import { faceOf, type Face } from "./faces.ts";
import {
  opening,
  step,
  type LegacyEffect,
  type LegacyInput,
  type LegacyState,
  type Shown,
} from "./machine.ts";
import { legacyHeaders, legacyReply } from "./rest.ts";

export interface LegacyPorts {
  readonly settings: Settings;
  readonly tokens: Tokens;
  readonly deadlines: Deadlines;
  readonly ledger: LedgerBook;
  readonly outlet: (effect: CloudEffect) => void;
  readonly newCorrelationId: () => string;
}

/** All methods answer undefined, or false, where the path or the socket is not of the legacy face. */
export interface Legacy {
  request(request: CloudRequest, nowMs: number): CloudResponse | undefined;
  upgrade(path: string, authorization: string | undefined, nowMs: number): CloudUpgrade | undefined;
  received(socketId: number, text: string, nowMs: number): boolean;
  closed(socketId: number, nowMs: number, cause: string | undefined): boolean;
  /** Ends the sockets that were opened with it. */
  tokenDied(token: Token, nowMs: number): void;
}

interface LegacySocket {
  readonly id: number;
  readonly face: Face;
  state: LegacyState;
  token: Token | undefined;
  death: Deadline | undefined;
}

export function createLegacy(ports: LegacyPorts): Legacy {
  const { settings, tokens, deadlines, ledger, outlet } = ports;
  const { legacy } = settings;
  const sockets = new Map<number, LegacySocket>();
  /** They count down from -1, so that they are never taken for sockets of channels. */
  let lastId = 0;

  function look(text: string, nowMs: number): { readonly shown: Shown; readonly token?: Token } {
    const presented = tokens.present(text, nowMs);
    if (presented.kind === "live") return { shown: { kind: "live" }, token: presented.token };
    return { shown: presented.kind === "early" ? presented : { kind: "stale" } };
  }

  function feed(socket: LegacySocket, input: LegacyInput, nowMs: number): void {
    const { state, effects } = step(socket.state, input, {
      face: socket.face,
      strict: settings.jwtValidation === "strict",
      scopes: settings.legacyScopes,
      unauthorizedSocket: settings.legacyUnauthorizedSocket,
      look: (text) => look(text, nowMs).shown,
    });
    socket.state = state;
    for (const effect of effects) {
      // The transport may have let go of it meanwhile.
      if (!sockets.has(socket.id)) return;
      perform(socket, effect, nowMs);
    }
  }

  function perform(socket: LegacySocket, effect: LegacyEffect, nowMs: number): void {
    const { id: socketId } = socket;
    switch (effect.kind) {
      case "send":
        outlet({ type: "send", socketId, text: JSON.stringify(effect.json) });
        return;
      case "known":
        socket.token = look(effect.token, nowMs).token;
        return;
      case "end":
        ledger.note({ atMs: nowMs, what: "legacy-socket-ended", socketId, detail: effect.why });
        if (effect.end === "stay") return;
        forget(socket);
        outlet(
          effect.end === "cut"
            ? { type: "cut", socketId }
            : { type: "close", socketId, ...effect.end },
        );
    }
  }

  function forget(socket: LegacySocket): void {
    deadlines.cancel(socket.death);
    sockets.delete(socket.id);
  }

  function open(
    face: Face,
    shown: Shown | undefined,
    token: Token | undefined,
    nowMs: number,
  ): CloudUpgrade {
    lastId -= 1;
    const socket: LegacySocket = { id: lastId, face, state: opening, token, death: undefined };
    sockets.set(socket.id, socket);
    ledger.note({ atMs: nowMs, what: "legacy-socket-opened", socketId: socket.id });
    if (face.mortal === true)
      socket.death = deadlines.set(nowMs + settings.legacyLifeMs, (dueMs) =>
        feed(socket, { kind: "life-over" }, dueMs),
      );
    // The transport knows the socket only after this call, and says and does nothing to it before.
    deadlines.set(nowMs, (dueMs) => feed(socket, { kind: "opened", shown }, dueMs));
    return { kind: "accepted", socketId: socket.id, headers: legacyHeaders, frozen: false };
  }

  function refuse(refusal: Refusal, nowMs: number): CloudUpgrade {
    const reply = refused(refusal);
    const response = toResponse(reply, ports.newCorrelationId(), nowMs, legacyHeaders);
    return { kind: "refused", response };
  }

  return {
    request: (request, nowMs) => legacyReply(request, ports, nowMs),
    upgrade(asked, authorization, nowMs) {
      if (legacy === "off") return undefined;
      const { path, query } = splitPath(asked);
      const face = faceOf(path, legacy);
      if (face === undefined) return undefined;
      if (sockets.size >= settings.socketsMax)
        return refuse(
          { status: 503, code: "service.unavailable", message: "Too many sockets." },
          nowMs,
        );
      const inQuery = query.get("access_token") ?? undefined;
      if (inQuery !== undefined && face.token !== "query")
        return refuse(refusals.badRequest("Bad Request"), nowMs);
      const inHeader = /^bearer +(\S+)$/iu.exec((authorization ?? "").trim())?.[1];
      const text = face.token === "query" ? inQuery : inHeader;
      const mayBeNameless = face.token === "unasked" || face.token === "header or message";
      if (text === undefined)
        return mayBeNameless
          ? open(face, undefined, undefined, nowMs)
          : refuse(refusals.authenticationRequired(), nowMs);
      const { shown, token } = look(text, nowMs);
      if (shown.kind === "stale") return refuse(refusals.badCredentials(), nowMs);
      return open(face, shown, token, nowMs);
    },
    received(socketId, text, nowMs) {
      const socket = sockets.get(socketId);
      if (socket === undefined) return socketId < 0;
      feed(socket, { kind: "heard", text }, nowMs);
      return true;
    },
    closed(socketId, nowMs, cause) {
      const socket = sockets.get(socketId);
      if (socket === undefined) return socketId < 0;
      forget(socket);
      ledger.note({
        atMs: nowMs,
        what: "legacy-socket-closed",
        socketId,
        ...(cause === undefined ? {} : { detail: cause }),
      });
      return true;
    },
    tokenDied(token, nowMs) {
      for (const socket of sockets.values())
        if (socket.token === token) feed(socket, { kind: "token-died" }, nowMs);
    },
  };
}
