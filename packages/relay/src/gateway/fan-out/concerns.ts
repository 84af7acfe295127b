/** Which topics, and of which organisation, may carry what a subscription wants; trunk by trunk, as it is known now. */
import {
  asksOrganisation,
  carrying,
  type Organisation,
  type Subscription,
} from "@trunkline/events";

/** What is known of a trunk's organisation; undefined where there is no such trunk. */
export type OrganisationOf = (trunk: string) => Organisation | undefined;

/** Whether a topic of a trunk may carry what is wanted. */
export type Concerns = (topic: string, trunk: string) => boolean;

/**
 * Where the organisation decides, it is asked each time, since queues, users and members come and go. Elsewhere it goes by
 * the names alone.
 */
export function concernsOf(subscription: Subscription, organisationOf: OrganisationOf): Concerns {
  const carries = carrying(subscription);
  if (!asksOrganisation(subscription)) return (topic) => carries(topic, undefined);
  return (topic, trunk) => carries(topic, organisationOf(trunk));
}
