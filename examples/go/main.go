// Events prints the events of a Trunkline relay, one a line, and goes on where it was whatever happens in between.
//
//	go run . [-sse] [COUNT]
//
// It reads from a WebSocket, or with -sse from a stream of Server-Sent Events. After COUNT events it ends.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"strconv"
	"time"
)

// Eventssubscription says what is wanted.
type Eventssubscription struct {
	EventTypes []string                   `json:"eventTypes"`
	Filters    *Eventssubscriptionfilters `json:"filters"`
}

// Eventssubscriptionfilters says of which objects. With QueueId it is one queue: QueueId: &queueID.
type Eventssubscriptionfilters struct {
	Divisions []string `json:"divisions,omitempty"`
	QueueId   *string  `json:"queueId,omitempty"`
	UserId    *string  `json:"userId,omitempty"`
}

// All changes of conversations and presences that the relay's credential sees.
var subscription = Eventssubscription{
	EventTypes: []string{"conversation:updated", "user:presence"},
	Filters:    &Eventssubscriptionfilters{Divisions: []string{"self"}},
}

// Progress is how far we have got. It outlives the connections.
type Progress struct {
	// Since is the cursor to go on after. A program that is to miss nothing across its own restarts keeps it on disk.
	Since string
	// Left is how many events are wanted still; below zero there is no end.
	Left int
}

// Take deals with one event. Its place is remembered afterwards: what breaks off in the middle comes again.
func (p *Progress) Take(event Message) {
	fmt.Println(event.Cursor, event.EventType, event.EntityID, event.Time)
	p.Since = event.Cursor
	p.Left--
}

const (
	firstWait   = 500 * time.Millisecond
	longestWait = 30 * time.Second
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := follow(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// follow listens, again and again, until nothing is left to be read or the relay has refused for good.
func follow(ctx context.Context) error {
	sse := flag.Bool("sse", false, "by Server-Sent Events")
	flag.Parse()
	progress := &Progress{Left: -1}
	if flag.NArg() > 0 {
		count, err := strconv.Atoi(flag.Arg(0))
		if err != nil {
			return fmt.Errorf("COUNT is no number: %w", err)
		}
		progress.Left = count
	}
	listen := listenOnSocket
	if *sse {
		listen = listenOnStream
	}
	wait := firstWait
	for progress.Left != 0 {
		since := progress.Since
		err := listen(ctx, subscription, progress)
		if err == nil {
			continue
		}
		var refused *Refused
		if ctx.Err() != nil || errors.As(err, &refused) && !refused.IsTemporary() {
			return err
		}
		if progress.Since != since {
			wait = firstWait
		}
		// Chance keeps a thousand programs from coming back in the same instant.
		in := wait/2 + rand.N(wait/2)
		if refused != nil && refused.RetryAfterMs > 0 {
			in = time.Duration(refused.RetryAfterMs) * time.Millisecond
		}
		fmt.Fprintf(os.Stderr, "interrupted: %v; again in %v\n", err, in.Round(time.Millisecond))
		select {
		case <-time.After(in):
		case <-ctx.Done():
			return ctx.Err()
		}
		wait = min(wait*2, longestWait)
	}
	return nil
}
