/** A last door in front of stderr: a secret that was named to it does not pass, whoever printed it. */
import type { Output, System } from "./system.ts";

/** Shorter secrets are not looked for: they would be found in innocent words. */
const secretCharactersMin = 8;

export interface Concealing extends Output {
  /** From now on this text is shown as `[what]`, bare, URL-encoded and in base64. */
  hide(secret: string, what: string): void;
}

/** A system whose stderr keeps the secrets that were named to it. */
export type ConcealingSystem = System & { readonly stderr: Concealing };

export function createConcealing(output: Output): Concealing {
  const hidden = new Map<string, string>();
  const conceal = (text: string): string => {
    let shown = text;
    for (const [secret, what] of hidden) shown = shown.replaceAll(secret, what);
    return shown;
  };
  return {
    isTerminal: output.isTerminal,
    hasColours: output.hasColours,
    get columns() {
      return output.columns;
    },
    hide: (secret, what) => {
      if (secret.length < secretCharactersMin) return;
      for (const form of [
        secret,
        encodeURIComponent(secret),
        Buffer.from(secret).toString("base64"),
      ])
        hidden.set(form, `[${what}]`);
    },
    write: (text) => output.write(conceal(text)),
    hand: (text) => output.hand(conceal(text)),
  };
}
