import type { ConversationBody, UserPresenceBody } from "@trunkline/client";
import { expectTypeOf, test } from "vitest";
import type { Arrival, EventData } from "./event-data.ts";

test("data is typed by the event type: by its name, or by a topic's", () => {
  expectTypeOf<EventData<"user:presence">>().toEqualTypeOf<UserPresenceBody>();
  expectTypeOf<EventData<"conversation:updated">>().toEqualTypeOf<ConversationBody>();
  expectTypeOf<EventData<"v2.users.{id}.presence">>().toEqualTypeOf<UserPresenceBody>();
  expectTypeOf<EventData<"v2.nobody.{id}.knows">>().toBeUnknown();
  expectTypeOf<EventData<string>>().toBeUnknown();
});

type Mixed = Arrival<"user:presence" | "conversation:updated">;
type Of<Type extends string> = Extract<Mixed, { readonly eventType: Type }>;

test("among several types the name tells which", () => {
  expectTypeOf<Of<"user:presence">["data"]>().toEqualTypeOf<UserPresenceBody>();
  expectTypeOf<Of<"conversation:updated">["data"]>().toEqualTypeOf<ConversationBody>();
  expectTypeOf<Of<"user:routingStatus">>().toBeNever();
});
