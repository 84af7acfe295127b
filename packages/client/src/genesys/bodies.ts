/**
 * Which topic carries which body. The bodies are in the `bodies-*.ts` files beside this one; a topic
 * that is not listed here passes through with a body of type `unknown`.
 *
 * Topic → model: notificationMappings.json of the official JavaScript SDK
 * (MyPureCloud/platform-client-sdk-javascript 259.0.0); field lists: the models of the official
 * Python SDK (MyPureCloud/platform-client-sdk-python 257.1.0). Certainty: official SDK code; not
 * checked against the live service.
 */

import type {
  ConversationMetricBody,
  QueueActivityBody,
  QueueObservationsBody,
  UserAggregatesBody,
} from "./bodies-analytics.ts";
import type { AuditBody } from "./bodies-audit.ts";
import type { SentimentBody, TranscriptionBody } from "./bodies-conversation.ts";
import type {
  DetailAcdEndBody,
  DetailAcdStartBody,
  DetailAfterCallWorkBody,
  DetailAgentStateBody,
  DetailAttributesBody,
  DetailContactBody,
  DetailCustomerEndBody,
  DetailCustomerStartBody,
  DetailFlowEndBody,
  DetailFlowOutcomeBody,
  DetailFlowStartBody,
  DetailOutboundBody,
  DetailUserEndBody,
  DetailUserStartBody,
  DetailVoicemailEndBody,
  DetailVoicemailStartBody,
  DetailWrapupBody,
} from "./bodies-detail.ts";
import type {
  CampaignProgressBody,
  ChannelMetadataBody,
  OperationalEventBody,
  SubscriptionUpdatedBody,
  SystemMessageBody,
  WorkitemBody,
} from "./bodies-other.ts";
import type {
  QueueCallConversationBody,
  QueueConversationBody,
  QueueMemberBody,
} from "./bodies-queue.ts";
import type { Open } from "./bodies-shared.ts";
import type {
  UserActivityBody,
  UserAdherenceBody,
  UserCallConversationBody,
  UserConversationBody,
  UserConversationSummaryBody,
  UserOutOfOfficeBody,
  UserPresenceBody,
  UserRoutingStatusBody,
  UserStationBody,
  UserTokenBody,
  UserTypingBody,
  UserVoicemailBody,
} from "./bodies-user.ts";

/** Topic template, as the catalogue of the service names it → body. */
export interface TemplateBodies {
  readonly "channel.metadata": ChannelMetadataBody;
  readonly "v2.analytics.conversation.{id}.metrics": ConversationMetricBody;
  readonly "v2.analytics.queues.{id}.activity": QueueActivityBody;
  readonly "v2.analytics.queues.{id}.observations": QueueObservationsBody;
  readonly "v2.analytics.users.{id}.aggregates": UserAggregatesBody;
  readonly "v2.audits.entitytype.{id}.entityid.{id}": AuditBody;
  readonly "v2.conversations.{id}.transcription": TranscriptionBody;
  readonly "v2.detail.events.agent.{id}.state": DetailAgentStateBody;
  readonly "v2.detail.events.conversation.{id}.acd.end": DetailAcdEndBody;
  readonly "v2.detail.events.conversation.{id}.acd.start": DetailAcdStartBody;
  readonly "v2.detail.events.conversation.{id}.acw": DetailAfterCallWorkBody;
  readonly "v2.detail.events.conversation.{id}.attributes": DetailAttributesBody;
  readonly "v2.detail.events.conversation.{id}.contact": DetailContactBody;
  readonly "v2.detail.events.conversation.{id}.customer.end": DetailCustomerEndBody;
  readonly "v2.detail.events.conversation.{id}.customer.start": DetailCustomerStartBody;
  readonly "v2.detail.events.conversation.{id}.flow.end": DetailFlowEndBody;
  readonly "v2.detail.events.conversation.{id}.flow.outcome": DetailFlowOutcomeBody;
  readonly "v2.detail.events.conversation.{id}.flow.start": DetailFlowStartBody;
  readonly "v2.detail.events.conversation.{id}.outbound": DetailOutboundBody;
  readonly "v2.detail.events.conversation.{id}.user.end": DetailUserEndBody;
  readonly "v2.detail.events.conversation.{id}.user.start": DetailUserStartBody;
  readonly "v2.detail.events.conversation.{id}.voicemail.end": DetailVoicemailEndBody;
  readonly "v2.detail.events.conversation.{id}.voicemail.start": DetailVoicemailStartBody;
  readonly "v2.detail.events.conversation.{id}.wrapup": DetailWrapupBody;
  readonly "v2.operations.events.{id}": OperationalEventBody;
  readonly "v2.outbound.campaigns.{id}.progress": CampaignProgressBody;
  readonly "v2.routing.queues.{id}.conversations": QueueConversationBody;
  readonly "v2.routing.queues.{id}.conversations.calls": QueueCallConversationBody;
  readonly "v2.routing.queues.{id}.users": QueueMemberBody;
  readonly "v2.speechandtextanalytics.conversation.{id}.sentiment": SentimentBody;
  readonly "v2.subscription.updated": SubscriptionUpdatedBody;
  readonly "v2.system.no_longer_subscribed.{id}": SystemMessageBody;
  readonly "v2.system.socket_closing": SystemMessageBody;
  readonly "v2.system.token_revoked.{id}": SystemMessageBody;
  readonly "v2.system.{id}.{id}": SystemMessageBody;
  readonly "v2.taskmanagement.workitems.{id}": WorkitemBody;
  readonly "v2.users.{id}.activity": UserActivityBody;
  readonly "v2.users.{id}.conversations": UserConversationBody;
  readonly "v2.users.{id}.conversations.calls": UserCallConversationBody;
  readonly "v2.users.{id}.conversations.inbound.typing.event": UserTypingBody;
  readonly "v2.users.{id}.conversationsummary": UserConversationSummaryBody;
  readonly "v2.users.{id}.outofoffice": UserOutOfOfficeBody;
  readonly "v2.users.{id}.presence": UserPresenceBody;
  readonly "v2.users.{id}.routingStatus": UserRoutingStatusBody;
  readonly "v2.users.{id}.station": UserStationBody;
  readonly "v2.users.{id}.tokens": UserTokenBody;
  readonly "v2.users.{id}.voicemail.messages": UserVoicemailBody;
  readonly "v2.users.{id}.workforcemanagement.adherence": UserAdherenceBody;
}

/** The template of a topic whose body is typed, such as `"v2.users.{id}.presence"`. */
export type TopicTemplate = keyof TemplateBodies;

/** The names that a template stands for: each `{id}` becomes any text. */
export type TopicName<Template extends string> = Template extends `${infer Head}{id}${infer Tail}`
  ? `${Head}${string}${TopicName<Tail>}`
  : Template;

/**
 * Topic name → body, such as `` TopicBodies[`v2.routing.queues.${string}.conversations`] ``. Here an
 * id may hold dots, as TypeScript knows no better; `BodyOf` is exact.
 */
export type TopicBodies = {
  readonly [Template in TopicTemplate as TopicName<Template>]: TemplateBodies[Template];
};

type Segments<Name extends string> = Name extends `${infer Head}.${infer Tail}`
  ? [Head, ...Segments<Tail>]
  : [Name];

type TemplateOf<Name extends string> = {
  [Template in TopicTemplate]: Name extends TopicName<Template>
    ? Segments<Name>["length"] extends Segments<Template>["length"]
      ? Template
      : never
    : never;
}[TopicTemplate];

/**
 * The body of a topic, given as template, as name or as template literal type; `unknown` for topics
 * that are not listed. Letters must be in the case of the catalogue.
 */
export type BodyOf<Name extends string> = Name extends unknown
  ? [TemplateOf<Name>] extends [never]
    ? unknown
    : TemplateBodies[TemplateOf<Name>]
  : never;

/**
 * A frame as it comes over the socket. Source of the envelope: official blog of 2021-06-01 and the
 * official Java SDK's classes NotificationEvent and Metadata.
 */
export interface NotificationFrame<Name extends string = string> {
  readonly topicName: Name;
  /** "2" in every sample seen; absent from `channel.metadata`. */
  readonly version?: string;
  readonly eventBody: BodyOf<Name>;
  readonly metadata?: {
    readonly CorrelationId?: string;
    /** Seen on chat topics only (community code). */
    readonly type?: string;
  };
}

/** What is known of an event on a topic of the template: its topic's form and its body. */
export interface OnTopic<Template extends string> {
  readonly topic: TopicName<Template>;
  readonly body: BodyOf<Template>;
}

/**
 * Says whether an event, or a topic name, is on a topic of the template. Compares without case, as
 * the official samples do; `{id}` matches exactly one segment, which is not empty. A type guard: an
 * event gets the body of the template. Only the topic is looked at; that the body has the fields of
 * its type is the word of the service, and each of them may be missing.
 *
 * ```ts
 * if (isTopic("v2.users.{id}.presence", event)) event.body.presenceDefinition?.systemPresence;
 * ```
 */
export function isTopic<const Template extends Open<TopicTemplate>>(
  template: Template,
  topicName: string,
): topicName is TopicName<Template>;
export function isTopic<
  const Template extends Open<TopicTemplate>,
  Event extends { readonly topic: string; readonly body: unknown },
>(template: Template, event: Event): event is Event & OnTopic<Template>;
export function isTopic(template: string, topicOrEvent: string | { topic: string }): boolean {
  const topic = typeof topicOrEvent === "string" ? topicOrEvent : topicOrEvent.topic;
  const expected = template.toLowerCase().split(".");
  const found = topic.toLowerCase().split(".");
  return (
    expected.length === found.length &&
    expected.every((segment, index) =>
      segment === "{id}" ? found[index] !== "" : found[index] === segment,
    )
  );
}
