/** From a sink's configuration to the sink. */
import type { SinkConfig } from "../config/config.ts";
import type { Clock } from "../ports.ts";
import { createFileSink, type FilesDoor } from "./file.ts";
import type { Sink } from "./sink.ts";
import { createStdoutSink, type OutputDoor } from "./stdout.ts";
import { createWebhookSink, type WebhookPorts } from "./webhook/webhook.ts";

/** What sinks reach the world by. */
export interface SinkDoors {
  readonly clock: Clock;
  readonly output: OutputDoor;
  readonly files: FilesDoor;
  readonly webhookHttp: WebhookPorts["http"];
}

/** @throws RelayError TEMPLATE_INVALID, WEBHOOK_INVALID */
export function createSink(config: SinkConfig, doors: SinkDoors): Sink {
  switch (config.type) {
    case "stdout":
      return createStdoutSink(doors.output);
    case "file":
      return createFileSink(config, doors.files);
    case "webhook":
      return createWebhookSink(config.webhook, { clock: doors.clock, http: doors.webhookHttp });
    default:
      return config satisfies never;
  }
}
