/** What happens around the relay: events on its topics, and other programs on its OAuth client. */
import type { Dice, SimClock } from "@trunkline/testkit";
import type { Books } from "./books.ts";
import type { Network } from "./network.ts";
import type { WorldPlan } from "./plan.ts";

const second = 1_000;
const minute = 60 * second;

export function drawTopics({ cloud }: Network, dice: Dice): readonly string[] {
  const { queues, agents } = cloud.world;
  const all = [
    ...queues.flatMap(({ id }) => [
      `v2.routing.queues.${id}.conversations`,
      `v2.routing.queues.${id}.users`,
    ]),
    ...agents.flatMap(({ id }) => [`v2.users.${id}.presence`, `v2.users.${id}.routingStatus`]),
  ];
  return all.filter(() => dice.chance(0.5));
}

/** Something happens on wanted topics every now and then; often more than one thing comes of it. */
export function setInMotion(
  dice: Dice,
  { topics, eventEveryMs, burstMax }: Pick<WorldPlan, "topics" | "eventEveryMs" | "burstMax">,
  clock: SimClock,
  network: Network,
  books: Books,
): { stop: () => void } {
  let isMoving = true;
  let number = 0;
  const tick = (): void => {
    if (!isMoving) return;
    const count = dice.int(1, burstMax);
    for (let index = 0; index < count; index++) {
      // Half of the bodies recur, as those of members joining and leaving do.
      const recurs = dice.chance(0.5);
      const body = recurs ? '{"joined":true}' : `{"number":${++number}}`;
      books.emit(network.cloud.emit(dice.pick(topics), body, network.cloudMs()), recurs);
    }
    clock.at(clock.monotonicMs() + dice.between(0, (1 + burstMax) * eventEveryMs), tick);
  };
  tick();
  return {
    stop: () => {
      isMoving = false;
    },
  };
}

/** Other programs: some are there, some come later; each opens its socket. */
export function inviteNeighbours(
  network: Network,
  clock: SimClock,
  dice: Dice,
  count: number,
): void {
  const invite = (): void => {
    const { channels } = network.cloud.state();
    if (channels.length >= 19) return;
    const made = network.ask("POST", "/api/v2/notifications/channels", network.login());
    const { id } = JSON.parse(made?.body ?? "{}") as { id?: string };
    if (id !== undefined) network.cloud.upgrade(`/channels/${id}`, network.cloudMs());
  };
  for (let index = 0; index < count; index++) {
    if (dice.chance(0.7)) invite();
    else clock.at(dice.between(second, 10 * minute), invite);
  }
}
