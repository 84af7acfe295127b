/**
 * Bodies of the analytics topics: observations, activity and aggregates, and the metrics of one
 * conversation.
 *
 * Field lists and enum values: the models of the official Python SDK
 * (MyPureCloud/platform-client-sdk-python 257.1.0). Certainty: official SDK code; not checked
 * against the live service.
 */

import type { ConversationDirection } from "./bodies-communication.ts";
import type { IntervalMetrics, IsoDateTime, Open } from "./bodies-shared.ts";

/**
 * Body of `v2.analytics.queues.{id}.observations`, which mixes instant observations and 30-minute
 * aggregates; SDK model `StatEventQueueTopicStatsNotification`.
 */
export interface QueueObservationsBody {
  /** Names the slice: `queueId`, and `mediaType` where the figures are split. */
  readonly group?: Readonly<Record<string, string>>;
  readonly data?: readonly IntervalMetrics[];
}

/**
 * Body of `v2.analytics.users.{id}.aggregates`; SDK model `StatEventUserTopicStatsNotification`.
 */
export interface UserAggregatesBody {
  readonly group?: Readonly<Record<string, string>>;
  readonly data?: readonly IntervalMetrics[];
}

/**
 * One count, on `v2.analytics.queues.{id}.activity`; SDK model `V2QueueObservationMetricCountData`.
 */
export interface QueueActivityMetric {
  readonly metric?: Open<
    "oAlerting" | "oInteracting" | "oWaiting" | "oFlow" | "oLongestWaiting" | "oLongestInteracting"
  >;
  readonly count?: number;
  readonly calculatedMetricValue?: number;
}

/**
 * The counts of one medium, on `v2.analytics.queues.{id}.activity`; SDK model
 * `V2QueueObservationMetricCountGroup`.
 */
export interface QueueActivityGroup {
  readonly mediaType?: string;
  readonly data?: readonly QueueActivityMetric[];
}

/**
 * Body of `v2.analytics.queues.{id}.activity`, which does not name its queue (the topic does); SDK
 * model `V2QueueObservationObservationCountNotification`.
 */
export interface QueueActivityBody {
  readonly results?: readonly QueueActivityGroup[];
}

/**
 * Name of a metric, on `v2.analytics.conversation.{id}.metrics`; SDK model
 * `ConversationMetricsTopicConversationMetricRecord`.
 */
// oxfmt-ignore
export type ConversationMetricName = Open<
  | "nBlindTransferred" | "nBotInteractions" | "nCallbackAttempts" | "nCallbackScheduled"
  | "nCfcOffered" | "nCobrowseSessions" | "nConnected" | "nConsult" | "nConsultTransferred"
  | "nConversations" | "nError" | "nOffered" | "nOutbound" | "nOutboundAbandoned"
  | "nOutboundAttempted" | "nOutboundConnected" | "nOverSla" | "nTakeover" | "nTransferred"
  | "oAudioMessageCount" | "oExternalAudioMessageCount" | "oExternalMediaCount" | "oMediaCount"
  | "oMessageCount" | "oMessageSegmentCount" | "oMessageTurn" | "oSkillExpressionApplications"
  | "tAbandon" | "tAcd" | "tActiveCallback" | "tActiveCallbackComplete" | "tAcw"
  | "tAgentResponseTime" | "tAgentVideoConnected" | "tAlert" | "tAnswered"
  | "tAverageAgentResponseTime" | "tAverageCustomerResponseTime" | "tBarging" | "tCfcAbandon"
  | "tCfcAcd" | "tCfcAnswered" | "tCfcFlowOut" | "tCoaching" | "tCoachingComplete" | "tConnected"
  | "tContacting" | "tDialing" | "tFirstConnect" | "tFirstDial" | "tFirstEngagement"
  | "tFirstResponse" | "tFlowOut" | "tHandle" | "tHeld" | "tHeldComplete" | "tIvr" | "tMonitoring"
  | "tMonitoringComplete" | "tNotResponding" | "tPark" | "tParkComplete" | "tScreenMonitoring"
  | "tSnippetRecord" | "tTalk" | "tTalkComplete" | "tTransmitting" | "tUserResponseTime"
  | "tVoicemail"
>;

/**
 * Why a session ended, on `v2.analytics.conversation.{id}.metrics`; SDK model
 * `ConversationMetricsTopicConversationMetricRecord`.
 */
export type ConversationMetricDisconnectType = Open<
  | "client"
  | "conferenceTransfer"
  | "consultTransfer"
  | "endpoint"
  | "endpointDnd"
  | "error"
  | "forwardTransfer"
  | "inactivity"
  | "noAnswerTransfer"
  | "notAvailableTransfer"
  | "other"
  | "peer"
  | "sessionExpired"
  | "spam"
  | "system"
  | "takeover"
  | "timeout"
  | "transfer"
  | "transferDnd"
  | "transportFailure"
  | "uncallable"
>;

/**
 * Role of a participant, on `v2.analytics.conversation.{id}.metrics`; SDK model
 * `ConversationMetricsTopicConversationMetricRecord`.
 */
export type ConversationMetricPurpose = Open<
  | "acd"
  | "agent"
  | "api"
  | "botflow"
  | "campaign"
  | "customer"
  | "dialer"
  | "external"
  | "fax"
  | "group"
  | "inbound"
  | "ivr"
  | "manual"
  | "outbound"
  | "station"
  | "user"
  | "voicemail"
  | "voicesurveyflow"
  | "workflow"
>;

/**
 * Routing method, on `v2.analytics.conversation.{id}.metrics`; SDK model
 * `ConversationMetricsTopicConversationMetricRecord`.
 */
export type UsedRouting = Open<
  | "Bullseye"
  | "Conditional"
  | "Direct"
  | "Last"
  | "Manual"
  | "Predictive"
  | "Preferred"
  | "Standard"
  | "Vip"
>;

/**
 * An agent that routing proposed, on `v2.analytics.conversation.{id}.metrics`; SDK model
 * `ConversationMetricsTopicConversationProposedAgent`.
 */
export interface ProposedAgent {
  readonly agentRank?: number;
  readonly proposedAgentId?: string;
}

/**
 * An agent with its score, on `v2.analytics.conversation.{id}.metrics`; SDK model
 * `ConversationMetricsTopicConversationScoredAgent`.
 */
export interface MetricScoredAgent {
  readonly agentScore?: number;
  readonly scoredAgentId?: string;
}

/**
 * Body of `v2.analytics.conversation.{id}.metrics`; SDK model
 * `ConversationMetricsTopicConversationMetricRecord`.
 */
export interface ConversationMetricBody {
  readonly metric?: ConversationMetricName;
  readonly metricDate?: IsoDateTime;
  readonly value?: number;
  readonly recordId?: string;
  readonly activeRouting?: UsedRouting;
  readonly activeSkillIds?: readonly string[];
  readonly addressFrom?: string;
  readonly addressTo?: string;
  readonly agentAssistantId?: string;
  readonly agentBullseyeRing?: number;
  readonly agentOwned?: boolean;
  readonly ani?: string;
  readonly assignerId?: string;
  readonly authenticated?: boolean;
  readonly conversationId?: string;
  readonly conversationInitiator?: ConversationMetricPurpose;
  readonly convertedFrom?: string;
  readonly convertedTo?: string;
  readonly customerParticipation?: boolean;
  readonly deliveryStatus?: Open<
    | "DeliveryFailed"
    | "DeliveryPushed"
    | "DeliverySuccess"
    | "Failed"
    | "Published"
    | "Queued"
    | "Read"
    | "Received"
    | "Sent"
  >;
  readonly destinationAddresses?: readonly string[];
  readonly direction?: ConversationDirection;
  readonly disconnectType?: ConversationMetricDisconnectType;
  readonly divisionIds?: readonly string[];
  readonly dnis?: string;
  readonly edgeId?: string;
  readonly eligibleAgentCounts?: readonly number[];
  readonly errorCode?: string;
  readonly extendedDeliveryStatus?: string;
  readonly externalContactId?: string;
  readonly externalMediaCount?: number;
  readonly externalOrganizationId?: string;
  readonly externalTag?: string;
  readonly firstQueue?: boolean;
  readonly flaggedReason?: Open<"general">;
  readonly flowInType?: string;
  readonly flowOutType?: string;
  readonly groupId?: string;
  readonly interactionType?: string;
  readonly journeyActionId?: string;
  readonly journeyActionMapId?: string;
  readonly journeyActionMapVersion?: number;
  readonly journeyCustomerId?: string;
  readonly journeyCustomerIdType?: string;
  readonly journeyCustomerSessionId?: string;
  readonly journeyCustomerSessionIdType?: string;
  readonly knowledgeBaseIds?: readonly string[];
  readonly mediaCount?: number;
  readonly mediaType?: Open<
    | "callback"
    | "chat"
    | "cobrowse"
    | "email"
    | "internalmessage"
    | "message"
    | "screenmonitoring"
    | "screenshare"
    | "unknown"
    | "video"
    | "voice"
  >;
  readonly messageType?: string;
  readonly originatingDirection?: ConversationDirection;
  readonly originatingSocialMediaPublic?: boolean;
  readonly outboundCampaignId?: string;
  readonly outboundContactId?: string;
  readonly outboundContactListId?: string;
  readonly participantName?: string;
  readonly peerId?: string;
  readonly provider?: string;
  readonly purpose?: ConversationMetricPurpose;
  readonly queueId?: string;
  readonly remote?: string;
  readonly removedSkillIds?: readonly string[];
  readonly requestedLanguageId?: string;
  readonly requestedRoutingSkillIds?: readonly string[];
  readonly requestedRoutings?: readonly string[];
  readonly roomId?: string;
  readonly routingPriority?: number;
  readonly routingRing?: number;
  readonly routingRule?: string;
  readonly routingRuleType?: Open<"Bullseye" | "Conditional" | "Predictive" | "Preferred">;
  readonly selectedAgentId?: string;
  readonly selectedAgentRank?: number;
  readonly selfServed?: boolean;
  readonly sessionDnis?: string;
  readonly sessionId?: string;
  readonly skillExpressionId?: string;
  readonly stationId?: string;
  readonly teamId?: string;
  readonly usedRouting?: UsedRouting;
  readonly userId?: string;
  readonly videoPresent?: boolean;
  readonly waitingInteractionCounts?: readonly number[];
  readonly wrapUpCode?: string;
  readonly proposedAgents?: readonly ProposedAgent[];
  readonly scoredAgents?: readonly MetricScoredAgent[];
}
