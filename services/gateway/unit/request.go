package gateway

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// publisher is the addressee of results for everybody who comes by HTTP.
const publisher = "gateway"

// createBody is the body of POST /v1/runs. One of prompt and intent is needed.
type createBody struct {
	// Prompt is the request in words, at most 16 KiB.
	Prompt string `json:"prompt"`
	// Intent is a typed intent instead, as schemas/ describes it.
	Intent json.RawMessage `json:"intent"`
	// Language of the dialogue, "en" or "fr"; empty: the language of the prompt.
	Language string `json:"language"`
	// Confirmed says that nobody needs to be asked whether the interpretation is right.
	Confirmed bool `json:"confirmed"`
	// Answers to questions that the caller expects.
	Answers []answerBody `json:"answers"`
	// SessionID names the dialogue that the run belongs to, so that it may refer to earlier runs; empty: none.
	SessionID string `json:"session_id"`
}

// answerBody is one answer to one question.
type answerBody struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// acceptedBody tells which run was begun or spoken to, and the state it was in.
type acceptedBody struct {
	RunID string `json:"run_id"`
	State string `json:"state"`
}

// createRun takes a request in: 202 when the bus holds it.
func (d *door) createRun(w http.ResponseWriter, r *http.Request) error {
	var body createBody
	data, err := readBody(w, r, &body, false)
	if err != nil {
		return err
	}
	start, err := d.startOf(r, body)
	if err != nil {
		return withLanguage(err, languageOf(body.Prompt, body.Language))
	}
	ctx, cancel := d.bounded(r.Context())
	defer cancel()

	state := stateReceived
	if key := r.Header.Get("Idempotency-Key"); key != "" {
		if len(key) > 255 {
			return &problem{code: codeBadKey}
		}
		start.RunId = derivedID(subjectFrom(r.Context()), key)
		known, err := d.claim(ctx, start, data)
		if err != nil {
			return withLanguage(err, languageOf(body.Prompt, body.Language))
		}
		if known != nil {
			state = known.run.GetState()
		}
	}
	if state == stateReceived {
		if err := d.publishStart(ctx, start); err != nil {
			return withLanguage(err, languageOf(body.Prompt, body.Language))
		}
	}
	w.Header().Set("Location", "/v1/runs/"+start.GetRunId())
	return respond(w, http.StatusAccepted, acceptedBody{RunID: start.GetRunId(), State: state})
}

// startOf checks a body and makes the message for the manager out of it, with a random id and without secrets.
func (d *door) startOf(r *http.Request, body createBody) (*provisov1.StartRun, error) {
	if err := checkPrompt(body); err != nil {
		return nil, err
	}
	start := &provisov1.StartRun{
		RunId:     randomID(),
		Requester: requesterOf(r),
		Text:      body.Prompt,
		Confirmed: body.Confirmed,
		At:        timestamppb.New(d.env.Now()),
	}
	if body.Language != "" {
		start.Language = new(body.Language)
	}
	for _, a := range body.Answers {
		if !isText(a.Text) {
			return nil, &problem{code: codeNotText}
		}
		start.Answers = append(start.Answers, &provisov1.Answer{Id: a.ID, Text: a.Text})
	}
	if len(body.Intent) > 0 {
		intent, err := wire.Decode[*provisov1.ProvisionIntent](body.Intent, wire.Strict)
		if err != nil {
			return nil, contractProblem(err, "intent.")
		}
		start.Intent = intent
	}
	if body.SessionID != "" {
		start.SessionId = new(body.SessionID)
	}
	cleanStart(start)
	if err := wire.Validate(start); err != nil {
		return nil, contractProblem(err, "")
	}
	return start, nil
}

func checkPrompt(body createBody) error {
	switch {
	case len(body.Intent) > 0 && body.Prompt != "":
		return &problem{code: codeBothGiven}
	case len(body.Intent) > 0:
		return nil
	case isBlank(body.Prompt):
		return &problem{code: codeEmptyRequest}
	case len(body.Prompt) > maxPrompt:
		return &problem{code: codeTooLong, args: []any{"size", strconv.Itoa((len(body.Prompt) + 1023) >> 10), "limit", strconv.Itoa(maxPrompt >> 10)}}
	case !isText(body.Prompt):
		return &problem{code: codeNotText}
	}
	return nil
}

// requesterOf is who sends a request, as far as this door knows.
func requesterOf(r *http.Request) *provisov1.Requester {
	return &provisov1.Requester{Door: doorOf(r), Subject: subjectFrom(r.Context()), Publisher: publisher}
}

// doorOf names the door that a request came through: our own command line and page say so, everything else is "http".
func doorOf(r *http.Request) string {
	switch said := r.Header.Get("Proviso-Door"); said {
	case "cli", "page":
		return said
	default:
		return "http"
	}
}

// claim is what the bucket "idem" holds for an idempotency key.
type claim struct {
	Digest string `json:"digest"` // SHA-256 of the body that came with the key, hexadecimal
}

// claim records which body came with an idempotency key, and refuses another one. It returns the run if that is stored.
//
// The bucket forgets after a day and may be lost; the run's id is a function of the key, so the stored run itself is the
// second witness, and the manager refuses to begin it twice in any case.
func (d *door) claim(ctx context.Context, start *provisov1.StartRun, body []byte) (*runView, error) {
	sum := sha256.Sum256(body)
	mine := claim{Digest: hex.EncodeToString(sum[:])}
	value, err := json.Marshal(mine)
	if err != nil {
		return nil, fmt.Errorf("encode claim: %w", err)
	}
	fresh, bucketKey := true, "http."+start.GetRunId()
	_, err = d.idem.Create(ctx, bucketKey, value)
	if errors.Is(err, jetstream.ErrKeyExists) {
		fresh = false
		entry, err := d.idem.Get(ctx, bucketKey)
		if err != nil {
			return nil, fmt.Errorf("read idempotency key: %w", err)
		}
		var theirs claim
		if err := json.Unmarshal(entry.Value(), &theirs); err != nil || theirs != mine {
			return nil, &problem{code: codeKeyReused}
		}
	} else if err != nil {
		return nil, fmt.Errorf("record idempotency key: %w", err)
	}
	v, err := d.load(ctx, start.GetRunId())
	switch {
	case errors.Is(err, errRunUnknown):
		return nil, nil
	case err != nil:
		return nil, err
	case fresh && !begunBy(v.run, start):
		return nil, &problem{code: codeKeyReused}
	}
	return v, nil
}

// begunBy says whether a run came from the same request. A typed intent is kept as it was received; one that was understood
// from words is not compared.
func begunBy(run *provisov1.Run, start *provisov1.StartRun) bool {
	if run.GetText() != start.GetText() {
		return false
	}
	return start.GetIntent() == nil || proto.Equal(run.GetIntent(), start.GetIntent())
}

func (d *door) publishStart(ctx context.Context, start *provisov1.StartRun) error {
	err := d.publish(ctx, start, bus.VerbStart, start.GetRunId(), start.GetRunId()+".start")
	if err == nil {
		d.accepted.add(start)
	}
	return err
}

// publish hands a message to the manager.
func (d *door) publish(ctx context.Context, m proto.Message, verb, run, id string) error {
	body, err := wire.Encode(m)
	if err != nil {
		return err
	}
	err = d.env.Publish.Publish(ctx, bus.Message{
		Subject: bus.WorkSubject(bus.RoleManager, verb), ID: id, Body: body, Type: wire.TypeName(m), RunID: run, Attempt: 1,
	})
	if err != nil {
		return fmt.Errorf("hand %s to the manager: %w", verb, err)
	}
	return nil
}

// idEncoding writes ids in lower case letters and digits, which are safe in subjects, keys, paths and speech.
var idEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func randomID() string { return "r-" + strings.ToLower(rand.Text()) }

// derivedID is the run id that belongs to an idempotency key of a subject.
func derivedID(subject, key string) string {
	sum := sha256.Sum256([]byte(fmt.Sprintf("proviso run\x00%d\x00%s\x00%s", len(subject), subject, key)))
	return "k-" + idEncoding.EncodeToString(sum[:16])
}
