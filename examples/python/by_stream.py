"""Reads from a stream of Server-Sent Events: HTTP all the way, for where WebSockets do not pass."""

import json
from collections.abc import Iterator

from relay import SILENCE_S, URL, Progress, Refused, new_token, request, tell

# The subscription stands by itself: the relay carries its topics and knows where it began, though nobody reads.
standing: dict = {}


def listen(subscription: dict, progress: Progress) -> None:
    """Connects, and listens until nothing is left to be read, or the token has expired. It throws on any other end."""
    token, _ = new_token()
    authorization = f"Bearer {token}"
    path = f"{URL}/api/v2/analytics/events"
    if not standing:
        body = json.dumps(subscription).encode()
        with request(
            path, method="POST", body=body, authorization=authorization, content_type="application/json"
        ) as answer:
            standing.update(json.load(answer))
    place = {} if progress.since is None else {"last_event_id": progress.since}
    # The time-out is that of each read: heartbeats come in between.
    with request(standing["streamUri"], timeout_s=SILENCE_S, authorization=authorization, **place) as stream:
        for cursor, name, message in blocks_of(stream):
            if name == "refused" and message["code"] == "TOKEN_EXPIRED":
                return
            if name == "refused":
                raise Refused(message)
            if name == "message":
                progress.take(message)
            progress.since = cursor or progress.since
            tell(message)
            if progress.is_done:
                break
    if not progress.is_done:
        raise OSError("the stream has ended")
    # Who does not come again takes it away; by itself it goes after 24 h without a reader.
    request(f"{path}/{standing['id']}", method="DELETE", authorization=authorization).close()


def blocks_of(stream) -> Iterator[tuple[str | None, str, dict]]:
    """Cursor, name and message of each block: lines `field: value`, and an empty line at the end."""
    cursor, name, data = None, "message", []
    for line in stream:
        field, _, value = line.decode().rstrip("\r\n").partition(": ")
        match field:
            case "id":
                cursor = value
            case "event":
                name = value
            case "data":
                data.append(value)
            case "":
                # The first block says only how soon a browser is to come again.
                if data:
                    yield cursor, name, json.loads("\n".join(data))
                cursor, name, data = None, "message", []
