"""The relay as both ways of reading need it: requests, refusals, tokens, and how far we have got."""

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

URL = os.environ.get("TRUNKLINE_URL", "http://127.0.0.1:8484").rstrip("/")

# Heartbeats come every 15 s: a connection without any for so long is dead, though nobody has said so.
SILENCE_S = 45
# For so long an answer is waited for.
ANSWER_S = 10

# What may be better in a while. Everything else that is refused is refused again, until somebody mends it.
TEMPORARY = {
    "TOKEN_EXPIRED",
    "SILENT",
    "SHUTTING_DOWN",
    "UNAVAILABLE",
    "TOO_FAST",
    "CONNECTIONS_FULL",
}


class Refused(Exception):
    """The relay has said no, and why: in an `error` message, or in an answer over HTTP. They have the same fields."""

    def __init__(self, refusal: dict) -> None:
        super().__init__("{code}: {message} {help}".format_map(refusal))
        self.code = refusal["code"]
        self.is_temporary = self.code in TEMPORARY
        wait_ms = refusal.get("retryAfterMs")
        self.retry_after_s = None if wait_ms is None else wait_ms / 1000


class Progress:
    """How far we have got. It outlives the connections."""

    def __init__(self, count: int | None) -> None:
        # The cursor to go on after. A program that is to miss nothing across its own restarts keeps it on disk.
        self.since: str | None = None
        self._left = count

    @property
    def is_done(self) -> bool:
        return self._left == 0

    def take(self, event: dict) -> None:
        """Deals with one event. Its place is remembered afterwards: what breaks off in the middle comes again."""
        print(event["cursor"], event["eventType"], event["entityId"], event["time"], flush=True)
        self.since = event["cursor"]
        if self._left is not None:
            self._left -= 1


def error_of(status: int, body: bytes) -> Exception:
    """The error that an answer over HTTP stands for."""
    try:
        return Refused(json.loads(body))
    except (ValueError, KeyError, TypeError):
        # Something between us and the relay has answered in its stead: a proxy, a load balancer.
        return OSError(f"HTTP {status}: {body[:200]!r}")


def request(
    url: str, *, method: str = "GET", body: bytes | None = None, timeout_s: float = ANSWER_S, **headers: str
):
    """Asks over HTTP; what is answered can be read like a file. It throws Refused where the relay says no."""
    asked = urllib.request.Request(
        url, body, {name.replace("_", "-"): value for name, value in headers.items()}, method=method
    )
    try:
        return urllib.request.urlopen(asked, timeout=timeout_s)
    except urllib.error.HTTPError as error:
        raise error_of(error.code, error.read()) from None


def new_token() -> tuple[str, float]:
    """A token, and for how many seconds to use it: in the last fifth of its life there is time to get another."""
    form = urllib.parse.urlencode(
        {
            "grant_type": "client_credentials",
            "client_id": os.environ.get("TRUNKLINE_CLIENT_ID", ""),
            "client_secret": os.environ.get("TRUNKLINE_CLIENT_SECRET", ""),
        }
    )
    with request(f"{URL}/oauth/token", method="POST", body=form.encode()) as answer:
        granted = json.load(answer)
    return granted["access_token"], granted["expires_in"] * 0.8


def tell(message: dict) -> None:
    """Says what a message tells that is no event."""
    match message:
        case {"type": "gap", "from": begin, "to": end, "cause": cause, "message": text}:
            # Events may be missing in here: whoever keeps a state asks Genesys Cloud for it again.
            said = f"gap from {begin} to {end or 'now'} ({cause}): {text}"
        case {"type": "notice", "message": text}:
            said = f"notice: {text} {message.get('help', '')}"
        case {"type": "closing", "inMs": in_ms, "message": text}:
            # The error SHUTTING_DOWN follows, and says when to come again.
            said = f"closing in {in_ms} ms: {text}"
        case _:
            return
    print(said, file=sys.stderr)
