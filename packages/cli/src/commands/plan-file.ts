/** Reads a subscription from a file as strictly as the Event API does. */
import { readSubscription, type Subscription } from "@trunkline/events";
import { jsonPaths } from "@trunkline/relay";
import { CliError } from "../errors.ts";

/** @throws CliError SUBSCRIPTION_INVALID */
export function readSubscriptionText(text: string): Subscription {
  const { subscription, complaints = [] } = readSubscription(text, { jsonPaths });
  if (subscription !== undefined) return subscription;
  const [first] = complaints;
  const more = complaints.length > 1 ? ` ${complaints.length - 1} more things are wrong.` : "";
  throw new CliError("SUBSCRIPTION_INVALID", `${first?.message ?? "It is none."}${more}`, {
    help: "`trunkline validate FILE` shows everything that is wrong, with its place and remedy.",
  });
}
