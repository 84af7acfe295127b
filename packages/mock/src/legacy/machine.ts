/** One legacy socket as a pure machine: what comes, and what is said and done in answer. */
import type { SocketEnd } from "../cloud/settings.ts";
import { isObject } from "./body.ts";
import type { Face, Heard } from "./faces.ts";

/** What is known of a token that was shown. */
export type Shown =
  | { readonly kind: "live" }
  /** Its `nbf` lies ahead of the clock. */
  | { readonly kind: "early"; readonly behindMs: number }
  | { readonly kind: "stale" };

/** `nameless` until a token is known. */
export type LegacyState = { readonly kind: "nameless" | "known" | "over" };

export type LegacyInput =
  | { readonly kind: "opened"; readonly shown: Shown | undefined }
  | { readonly kind: "heard"; readonly text: string }
  | { readonly kind: "token-died" }
  | { readonly kind: "life-over" };

/** `end` comes last. Its `why` is for the history of the mock, and never for the client. */
export type LegacyEffect =
  | { readonly kind: "send"; readonly json: object }
  | { readonly kind: "known"; readonly token: string }
  | { readonly kind: "end"; readonly end: SocketEnd; readonly why: string };

export interface LegacyEnv {
  readonly face: Face;
  /** As `JWT_VALIDATION_MODE=strict`. */
  readonly strict: boolean;
  /** Scopes of every token. */
  readonly scopes: readonly string[];
  readonly unauthorizedSocket: SocketEnd;
  /** How a token that is shown in a message stands. */
  readonly look: (token: string) => Shown;
}

export interface LegacyStep {
  readonly state: LegacyState;
  readonly effects: readonly LegacyEffect[];
}

/** A clean close: thread 003 saw no error with it. */
const cleanClose: SocketEnd = { code: 1000, reason: "" };

export const opening: LegacyState = { kind: "nameless" };

export function step(state: LegacyState, input: LegacyInput, env: LegacyEnv): LegacyStep {
  if (state.kind === "over") return { state, effects: [] };
  switch (input.kind) {
    case "opened": {
      const { greeting } = env.face;
      if (input.shown?.kind === "early") return over("cut", early(input.shown.behindMs));
      return {
        state: { kind: input.shown === undefined ? "nameless" : "known" },
        effects: greeting === undefined ? [] : [{ kind: "send", json: greeting }],
      };
    }
    case "heard":
      return heard(state, read(input.text), env);
    case "token-died":
      return over("cut", "its token has ended");
    case "life-over":
  }
  return over(cleanClose, "it has lived for legacyLifeMs");
}

function heard(state: LegacyState, message: unknown, env: LegacyEnv): LegacyStep {
  const { face, scopes } = env;
  const asks = face.token === "header or message";
  if (asks && isObject(message) && message["type"] === "auth") return authenticate(message, env);
  if (state.kind === "nameless" && face.token !== "unasked")
    return over("cut", "a message came before a token");
  const said = face.hear(message, env.strict);
  const lacks =
    state.kind === "known" && face.scope !== undefined && !scopes.includes(face.scope)
      ? `its token lacks the scope ${face.scope}`
      : undefined;
  const fault = said.fault ?? lacks;
  const effects = answered(said);
  if (fault === undefined) return { state, effects };
  return over(face.says401 === true ? env.unauthorizedSocket : "cut", fault, effects);
}

function authenticate(message: Readonly<Record<string, unknown>>, env: LegacyEnv): LegacyStep {
  const { data } = message;
  const token = isObject(data) ? data["token"] : undefined;
  const shown: Shown = typeof token === "string" ? env.look(token) : { kind: "stale" };
  if (shown.kind === "early") return over("cut", early(shown.behindMs));
  if (shown.kind === "stale" || typeof token !== "string")
    return over("cut", "auth came with no token that lives");
  const json = { type: "auth-success", data: { scopes: env.scopes } };
  return {
    state: { kind: "known" },
    effects: [
      { kind: "known", token },
      { kind: "send", json },
    ],
  };
}

function answered({ answer }: Heard): readonly LegacyEffect[] {
  return answer === undefined ? [] : [{ kind: "send", json: answer }];
}

function over(end: SocketEnd, why: string, before: readonly LegacyEffect[] = []): LegacyStep {
  return { state: { kind: "over" }, effects: [...before, { kind: "end", end, why }] };
}

function early(behindMs: number): string {
  return `the nbf of its token is ${behindMs} ms ahead of this clock`;
}

function read(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
