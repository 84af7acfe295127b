/**
 * Bodies of the remaining topics: operational events, campaign progress, workitems and system
 * messages.
 *
 * Field lists and enum values: the models of the official Python SDK
 * (MyPureCloud/platform-client-sdk-python 257.1.0). Certainty: official SDK code; not checked
 * against the live service.
 */

import type { Open, UriReference } from "./bodies-shared.ts";

/**
 * The kind of an operational event, on `v2.operations.events.{id}`; SDK model
 * `OperationalEventNotificationTopicEventEntity`.
 */
export interface OperationalEventEntity {
  readonly id?: string;
  readonly name?: string;
  readonly description?: string;
}

/**
 * Body of `v2.operations.events.{id}`; SDK model
 * `OperationalEventNotificationTopicOperationalEventNotification`.
 */
export interface OperationalEventBody {
  readonly eventEntity?: OperationalEventEntity;
  readonly entityId?: string;
  readonly entityName?: string;
  readonly previousValue?: string;
  readonly currentValue?: string;
  readonly errorCode?: string;
  readonly version?: string;
  readonly parentEntity?: string;
  readonly entityType?: string;
  readonly conversationId?: string;
  readonly entityToken?: string;
  /** An integer; the model does not state its unit. */
  readonly timestamp?: number;
  /** Only in the newer JavaScript SDK (262.0.0). */
  readonly externalContactId?: string;
  /** Only in the newer JavaScript SDK (262.0.0). */
  readonly phoneNumber?: string;
}

/**
 * Body of `v2.outbound.campaigns.{id}.progress`; SDK model
 * `DialerCampaignProgressEventCampaignProgress`.
 */
export interface CampaignProgressBody {
  readonly campaign?: UriReference;
  readonly numberOfContactsCalled?: number;
  readonly numberOfContactsMessaged?: number;
  readonly totalNumberOfContacts?: number;
  readonly percentage?: number;
  readonly numberOfContactsSkipped?: Readonly<Record<string, number>>;
  readonly additionalProperties?: Readonly<Record<string, unknown>>;
}

/**
 * A changed field, on `v2.taskmanagement.workitems.{id}`; SDK model
 * `WorkitemsEventsNotificationDelta`.
 */
export interface WorkitemDelta {
  readonly op?: Open<"add" | "remove" | "replace" | "unknown">;
  readonly field?: string;
  readonly oldValue?: string;
  readonly newValue?: string;
}

/**
 * A changed property, on `v2.taskmanagement.workitems.{id}`; SDK model
 * `WorkitemsEventsNotificationPropertyChange`.
 */
export interface WorkitemPropertyChange {
  readonly property?: string;
  readonly oldValues?: readonly string[];
  readonly newValues?: readonly string[];
}

/**
 * A custom field, on `v2.taskmanagement.workitems.{id}`; SDK model
 * `WorkitemsEventsNotificationCustomAttribute`.
 */
export interface WorkitemCustomAttribute {
  /** The SDK writes `boolean$`, which seems to stand for "boolean" (inferred). */
  readonly dataType?: Open<"unknown" | "string" | "number" | "boolean" | "integer">;
  readonly value?: string;
}

/**
 * A wrap-up, on `v2.taskmanagement.workitems.{id}`; SDK model `WorkitemsEventsNotificationWrapup`.
 */
export interface WorkitemWrapup {
  readonly code?: string;
  readonly userId?: string;
  readonly op?: Open<"Unknown" | "Add" | "Remove">;
  readonly action?: Open<"Unknown" | "Add" | "Remove">;
}

/**
 * State of an assignment, on `v2.taskmanagement.workitems.{id}`; SDK model
 * `WorkitemsEventsNotificationWorkitem`.
 */
export type WorkitemAssignmentState = Open<
  | "Unknown"
  | "Idle"
  | "AcdStarted"
  | "Alerting"
  | "AlertTimeout"
  | "Declined"
  | "Connected"
  | "Disconnected"
  | "Parked"
  | "Held"
  | "AcdCancelled"
  | "Terminated"
  | "AcdExpired"
>;

/**
 * A stretch of an assignment, on `v2.taskmanagement.workitems.{id}`; SDK model
 * `WorkitemsEventsNotificationAssignmentSegment`.
 */
export interface WorkitemAssignmentSegment {
  readonly startState?: WorkitemAssignmentState;
  readonly endState?: WorkitemAssignmentState;
  readonly durationMs?: number;
}

/**
 * A session of work, on `v2.taskmanagement.workitems.{id}`; SDK model
 * `WorkitemsEventsNotificationSession`.
 */
export interface WorkitemSession {
  readonly type?: Open<
    "Unknown" | "Agent" | "QueueAssignment" | "DirectAssignment" | "AgentComplete"
  >;
  readonly id?: string;
  readonly status?: Open<"Unknown" | "Active" | "Completed">;
  readonly dateSessionStart?: string;
  readonly dateSessionEnd?: string;
  readonly assignmentSegments?: readonly WorkitemAssignmentSegment[];
}

/**
 * An agent with its score, on `v2.taskmanagement.workitems.{id}`; SDK model
 * `WorkitemsEventsNotificationScoredAgent`.
 */
export interface WorkitemScoredAgent {
  readonly id?: string;
  readonly score?: number;
}

/** Body of `v2.taskmanagement.workitems.{id}`; SDK model `WorkitemsEventsNotificationWorkitem`. */
export interface WorkitemBody {
  readonly id?: string;
  readonly name?: string;
  readonly typeId?: string;
  readonly description?: string;
  readonly languageId?: string;
  readonly priority?: number;
  readonly dateCreated?: string;
  readonly dateModified?: string;
  readonly dateDue?: string;
  readonly dateExpires?: string;
  readonly dateAssignmentStateChanged?: string;
  readonly durationSeconds?: number;
  readonly ttl?: number;
  readonly statusId?: string;
  readonly statusCategory?: Open<"Unknown" | "Open" | "InProgress" | "Waiting" | "Closed">;
  readonly dateClosed?: string;
  readonly workbinId?: string;
  readonly reporterId?: string;
  readonly assigneeId?: string;
  readonly externalContactId?: string;
  readonly externalTag?: string;
  readonly wrapupId?: string;
  readonly modifiedBy?: string;
  readonly operation?: Open<
    | "unknown"
    | "add"
    | "edit"
    | "delete"
    | "view"
    | "upload"
    | "download"
    | "activate"
    | "deactivate"
    | "purge"
    | "processed"
    | "published"
    | "assigned"
    | "unassigned"
    | "reset"
    | "reassigned"
    | "reassign"
    | "archive"
    | "unarchive"
    | "reschedule"
  >;
  readonly changes?: readonly WorkitemDelta[];
  readonly propertyChanges?: readonly WorkitemPropertyChange[];
  readonly assignmentState?: WorkitemAssignmentState;
  readonly assignmentId?: string;
  readonly alertTimeoutSeconds?: number;
  readonly queueId?: string;
  readonly customFields?: Readonly<Record<string, WorkitemCustomAttribute>>;
  readonly wrapup?: WorkitemWrapup;
  readonly sessions?: readonly WorkitemSession[];
  readonly skillIds?: readonly string[];
  readonly scriptId?: string;
  readonly workbinName?: string;
  readonly typeName?: string;
  readonly preferredAgentIds?: readonly string[];
  readonly divisionId?: string;
  readonly scoredAgents?: readonly WorkitemScoredAgent[];
  readonly utilizationLabelId?: string;
  readonly caseId?: string;
}

/**
 * Body of `channel.metadata`: a heartbeat, or the answer to a ping; class
 * `ChannelMetadataNotification` of the official SDK and community code.
 */
export interface ChannelMetadataBody {
  readonly message?: Open<"WebSocket Heartbeat" | "pong">;
}

/**
 * Body of `v2.system.socket_closing`, `v2.system.no_longer_subscribed.{id}`,
 * `v2.system.token_revoked.{id}` and `v2.system.{id}.{id}`; SDK model `SystemMessageSystemMessage`.
 */
export interface SystemMessageBody {
  readonly channelId?: string;
  /** No listed value belongs to `socket_closing`; what it holds there is not established. */
  readonly systemTopicType?: Open<
    "no_longer_subscribed" | "subscription_changed" | "token_revoked"
  >;
  readonly correlationId?: string;
  readonly organizationId?: string;
  readonly userId?: string;
  readonly oauthClientId?: string;
  readonly oauthClientOrgId?: string;
  readonly reason?: Open<"another_channel_subscribed" | "user_tokens_revoked">;
  readonly message?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/**
 * Body of `v2.subscription.updated`; SDK model `UpdatedTopicSystemMessage`, which has the fields of
 * the other system messages.
 */
export type SubscriptionUpdatedBody = SystemMessageBody;
