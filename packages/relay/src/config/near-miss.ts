/** What somebody may have meant who wrote a name that there is not. */
export { nearMiss } from "@trunkline/events";
