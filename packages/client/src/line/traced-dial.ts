/** Opens a channel's socket, and tells whoever traces what goes over it, without its secrets. */
import type { Elapsed } from "../elapsed.ts";
import type { Dial, Socket, SocketListener, SocketLoss } from "../ports.ts";
import type { Channel } from "../rest/channel.ts";
import type { Trace } from "../trace.ts";

export interface TracedDialPorts {
  readonly line: number;
  readonly dial: Dial;
  readonly elapsed: Elapsed;
  readonly trace: Trace;
}

export function dialTraced(
  { line, dial, elapsed, trace }: TracedDialPorts,
  channel: Channel,
  listener: SocketListener,
): Socket {
  const dialledAtMs = elapsed.nowMs();
  const redact = (text: string): string =>
    text.replaceAll(channel.id.reveal(), channel.id.toString());
  const uri = channel.connectUri.reveal();
  const lost = (raw: SocketLoss): void => {
    const loss = mapWords(raw, redact);
    traceLoss(trace, line, loss);
    listener.lost(loss);
  };
  if (trace === undefined) return dial(uri, { ...bound(listener), lost });
  // All of the path is as good as a password, whatever form it may take one day.
  const { protocol, host } = new URL(uri);
  trace(line, { kind: "dial", url: `${protocol}//${host}/channels/${channel.id.toString()}` });
  const socket = dial(uri, {
    opened: () => {
      trace(line, { kind: "open", tookMs: elapsed.nowMs() - dialledAtMs });
      listener.opened();
    },
    heard: (text) => {
      trace(line, { kind: "received", text: redact(text) });
      listener.heard(text);
    },
    lost,
  });
  return {
    send: (text) => {
      trace(line, { kind: "sent", text });
      socket.send(text);
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: () => {
      trace(line, { kind: "close", code: 1000, reason: "closed by us" });
      socket.close();
    },
    cut: () => socket.cut(),
  };
}

function bound(listener: SocketListener): Pick<SocketListener, "opened" | "heard"> {
  return { opened: () => listener.opened(), heard: (text) => listener.heard(text) };
}

function traceLoss(trace: Trace, line: number, loss: SocketLoss): void {
  if (trace === undefined) return;
  if (loss.kind === "refused")
    trace(line, { kind: "refused", status: loss.status, via: loss.via, server: loss.server });
  else
    trace(line, {
      kind: "close",
      code: loss.kind === "closed" ? loss.code : undefined,
      reason: loss.kind === "closed" ? loss.reason : loss.detail,
    });
}

/** The same loss, with its words as `map` would have them. */
function mapWords(loss: SocketLoss, map: (words: string) => string): SocketLoss {
  if (loss.kind === "closed") return { ...loss, reason: map(loss.reason) };
  return loss.kind === "refused" ? loss : { ...loss, detail: map(loss.detail) };
}
