"""Prints the events of a Trunkline relay, one a line, and goes on where it was whatever happens in between.

    python3 events.py [--sse] [COUNT]

It reads from a WebSocket, or with --sse from a stream of Server-Sent Events. After COUNT events it ends.
"""

import argparse
import random
import sys
import time
from http.client import HTTPException

from relay import Progress, Refused

# What is wanted: all changes of conversations and presences that the relay's credential sees.
SUBSCRIPTION = {
    "eventTypes": ["conversation:updated", "user:presence"],
    "filters": {"divisions": ["self"]},
}

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0


def main() -> int:
    parser = argparse.ArgumentParser(description="Prints the events of a Trunkline relay.")
    parser.add_argument("--sse", action="store_true", help="by Server-Sent Events")
    parser.add_argument("count", nargs="?", type=int, help="end after so many events")
    options = parser.parse_args()
    # Each way is loaded only where it is wanted: Server-Sent Events need nothing but Python.
    if options.sse:
        from by_stream import listen
    else:
        from by_socket import listen

    progress = Progress(options.count)
    wait_s = FIRST_WAIT_S
    while not progress.is_done:
        since = progress.since
        try:
            listen(SUBSCRIPTION, progress)
        except Refused as refused:
            if not refused.is_temporary:
                print(refused, file=sys.stderr)
                return 1
            trouble, said_s = refused, refused.retry_after_s
        # Whatever the network does to a connection is one of these.
        except (OSError, HTTPException) as error:
            trouble, said_s = error, None
        else:
            continue
        if progress.since != since:
            wait_s = FIRST_WAIT_S
        # Chance keeps a thousand programs from coming back in the same instant.
        in_s = wait_s * random.uniform(0.5, 1) if said_s is None else said_s
        print(f"interrupted: {trouble}; again in {in_s:.1f} s", file=sys.stderr)
        time.sleep(in_s)
        wait_s = min(wait_s * 2, LONGEST_WAIT_S)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
