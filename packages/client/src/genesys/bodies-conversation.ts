/**
 * Bodies about conversations: the conversation itself, its transcription and its sentiment.
 *
 * A conversation body carries the whole state and no delta, so that the last one wins; but frames
 * may come out of order (inferred from the models and staff posts).
 *
 * Field lists and enum values: the models of the official Python SDK
 * (MyPureCloud/platform-client-sdk-python 257.1.0). Certainty: official SDK code; not checked
 * against the live service.
 */

import type {
  CallCommunication,
  CallbackCommunication,
  ChatCommunication,
  CobrowseCommunication,
  ScreenMonitoringCommunication,
  ScreenShareCommunication,
  SocialExpressionCommunication,
  VideoCommunication,
} from "./bodies-communication.ts";
import type {
  EmailCommunication,
  InternalMessageCommunication,
  MessageCommunication,
} from "./bodies-message.ts";
import type {
  ConversationDivisionMembership,
  ConversationRoutingData,
  EntityReference,
  EpochMilliseconds,
  IsoDateTime,
  Open,
  Wrapup,
} from "./bodies-shared.ts";

/**
 * Who began a transfer, in conversation bodies; SDK model
 * `QueueConversationEventTopicTransferInitiator`.
 */
export interface TransferInitiator {
  readonly userId?: string;
}

/**
 * Where a transfer goes, in conversation bodies; SDK model
 * `QueueConversationEventTopicTransferDestination`.
 */
export interface TransferDestination {
  readonly userId?: string;
  readonly address?: string;
}

/**
 * A recent transfer, in conversation bodies; SDK model
 * `QueueConversationEventTopicTransferResponse`.
 */
export interface ConversationTransfer {
  readonly id?: string;
  readonly state?: Open<
    "pending" | "active" | "complete" | "canceled" | "failed" | "timeout" | "unknown"
  >;
  readonly dateIssued?: IsoDateTime;
  readonly initiator?: TransferInitiator;
  readonly modifiedBy?: EntityReference;
  readonly destination?: TransferDestination;
  readonly transferType?: Open<"attended" | "unattended">;
}

/**
 * The workflow of a participant, in conversation bodies; SDK model
 * `QueueConversationEventTopicWorkflow`.
 */
export interface ParticipantWorkflow {
  readonly workflowId?: string;
}

/**
 * A participant of a conversation, in conversation bodies; SDK model
 * `QueueConversationEventTopicParticipant`.
 */
export interface ConversationParticipant {
  readonly id?: string;
  readonly connectedTime?: IsoDateTime;
  readonly endTime?: IsoDateTime;
  readonly userId?: string;
  readonly externalContactId?: string;
  readonly externalContactInitialDivisionId?: string;
  readonly externalOrganizationId?: string;
  readonly name?: string;
  readonly queueId?: string;
  readonly groupId?: string;
  readonly teamId?: string;
  /** Such as "customer" or "agent"; the model lists no values. */
  readonly purpose?: string;
  readonly consultParticipantId?: string;
  readonly address?: string;
  readonly wrapupRequired?: boolean;
  readonly wrapupExpected?: boolean;
  readonly wrapupPrompt?: string;
  readonly wrapupTimeoutMs?: number;
  readonly wrapup?: Wrapup;
  readonly startAcwTime?: IsoDateTime;
  readonly endAcwTime?: IsoDateTime;
  readonly conversationRoutingData?: ConversationRoutingData;
  readonly alertingTimeoutMs?: number;
  readonly monitoredParticipantId?: string;
  readonly screenMonitoredParticipantId?: string;
  readonly coachedParticipantId?: string;
  readonly bargedParticipantId?: string;
  readonly mediaRoles?: readonly string[];
  readonly screenRecordingState?: Open<
    "requested" | "active" | "paused" | "stopped" | "error" | "timeout"
  >;
  readonly flaggedReason?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly calls?: readonly CallCommunication[];
  readonly callbacks?: readonly CallbackCommunication[];
  readonly chats?: readonly ChatCommunication[];
  readonly cobrowsesessions?: readonly CobrowseCommunication[];
  readonly emails?: readonly EmailCommunication[];
  readonly messages?: readonly MessageCommunication[];
  readonly internalMessages?: readonly InternalMessageCommunication[];
  readonly screenMonitorings?: readonly ScreenMonitoringCommunication[];
  readonly screenshares?: readonly ScreenShareCommunication[];
  readonly socialExpressions?: readonly SocialExpressionCommunication[];
  readonly videos?: readonly VideoCommunication[];
  readonly workflow?: ParticipantWorkflow;
}

/**
 * A whole conversation, on `v2.routing.queues.{id}.conversations` and
 * `v2.users.{id}.conversations`; SDK models `QueueConversationEventTopicConversation` and
 * `ConversationEventTopicConversation`, which have the same fields.
 */
export interface ConversationBody {
  readonly id?: string;
  readonly maxParticipants?: number;
  readonly participants?: readonly ConversationParticipant[];
  readonly recentTransfers?: readonly ConversationTransfer[];
  readonly recordingState?: string;
  readonly address?: string;
  readonly externalTag?: string;
  readonly utilizationLabelId?: string;
  readonly accessAttributes?: readonly string[];
  readonly securePause?: boolean;
  readonly inactivityTimeout?: IsoDateTime;
  readonly associatedConversation?: EntityReference;
  readonly consultationConversations?: readonly EntityReference[];
  readonly divisions?: readonly ConversationDivisionMembership[];
}

/**
 * Where the transcription stands, on `v2.conversations.{id}.transcription`; SDK model
 * `TranscriptionTopicTranscriptionRequestStatus`.
 */
export interface TranscriptionStatus {
  readonly offsetMs?: number;
  readonly status?: Open<"UNKNOWN" | "SESSION_ONGOING" | "SESSION_ENDED">;
}

/**
 * One word, on `v2.conversations.{id}.transcription`; SDK model `TranscriptionTopicTranscriptWord`.
 */
export interface TranscriptWord {
  readonly confidence?: number;
  /** Milliseconds; whether since 1970 or since a start is not stated. */
  readonly startTimeMs?: number;
  readonly offsetMs?: number;
  readonly durationMs?: number;
  readonly word?: string;
}

/**
 * One reading of an utterance, on `v2.conversations.{id}.transcription`; SDK model
 * `TranscriptionTopicTranscriptAlternative`.
 */
export interface TranscriptAlternative {
  readonly confidence?: number;
  readonly offsetMs?: number;
  readonly durationMs?: number;
  readonly transcript?: string;
  readonly words?: readonly TranscriptWord[];
  readonly decoratedTranscript?: string;
  readonly decoratedWords?: readonly TranscriptWord[];
}

/**
 * One utterance, on `v2.conversations.{id}.transcription`; SDK model
 * `TranscriptionTopicTranscriptResult`.
 */
export interface Transcript {
  /** A later message with the same id replaces one that is not final (inferred). */
  readonly utteranceId?: string;
  readonly isFinal?: boolean;
  readonly channel?: Open<"UNKNOWN" | "INTERNAL" | "EXTERNAL" | "BOTH">;
  readonly alternatives?: readonly TranscriptAlternative[];
  readonly agentAssistantId?: string;
  readonly engineProvider?: string;
  readonly engineId?: string;
  readonly engineName?: string;
  readonly dialect?: string;
  readonly speechTextAnalyticsProgramId?: string;
  readonly agentAssistEnabled?: boolean;
  readonly voiceTranscriptionEnabled?: boolean;
}

/**
 * Body of `v2.conversations.{id}.transcription`; SDK model
 * `TranscriptionTopicTranscriptionMessage`.
 */
export interface TranscriptionBody {
  readonly eventTime?: IsoDateTime;
  readonly organizationId?: string;
  readonly conversationId?: string;
  readonly communicationId?: string;
  /** Since 1970, as its name and family suggest (inferred). */
  readonly sessionStartTimeMs?: EpochMilliseconds;
  /** Since 1970, as its name and family suggest (inferred). */
  readonly transcriptionStartTimeMs?: EpochMilliseconds;
  readonly transcripts?: readonly Transcript[];
  readonly status?: TranscriptionStatus;
  readonly speechTextAnalyticsProgramId?: string;
}

/**
 * Body of `v2.speechandtextanalytics.conversation.{id}.sentiment`; SDK model
 * `V2StaSentimentOverallTopicOverallSentimentMessage`.
 */
export interface SentimentBody {
  readonly conversationId?: string;
  readonly sentimentOverallScore?: number;
  readonly sentimentTrendScore?: number;
  readonly queueIds?: readonly string[];
  readonly divisionIds?: readonly string[];
  readonly flowIds?: readonly string[];
}
