/**
 * The models of event bodies as the official SDK has them (Python SDK 257.1.0, notificationMappings.json; GENESYS.md 7): every
 * field that a body may have, with its type. `string{a|b}` lists the values; `…` in it means that the model knows more.
 */
export const models: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  conversation: {
    root: "id:string maxParticipants:int participants:Participant[] recentTransfers:TransferResponse[] recordingState:string address:string externalTag:string utilizationLabelId:string accessAttributes:string[] securePause:bool inactivityTimeout:datetime associatedConversation:DomainEntityRef consultationConversations:DomainEntityRef[] divisions:ConversationDivisionMembership[]",
    Participant:
      "id:string connectedTime:datetime endTime:datetime userId:string externalContactId:string externalContactInitialDivisionId:string externalOrganizationId:string name:string queueId:string groupId:string teamId:string purpose:string consultParticipantId:string address:string wrapupRequired:bool wrapupExpected:bool wrapupPrompt:string wrapupTimeoutMs:int wrapup:Wrapup startAcwTime:datetime endAcwTime:datetime conversationRoutingData:ConversationRoutingData alertingTimeoutMs:int monitoredParticipantId:string screenMonitoredParticipantId:string coachedParticipantId:string bargedParticipantId:string mediaRoles:string[] screenRecordingState:string{requested|active|paused|stopped|error|timeout} flaggedReason:string attributes:map<string,string> calls:Call[] callbacks:Callback[] chats:Chat[] cobrowsesessions:Cobrowse[] emails:Email[] messages:Message[] internalMessages:InternalMessage[] screenMonitorings:ScreenMonitoring[] screenshares:ScreenShare[] socialExpressions:SocialExpression[] videos:Video[] workflow:Workflow",
    TransferResponse:
      "id:string state:string{pending|active|complete|canceled|failed|timeout|unknown} dateIssued:datetime initiator:TransferInitiator modifiedBy:TransferModifedBy destination:TransferDestination transferType:string{attended|unattended}",
    DomainEntityRef: "id:string selfUri:string",
    ConversationDivisionMembership: "division:DomainEntityRef entities:DivisionEntityRef[]",
    Wrapup: "code:string notes:string tags:string[] durationSeconds:int endTime:datetime",
    ConversationRoutingData:
      "queue:UriReference language:UriReference priority:int skills:UriReference[] scoredAgents:ScoredAgent[]",
    Call: "id:string state:string{alerting|dialing|contacting|offering|connected|disconnected|terminated|uploading|converting|transmitting|none} initialState:string{alerting|dialing|contacting|offering|connected|disconnected|terminated|uploading|converting|transmitting|none} recording:bool recordingState:string{none|active|paused} recordersState:RecordersState muted:bool confined:bool held:bool securePause:bool errorInfo:ErrorDetails disconnectType:string{endpoint|endpoint.dnd|client|system|timeout|transfer|transfer.conference|transfer.consult|transfer.forward|transfer.noanswer|transfer.notavailable|transfer.dnd|transport.failure|error|…+4} startHoldTime:datetime direction:string{outbound|inbound} documentId:string self:Address other:Address provider:string scriptId:string peerId:string connectedTime:datetime disconnectedTime:datetime disconnectReasons:DisconnectReason[] faxStatus:FaxStatus uuiData:string bargedTime:datetime wrapup:Wrapup afterCallWork:AfterCallWork afterCallWorkRequired:bool agentAssistantId:string queueMediaSettings:QueueMediaSettings disposition:Disposition transferSource:string",
    Callback:
      "state:string{alerting|dialing|contacting|offering|connected|disconnected|terminated|scheduled|uploading|none} initialState:string{alerting|dialing|contacting|offering|connected|disconnected|terminated|scheduled|uploading|none} id:string direction:string{inbound|outbound} held:bool disconnectType:string{endpoint|endpoint.dnd|client|system|timeout|transfer|transfer.conference|transfer.consult|transfer.forward|transfer.noanswer|transfer.notavailable|transfer.dnd|transport.failure|error|…+4} startHoldTime:datetime dialerPreview:DialerPreview voicemail:Voicemail callbackNumbers:string[] callbackUserName:string scriptId:string peerId:string externalCampaign:bool skipEnabled:bool provider:string timeoutSeconds:int connectedTime:datetime disconnectedTime:datetime callbackScheduledTime:datetime automatedCallbackConfigId:string wrapup:Wrapup afterCallWork:AfterCallWork afterCallWorkRequired:bool callerId:string callerIdName:string queueMediaSettings:QueueMediaSettings",
    Chat: "state:string{alerting|dialing|contacting|offering|connected|disconnected|terminated|none} initialState:string{alerting|dialing|contacting|offering|connected|disconnected|terminated|none} id:string provider:string scriptId:string peerId:string roomId:string avatarImageUrl:string held:bool disconnectType:string{endpoint|endpoint.dnd|client|system|timeout|transfer|transfer.conference|transfer.consult|transfer.forward|transfer.noanswer|transfer.notavailable|transfer.dnd|transport.failure|error|…+4} startHoldTime:datetime connectedTime:datetime disconnectedTime:datetime journeyContext:JourneyContext wrapup:Wrapup afterCallWork:AfterCallWork afterCallWorkRequired:bool queueMediaSettings:QueueMediaSettings",
    Email:
      "id:string state:string{alerting|connected|disconnected|none|transmitting|parked} initialState:string{alerting|connected|disconnected|none|transmitting|parked} held:bool autoGenerated:bool subject:string provider:string scriptId:string peerId:string messagesSent:int errorInfo:ErrorDetails disconnectType:string{endpoint|client|system|timeout|transfer|transfer.conference|transfer.consult|transfer.forward|transfer.noanswer|transfer.notavailable|transport.failure|error|peer|other|…+2} startHoldTime:datetime connectedTime:datetime disconnectedTime:datetime messageId:string direction:string{outbound|inbound} draftAttachments:Attachment[] spam:bool wrapup:Wrapup afterCallWork:AfterCallWork afterCallWorkRequired:bool queueMediaSettings:QueueMediaSettings resumeTime:datetime parkTime:datetime",
    Message:
      "id:string state:string{alerting|connected|disconnected|parked} initialState:string{alerting|connected|disconnected|parked} direction:string{outbound|inbound} held:bool errorInfo:ErrorDetails provider:string scriptId:string peerId:string disconnectType:string{endpoint|endpoint.dnd|client|system|timeout|transfer|transfer.conference|transfer.consult|transfer.forward|transfer.noanswer|transfer.notavailable|transfer.dnd|transport.failure|error|…+7} startHoldTime:datetime connectedTime:datetime disconnectedTime:datetime toAddress:Address fromAddress:Address messages:MessageDetails[] messagesTranscriptUri:string type:string{unknown|sms|twitter|facebook|line|viber|wechat|whatsapp|telegram|kakao|webmessaging|open|instagram|apple} recipientCountry:string recipientType:string journeyContext:JourneyContext wrapup:Wrapup afterCallWork:AfterCallWork afterCallWorkRequired:bool agentAssistantId:string engagementSource:string byoSmsIntegrationId:string queueMediaSettings:QueueMediaSettings resumeTime:datetime parkTime:datetime",
    TransferInitiator: "userId:string",
    TransferModifedBy: "id:string selfUri:string",
    TransferDestination: "userId:string address:string",
    DivisionEntityRef: "id:string selfUri:string dateDivisionUpdated:datetime",
    UriReference: "id:string name:string",
    ScoredAgent: "agent:UriReference score:int",
    Address:
      "name:string nameRaw:string addressNormalized:string addressRaw:string addressDisplayable:string",
    AfterCallWork:
      "state:string{unknown|skipped|pending|complete|notApplicable} startTime:datetime endTime:datetime",
    Attachment:
      "attachmentId:string name:string contentUri:string contentType:string contentLength:int",
    MessageDetails:
      "messageId:string messageTime:datetime messageStatus:string{queued|sent|failed|received|delivery-success|delivery-failed|read|removed|published} messageSegmentCount:int media:MessageMedia[] errorInfo:ErrorDetails stickers:MessageSticker[] messageMetadata:MessageMetadata socialVisibility:string{private|public}",
  },
  calls: {
    root: "id:string name:string participants:CallMediaParticipant[] otherMediaUris:string[] address:string utilizationLabelId:string accessAttributes:string[] inactivityTimeout:datetime divisions:ConversationDivisionMembership[] recordingState:string{none|active|paused} securePause:bool maxParticipants:int",
    CallMediaParticipant:
      "id:string name:string address:string startTime:datetime connectedTime:datetime endTime:datetime startHoldTime:datetime purpose:string state:string{alerting|dialing|contacting|offering|connected|disconnected|terminated|converting|uploading|transmitting|scheduled|parked|none} initialState:string{alerting|dialing|contacting|offering|connected|disconnected|terminated|converting|uploading|transmitting|scheduled|parked|none} direction:string{inbound|outbound} disconnectType:string{endpoint|endpoint.dnd|client|system|transfer|timeout|transfer.conference|transfer.consult|transfer.forward|transfer.noanswer|transfer.notavailable|transfer.dnd|transport.failure|error|…+7} held:bool wrapupRequired:bool wrapupPrompt:string user:UriReference queue:UriReference team:UriReference attributes:map<string,string> errorInfo:ErrorBody script:UriReference wrapupTimeoutMs:int wrapupSkipped:bool alertingTimeoutMs:int provider:string externalContact:UriReference externalContactInitialDivisionId:string externalOrganization:UriReference wrapup:Wrapup conversationRoutingData:ConversationRoutingData peer:string screenRecordingState:string flaggedReason:string{general} journeyContext:JourneyContext startAcwTime:datetime endAcwTime:datetime resumeTime:datetime parkTime:datetime mediaRoles:string[] queueMediaSettings:QueueMediaSettings muted:bool confined:bool recording:bool recordingState:string{none|active|paused} recordersState:RecordersState disposition:Disposition transferSource:string securePause:bool group:UriReference ani:string dnis:string documentId:string monitoredParticipantId:string coachedParticipantId:string bargedParticipantId:string bargedTime:datetime consultParticipantId:string faxStatus:FaxStatus",
    ConversationDivisionMembership: "division:DomainEntityRef entities:DivisionEntityRef[]",
    UriReference: "id:string name:string",
    Wrapup: "code:string notes:string tags:string[] durationSeconds:int endTime:datetime",
    ConversationRoutingData:
      "queue:UriReference language:UriReference priority:int skills:UriReference[] scoredAgents:ScoredAgent[]",
    DomainEntityRef: "id:string selfUri:string",
    DivisionEntityRef: "id:string selfUri:string dateDivisionUpdated:datetime",
    ScoredAgent: "agent:UriReference score:int",
  },
  queueUsers: {
    root: "id:string user:UserReference queueId:string joined:bool additionalProperties:map<string,object>",
    UserReference: "id:string",
  },
  presence: {
    root: "source:string presenceDefinition:PresenceEventOrganizationPresence primary:bool message:string modifiedDate:datetime futurePresenceDefinition:PresenceEventOrganizationPresence",
    PresenceEventOrganizationPresence: "id:string systemPresence:string",
  },
  routingStatus: {
    root: "id:string routingStatus:UserRoutingStatusRoutingStatus errorInfo:UserRoutingStatusErrorInfo",
    UserRoutingStatusRoutingStatus:
      "status:string{OFF_QUEUE|IDLE|INTERACTING|NOT_RESPONDING|COMMUNICATING} startTime:datetime",
    UserRoutingStatusErrorInfo:
      "errorCode:string status:int correlationId:string userMessage:string userParamsMessage:string userParams:UserRoutingStatusUserParam[]",
    UserRoutingStatusUserParam: "key:string value:string additionalProperties:map<string,object>",
  },
  activity: {
    root: "id:string routingStatus:RoutingStatus presence:Presence outOfOffice:OutOfOffice activeQueueIds:string[] dateActiveQueuesChanged:datetime",
    RoutingStatus:
      "status:string{OFF_QUEUE|IDLE|INTERACTING|NOT_RESPONDING|COMMUNICATING} startTime:datetime",
    Presence:
      "presenceDefinition:OrganizationPresence presenceMessage:string modifiedDate:datetime",
    OutOfOffice: "active:bool modifiedDate:datetime",
    OrganizationPresence: "id:string systemPresence:string",
  },
  outOfOffice: {
    root: "user:OutOfOfficeEventUser active:bool indefinite:bool startDate:datetime endDate:datetime",
    OutOfOfficeEventUser: "id:string",
  },
  station: {
    root: "associatedStation:UserStation",
    UserStation: "id:string name:string associatedUser:User",
    User: "id:string",
  },
  summary: {
    root: "userId:string call:UserConversationsEventMediaSummary callback:UserConversationsEventMediaSummary email:UserConversationsEventMediaSummary message:UserConversationsEventMediaSummary chat:UserConversationsEventMediaSummary socialExpression:UserConversationsEventMediaSummary video:UserConversationsEventMediaSummary",
    UserConversationsEventMediaSummary:
      "contactCenter:UserConversationsEventMediaSummaryDetail enterprise:UserConversationsEventMediaSummaryDetail",
    UserConversationsEventMediaSummaryDetail: "active:int acw:int",
  },
  typing: {
    root: "conversationId:string normalizedMessage:ConversationNormalizedMessage",
    ConversationNormalizedMessage:
      "channel:ConversationMessagingChannel type:string{Event} events:ConversationMessageEvent[] direction:string{Inbound|Outbound}",
    ConversationMessagingChannel:
      "id:string platform:string{Twitter|Facebook|Instagram|Line|Whatsapp|WebMessaging|Open|Sms|Apple} to:ConversationMessagingToRecipient from:ConversationMessagingFromRecipient time:datetime",
    ConversationMessageEvent: "eventType:string{CoBrowse|Typing} typing:ConversationEventTyping",
    ConversationMessagingToRecipient:
      "nickname:string id:string idType:string{Email|Phone|Opaque} image:string firstName:string lastName:string email:string additionalIds:ConversationRecipientAdditionalIdentifier[]",
    ConversationMessagingFromRecipient:
      "nickname:string id:string idType:string{Email|Phone|Opaque} image:string firstName:string lastName:string email:string additionalIds:ConversationRecipientAdditionalIdentifier[]",
    ConversationEventTyping: "type:string{On} duration:int",
    ConversationRecipientAdditionalIdentifier:
      "type:string{Deployment|Subject|Unknown} value:string",
  },
  observations: {
    root: "group:map<string,string> data:IntervalMetrics[]",
    IntervalMetrics: "interval:string metrics:MetricStats[]",
    MetricStats: "metric:string qualifier:string stats:map<string,number>",
  },
  queueActivity: {
    root: "results:V2QueueObservationMetricCountGroup[]",
    V2QueueObservationMetricCountGroup: "mediaType:string data:V2QueueObservationMetricCountData[]",
    V2QueueObservationMetricCountData:
      "metric:string{oAlerting|oInteracting|oWaiting|oFlow|oLongestWaiting|oLongestInteracting} count:int calculatedMetricValue:int",
  },
  transcription: {
    root: "eventTime:datetime organizationId:string conversationId:string communicationId:string sessionStartTimeMs:int transcriptionStartTimeMs:int transcripts:TranscriptResult[] status:TranscriptionRequestStatus speechTextAnalyticsProgramId:string",
    TranscriptResult:
      "utteranceId:string isFinal:bool channel:string{UNKNOWN|INTERNAL|EXTERNAL|BOTH} alternatives:TranscriptAlternative[] agentAssistantId:string engineProvider:string engineId:string engineName:string dialect:string speechTextAnalyticsProgramId:string agentAssistEnabled:bool voiceTranscriptionEnabled:bool",
    TranscriptionRequestStatus: "offsetMs:int status:string{UNKNOWN|SESSION_ONGOING|SESSION_ENDED}",
    TranscriptAlternative:
      "confidence:number offsetMs:int durationMs:int transcript:string words:TranscriptWord[] decoratedTranscript:string decoratedWords:TranscriptWord[]",
    TranscriptWord: "confidence:number startTimeMs:int offsetMs:int durationMs:int word:string",
  },
  sentiment: {
    root: "conversationId:string sentimentOverallScore:number sentimentTrendScore:number queueIds:string[] divisionIds:string[] flowIds:string[]",
  },
  agentState: {
    root: "conversationId:string sessionId:string sessionStart:int currentStateStart:int currentState:string{UNKNOWN|ALERT|INTERACT|WRAPUP|BARGING|CALLBACK|COACHING|CONTACTING|CONVERTING|DELAY|DIALING|HOLD|IVR|MONITORING|PARKED|SCHEDULED|SHARING|SYSTEM|TRANSMITTING|UPLOADING|VOICEMAIL|TERMINATED} userId:string originatingDirection:string{UNKNOWN|INBOUND|OUTBOUND} mediaType:string{UNKNOWN|VOICE|CHAT|EMAIL|CALLBACK|COBROWSE|VIDEO|SCREENSHARE|MESSAGE|INTERNALMESSAGE|SCREENMONITORING} queueId:string requestedLanguageId:string requestedSkillIds:string[]",
  },
};

/** Types of the fields of detail events. */
export const detailTypes: Readonly<Record<string, string>> = {
  eventTime: "int",
  conversationId: "string",
  participantId: "string",
  sessionId: "string",
  disconnectType:
    "string{UNKNOWN|ENDPOINT|CLIENT|SYSTEM|TRANSFER|ERROR|PEER|OTHER|SPAM|TIMEOUT|TRANSPORT_FAILURE|CONFERENCE_TRANSFER|CONSULT_TRANSFER|FORWARD_TRANSFER|NO_ANSWER_TRANSFER|NOT_AVAILABLE_TRANSFER|UNCALLABLE|DND_ENDPOINT|DND_TRANSFER|INACTIVITY|SESSION_EXPIRED|TAKEOVER}",
  mediaType:
    "string{UNKNOWN|VOICE|CHAT|EMAIL|CALLBACK|COBROWSE|VIDEO|SCREENSHARE|MESSAGE|INTERNALMESSAGE|SCREENMONITORING}",
  provider: "string",
  direction: "string{UNKNOWN|INBOUND|OUTBOUND}",
  ani: "string",
  dnis: "string",
  addressTo: "string",
  addressFrom: "string",
  callbackUserName: "string",
  callbackNumbers: "string[]",
  callbackScheduledTime: "int",
  subject: "string",
  messageType:
    "string{UNKNOWN|SMS|TWITTER|FACEBOOK|LINE|WHATSAPP|WEBMESSAGING|OPEN|INSTAGRAM|APPLE}",
  queueId: "string",
  divisionId: "string",
  acdOutcome: "string{UNKNOWN|ABANDON|ANSWERED|FLOW_OUT}",
  answeredUserId: "string",
  requestedRoutings: "string[]",
  usedRouting:
    "string{UNKNOWN|MANUAL|PREDICTIVE|PREFERRED|LAST|BULLSEYE|STANDARD|OTHER|CONDITIONAL|VIP}",
  requestedRoutingSkillIds: "string[]",
  requestedSkillExpressionIds: "string[]",
  requestedLanguageId: "string",
  requestedRoutingUserIds: "string[]",
  routingPriority: "int",
  connectedDurationMs: "int",
  conversationExternalContactIds: "string[]",
  conversationExternalOrganizationIds: "string[]",
  utilizationLabel: "string",
  flowType:
    "string{UNKNOWN|INBOUNDCALL|OUTBOUNDCALL|INQUEUECALL|SECURECALL|INBOUNDEMAIL|SURVEYINVITE|INBOUNDSHORTMESSAGE|INBOUNDCHAT|WORKFLOW|BOT|DIGITALBOT|COMMONMODULE|INQUEUEEMAIL|INQUEUESHORTMESSAGE|VOICE|VOICEMAIL|WORKITEM|VOICESURVEY}",
  skillExpressionApplied: "bool",
  userId: "string",
  wrapupCode: "string",
  wrapupNotes: "string",
  wrapupDurationMs: "int",
  attributes: "map<string,string>",
  communications: "AttributeDetailEventTopicCommunication[]",
  externalOrganizationId: "string",
  externalContactId: "string",
  interactingDurationMs: "int",
  journeyContext: "CustomerStartDetailEventTopicJourneyContext",
  flowId: "string",
  flowVersion: "string",
  exitReason:
    "string{UNKNOWN|DISCONNECT|FLOW_DISCONNECT|FLOW_ERROR_DISCONNECT|TRANSFER|SESSION_EXPIRE_DISCONNECT|RECOGNITION_FAILURE_DISCONNECT|RECOGNITION_FAILURE_EXIT|USER_EXIT|FLOW_EXIT|FLOW_ERROR_EXIT}",
  transferType:
    "string{UNKNOWN|ACD|USER|NUMBER|ACD_VOICEMAIL|USER_VOICEMAIL|GROUP_VOICEMAIL|GROUP|FLOW|SECURE_FLOW|RETURN_TO_AGENT}",
  flowOutcomeId: "string",
  flowOutcomeStartTime: "int",
  flowOutcomeEndTime: "int",
  flowOutcomeValue: "string{UNKNOWN|SUCCESS|FAILURE}",
  flowMilestones: "FlowOutcomeDetailEventTopicFlowMilestone[]",
  outboundCampaignId: "string",
  outboundContactListId: "string",
  outboundContactId: "string",
  heldDurationMs: "int",
  alertingDurationMs: "int",
  contactingDurationMs: "int",
  dialingDurationMs: "int",
  callbackDurationMs: "int",
  voicemailDurationMs: "int",
};

export const detailNested: Readonly<Record<string, string>> = {
  AttributeDetailEventTopicCommunication:
    "id:string mediaType:string{UNKNOWN|VOICE|CHAT|EMAIL|CALLBACK|COBROWSE|VIDEO|SCREENSHARE|MESSAGE|INTERNALMESSAGE|SCREENMONITORING}",
  CustomerStartDetailEventTopicJourneyContext:
    "sessionId:string sessionIdType:string actionId:string actionMapId:string",
  FlowOutcomeDetailEventTopicFlowMilestone: "milestoneId:string milestoneTime:int",
};

/** What each detail event may carry besides the head that all of them have. */
export const detailHead =
  "eventTime conversationId participantId conversationExternalContactIds conversationExternalOrganizationIds";
export const detailFields: Readonly<Record<string, string>> = {
  "acd.end":
    "sessionId disconnectType mediaType provider direction ani dnis addressTo addressFrom callbackUserName callbackNumbers callbackScheduledTime subject messageType queueId divisionId acdOutcome answeredUserId requestedRoutings usedRouting requestedRoutingSkillIds requestedSkillExpressionIds requestedLanguageId requestedRoutingUserIds routingPriority connectedDurationMs utilizationLabel flowType",
  "acd.start":
    "sessionId mediaType provider direction ani dnis addressTo addressFrom callbackUserName callbackNumbers callbackScheduledTime subject messageType queueId divisionId utilizationLabel routingPriority requestedRoutingSkillIds skillExpressionApplied",
  acw: "sessionId mediaType provider direction ani dnis addressTo addressFrom callbackUserName callbackNumbers callbackScheduledTime subject messageType userId queueId wrapupCode wrapupNotes wrapupDurationMs utilizationLabel",
  attributes: "attributes communications",
  contact:
    "sessionId mediaType externalOrganizationId externalContactId provider direction ani dnis addressTo addressFrom callbackUserName callbackNumbers callbackScheduledTime subject messageType divisionId utilizationLabel",
  "customer.end":
    "sessionId disconnectType mediaType externalOrganizationId externalContactId provider direction ani dnis addressTo addressFrom callbackUserName callbackNumbers callbackScheduledTime subject messageType interactingDurationMs divisionId utilizationLabel",
  "customer.start":
    "sessionId mediaType externalOrganizationId externalContactId provider direction ani dnis addressTo addressFrom callbackUserName callbackNumbers callbackScheduledTime subject messageType journeyContext divisionId utilizationLabel",
  "flow.end":
    "sessionId disconnectType mediaType provider direction ani dnis addressTo addressFrom subject messageType flowType flowId divisionId flowVersion connectedDurationMs exitReason transferType utilizationLabel",
  "flow.outcome":
    "sessionId mediaType provider direction ani dnis addressTo addressFrom subject messageType flowType flowId divisionId flowVersion flowOutcomeId flowOutcomeStartTime flowOutcomeEndTime flowOutcomeValue flowMilestones utilizationLabel",
  "flow.start":
    "sessionId mediaType provider direction ani dnis addressTo addressFrom subject messageType flowType flowId divisionId flowVersion utilizationLabel",
  outbound:
    "sessionId mediaType provider direction ani dnis addressTo addressFrom subject messageType outboundCampaignId divisionId outboundContactListId outboundContactId utilizationLabel",
  "user.end":
    "sessionId disconnectType mediaType provider direction ani dnis addressTo addressFrom callbackUserName callbackNumbers callbackScheduledTime subject messageType userId divisionId queueId interactingDurationMs heldDurationMs alertingDurationMs contactingDurationMs dialingDurationMs callbackDurationMs utilizationLabel",
  "user.start":
    "sessionId mediaType provider direction ani dnis addressTo addressFrom callbackUserName callbackNumbers callbackScheduledTime subject messageType userId divisionId queueId utilizationLabel",
  "voicemail.end":
    "sessionId disconnectType mediaType provider direction ani dnis userId queueId divisionId voicemailDurationMs utilizationLabel",
  "voicemail.start":
    "sessionId mediaType provider direction ani dnis userId queueId divisionId utilizationLabel",
  wrapup:
    "sessionId mediaType provider direction ani dnis addressTo addressFrom callbackUserName callbackNumbers callbackScheduledTime subject messageType queueId wrapupCode wrapupNotes wrapupDurationMs utilizationLabel",
};
