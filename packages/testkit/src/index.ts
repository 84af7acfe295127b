/** What tests of Trunkline share: time, dice and a network that are simulated, from one seed. */
export { createDice, type Dice } from "./dice.ts";
export { balance, type Balance, type Emitted, type ToldGap } from "./oracle.ts";
export { Pipe } from "./pipe.ts";
export { settled, SimClock } from "./sim-clock.ts";
