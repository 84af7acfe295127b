/** A Genesys Cloud notification service to develop and test against: a pure model, and a server around it. */
export { createCloud } from "./cloud/cloud.ts";
export type {
  ChannelView,
  Cloud,
  CloudAnswer,
  CloudClient,
  CloudEffect,
  CloudOptions,
  CloudRequest,
  CloudResponse,
  CloudState,
  CloudUpgrade,
  SocketView,
} from "./cloud/contract.ts";
export type {
  EventTarget,
  Fault,
  FaultName,
  FaultReceipt,
  Faults,
  ImmediateFaults,
  RequestTarget,
  SocketTarget,
  StandingFault,
  StandingFaults,
  Times,
  TokenTarget,
} from "./cloud/faults.ts";
export type { FrameForm } from "./cloud/frame.ts";
export type {
  HistoryEntry,
  Ledger,
  LedgerDelivery,
  LedgerEntry,
  LedgerPage,
  LedgerQuery,
} from "./cloud/ledger.ts";
export {
  defaultSettings,
  type Settings,
  type SocketEnd,
  type TokenDeathEffect,
} from "./cloud/settings.ts";
export { topicTemplates, type TopicTemplate } from "./cloud/topics.ts";
export type { Media } from "./centre/media.ts";
export type {
  Agent,
  Flow,
  NamedEntity,
  PresenceDefinition,
  Queue,
  World,
  WrapupPrompt,
} from "./centre/world.ts";
export { declareMock } from "./command/declare.ts";
export type { Hints } from "./command/run-mock.ts";
export type { MockHttpAnswer, MockHttpRequest, MockOutput, MockSystem } from "./command/system.ts";
export type { LegacyFace } from "./legacy/faces.ts";
export { MockError, type MockErrorCode } from "./mock-error.ts";
export type { Capture, CapturedEvent } from "./replay/capture.ts";
export type {
  Act,
  Choice,
  Scenario,
  ScenarioOptions,
  ScenarioStatus,
  TimelineItem,
} from "./scenario/scenario.ts";
export { createScrubber, type ScrubbedLine, type Scrubber } from "./scrub/scrub.ts";
export { loadCapture, loadScenario } from "./server/load.ts";
export { createMock, type RunningMock } from "./server/mock.ts";
export {
  mockClientId,
  mockClientSecret,
  type MockLimits,
  type MockOptions,
} from "./server/options.ts";
export type { TlsPair } from "./server/listen.ts";
