/**
 * Bodies of the detail-event topics: one step of a conversation each. Times are integers in
 * milliseconds since 1970 and enum values are UPPER_CASE. Where topics differ in an enum, the
 * longest list stands for all. That the times of the agent state are read alike is inferred from
 * the family.
 *
 * Field lists and enum values: the models of the official Python SDK
 * (MyPureCloud/platform-client-sdk-python 257.1.0). Certainty: official SDK code; not checked
 * against the live service.
 */

import type { EpochMilliseconds, Open } from "./bodies-shared.ts";

/**
 * Why a session ended, on `v2.detail.events.conversation.{id}.*`; longest list of the SDK models.
 */
// oxfmt-ignore
export type DetailDisconnectType = Open<
  | "UNKNOWN" | "ENDPOINT" | "CLIENT" | "SYSTEM" | "TRANSFER" | "ERROR" | "PEER" | "OTHER"
  | "SPAM" | "TIMEOUT" | "TRANSPORT_FAILURE" | "CONFERENCE_TRANSFER" | "CONSULT_TRANSFER"
  | "FORWARD_TRANSFER" | "NO_ANSWER_TRANSFER" | "NOT_AVAILABLE_TRANSFER" | "UNCALLABLE"
  | "DND_ENDPOINT" | "DND_TRANSFER" | "INACTIVITY" | "SESSION_EXPIRED" | "TAKEOVER"
>;

/**
 * Medium of a session, on `v2.detail.events.conversation.{id}.*` and
 * `v2.detail.events.agent.{id}.state`; longest list of the SDK models.
 */
// oxfmt-ignore
export type DetailMediaType = Open<
  | "UNKNOWN" | "VOICE" | "CHAT" | "EMAIL" | "CALLBACK" | "COBROWSE" | "VIDEO" | "SCREENSHARE"
  | "MESSAGE" | "INTERNALMESSAGE" | "SCREENMONITORING"
>;

/**
 * Direction of a session, on `v2.detail.events.conversation.{id}.*` and
 * `v2.detail.events.agent.{id}.state`; longest list of the SDK models.
 */
export type DetailDirection = Open<"UNKNOWN" | "INBOUND" | "OUTBOUND">;

/**
 * Platform of a message session, on `v2.detail.events.conversation.{id}.*`; longest list of the SDK
 * models.
 */
// oxfmt-ignore
export type DetailMessageType = Open<
  | "UNKNOWN" | "SMS" | "TWITTER" | "FACEBOOK" | "LINE" | "WHATSAPP" | "WEBMESSAGING" | "OPEN"
  | "INSTAGRAM" | "APPLE"
>;

/** Kind of a flow, on `v2.detail.events.conversation.{id}.*`; longest list of the SDK models. */
// oxfmt-ignore
export type DetailFlowType = Open<
  | "UNKNOWN" | "INBOUNDCALL" | "OUTBOUNDCALL" | "INQUEUECALL" | "SECURECALL" | "INBOUNDEMAIL"
  | "SURVEYINVITE" | "INBOUNDSHORTMESSAGE" | "INBOUNDCHAT" | "WORKFLOW" | "BOT" | "DIGITALBOT"
  | "COMMONMODULE" | "INQUEUEEMAIL" | "INQUEUESHORTMESSAGE" | "VOICE" | "VOICEMAIL" | "WORKITEM"
  | "VOICESURVEY"
>;

/**
 * What all of `v2.detail.events.conversation.{id}.*` carry; drawn from their 16 SDK models
 * `…DetailEventTopic…`.
 */
export interface DetailEventBase {
  readonly eventTime?: EpochMilliseconds;
  readonly conversationId?: string;
  readonly participantId?: string;
  readonly conversationExternalContactIds?: readonly string[];
  readonly conversationExternalOrganizationIds?: readonly string[];
}

/**
 * What those of `v2.detail.events.conversation.{id}.*` that concern a session carry; drawn from 15
 * SDK models `…DetailEventTopic…`.
 */
export interface DetailSessionBase extends DetailEventBase {
  readonly sessionId?: string;
  readonly mediaType?: DetailMediaType;
  readonly provider?: string;
  readonly direction?: DetailDirection;
  readonly ani?: string;
  readonly dnis?: string;
  readonly utilizationLabel?: string;
}

/**
 * What those of `v2.detail.events.conversation.{id}.*` with addresses carry; drawn from 13 SDK
 * models `…DetailEventTopic…`.
 */
export interface DetailAddressedBase extends DetailSessionBase {
  readonly addressTo?: string;
  readonly addressFrom?: string;
  readonly subject?: string;
  readonly messageType?: DetailMessageType;
}

/**
 * What those of `v2.detail.events.conversation.{id}.*` with callback fields carry; drawn from 9 SDK
 * models `…DetailEventTopic…`.
 */
export interface DetailCallbackBase extends DetailAddressedBase {
  readonly callbackUserName?: string;
  readonly callbackNumbers?: readonly string[];
  readonly callbackScheduledTime?: EpochMilliseconds;
}

/**
 * Body of `v2.detail.events.conversation.{id}.acd.end`; SDK model
 * `AcdEndDetailEventTopicAcdEndEvent`.
 */
export interface DetailAcdEndBody extends DetailCallbackBase {
  readonly disconnectType?: DetailDisconnectType;
  readonly queueId?: string;
  readonly divisionId?: string;
  readonly acdOutcome?: Open<"UNKNOWN" | "ABANDON" | "ANSWERED" | "FLOW_OUT">;
  readonly answeredUserId?: string;
  readonly requestedRoutings?: readonly string[];
  readonly usedRouting?: Open<
    | "UNKNOWN"
    | "MANUAL"
    | "PREDICTIVE"
    | "PREFERRED"
    | "LAST"
    | "BULLSEYE"
    | "STANDARD"
    | "OTHER"
    | "CONDITIONAL"
    | "VIP"
  >;
  readonly requestedRoutingSkillIds?: readonly string[];
  readonly requestedSkillExpressionIds?: readonly string[];
  readonly requestedLanguageId?: string;
  readonly requestedRoutingUserIds?: readonly string[];
  readonly routingPriority?: number;
  readonly connectedDurationMs?: number;
  readonly flowType?: DetailFlowType;
}

/**
 * Body of `v2.detail.events.conversation.{id}.acd.start`; SDK model
 * `AcdStartDetailEventTopicAcdStartEvent`.
 */
export interface DetailAcdStartBody extends DetailCallbackBase {
  readonly queueId?: string;
  readonly divisionId?: string;
  readonly routingPriority?: number;
  readonly requestedRoutingSkillIds?: readonly string[];
  readonly skillExpressionApplied?: boolean;
}

/**
 * Body of `v2.detail.events.conversation.{id}.acw`; SDK model
 * `AcwDetailEventTopicAfterCallWorkEvent`.
 */
export interface DetailAfterCallWorkBody extends DetailCallbackBase {
  readonly userId?: string;
  readonly queueId?: string;
  readonly wrapupCode?: string;
  readonly wrapupNotes?: string;
  readonly wrapupDurationMs?: number;
}

/**
 * A session whose attributes changed, on `v2.detail.events.conversation.{id}.attributes`; SDK model
 * `AttributeDetailEventTopicCommunication`.
 */
export interface DetailCommunication {
  readonly id?: string;
  readonly mediaType?: DetailMediaType;
}

/**
 * Body of `v2.detail.events.conversation.{id}.attributes`; SDK model
 * `AttributeDetailEventTopicAttributeUpdateEvent`.
 */
export interface DetailAttributesBody extends DetailEventBase {
  readonly attributes?: Readonly<Record<string, string>>;
  readonly communications?: readonly DetailCommunication[];
}

/**
 * Body of `v2.detail.events.conversation.{id}.contact`; SDK model
 * `ContactDetailEventTopicContactUpdateEvent`.
 */
export interface DetailContactBody extends DetailCallbackBase {
  readonly externalOrganizationId?: string;
  readonly externalContactId?: string;
  readonly divisionId?: string;
}

/**
 * Body of `v2.detail.events.conversation.{id}.customer.end`; SDK model
 * `CustomerEndDetailEventTopicCustomerEndEvent`.
 */
export interface DetailCustomerEndBody extends DetailCallbackBase {
  readonly disconnectType?: DetailDisconnectType;
  readonly externalOrganizationId?: string;
  readonly externalContactId?: string;
  readonly interactingDurationMs?: number;
  readonly divisionId?: string;
}

/**
 * The web journey behind the conversation, on `v2.detail.events.conversation.{id}.customer.start`;
 * SDK model `CustomerStartDetailEventTopicJourneyContext`.
 */
export interface DetailJourneyContext {
  readonly sessionId?: string;
  readonly sessionIdType?: string;
  readonly actionId?: string;
  readonly actionMapId?: string;
}

/**
 * Body of `v2.detail.events.conversation.{id}.customer.start`; SDK model
 * `CustomerStartDetailEventTopicCustomerStartEvent`.
 */
export interface DetailCustomerStartBody extends DetailCallbackBase {
  readonly externalOrganizationId?: string;
  readonly externalContactId?: string;
  readonly journeyContext?: DetailJourneyContext;
  readonly divisionId?: string;
}

/**
 * Body of `v2.detail.events.conversation.{id}.flow.end`; SDK model
 * `FlowEndDetailEventTopicFlowEndEvent`.
 */
export interface DetailFlowEndBody extends DetailAddressedBase {
  readonly disconnectType?: DetailDisconnectType;
  readonly flowType?: DetailFlowType;
  readonly flowId?: string;
  readonly divisionId?: string;
  readonly flowVersion?: string;
  readonly connectedDurationMs?: number;
  readonly exitReason?: Open<
    | "UNKNOWN"
    | "DISCONNECT"
    | "FLOW_DISCONNECT"
    | "FLOW_ERROR_DISCONNECT"
    | "TRANSFER"
    | "SESSION_EXPIRE_DISCONNECT"
    | "RECOGNITION_FAILURE_DISCONNECT"
    | "RECOGNITION_FAILURE_EXIT"
    | "USER_EXIT"
    | "FLOW_EXIT"
    | "FLOW_ERROR_EXIT"
  >;
  readonly transferType?: Open<
    | "UNKNOWN"
    | "ACD"
    | "USER"
    | "NUMBER"
    | "ACD_VOICEMAIL"
    | "USER_VOICEMAIL"
    | "GROUP_VOICEMAIL"
    | "GROUP"
    | "FLOW"
    | "SECURE_FLOW"
    | "RETURN_TO_AGENT"
  >;
}

/**
 * A milestone that a flow passed, on `v2.detail.events.conversation.{id}.flow.outcome`; SDK model
 * `FlowOutcomeDetailEventTopicFlowMilestone`.
 */
export interface DetailFlowMilestone {
  readonly milestoneId?: string;
  readonly milestoneTime?: EpochMilliseconds;
}

/**
 * Body of `v2.detail.events.conversation.{id}.flow.outcome`; SDK model
 * `FlowOutcomeDetailEventTopicFlowOutcomeEvent`.
 */
export interface DetailFlowOutcomeBody extends DetailAddressedBase {
  readonly flowType?: DetailFlowType;
  readonly flowId?: string;
  readonly divisionId?: string;
  readonly flowVersion?: string;
  readonly flowOutcomeId?: string;
  readonly flowOutcomeStartTime?: EpochMilliseconds;
  readonly flowOutcomeEndTime?: EpochMilliseconds;
  readonly flowOutcomeValue?: Open<"UNKNOWN" | "SUCCESS" | "FAILURE">;
  readonly flowMilestones?: readonly DetailFlowMilestone[];
}

/**
 * Body of `v2.detail.events.conversation.{id}.flow.start`; SDK model
 * `FlowStartDetailEventTopicFlowStartEvent`.
 */
export interface DetailFlowStartBody extends DetailAddressedBase {
  readonly flowType?: DetailFlowType;
  readonly flowId?: string;
  readonly divisionId?: string;
  readonly flowVersion?: string;
}

/**
 * Body of `v2.detail.events.conversation.{id}.outbound`; SDK model
 * `OutboundDetailEventTopicOutboundInitEvent`.
 */
export interface DetailOutboundBody extends DetailAddressedBase {
  readonly outboundCampaignId?: string;
  readonly divisionId?: string;
  readonly outboundContactListId?: string;
  readonly outboundContactId?: string;
}

/**
 * Body of `v2.detail.events.conversation.{id}.user.end`; SDK model
 * `UserEndDetailEventTopicUserEndEvent`.
 */
export interface DetailUserEndBody extends DetailCallbackBase {
  readonly disconnectType?: DetailDisconnectType;
  readonly userId?: string;
  readonly divisionId?: string;
  readonly queueId?: string;
  readonly interactingDurationMs?: number;
  readonly heldDurationMs?: number;
  readonly alertingDurationMs?: number;
  readonly contactingDurationMs?: number;
  readonly dialingDurationMs?: number;
  readonly callbackDurationMs?: number;
}

/**
 * Body of `v2.detail.events.conversation.{id}.user.start`; SDK model
 * `UserStartDetailEventTopicUserStartEvent`.
 */
export interface DetailUserStartBody extends DetailCallbackBase {
  readonly userId?: string;
  readonly divisionId?: string;
  readonly queueId?: string;
}

/**
 * Body of `v2.detail.events.conversation.{id}.voicemail.end`; SDK model
 * `VoicemailEndDetailEventTopicVoicemailEndEvent`.
 */
export interface DetailVoicemailEndBody extends DetailSessionBase {
  readonly disconnectType?: DetailDisconnectType;
  readonly userId?: string;
  readonly queueId?: string;
  readonly divisionId?: string;
  readonly voicemailDurationMs?: number;
}

/**
 * Body of `v2.detail.events.conversation.{id}.voicemail.start`; SDK model
 * `VoicemailStartDetailEventTopicVoicemailStartEvent`.
 */
export interface DetailVoicemailStartBody extends DetailSessionBase {
  readonly userId?: string;
  readonly queueId?: string;
  readonly divisionId?: string;
}

/**
 * Body of `v2.detail.events.conversation.{id}.wrapup`; SDK model
 * `WrapupDetailEventTopicWrapupEvent`.
 */
export interface DetailWrapupBody extends DetailCallbackBase {
  readonly queueId?: string;
  readonly wrapupCode?: string;
  readonly wrapupNotes?: string;
  readonly wrapupDurationMs?: number;
}

/**
 * What the user does in a session, on `v2.detail.events.agent.{id}.state`; SDK model
 * `AgentStateEventTopicAgentStateEventNotification`.
 */
// oxfmt-ignore
export type DetailAgentState = Open<
  | "UNKNOWN" | "ALERT" | "INTERACT" | "WRAPUP" | "BARGING" | "CALLBACK" | "COACHING"
  | "CONTACTING" | "CONVERTING" | "DELAY" | "DIALING" | "HOLD" | "IVR" | "MONITORING" | "PARKED"
  | "SCHEDULED" | "SHARING" | "SYSTEM" | "TRANSMITTING" | "UPLOADING" | "VOICEMAIL" | "TERMINATED"
>;

/**
 * Body of `v2.detail.events.agent.{id}.state`: the state of one session of the user, and not the
 * presence; SDK model `AgentStateEventTopicAgentStateEventNotification`.
 */
export interface DetailAgentStateBody {
  readonly conversationId?: string;
  readonly sessionId?: string;
  readonly sessionStart?: EpochMilliseconds;
  readonly currentStateStart?: EpochMilliseconds;
  readonly currentState?: DetailAgentState;
  readonly userId?: string;
  readonly originatingDirection?: DetailDirection;
  readonly mediaType?: DetailMediaType;
  readonly queueId?: string;
  readonly requestedLanguageId?: string;
  readonly requestedSkillIds?: readonly string[];
}
