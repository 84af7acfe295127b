package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

const (
	// Heartbeats come every 15 s: a connection without any for so long is dead, though nobody has said so.
	silence = 45 * time.Second
	// For so long an answer is waited for.
	answerWait = 10 * time.Second
	eventsPath = "/api/v2/analytics/events"
)

var relayURL = strings.TrimRight(os.Getenv("TRUNKLINE_URL"), "/")

// Message is what the relay says; which fields it has depends on its Type.
type Message struct {
	Type      string `json:"type"`
	Cursor    string `json:"cursor"`
	EventType string `json:"eventType"`
	// EntityID is empty where the topic of the event does not say.
	EntityID string `json:"entityId"`
	Time     string `json:"time"`
	// Data of an event is the body as Genesys Cloud wrote it, to be read by whoever knows the event type.
	Data    json.RawMessage `json:"data"`
	From    string          `json:"from"`
	To      string          `json:"to"`
	Cause   string          `json:"cause"`
	InMs    int             `json:"inMs"`
	Expires string          `json:"expires"`
	Refused
}

// Refused says that the relay has said no, and why: in a message of type error, or in an answer over HTTP.
type Refused struct {
	Code         string `json:"code"`
	Text         string `json:"message"`
	Help         string `json:"help"`
	RetryAfterMs int    `json:"retryAfterMs"`
}

func (r *Refused) Error() string {
	return fmt.Sprintf("%s: %s %s", r.Code, r.Text, r.Help)
}

// IsTemporary tells what may be better in a while. Everything else is refused again, until somebody mends it.
func (r *Refused) IsTemporary() bool {
	return slices.Contains([]string{
		"TOKEN_EXPIRED", "SILENT", "SHUTTING_DOWN", "UNAVAILABLE", "TOO_FAST", "CONNECTIONS_FULL",
	}, r.Code)
}

// refusalOf gives the error that an answer over HTTP stands for.
func refusalOf(response *http.Response) error {
	body, _ := io.ReadAll(io.LimitReader(response.Body, 64*1024))
	refused := &Refused{}
	if json.Unmarshal(body, refused) == nil && refused.Code != "" {
		return refused
	}
	// Something between us and the relay has answered in its stead: a proxy, a load balancer.
	return fmt.Errorf("HTTP %s: %.200s", response.Status, body)
}

// ask sends a request, and reads the JSON of its answer into answer.
func ask(ctx context.Context, method, path string, header http.Header, body string, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, relayURL+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header = header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		return refusalOf(response)
	}
	return json.NewDecoder(response.Body).Decode(answer)
}

// newToken gets a token, and for how long to use it: in the last fifth of its life there is time to get another.
func newToken(ctx context.Context) (token string, use time.Duration, err error) {
	form := url.Values{
		"grant_type":    {"client_credentials"},
		"client_id":     {os.Getenv("TRUNKLINE_CLIENT_ID")},
		"client_secret": {os.Getenv("TRUNKLINE_CLIENT_SECRET")},
	}
	var granted struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"`
	}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	err = ask(ctx, http.MethodPost, "/oauth/token", header, form.Encode(), &granted)
	return granted.AccessToken, time.Duration(granted.ExpiresIn) * time.Second * 4 / 5, err
}

// tell says what a message tells that is no event.
func tell(message Message) {
	switch message.Type {
	case "gap":
		// Events may be missing in here: whoever keeps a state asks Genesys Cloud for it again.
		to := message.To
		if to == "" {
			to = "now"
		}
		fmt.Fprintf(os.Stderr, "gap from %s to %s (%s): %s\n", message.From, to, message.Cause, message.Text)
	case "notice":
		fmt.Fprintln(os.Stderr, "notice:", message.Text, message.Help)
	case "closing":
		// The error SHUTTING_DOWN follows, and says when to come again.
		fmt.Fprintf(os.Stderr, "closing in %d ms: %s\n", message.InMs, message.Text)
	case "auth-success":
		fmt.Fprintln(os.Stderr, "token accepted, until", message.Expires)
	}
}
