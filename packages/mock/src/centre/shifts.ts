/** Agents' working days by the clock (UTC): login, queue, breaks, meal, logout; staggered so that most work when most call. */
import type { Dice } from "../cloud/dice.ts";
import type { Life } from "./life.ts";
import type { SystemPresence } from "./names.ts";
import type { Person } from "./people.ts";
import type { Staff } from "./staff.ts";
import { dayMs, livelinessAt } from "./tide.ts";

interface Step {
  readonly atMs: number;
  readonly presence: SystemPresence;
}

const minuteMs = 60_000;
const shiftMinutes = 8 * 60;
const jitterMinutes = 10;
const hasMeeting = 0.3;
/** Spreads neighbours over the day: agents of one queue do not all begin at one hour. */
const goldenRatio = 0.618_034;

/** When each agent's day begins, milliseconds after midnight. */
function beginnings(agents: number): readonly number[] {
  // Who begins at an hour is there for its shift: hours are filled in the measure of what comes in the middle of it.
  const weights = Array.from(
    { length: 24 },
    (_, hour) => livelinessAt(((hour + 4) % 24) * 3_600_000) ** 1.5,
  );
  const sum = weights.reduce((all, weight) => all + weight, 0);
  return Array.from({ length: agents }, (_, index) => {
    let left = ((index * goldenRatio + 0.5) % 1) * sum;
    for (const [hour, weight] of weights.entries()) {
      if (left <= weight) return (hour + left / weight) * 3_600_000;
      left -= weight;
    }
    return 0;
  });
}

function planDay(dice: Dice, beginMs: number): readonly Step[] {
  const jitter = (): number => (dice.unit() * 2 - 1) * jitterMinutes;
  const at = (minutes: number): number => Math.round(beginMs + minutes * minuteMs);
  const steps: Step[] = [];
  const leaveFor = (minutes: number, presence: SystemPresence, forMinutes: number): void => {
    const fromMinutes = minutes + jitter();
    steps.push({ atMs: at(fromMinutes), presence });
    steps.push({ atMs: at(fromMinutes + forMinutes), presence: "ON_QUEUE" });
  };
  steps.push({ atMs: at(jitter()), presence: "AVAILABLE" });
  steps.push({ atMs: at(jitterMinutes + 2), presence: "ON_QUEUE" });
  leaveFor(115, "BREAK", 15);
  leaveFor(235, "MEAL", 40);
  if (dice.chance(hasMeeting)) leaveFor(305, dice.pick(["MEETING", "TRAINING"]), 30);
  leaveFor(385, "BREAK", 15);
  steps.push({ atMs: at(shiftMinutes - 3), presence: "AVAILABLE" });
  steps.push({ atMs: at(shiftMinutes + jitter() + jitterMinutes), presence: "OFFLINE" });
  return steps;
}

interface Day {
  readonly beginMs: number;
  readonly steps: readonly Step[];
  /** The first step that is still ahead. */
  readonly next: number;
}

/** Where each agent is in a day that may have begun before the start. */
export class Shifts {
  readonly #life: Life;
  readonly #days: readonly Day[];

  constructor(life: Life) {
    const { world, dice, startAtMs } = life;
    this.#life = life;
    this.#days = beginnings(world.agents.length).map((afterMidnightMs) => {
      const days = Math.floor((startAtMs - jitterMinutes * minuteMs - afterMidnightMs) / dayMs);
      const beginMs = days * dayMs + afterMidnightMs;
      const steps = planDay(dice, beginMs);
      const next = steps.findIndex(({ atMs }) => atMs > startAtMs);
      return { beginMs, steps, next: next === -1 ? steps.length : next };
    });
  }

  presenceAtStart(index: number): SystemPresence {
    const day = this.#days[index];
    return day?.steps[day.next - 1]?.presence ?? "OFFLINE";
  }

  begin(staff: Staff): void {
    for (const [index, day] of this.#days.entries()) {
      const person = staff.people[index];
      if (person !== undefined) this.#go(staff, person, day);
    }
  }

  /** One deadline for each agent: the next step, and after the last one the next day. */
  #go(staff: Staff, person: Person, day: Day): void {
    const step = day.steps[day.next];
    if (step === undefined) {
      const beginMs = day.beginMs + dayMs;
      const steps = planDay(this.#life.dice, beginMs);
      return this.#go(staff, person, { beginMs, steps, next: 0 });
    }
    this.#life.deadlines.set(step.atMs, (nowMs) => {
      staff.want(person, step.presence, nowMs);
      this.#go(staff, person, { ...day, next: day.next + 1 });
    });
  }
}
