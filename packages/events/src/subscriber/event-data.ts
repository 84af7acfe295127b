/** The bodies of events by event type. */
import type { BodyOf, ConversationBody } from "@trunkline/client";
import type { EventMessage, GapMessage } from "../server-messages.ts";

interface DataByType {
  readonly "conversation:created": ConversationBody;
  readonly "conversation:updated": ConversationBody;
  readonly "conversation:ended": ConversationBody;
  readonly "conversation:conversation:updated": ConversationBody;
  readonly "conversation:all": ConversationBody;
  readonly "interaction:updated": ConversationBody;
  readonly "routing.wrappingEvent": ConversationBody;
  readonly "routing.queueMemberEvent": BodyOf<"v2.routing.queues.{id}.users">;
  readonly "routing.queueMemberAdded": BodyOf<"v2.routing.queues.{id}.users">;
  readonly "routing.queueMemberRemoved": BodyOf<"v2.routing.queues.{id}.users">;
  readonly "conversation.summary": BodyOf<"v2.analytics.queues.{id}.observations">;
  readonly "user:presence": BodyOf<"v2.users.{id}.presence">;
  readonly "user:routingStatus": BodyOf<"v2.users.{id}.routingStatus">;
}

/**
 * The body of an event of a type, as Genesys Cloud wrote it: of `conversation:*` the conversation as it is now; of a
 * topic by its own name that topic's. `unknown` where no model of it is known. The shapes are those of Genesys' own SDKs;
 * they are not checked as events come.
 */
export type EventData<Type extends string> = Type extends keyof DataByType
  ? DataByType[Type]
  : BodyOf<Type>;

/** An event whose `data` is typed by its `eventType`. */
export type SubscribedEvent<Type extends string = string> = Type extends string
  ? Omit<EventMessage, "eventType" | "data"> & {
      readonly eventType: Type;
      readonly data: EventData<Type>;
    }
  : never;

/** What a subscription brings: an event, or an interval in which events may be missing. */
export type Arrival<Type extends string = string> = SubscribedEvent<Type> | GapMessage;
