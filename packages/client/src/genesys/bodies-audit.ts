/**
 * Body of the audit topic. Its three enums are long and grow with every release, so they stand
 * packed.
 *
 * Field lists and enum values: the models of the official Python SDK
 * (MyPureCloud/platform-client-sdk-python 257.1.0). Certainty: official SDK code; not checked
 * against the live service.
 */

import type { EntityReference, IsoDateTime, Open } from "./bodies-shared.ts";

/**
 * Service that was audited, on `v2.audits.entitytype.{id}.entityid.{id}`; SDK model
 * `AuditTopicAuditLogMessage`.
 */
// oxfmt-ignore
export type AuditServiceName = Open<
  | "LanguageUnderstanding" | "ContentManagement" | "PeoplePermissions" | "Presence" | "Architect"
  | "ContactCenter" | "Quality" | "SpeechAndTextAnalytics" | "PredictiveEngagement" | "Knowledge"
  | "Coaching" | "Learning" | "UsersRules" | "Gamification" | "EmployeeEngagement"
  | "WorkforceManagement" | "Triggers" | "ProcessAutomation" | "ResponseManagement" | "Groups"
  | "Telephony" | "Outbound" | "Routing" | "Integrations" | "Webhooks" | "AnalyticsReporting"
  | "Limits" | "EmployeePerformance" | "Datatables" | "Messaging" | "WebDeployments"
  | "Supportability" | "Callback" | "Directory" | "Locations" | "ExternalContacts"
  | "TaskManagement" | "SCIM" | "NumberPurchasing" | "Marketplace" | "LogCapture" | "GDPR" | "DSAR"
  | "ExternalContactsExport" | "AgentConfig" | "Emails" | "Scripter" | "Billing"
  | "JourneyAnalytics" | "NerService" | "Onboarding" | "SocialListening" | "BusinessRules"
  | "SocialEscalationRules" | "Alerting" | "Assistants"
>;

/**
 * What was done, on `v2.audits.entitytype.{id}.entityid.{id}`; SDK model
 * `AuditTopicAuditLogMessage`.
 */
// oxfmt-ignore
export type AuditAction = Open<
  | "View" | "Create" | "Update" | "Delete" | "Move" | "Copy" | "Download" | "ShareAdd"
  | "ShareRemove" | "Fax" | "Convert" | "Receive" | "VersionCreate" | "TagAdd" | "TagRemove"
  | "TagUpdate" | "Add" | "Remove" | "MemberAdd" | "MemberUpdate" | "MemberRemove" | "Authenticate"
  | "AuthenticationFailed" | "SingleLogout" | "SingleLogoutFailed" | "Authorize" | "Deauthorize"
  | "AuthorizationChanged" | "ChangePassword" | "Revoke" | "LicenseUpdate" | "Checkin" | "Checkout"
  | "Deactivate" | "Debug" | "Publish" | "Revert" | "Save" | "Transcode" | "Upload"
  | "WrapupCodeAdd" | "WrapupCodeRemove" | "Read" | "Execute" | "Abandon" | "Archive" | "Export"
  | "RestoreRequest" | "RestoreComplete" | "UpdateRetention" | "ApplyProtection"
  | "RevokeProtection" | "Start" | "Stop" | "Rotate" | "DeleteAll" | "Reassign" | "Unarchive"
  | "Activate" | "Assign" | "Unassign" | "Reset" | "Reschedule" | "Complete" | "Cancel"
  | "Unpublish" | "Purge" | "Processed" | "Enable" | "Disable" | "Recycle" | "Append"
  | "ContactsUpdated" | "ContactsDeleted" | "Restore" | "Block" | "Unblock" | "Open" | "Approved"
  | "Rejected" | "Rollback" | "ImplementingChange" | "ChangeImplemented" | "ImplementingRollback"
  | "RollbackImplemented" | "InReview" | "Active" | "Deleted" | "Write" | "Replace"
  | "UpdateInService" | "UpdateOutOfService" | "Cycle" | "Scale" | "AsgInservice"
  | "AwsOutofservice" | "AsgTerminate" | "Detach" | "Terminate" | "BlockUpgrade" | "UnblockUpgrade"
  | "AsgSwapInstanceType" | "RecreateAsg" | "DeleteUnconfiguredEdge" | "GetAsgList" | "GetAsg"
  | "UpgradeOrganizationSite" | "UpdateAwsConfig" | "GetAwsConfig" | "DeleteGhostEdgeRecord"
  | "UpgradeCleanup" | "IpAllowlistClear" | "AddPairingRole" | "Verify" | "RestoreDeleted"
  | "RestoreAll" | "Approve" | "Reject" | "Reverse" | "Send" | "BulkDelete" | "HardDelete"
  | "SoftDelete" | "Submit" | "EnableCapture" | "DownloadCapture" | "Succeeded" | "Failed"
  | "Initiate" | "ReverseManually" | "Calculate" | "Provisioned" | "UpdateAborted" | "Edit"
>;

/**
 * Kind of object it was done to, on `v2.audits.entitytype.{id}.entityid.{id}`; SDK model
 * `AuditTopicAuditLogMessage`.
 */
// oxfmt-ignore
export type AuditEntityType = Open<
  | "Feedback" | "Document" | "Workspace" | "Tag" | "UserSamlAuthentication" | "AccessToken"
  | "OAuthClientAuthorization" | "AuthOrganization" | "OAuthClient" | "AuthUser"
  | "OrganizationAuthorizationTrust" | "OrganizationAuthorizationUserTrust" | "MFAVerifier"
  | "IdentityProvider" | "Role" | "RoleSettings" | "Policy" | "VoicemailUserPolicy" | "UserPresence"
  | "DependencyTrackingBuild" | "Flow" | "Prompt" | "PromptResource" | "FlowOutcome"
  | "FlowMilestone" | "Grammar" | "GrammarLanguage" | "AgentRoutingInfo" | "Queue" | "WrapupCode"
  | "MaxOrgRoutingUtilizationCapacity" | "ConversationAttributes" | "RoutingUtilizationTag"
  | "Evaluation" | "Calibration" | "Survey" | "AgentScoringRule" | "EvaluationForm" | "SurveyForm"
  | "Recording" | "ScreenRecording" | "SnippetRecording" | "BulkActions" | "OrphanedRecording"
  | "RecordingAnnotation" | "RecordingSettings" | "SnippetRecordingSettings" | "ScreenMonitoring"
  | "RecordingKey" | "RecordingKeyConfig" | "Topic" | "Program" | "Category" | "SentimentFeedback"
  | "DictionaryFeedback" | "InteractionReprocessingJob" | "Segment" | "Outcome" | "ActionMap"
  | "ActionTemplate" | "ClickstreamSettings" | "EventType" | "SessionType" | "KnowledgeBase"
  | "KnowledgeCategory" | "KnowledgeContext" | "KnowledgeContextValue" | "KnowledgeDocument"
  | "KnowledgeDocumentVariation" | "KnowledgeLabel" | "KnowledgeTraining"
  | "KnowledgeSearchFeedback" | "TranscriptionSettings" | "SpeechTextAnalyticsSettings"
  | "Appointment" | "Annotation" | "Organization" | "Module" | "Rule" | "Assignment" | "Contest"
  | "Recognition" | "ActivityCode" | "ActivityPlan" | "ActivityPlanOccurrence"
  | "ActivityPlanOccurrenceSession" | "ActivityPlanOccurrenceSessionUser" | "AdherenceExplanation"
  | "AlternativeShift" | "BusinessUnit" | "Forecast" | "ManagementUnit" | "PlanningGroup"
  | "Schedule" | "ServiceGoalTemplate" | "ShiftTrade" | "SelfSchedule" | "TimeOffLimit"
  | "TimeOffPlan" | "TimeOffRequest" | "WorkPlan" | "WorkPlanBid" | "WorkPlanBidGroup"
  | "WorkPlanRotation" | "HistoricalData" | "StaffingGroup" | "CapacityPlan" | "ScheduleSetBid"
  | "ScheduleSetBidGroup" | "Opportunity" | "Trigger" | "Response" | "ResponseLibrary"
  | "ResponseAsset" | "SkillGroup" | "DirectoryGroup" | "Team" | "SkillGroupDefinition" | "Edge"
  | "EdgeGroup" | "VoicemailPolicy" | "RoutingTranscriptionSettings" | "Trunk" | "TrunkBase"
  | "ScheduleGroup" | "EmergencyGroup" | "IVR" | "AlertablePresencesOverrides" | "CallerIdGroup"
  | "DID" | "DIDPool" | "Extension" | "ExtensionPool" | "Phone" | "PhoneBase" | "Line" | "LineBase"
  | "OutboundRoute" | "NumberPlan" | "Site" | "AttemptLimits" | "CallableTimeSet" | "Campaign"
  | "CampaignRule" | "CampaignSchedule" | "Sequence" | "SequenceSchedule" | "ContactList"
  | "ContactListFilter" | "ContactListTemplate" | "DigitalRuleSet" | "DNCList"
  | "FileSpecificationTemplate" | "ImportTemplate" | "OrganizationSettings"
  | "CallAnalysisResponseSet" | "RuleSet" | "WrapUpCodeMapping" | "MessagingCampaign"
  | "MessagingCampaignSchedule" | "EmailCampaignSchedule" | "WhatsAppCampaignSchedule" | "Predictor"
  | "KpiSpecification" | "Metric" | "Status" | "Profile" | "ProfileMembers" | "Action"
  | "ActionDraft" | "Integration" | "Webhook" | "DashboardSettings" | "InsightSettings"
  | "AnalyticsReportingSettings" | "CustomCalculations" | "SavedViews" | "ScheduledExports"
  | "Exports" | "ExportPdfTemplates" | "ChangeRequest" | "Migration" | "Suspension"
  | "ExternalMetricsDefinition" | "ExternalMetricsData" | "Schema" | "Row" | "Bulk"
  | "SupportedContent" | "ConversationPhoneNumber" | "ConversationRecipient" | "ConversationAccount"
  | "ConversationDefaultSupportedContent" | "ConversationThreadingWindow" | "Deployment"
  | "Configuration" | "ConfigurationVersion" | "EdgePreferences" | "EdgeTraceLevel"
  | "OrganizationIntegrationsAccess" | "SupportFile" | "EdgeLogZip" | "Pcaps"
  | "MediaDiagnosticsTraceFile" | "EdgePcaps" | "EdgeLog" | "OrganizationLink" | "NumberRouting"
  | "OrganizationFeature" | "Product" | "User" | "Location" | "Conversation"
  | "OrganizationSuspension" | "OperationalEvent" | "Sender" | "GcvByocBlock"
  | "AllowAndBlockNumber" | "Participant" | "ContactSchema" | "ExternalOrganizationSchema"
  | "Workbin" | "Worktype" | "BulkJob" | "Credential" | "NumberOrder" | "EnterpriseAgreement"
  | "VendorListing" | "GdprRequest" | "DsarRequest" | "ExportRequest" | "DefaultPanelSettings"
  | "InboundDomain" | "OutboundDomain" | "InboundRoute" | "EmailSetting" | "OrganizationLimits"
  | "RoutingSkill" | "RoutingLanguage" | "ComposerPage" | "ComposerPublishedScript"
  | "ComposerScript" | "ComposerTemplate" | "IntentMiner" | "TopicMiner" | "SoftSuspension"
  | "JourneyView" | "CustomEntity" | "DirectoryFeature" | "RuleCategory" | "DecisionTable"
  | "DecisionTableVersion" | "DecisionTableRow" | "DecisionTableImportJob"
  | "DecisionTableExportJob" | "EscalationRule" | "Rules" | "Contact" | "Note" | "Relationship"
  | "ExternalOrg" | "SocialMediaMessage" | "Assistant" | "AssistantQueue"
>;

/**
 * An object by id, name and path, on `v2.audits.entitytype.{id}.entityid.{id}`; SDK model
 * `AuditTopicDomainEntityRef`.
 */
export interface AuditEntity {
  readonly id?: string;
  readonly name?: string;
  readonly selfUri?: string;
}

/**
 * A text with its parameters, on `v2.audits.entitytype.{id}.entityid.{id}`; SDK model
 * `AuditTopicMessageInfo`.
 */
export interface AuditMessage {
  readonly localizableMessageCode?: string;
  readonly message?: string;
  readonly messageWithParams?: string;
  readonly messageParams?: Readonly<Record<string, string>>;
}

/**
 * A changed property, on `v2.audits.entitytype.{id}.entityid.{id}`; SDK model
 * `AuditTopicPropertyChange`.
 */
export interface AuditPropertyChange {
  readonly property?: string;
  readonly oldValues?: readonly string[];
  readonly newValues?: readonly string[];
}

/** Body of `v2.audits.entitytype.{id}.entityid.{id}`; SDK model `AuditTopicAuditLogMessage`. */
export interface AuditBody {
  readonly id?: string;
  readonly userId?: string;
  readonly userHomeOrgId?: string;
  readonly username?: AuditEntity;
  readonly userDisplay?: string;
  readonly clientId?: EntityReference;
  readonly remoteIp?: readonly string[];
  readonly serviceName?: AuditServiceName;
  readonly level?: string;
  readonly eventTime?: IsoDateTime;
  readonly message?: AuditMessage;
  readonly action?: AuditAction;
  readonly entityType?: AuditEntityType;
  readonly entity?: AuditEntity;
  readonly propertyChanges?: readonly AuditPropertyChange[];
  readonly context?: Readonly<Record<string, string>>;
}
