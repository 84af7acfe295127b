/**
 * The sessions (communications) of conversation participants, one interface per medium; emails and
 * messages have a file of their own.
 *
 * Field lists and enum values: the models of the official Python SDK
 * (MyPureCloud/platform-client-sdk-python 257.1.0). Certainty: official SDK code; not checked
 * against the live service.
 */

import type {
  Address,
  ConversationErrorDetails,
  DisconnectType,
  Disposition,
  IsoDateTime,
  JourneyContext,
  Open,
  QueueMediaSettings,
  RecordersState,
  Wrapup,
} from "./bodies-shared.ts";

/**
 * State of a session of most media, in conversation bodies; SDK models
 * `QueueConversationEventTopicChat`, `…Call` and others.
 */
export type CommunicationState =
  | "alerting"
  | "dialing"
  | "contacting"
  | "offering"
  | "connected"
  | "disconnected"
  | "terminated"
  | "none";

/**
 * Direction of a session, in conversation, call and metric bodies; SDK models
 * `QueueConversationEventTopicCall` and others.
 */
export type ConversationDirection = Open<"inbound" | "outbound">;

/**
 * After-call work of a session, in conversation bodies; SDK model
 * `QueueConversationEventTopicAfterCallWork`.
 */
export interface AfterCallWork {
  readonly state?: Open<"unknown" | "skipped" | "pending" | "complete" | "notApplicable">;
  readonly startTime?: IsoDateTime;
  readonly endTime?: IsoDateTime;
}

/**
 * What sessions of all media have in common, in conversation bodies; drawn from the SDK models
 * `QueueConversationEventTopicCall` and others.
 */
export interface CommunicationBase {
  readonly id?: string;
  readonly provider?: string;
  readonly connectedTime?: IsoDateTime;
  readonly disconnectedTime?: IsoDateTime;
}

/**
 * What sessions that agents handle have in common, in conversation bodies; drawn from the SDK
 * models `QueueConversationEventTopicCall` and others.
 */
export interface AgentCommunicationBase extends CommunicationBase {
  readonly scriptId?: string;
  readonly peerId?: string;
  readonly wrapup?: Wrapup;
  readonly afterCallWork?: AfterCallWork;
  readonly afterCallWorkRequired?: boolean;
}

/**
 * A signalling cause of a disconnect, in conversation bodies; SDK model
 * `QueueConversationEventTopicDisconnectReason`.
 */
export interface DisconnectReason {
  readonly type?: Open<"q850" | "sip">;
  readonly code?: number;
  readonly phrase?: string;
  /** Only in the newer JavaScript SDK (262.0.0). */
  readonly reason?: string;
}

/** Progress of a fax, in conversation bodies; SDK model `QueueConversationEventTopicFaxStatus`. */
export interface FaxStatus {
  readonly direction?: string;
  readonly expectedPages?: number;
  readonly activePage?: number;
  readonly linesTransmitted?: number;
  readonly bytesTransmitted?: number;
  /** Called `dataRate` in the calls topics. */
  readonly baudRate?: number;
  readonly pageErrors?: number;
  readonly lineErrors?: number;
}

/** A call, in conversation bodies; SDK model `QueueConversationEventTopicCall`. */
export interface CallCommunication extends AgentCommunicationBase {
  readonly state?: Open<CommunicationState | "uploading" | "converting" | "transmitting">;
  readonly initialState?: Open<CommunicationState | "uploading" | "converting" | "transmitting">;
  readonly recording?: boolean;
  readonly recordingState?: Open<"none" | "active" | "paused">;
  readonly recordersState?: RecordersState;
  readonly muted?: boolean;
  readonly confined?: boolean;
  readonly held?: boolean;
  readonly securePause?: boolean;
  readonly errorInfo?: ConversationErrorDetails;
  readonly disconnectType?: DisconnectType;
  readonly startHoldTime?: IsoDateTime;
  readonly direction?: ConversationDirection;
  readonly documentId?: string;
  readonly self?: Address;
  readonly other?: Address;
  readonly disconnectReasons?: readonly DisconnectReason[];
  readonly faxStatus?: FaxStatus;
  readonly uuiData?: string;
  readonly bargedTime?: IsoDateTime;
  readonly agentAssistantId?: string;
  readonly queueMediaSettings?: QueueMediaSettings;
  readonly disposition?: Disposition;
  readonly transferSource?: string;
  /** Only in the newer JavaScript SDK (262.0.0). */
  readonly publicIpAddress?: string;
}

/**
 * A telephone column of a contact list, in conversation bodies; SDK model
 * `QueueConversationEventTopicPhoneNumberColumn`.
 */
export interface PhoneNumberColumn {
  readonly columnName?: string;
  readonly type?: string;
}

/**
 * The campaign contact that a callback previews, in conversation bodies; SDK model
 * `QueueConversationEventTopicDialerPreview`.
 */
export interface DialerPreview {
  readonly id?: string;
  readonly contactId?: string;
  readonly contactListId?: string;
  readonly campaignId?: string;
  readonly phoneNumberColumns?: readonly PhoneNumberColumn[];
}

/**
 * The voicemail behind a callback, in conversation bodies; SDK model
 * `QueueConversationEventTopicVoicemail`.
 */
export interface CallbackVoicemail {
  readonly id?: string;
  readonly uploadStatus?: Open<"pending" | "complete" | "failed" | "timeout" | "none">;
}

/** A callback, in conversation bodies; SDK model `QueueConversationEventTopicCallback`. */
export interface CallbackCommunication extends AgentCommunicationBase {
  readonly state?: Open<CommunicationState | "scheduled" | "uploading">;
  readonly initialState?: Open<CommunicationState | "scheduled" | "uploading">;
  readonly direction?: ConversationDirection;
  readonly held?: boolean;
  readonly disconnectType?: DisconnectType;
  readonly startHoldTime?: IsoDateTime;
  readonly dialerPreview?: DialerPreview;
  readonly voicemail?: CallbackVoicemail;
  readonly callbackNumbers?: readonly string[];
  readonly callbackUserName?: string;
  readonly externalCampaign?: boolean;
  readonly skipEnabled?: boolean;
  readonly timeoutSeconds?: number;
  readonly callbackScheduledTime?: IsoDateTime;
  readonly automatedCallbackConfigId?: string;
  readonly callerId?: string;
  readonly callerIdName?: string;
  readonly queueMediaSettings?: QueueMediaSettings;
}

/** A chat, in conversation bodies; SDK model `QueueConversationEventTopicChat`. */
export interface ChatCommunication extends AgentCommunicationBase {
  readonly state?: Open<CommunicationState>;
  readonly initialState?: Open<CommunicationState>;
  readonly roomId?: string;
  readonly avatarImageUrl?: string;
  readonly held?: boolean;
  readonly disconnectType?: DisconnectType;
  readonly startHoldTime?: IsoDateTime;
  readonly journeyContext?: JourneyContext;
  readonly queueMediaSettings?: QueueMediaSettings;
}

/** A co-browse session, in conversation bodies; SDK model `QueueConversationEventTopicCobrowse`. */
export interface CobrowseCommunication extends AgentCommunicationBase {
  readonly state?: Open<CommunicationState>;
  readonly initialState?: Open<CommunicationState>;
  readonly disconnectType?: DisconnectType;
  readonly self?: Address;
  readonly roomId?: string;
  readonly cobrowseSessionId?: string;
  readonly cobrowseRole?: string;
  readonly controlling?: readonly string[];
  readonly viewerUrl?: string;
  readonly providerEventTime?: IsoDateTime;
  readonly queueMediaSettings?: QueueMediaSettings;
}

/**
 * A screen monitoring, in conversation bodies; SDK model
 * `QueueConversationEventTopicScreenMonitoring`.
 */
export interface ScreenMonitoringCommunication extends CommunicationBase {
  readonly state?: Open<"none" | "connected" | "disconnected">;
  readonly initialState?: Open<"none" | "connected" | "disconnected">;
  readonly disconnectType?: Open<"system">;
  readonly targetUserId?: string;
  readonly screenMonitoringId?: string;
  readonly monitoringType?: Open<"Unknown" | "AgentLevel" | "ConversationLevel">;
  readonly count?: number;
}

/** A screen share, in conversation bodies; SDK model `QueueConversationEventTopicScreenShare`. */
export interface ScreenShareCommunication extends AgentCommunicationBase {
  readonly state?: Open<CommunicationState>;
  readonly initialState?: Open<CommunicationState>;
  readonly self?: Address;
  readonly context?: string;
  readonly sharing?: boolean;
  readonly peerCount?: number;
  readonly disconnectType?: DisconnectType;
  readonly queueMediaSettings?: QueueMediaSettings;
}

/**
 * A social-media session, in conversation bodies; SDK model
 * `QueueConversationEventTopicSocialExpression`.
 */
export interface SocialExpressionCommunication extends AgentCommunicationBase {
  readonly state?: Open<CommunicationState>;
  readonly initialState?: Open<CommunicationState>;
  readonly socialMediaId?: string;
  readonly socialMediaHub?: string;
  readonly socialUserName?: string;
  readonly previewText?: string;
  readonly recordingId?: string;
  readonly held?: boolean;
  readonly disconnectType?: DisconnectType;
  readonly startHoldTime?: IsoDateTime;
}

/** A video session, in conversation bodies; SDK model `QueueConversationEventTopicVideo`. */
export interface VideoCommunication extends AgentCommunicationBase {
  readonly state?: Open<CommunicationState>;
  readonly initialState?: Open<CommunicationState>;
  readonly self?: Address;
  readonly context?: string;
  readonly audioMuted?: boolean;
  readonly videoMuted?: boolean;
  readonly sharingScreen?: boolean;
  readonly peerCount?: number;
  readonly disconnectType?: DisconnectType;
  readonly msids?: readonly string[];
  readonly queueMediaSettings?: QueueMediaSettings;
}
