/**
 * Bodies of the topics of a user, from presence to adherence.
 *
 * Field lists and enum values: the models of the official Python SDK
 * (MyPureCloud/platform-client-sdk-python 257.1.0). Certainty: official SDK code; not checked
 * against the live service.
 */

import type { ConversationBody } from "./bodies-conversation.ts";
import type { QueueCallConversationBody } from "./bodies-queue.ts";
import type {
  IdReference,
  IsoDateTime,
  Open,
  OrganizationPresence,
  RoutingStatus,
  UriReference,
} from "./bodies-shared.ts";

/** Body of `v2.users.{id}.conversations`; SDK model `ConversationEventTopicConversation`. */
export type UserConversationBody = ConversationBody;

/**
 * Body of `v2.users.{id}.conversations.calls`; SDK model
 * `ConversationCallEventTopicCallConversation`.
 */
export type UserCallConversationBody = QueueCallConversationBody;

/**
 * Body of `v2.users.{id}.presence`, which does not name its user (the topic does); SDK model
 * `PresenceEventUserPresence`.
 */
export interface UserPresenceBody {
  readonly source?: string;
  readonly presenceDefinition?: OrganizationPresence;
  readonly primary?: boolean;
  readonly message?: string;
  readonly modifiedDate?: IsoDateTime;
  readonly futurePresenceDefinition?: OrganizationPresence;
}

/**
 * A parameter of a routing error, on `v2.users.{id}.routingStatus`; SDK model
 * `UserRoutingStatusUserParam`.
 */
export interface RoutingStatusErrorParameter {
  readonly key?: string;
  readonly value?: string;
  readonly additionalProperties?: Readonly<Record<string, unknown>>;
}

/**
 * An error of routing, on `v2.users.{id}.routingStatus`; SDK model `UserRoutingStatusErrorInfo`.
 */
export interface RoutingStatusError {
  readonly errorCode?: string;
  readonly status?: number;
  readonly correlationId?: string;
  readonly userMessage?: string;
  readonly userParamsMessage?: string;
  readonly userParams?: readonly RoutingStatusErrorParameter[];
}

/** Body of `v2.users.{id}.routingStatus`; SDK model `UserRoutingStatusUserRoutingStatus`. */
export interface UserRoutingStatusBody {
  readonly id?: string;
  readonly routingStatus?: RoutingStatus;
  readonly errorInfo?: RoutingStatusError;
}

/** The presence, on `v2.users.{id}.activity`; SDK model `AgentActivityChangedTopicPresence`. */
export interface ActivityPresence {
  readonly presenceDefinition?: OrganizationPresence;
  readonly presenceMessage?: string;
  readonly modifiedDate?: IsoDateTime;
}

/**
 * Whether the user is out of office, on `v2.users.{id}.activity`; SDK model
 * `AgentActivityChangedTopicOutOfOffice`.
 */
export interface ActivityOutOfOffice {
  readonly active?: boolean;
  readonly modifiedDate?: IsoDateTime;
}

/** Body of `v2.users.{id}.activity`; SDK model `AgentActivityChangedTopicAgentActivity`. */
export interface UserActivityBody {
  readonly id?: string;
  readonly routingStatus?: RoutingStatus;
  readonly presence?: ActivityPresence;
  readonly outOfOffice?: ActivityOutOfOffice;
  readonly activeQueueIds?: readonly string[];
  readonly dateActiveQueuesChanged?: IsoDateTime;
}

/** Body of `v2.users.{id}.outofoffice`; SDK model `OutOfOfficeEventOutOfOffice`. */
export interface UserOutOfOfficeBody {
  readonly user?: IdReference;
  readonly active?: boolean;
  readonly indefinite?: boolean;
  readonly startDate?: IsoDateTime;
  readonly endDate?: IsoDateTime;
}

/** A station, on `v2.users.{id}.station`; SDK model `UserStationChangeTopicUserStation`. */
export interface UserStation {
  readonly id?: string;
  readonly name?: string;
  readonly associatedUser?: IdReference;
}

/**
 * Body of `v2.users.{id}.station`, which names its user only while there is a station; SDK model
 * `UserStationChangeTopicUserStations`.
 */
export interface UserStationBody {
  readonly associatedStation?: UserStation;
}

/**
 * Counts of active conversations and after-call work, on `v2.users.{id}.conversationsummary`; SDK
 * model `UserConversationsEventMediaSummaryDetail`.
 */
export interface MediaSummaryDetail {
  readonly active?: number;
  readonly acw?: number;
}

/**
 * Counts of one medium, on `v2.users.{id}.conversationsummary`; SDK model
 * `UserConversationsEventMediaSummary`.
 */
export interface MediaSummary {
  readonly contactCenter?: MediaSummaryDetail;
  readonly enterprise?: MediaSummaryDetail;
}

/**
 * Body of `v2.users.{id}.conversationsummary`; SDK model
 * `UserConversationsEventUserConversationSummary`.
 */
export interface UserConversationSummaryBody {
  readonly userId?: string;
  readonly call?: MediaSummary;
  readonly callback?: MediaSummary;
  readonly email?: MediaSummary;
  readonly message?: MediaSummary;
  readonly chat?: MediaSummary;
  readonly socialExpression?: MediaSummary;
  readonly video?: MediaSummary;
}

/**
 * A further id of a party, on `v2.users.{id}.conversations.inbound.typing.event`; SDK model
 * `…ConversationRecipientAdditionalIdentifier`.
 */
export interface TypingRecipientIdentifier {
  readonly type?: Open<"Deployment" | "Subject" | "Unknown">;
  readonly value?: string;
}

/**
 * Sender or receiver, on `v2.users.{id}.conversations.inbound.typing.event`; SDK models
 * `…ConversationMessagingToRecipient` and `…ConversationMessagingFromRecipient`.
 */
export interface TypingRecipient {
  readonly nickname?: string;
  readonly id?: string;
  readonly idType?: Open<"Email" | "Phone" | "Opaque">;
  readonly image?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly email?: string;
  readonly additionalIds?: readonly TypingRecipientIdentifier[];
}

/**
 * The messaging channel, on `v2.users.{id}.conversations.inbound.typing.event`; SDK model
 * `…ConversationMessagingChannel`.
 */
export interface TypingChannel {
  readonly id?: string;
  readonly platform?: Open<
    | "Twitter"
    | "Facebook"
    | "Instagram"
    | "Line"
    | "Whatsapp"
    | "WebMessaging"
    | "Open"
    | "Sms"
    | "Apple"
  >;
  readonly to?: TypingRecipient;
  readonly from?: TypingRecipient;
  readonly time?: IsoDateTime;
}

/**
 * The typing itself, on `v2.users.{id}.conversations.inbound.typing.event`; SDK model
 * `…ConversationEventTyping`.
 */
export interface TypingDetails {
  readonly type?: Open<"On">;
  readonly duration?: number;
}

/**
 * One event of a message, on `v2.users.{id}.conversations.inbound.typing.event`; SDK model
 * `…ConversationMessageEvent`.
 */
export interface TypingEvent {
  readonly eventType?: Open<"CoBrowse" | "Typing">;
  readonly typing?: TypingDetails;
}

/**
 * The message that carries the events, on `v2.users.{id}.conversations.inbound.typing.event`; SDK
 * model `…ConversationNormalizedMessage`.
 */
export interface TypingMessage {
  readonly channel?: TypingChannel;
  readonly type?: Open<"Event">;
  readonly events?: readonly TypingEvent[];
  readonly direction?: Open<"Inbound" | "Outbound">;
}

/**
 * Body of `v2.users.{id}.conversations.inbound.typing.event`; SDK model
 * `V2ConversationMessageTypingEventForUserTopicMessageData`.
 */
export interface UserTypingBody {
  readonly conversationId?: string;
  readonly normalizedMessage?: TypingMessage;
}

/** Body of `v2.users.{id}.tokens`; SDK model `UserTokensTopicTokenNotification`. */
export interface UserTokenBody {
  readonly user?: UriReference;
  readonly ipAddress?: string;
  readonly dateCreated?: string;
  readonly tokenExpirationDate?: string;
  readonly sessionId?: string;
  readonly clientId?: string;
  readonly tokenHash?: string;
}

/**
 * Where a voicemail was copied from or to, on `v2.users.{id}.voicemail.messages`; SDK model
 * `VoicemailMessagesTopicVoicemailCopyRecord`.
 */
export interface VoicemailCopy {
  readonly user?: IdReference;
  readonly group?: IdReference;
}

/**
 * Body of `v2.users.{id}.voicemail.messages`; SDK model `VoicemailMessagesTopicVoicemailMessage`.
 */
export interface UserVoicemailBody {
  readonly id?: string;
  readonly read?: boolean;
  readonly audioRecordingDurationSeconds?: number;
  readonly audioRecordingSizeBytes?: number;
  readonly createdDate?: IsoDateTime;
  readonly modifiedDate?: IsoDateTime;
  readonly createdDateString?: string;
  readonly callerAddress?: string;
  readonly callerName?: string;
  readonly action?: string;
  readonly note?: string;
  readonly deleted?: boolean;
  readonly modifiedByUserId?: string;
  readonly copiedTo?: readonly VoicemailCopy[];
  readonly copiedFrom?: VoicemailCopy;
  readonly modifiedDateString?: string;
}

/**
 * An activity code, on `v2.users.{id}.workforcemanagement.adherence`; SDK model
 * `WfmUserScheduleAdherenceUpdatedTopicActivityCodeReference`.
 */
export interface AdherenceActivityCode {
  readonly id?: string;
  readonly secondaryPresences?: readonly IdReference[];
}

/**
 * An explanation for being out of adherence, on `v2.users.{id}.workforcemanagement.adherence`; SDK
 * model `WfmUserScheduleAdherenceUpdatedTopicRealTimeAdherenceExplanation`.
 */
export interface AdherenceExplanation {
  readonly id?: string;
  readonly startDate?: IsoDateTime;
  readonly lengthMinutes?: number;
  readonly status?: Open<"Pending" | "Approved" | "Denied">;
}

/**
 * A reminder of the next activity, on `v2.users.{id}.workforcemanagement.adherence`; SDK model
 * `WfmUserScheduleAdherenceUpdatedTopicUserNextActivityReminder`.
 */
export interface AdherenceReminder {
  readonly activityCategory?: string;
  readonly startDate?: IsoDateTime;
}

/**
 * Body of `v2.users.{id}.workforcemanagement.adherence`; SDK model
 * `WfmUserScheduleAdherenceUpdatedTopicUserScheduleAdherenceUpdate`.
 */
export interface UserAdherenceBody {
  readonly user?: IdReference;
  readonly managementUnitId?: string;
  readonly businessUnitId?: string;
  readonly team?: UriReference;
  readonly scheduledActivityCategory?: string;
  readonly scheduledActivityCode?: AdherenceActivityCode;
  readonly systemPresence?: string;
  readonly organizationSecondaryPresenceId?: string;
  /**
   * The SDK writes `__EMPTY__` where we list the empty text, which it seems to stand for
   * (inferred).
   */
  readonly routingStatus?: Open<
    "" | "OFF_QUEUE" | "IDLE" | "INTERACTING" | "NOT_RESPONDING" | "COMMUNICATING" | "OFFLINE"
  >;
  readonly actualActivityCategory?: string;
  readonly isOutOfOffice?: boolean;
  readonly adherenceState?: Open<
    "InAdherence" | "OutOfAdherence" | "Unscheduled" | "Unknown" | "Ignored" | "Explained"
  >;
  readonly impact?: string;
  readonly adherenceExplanation?: AdherenceExplanation;
  readonly adherenceChangeTime?: IsoDateTime;
  readonly presenceUpdateTime?: IsoDateTime;
  readonly activeQueues?: readonly IdReference[];
  readonly activeQueuesModifiedTime?: IsoDateTime;
  readonly removedFromManagementUnit?: boolean;
  readonly suppressOnTimeReminder?: boolean;
  readonly nextActivityReminders?: readonly AdherenceReminder[];
}
