/**
 * Building blocks that several event bodies have in common.
 *
 * Field lists and enum values: the models of the official Python SDK
 * (MyPureCloud/platform-client-sdk-python 257.1.0). Certainty: official SDK code; not checked
 * against the live service. No model marks a field as required, so that every field is optional;
 * captured frames leave out what is null.
 */

/**
 * A string whose known values are listed, and which may hold others: the lists of the SDK models
 * grow.
 */
export type Open<Known extends string> = Known | (string & {});

/**
 * A moment as ISO-8601 text in UTC, such as `2021-05-14T09:03:17.067Z`: what the SDK models call
 * datetime.
 */
export type IsoDateTime = string;

/**
 * A moment as milliseconds since 1970, an integer: what `v2.detail.events.*` and the transcripts
 * carry.
 */
export type EpochMilliseconds = number;

/**
 * An object named by its id alone, on several topics; SDK models `…UserReference`,
 * `…QueueReference`, `…Owner`, `…User` and `…SecondaryPresenceReference`.
 */
export interface IdReference {
  readonly id?: string;
}

/** An object by id and name, on several topics; SDK models `…UriReference`. */
export interface UriReference {
  readonly id?: string;
  readonly name?: string;
}

/**
 * An object by id and path, on conversation and audit topics; SDK models `…DomainEntityRef`,
 * `…AddressableEntityRef` and `…TransferModifedBy`.
 */
export interface EntityReference {
  readonly id?: string;
  readonly selfUri?: string;
}

/**
 * Routing status of a user, on `v2.users.{id}.routingStatus` and `v2.users.{id}.activity`; SDK
 * models `…RoutingStatus`.
 */
export interface RoutingStatus {
  readonly status?: Open<"OFF_QUEUE" | "IDLE" | "INTERACTING" | "NOT_RESPONDING" | "COMMUNICATING">;
  readonly startTime?: IsoDateTime;
}

/**
 * A presence definition, on `v2.users.{id}.presence` and `v2.users.{id}.activity`; SDK models
 * `…OrganizationPresence`.
 */
export interface OrganizationPresence {
  readonly id?: string;
  /** As text; UPPER_CASE in the sample seen (official blog). */
  readonly systemPresence?: string;
}

/**
 * One metric with its figures (such as count, sum, min, max, ratio), on the analytics statistics
 * topics; SDK models `StatEvent…TopicMetricStats`.
 */
export interface MetricStats {
  readonly metric?: string;
  readonly qualifier?: string;
  readonly stats?: Readonly<Record<string, number>>;
}

/**
 * The metrics of one interval, on the analytics statistics topics; SDK models
 * `StatEvent…TopicIntervalMetrics`.
 */
export interface IntervalMetrics {
  /**
   * "start/end" in ISO-8601; of no width for an instant, of 30 minutes for an aggregate (inferred).
   */
  readonly interval?: string;
  readonly metrics?: readonly MetricStats[];
}

/**
 * An address of a party, in conversation bodies; SDK model `QueueConversationEventTopicAddress`.
 */
export interface Address {
  readonly name?: string;
  readonly nameRaw?: string;
  readonly addressNormalized?: string;
  readonly addressRaw?: string;
  readonly addressDisplayable?: string;
}

/** A wrap-up, in conversation and call bodies; SDK models `…Wrapup`. */
export interface Wrapup {
  readonly code?: string;
  readonly notes?: string;
  readonly tags?: readonly string[];
  readonly durationSeconds?: number;
  readonly endTime?: IsoDateTime;
}

/**
 * An agent with the score of predictive routing, in conversation and call bodies; SDK models
 * `…ScoredAgent`.
 */
export interface ScoredAgent {
  readonly agent?: UriReference;
  readonly score?: number;
}

/**
 * What routing was asked for, in conversation and call bodies; SDK models
 * `…ConversationRoutingData`.
 */
export interface ConversationRoutingData {
  readonly queue?: UriReference;
  readonly language?: UriReference;
  readonly priority?: number;
  readonly skills?: readonly UriReference[];
  readonly scoredAgents?: readonly ScoredAgent[];
  /** Only in the newer JavaScript SDK (262.0.0). */
  readonly skillExpressionId?: UriReference;
}

/**
 * Alerting settings of the queue, in conversation and call bodies; SDK models
 * `…QueueMediaSettings`.
 */
export interface QueueMediaSettings {
  readonly alertingTimeoutSeconds?: number;
  readonly autoAnswerAlertToneSeconds?: number;
  readonly manualAnswerAlertToneSeconds?: number;
  readonly enableAutoAnswer?: boolean;
}

/**
 * States of the recorders of a call, in conversation and call bodies; SDK models `…RecordersState`.
 */
export interface RecordersState {
  readonly adhocState?: string;
  readonly customerExperienceState?: string;
  readonly agentExperienceState?: string;
  readonly snippetState?: string;
}

/**
 * Timer of answering-machine detection, in conversation and call bodies; SDK models
 * `…DispositionAmdTimeout`.
 */
export interface DispositionAmdTimeout {
  readonly timeoutMs?: number;
  readonly timerStartEvent?: string;
  readonly timerStartTime?: number;
  readonly timerEndTime?: number;
}

/**
 * Timer of silent-call detection, in conversation and call bodies; SDK models
 * `…DispositionSilentCallTimeout`.
 */
export interface DispositionSilentCallTimeout {
  readonly timeoutMs?: number;
  readonly timerStartTime?: number;
  readonly timerEndTime?: number;
}

/** What call analysis found, in conversation and call bodies; SDK models `…Disposition`. */
export interface Disposition {
  readonly name?: string;
  readonly analyzer?: string;
  readonly amdTimeout?: DispositionAmdTimeout;
  readonly silentCallTimeout?: DispositionSilentCallTimeout;
}

/**
 * The customer of a web journey, in conversation and call bodies; SDK models `…JourneyCustomer`.
 */
export interface JourneyCustomer {
  readonly id?: string;
  readonly idType?: string;
}

/**
 * The session of a web journey, in conversation and call bodies; SDK models
 * `…JourneyCustomerSession`.
 */
export interface JourneyCustomerSession {
  readonly id?: string;
  readonly type?: string;
}

/**
 * The action map of a web journey, in conversation and call bodies; SDK models `…JourneyActionMap`.
 */
export interface JourneyActionMap {
  readonly id?: string;
  readonly version?: number;
}

/**
 * The action that began the conversation, in conversation and call bodies; SDK models
 * `…JourneyAction`.
 */
export interface JourneyAction {
  readonly id?: string;
  readonly actionMap?: JourneyActionMap;
}

/**
 * The web journey behind a conversation, in conversation and call bodies; SDK models
 * `…JourneyContext`.
 */
export interface JourneyContext {
  readonly customer?: JourneyCustomer;
  readonly customerSession?: JourneyCustomerSession;
  readonly triggeringAction?: JourneyAction;
}

/** A member of a division, in conversation and call bodies; SDK models `…DivisionEntityRef`. */
export interface DivisionEntityReference {
  readonly id?: string;
  readonly selfUri?: string;
  readonly dateDivisionUpdated?: IsoDateTime;
}

/**
 * A division and what of the conversation belongs to it, in conversation and call bodies; SDK
 * models `…ConversationDivisionMembership`.
 */
export interface ConversationDivisionMembership {
  readonly division?: EntityReference;
  readonly entities?: readonly DivisionEntityReference[];
}

/**
 * An error of a call, an email or a message, in conversation bodies; SDK model
 * `QueueConversationEventTopicErrorDetails`.
 */
export interface ConversationErrorDetails {
  readonly status?: number;
  readonly code?: string;
  readonly message?: string;
  readonly messageWithParams?: string;
  readonly messageParams?: Readonly<Record<string, string>>;
  readonly contextId?: string;
  readonly uri?: string;
}

/**
 * Why a conversation session ended, in conversation and call bodies; the longest list of the SDK
 * models, of which some media use a part.
 */
export type DisconnectType = Open<
  | "endpoint"
  | "endpoint.dnd"
  | "client"
  | "system"
  | "timeout"
  | "transfer"
  | "transfer.conference"
  | "transfer.consult"
  | "transfer.forward"
  | "transfer.noanswer"
  | "transfer.notavailable"
  | "transfer.dnd"
  | "transport.failure"
  | "error"
  | "peer"
  | "other"
  | "spam"
  | "uncallable"
  | "inactivity"
  | "session.expired"
  | "takeover"
>;
