/**
 * Bodies of the topics of a queue: its conversations, its calls, its members.
 *
 * Field lists and enum values: the models of the official Python SDK
 * (MyPureCloud/platform-client-sdk-python 257.1.0). Certainty: official SDK code; not checked
 * against the live service.
 */

import type { CommunicationState, ConversationDirection } from "./bodies-communication.ts";
import type { ConversationBody } from "./bodies-conversation.ts";
import type {
  ConversationDivisionMembership,
  ConversationRoutingData,
  DisconnectType,
  Disposition,
  IdReference,
  IsoDateTime,
  JourneyContext,
  Open,
  QueueMediaSettings,
  RecordersState,
  UriReference,
  Wrapup,
} from "./bodies-shared.ts";

/**
 * Body of `v2.routing.queues.{id}.conversations`; SDK model
 * `QueueConversationEventTopicConversation`.
 */
export type QueueConversationBody = ConversationBody;

/**
 * The area that a limit belongs to, on `v2.routing.queues.{id}.conversations.calls`; SDK model
 * `QueueConversationCallEventTopicLimit`.
 */
// oxfmt-ignore
export type LimitNamespace = Open<
  | "agent.assistant" | "analytics.alerting" | "analytics" | "analytics.realtime"
  | "analytics.reporting.settings" | "architect" | "audiohook" | "audit" | "auth.api"
  | "authorization" | "automation.testing" | "bots" | "bots.voice" | "callback" | "cobrowse"
  | "content.management" | "conversation" | "dataactions" | "datatables" | "directory" | "email"
  | "event.orchestration" | "external.contacts" | "gcv" | "gdpr" | "groups" | "historical.adherence"
  | "infrastructureascode" | "integrations" | "intent.miner" | "journey" | "knowledge"
  | "language.understanding" | "learning" | "limit.registry" | "marketplace"
  | "media.communications" | "messaging" | "notifications" | "onboarding" | "outbound"
  | "platform.api" | "predictive.routing" | "presence" | "quality" | "recording"
  | "response.management" | "routing" | "scim" | "search" | "secondary.automation.testing"
  | "skills" | "speech.and.text.analytics" | "speech.integration" | "supportability"
  | "task.management" | "telephony.configuration" | "usage" | "users" | "web.deployments"
  | "web.messaging" | "webchat" | "webhooks" | "workforce.management"
>;

/**
 * A detail of an error, on `v2.routing.queues.{id}.conversations.calls`; SDK model
 * `QueueConversationCallEventTopicDetail`.
 */
export interface CallErrorDetail {
  readonly errorCode?: string;
  readonly fieldName?: string;
  readonly entityId?: string;
  readonly entityName?: string;
}

/**
 * The limit that an error ran into, on `v2.routing.queues.{id}.conversations.calls`; SDK model
 * `QueueConversationCallEventTopicLimit`.
 */
export interface CallErrorLimit {
  readonly key?: string;
  readonly namespace?: LimitNamespace;
  readonly value?: number;
  readonly documented?: boolean;
}

/**
 * An error of a call, on `v2.routing.queues.{id}.conversations.calls`; SDK model
 * `QueueConversationCallEventTopicErrorBody`.
 */
export interface CallError {
  readonly message?: string;
  readonly code?: string;
  readonly status?: number;
  readonly entityId?: string;
  readonly entityName?: string;
  readonly messageWithParams?: string;
  readonly messageParams?: Readonly<Record<string, string>>;
  readonly contextId?: string;
  readonly details?: readonly CallErrorDetail[];
  readonly errors?: readonly CallError[];
  readonly limit?: CallErrorLimit;
}

/**
 * Progress of a fax, on `v2.routing.queues.{id}.conversations.calls`; SDK model
 * `QueueConversationCallEventTopicFaxStatus`.
 */
export interface CallFaxStatus {
  readonly direction?: string;
  readonly expectedPages?: number;
  readonly activePage?: number;
  readonly linesTransmitted?: number;
  readonly bytesTransmitted?: number;
  /** Called `baudRate` in the conversation topics. */
  readonly dataRate?: number;
  readonly pageErrors?: number;
  readonly lineErrors?: number;
}

/**
 * State of a participant's call, on `v2.routing.queues.{id}.conversations.calls`; SDK model
 * `QueueConversationCallEventTopicCallMediaParticipant`.
 */
export type CallParticipantState = Open<
  CommunicationState | "converting" | "uploading" | "transmitting" | "scheduled" | "parked"
>;

/**
 * A participant with its call, on `v2.routing.queues.{id}.conversations.calls`; SDK model
 * `QueueConversationCallEventTopicCallMediaParticipant`.
 */
export interface CallParticipant {
  readonly id?: string;
  readonly name?: string;
  readonly address?: string;
  readonly startTime?: IsoDateTime;
  readonly connectedTime?: IsoDateTime;
  readonly endTime?: IsoDateTime;
  readonly startHoldTime?: IsoDateTime;
  readonly purpose?: string;
  readonly state?: CallParticipantState;
  readonly initialState?: CallParticipantState;
  readonly direction?: ConversationDirection;
  readonly disconnectType?: DisconnectType;
  readonly held?: boolean;
  readonly wrapupRequired?: boolean;
  readonly wrapupPrompt?: string;
  readonly user?: UriReference;
  readonly queue?: UriReference;
  readonly team?: UriReference;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly errorInfo?: CallError;
  readonly script?: UriReference;
  readonly wrapupTimeoutMs?: number;
  readonly wrapupSkipped?: boolean;
  readonly alertingTimeoutMs?: number;
  readonly provider?: string;
  readonly externalContact?: UriReference;
  readonly externalContactInitialDivisionId?: string;
  readonly externalOrganization?: UriReference;
  readonly wrapup?: Wrapup;
  readonly conversationRoutingData?: ConversationRoutingData;
  readonly peer?: string;
  readonly screenRecordingState?: string;
  readonly flaggedReason?: Open<"general">;
  readonly journeyContext?: JourneyContext;
  readonly startAcwTime?: IsoDateTime;
  readonly endAcwTime?: IsoDateTime;
  readonly resumeTime?: IsoDateTime;
  readonly parkTime?: IsoDateTime;
  readonly mediaRoles?: readonly string[];
  readonly queueMediaSettings?: QueueMediaSettings;
  readonly muted?: boolean;
  readonly confined?: boolean;
  readonly recording?: boolean;
  readonly recordingState?: Open<"none" | "active" | "paused">;
  readonly recordersState?: RecordersState;
  readonly disposition?: Disposition;
  readonly transferSource?: string;
  readonly securePause?: boolean;
  readonly group?: UriReference;
  readonly ani?: string;
  readonly dnis?: string;
  readonly documentId?: string;
  readonly monitoredParticipantId?: string;
  readonly coachedParticipantId?: string;
  readonly bargedParticipantId?: string;
  readonly bargedTime?: IsoDateTime;
  readonly consultParticipantId?: string;
  readonly faxStatus?: CallFaxStatus;
  /** Only in the newer JavaScript SDK (262.0.0). */
  readonly publicIpAddress?: string;
}

/**
 * Body of `v2.routing.queues.{id}.conversations.calls` (and `v2.users.{id}.conversations.calls`,
 * whose model has the same fields); SDK model `QueueConversationCallEventTopicCallConversation`.
 */
export interface QueueCallConversationBody {
  readonly id?: string;
  readonly name?: string;
  readonly participants?: readonly CallParticipant[];
  readonly otherMediaUris?: readonly string[];
  readonly address?: string;
  readonly utilizationLabelId?: string;
  readonly accessAttributes?: readonly string[];
  readonly inactivityTimeout?: IsoDateTime;
  readonly divisions?: readonly ConversationDivisionMembership[];
  readonly recordingState?: Open<"none" | "active" | "paused">;
  readonly securePause?: boolean;
  readonly maxParticipants?: number;
}

/** Body of `v2.routing.queues.{id}.users`; SDK model `QueueUserEventTopicQueueMember`. */
export interface QueueMemberBody {
  readonly id?: string;
  readonly user?: IdReference;
  readonly queueId?: string;
  /** Whether the member is active in the queue, as its name says; the model says no more. */
  readonly joined?: boolean;
  readonly additionalProperties?: Readonly<Record<string, unknown>>;
}
