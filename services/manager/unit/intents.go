package manager

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/redact"
	"proviso.dev/pkg/wire"
	"proviso.dev/services/manager/internal/saga"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// doorIntent is the door of typed intents.
const doorIntent = "intent"

// codeInvalidIntent is the reason of the result that a publisher gets for an intent that does not follow its contract.
const codeInvalidIntent = "invalid_intent"

// publisherName is the contract's grammar of a publisher, which is narrower than that of a token.
var publisherName = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// intent begins a run for a typed intent of another service. The run's id follows from the publisher and the intent's id, so
// that the same intent is acted on once, however often and however late it comes again. Secrets in it go no further.
func (l *leader) intent(ctx context.Context, d agent.Delivery) error {
	publisher, ok := bus.ParseIntent(d.Subject)
	if !ok || !publisherName.MatchString(publisher) {
		return agent.Terminate(codeInvalid, fmt.Sprintf("subject %q names no publisher", d.Subject))
	}
	intent, err := wire.Decode[*provisov1.ProvisionIntent](d.Data, wire.Strict)
	if err == nil && !bus.ValidID(intent.GetIntentId()) {
		err = fmt.Errorf("intent_id %q begins with an underscore", intent.GetIntentId())
	}
	var found []redact.Found
	if err == nil {
		found = redact.Message(intent)
		err = wire.Validate(intent) // what was taken out may have been what a rule needs
	}
	if err != nil {
		if err := l.refuse(ctx, publisher, d.Data, err); err != nil {
			return err
		}
		return agent.Terminate(codeInvalid, err.Error())
	}
	start := saga.Start{
		Now:       l.now(),
		Requester: saga.Requester{Door: doorIntent, Subject: publisher, Publisher: publisher},
		Intent:    intent,
	}
	if notice := redact.Notice(intent.GetLanguage(), found); notice != "" {
		start.Notices = []string{notice}
	}
	return l.take(ctx, d, runID(publisher, intent.GetIntentId()), start)
}

// refuse tells the publisher that its intent is not understood, if the intent says who it is. The result stands under a run
// id of its own, derived from the bytes as well, so that a corrected intent of the same id still gets its result.
func (l *leader) refuse(ctx context.Context, publisher string, data []byte, why error) error {
	var readable struct {
		ID       string `json:"intent_id"`
		Language string `json:"language"`
	}
	if json.Unmarshal(data, &readable) != nil || !bus.ValidID(readable.ID) {
		return nil
	}
	id := runID(publisher, readable.ID, string(data))
	body, err := wire.Encode(&provisov1.RunResult{
		RunId: id, IntentId: readable.ID, State: string(saga.Refused),
		Reason: &provisov1.Refusal{
			Code:    codeInvalidIntent,
			Message: i18n.T(readable.Language, "manager.reason.invalid_intent", "detail", detail(why)),
		},
	})
	if err != nil {
		return err
	}
	return l.env.Publish.Publish(ctx, bus.Message{
		Subject: bus.ResultSubject(publisher, id), ID: id + ".result", Type: "proviso.v1.RunResult", Body: body, RunID: id, FirstOnly: true,
	})
}

// detail is what is wrong with an intent, short enough for a sentence.
func detail(err error) string {
	const most = 5
	var invalid *wire.InvalidError
	if !errors.As(err, &invalid) {
		return clip(err.Error())
	}
	var parts []string
	for i, v := range invalid.Violations {
		if i == most {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, strings.TrimPrefix(v.Path+": ", ": ")+v.Message)
	}
	return clip(strings.Join(parts, "; "))
}

func clip(s string) string {
	const most = 1024
	return strings.ToValidUTF8(s[:min(len(s), most)], "")
}

// runID derives the id of a run from what identifies its request.
func runID(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	digest := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(h.Sum(nil))
	return "i-" + strings.ToLower(digest[:26])
}
