package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"time"
)

// The subscription stands by itself: the relay carries its topics and knows where it began, though nobody reads.
var standing struct {
	ID        string `json:"id"`
	StreamURI string `json:"streamUri"`
}

// listenOnStream connects, and listens until nothing is left to be read, or the token has expired. Any other end is an error.
func listenOnStream(ctx context.Context, subscription Eventssubscription, progress *Progress) error {
	token, _, err := newToken(ctx)
	if err != nil {
		return err
	}
	if standing.ID == "" {
		body, err := json.Marshal(subscription)
		if err != nil {
			return err
		}
		header := http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}}
		if err := ask(ctx, http.MethodPost, eventsPath, header, string(body), &standing); err != nil {
			return err
		}
	}
	if err := readStream(ctx, token, progress); err != nil || progress.Left != 0 {
		return err
	}
	// Who does not come again takes it away; by itself it goes after 24 h without a reader.
	var removed struct{}
	header := http.Header{"Authorization": {"Bearer " + token}}
	return ask(ctx, http.MethodDelete, eventsPath+"/"+standing.ID, header, "", &removed)
}

func readStream(ctx context.Context, token string, progress *Progress) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(silence, func() { cancel(fmt.Errorf("nothing has come for %v", silence)) })
	defer watch.Stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, standing.StreamURI, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if progress.Since != "" {
		request.Header.Set("Last-Event-ID", progress.Since)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return refusalOf(response)
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, messageBytesMax)
	for block := range blocksOf(lines) {
		watch.Reset(silence)
		var message Message
		if err := json.Unmarshal([]byte(block.data), &message); err != nil {
			return fmt.Errorf("what came is no JSON: %w", err)
		}
		switch block.name {
		case "refused":
			if message.Code == "TOKEN_EXPIRED" {
				return nil
			}
			return &message.Refused
		case "message":
			progress.Take(message)
		}
		if block.cursor != "" {
			progress.Since = block.cursor
		}
		tell(message)
		if progress.Left == 0 {
			return nil
		}
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("the stream has broken off: %w", err)
	}
	return errors.New("the stream has ended")
}

type block struct{ cursor, name, data string }

// blocksOf reads lines `field: value`, with an empty line at the end of each block.
func blocksOf(lines *bufio.Scanner) iter.Seq[block] {
	return func(yield func(block) bool) {
		next := block{name: "message"}
		for lines.Scan() {
			field, value, _ := strings.Cut(lines.Text(), ": ")
			switch field {
			case "id":
				next.cursor = value
			case "event":
				next.name = value
			case "data":
				next.data += value + "\n"
			case "":
				// The first block says only how soon a browser is to come again.
				if next.data != "" && !yield(next) {
					return
				}
				next = block{name: "message"}
			}
		}
	}
}
