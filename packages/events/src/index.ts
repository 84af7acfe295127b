/** @trunkline/events: the Event API's vocabulary. The gateway, the strict schema and the SDK are not here yet. */
export { eventTypes, type EventType } from "./vocabulary.ts";
