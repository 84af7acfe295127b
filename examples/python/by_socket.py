"""Reads from a WebSocket."""

import json
import sys
import time

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from relay import ANSWER_S, SILENCE_S, URL, Progress, Refused, error_of, new_token, tell

ADDRESS = "ws" + URL.removeprefix("http") + "/api/v2/analytics/events"

# A long conversation is a large event; the library would take 1 MiB at most.
MESSAGE_BYTES_MAX = 16 * 1024 * 1024


def listen(subscription: dict, progress: Progress) -> None:
    """Connects, and listens until nothing is left to be read. It throws when the connection ends before."""
    token, use_s = new_token()
    try:
        with connect(
            ADDRESS,
            additional_headers={"Authorization": f"Bearer {token}"},
            open_timeout=ANSWER_S,
            max_size=MESSAGE_BYTES_MAX,
        ) as socket:
            send(
                socket,
                {"id": "mine", **subscription, **({"since": progress.since} if progress.since else {})},
            )
            read(socket, progress, time.monotonic() + use_s)
    except InvalidStatus as error:
        # An upgrade that is refused is an HTTP answer: its body says why.
        raise error_of(error.response.status_code, error.response.body or b"") from None
    except (ConnectionClosed, InvalidHandshake) as error:
        raise OSError(f"the connection has ended: {error}") from None


def read(socket: ClientConnection, progress: Progress, renew_at: float) -> None:
    heard_at = time.monotonic()
    while not progress.is_done:
        now = time.monotonic()
        if now >= renew_at:
            # A new token on the open socket keeps it.
            token, use_s = new_token()
            send(socket, {"type": "auth", "data": {"token": token}})
            renew_at = now + use_s
        silent_at = heard_at + SILENCE_S
        if now >= silent_at:
            raise OSError(f"nothing has come for {SILENCE_S} s")
        try:
            # The library answers pings by itself.
            text = socket.recv(timeout=min(renew_at, silent_at) - now)
        except TimeoutError:
            continue
        heard_at = time.monotonic()
        hear(json.loads(text), socket, progress)


def hear(message: dict, socket: ClientConnection, progress: Progress) -> None:
    match message.get("type"):
        case "event":
            progress.take(message)
        case "subscribed" if progress.since is None:
            progress.since = message["cursor"]
        case "gap":
            # Events, gaps and heartbeats say how far everything has been sent.
            progress.since = message["cursor"]
        case "heartbeat":
            progress.since = message.get("cursor", progress.since)
            send(socket, {"type": "keepalive"})
        case "auth-success":
            print("token accepted, until", message["expires"], file=sys.stderr)
        case "error":
            raise Refused(message)
    tell(message)


def send(socket: ClientConnection, message: dict) -> None:
    socket.send(json.dumps(message))
