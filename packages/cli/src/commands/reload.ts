/** `trunkline reload`: has a relay read its configuration again. */
import type { ReloadReply } from "@trunkline/relay";
import type { ConcealingSystem } from "../conceal.ts";
import { reloadText } from "../print/reload.ts";
import type { AddressFlags } from "../relay/address.ts";
import { openRemote } from "../relay/remote.ts";

export interface ReloadFlags extends AddressFlags {
  readonly json?: boolean;
}

/** @throws RelayError CONFIG_INVALID; then nothing has changed */
export async function reload(flags: ReloadFlags, system: ConcealingSystem): Promise<void> {
  const report = await openRemote(flags, system).order<ReloadReply>("/admin/reload");
  await system.stdout.write(
    flags.json === true
      ? `${JSON.stringify(report)}\n`
      : reloadText(report, system.stdout.hasColours),
  );
}
