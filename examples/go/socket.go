package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// A long conversation is a large event; the library would take 32 KiB at most.
const messageBytesMax = 16 << 20

// listenOnSocket connects, and listens until nothing is left to be read. It ends with an error when the connection ends before.
func listenOnSocket(ctx context.Context, subscription Eventssubscription, progress *Progress) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	token, use, err := newToken(ctx)
	if err != nil {
		return err
	}
	socket, err := dial(ctx, token)
	if err != nil {
		return err
	}
	defer socket.CloseNow()
	socket.SetReadLimit(messageBytesMax)
	go func() { cancel(keepToken(ctx, socket, use)) }()
	wanted := struct {
		ID string `json:"id"`
		Eventssubscription
		Since string `json:"since,omitempty"`
	}{"mine", subscription, progress.Since}
	if err := wsjson.Write(ctx, socket, wanted); err != nil {
		return err
	}
	for progress.Left != 0 {
		message, err := read(ctx, socket)
		if err != nil {
			// Where the token could not be renewed, that is why.
			if cause := context.Cause(ctx); cause != nil {
				return cause
			}
			return err
		}
		if err := hear(ctx, message, socket, progress); err != nil {
			return err
		}
	}
	return socket.Close(websocket.StatusNormalClosure, "")
}

func dial(ctx context.Context, token string) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	address := "ws" + strings.TrimPrefix(relayURL, "http") + eventsPath
	socket, response, err := websocket.Dial(ctx, address, &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Bearer " + token}},
	})
	// An upgrade that is refused is an HTTP answer: its body says why.
	if err != nil && response != nil && response.StatusCode >= 400 {
		return nil, refusalOf(response)
	}
	return socket, err
}

// read waits for one message. The library answers pings by itself meanwhile.
func read(ctx context.Context, socket *websocket.Conn) (message Message, err error) {
	quiet, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	err = wsjson.Read(quiet, socket, &message)
	if errors.Is(quiet.Err(), context.DeadlineExceeded) {
		err = fmt.Errorf("nothing has come for %v", silence)
	}
	return message, err
}

// keepToken sends a new token before each one expires, which keeps the socket. It ends with the connection, or with what went wrong.
func keepToken(ctx context.Context, socket *websocket.Conn, use time.Duration) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(use):
		}
		token, next, err := newToken(ctx)
		if err != nil {
			return err
		}
		auth := map[string]any{"type": "auth", "data": map[string]string{"token": token}}
		if err := wsjson.Write(ctx, socket, auth); err != nil {
			return err
		}
		use = next
	}
}

func hear(ctx context.Context, message Message, socket *websocket.Conn, progress *Progress) error {
	switch message.Type {
	case "event":
		progress.Take(message)
	case "subscribed":
		if progress.Since == "" {
			progress.Since = message.Cursor
		}
	case "gap", "heartbeat":
		// Events, gaps and heartbeats say how far everything has been sent.
		if message.Cursor != "" {
			progress.Since = message.Cursor
		}
	case "error":
		return &message.Refused
	}
	tell(message)
	if message.Type == "heartbeat" {
		return wsjson.Write(ctx, socket, map[string]string{"type": "keepalive"})
	}
	return nil
}
