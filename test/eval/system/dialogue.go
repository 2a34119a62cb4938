package system

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"proviso.dev/pkg/bus"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/test/eval"
)

// rounds bounds a dialogue, patience each wait in it.
const (
	rounds   = 8
	patience = 20 * time.Second
)

// A Dialogue is a request and what the requester says besides.
type Dialogue struct {
	Prompt  string
	Answers map[string]string // by field, see [eval.Asks]
	Replies []string          // to questions that no answer is for, in order
	Turns   []string          // said when the interpretation is shown
	Session string            // that the run belongs to; empty: none
}

// Ask holds a dialogue to its end: the run's, or the first question that nobody answers. Such a run is cancelled once it has
// been looked at.
func (s *System) Ask(ctx context.Context, d Dialogue) (eval.Outcome, error) {
	var out eval.Outcome
	s.cluster.ForgetRequests()
	begin := time.Now()
	id, err := s.post(ctx, d)
	if err != nil {
		return out, err
	}
	tag := ""
	for range rounds {
		if out.Run, tag, err = s.wait(ctx, id, tag); err != nil {
			return out, err
		}
		said, err := s.say(ctx, id, &d, &out)
		if err != nil {
			return out, err
		}
		if !said {
			break
		}
	}
	out.Wall = time.Since(begin)
	if err := s.look(ctx, id, &out); err != nil {
		return out, err
	}
	for _, r := range s.cluster.Requests() {
		if r.Method != "GET" {
			out.Writes++
		}
	}
	return out, nil
}

// say answers what is open; false when nothing is, or when the requester has no more to say.
func (s *System) say(ctx context.Context, id string, d *Dialogue, out *eval.Outcome) (bool, error) {
	switch out.Run.GetState() {
	case "confirming":
		text := map[string]string{"en": "yes", "fr": "oui"}[out.Run.GetLanguage()]
		if len(d.Turns) > 0 {
			text, d.Turns = d.Turns[0], d.Turns[1:]
		}
		return true, s.call(ctx, "POST", "/v1/runs/"+id+"/confirm", map[string]string{"answer": text}, nil)
	case "clarifying":
		var answers []map[string]string
		for _, q := range out.Run.GetQuestions() {
			if q.GetKind() == "confirm" {
				continue
			}
			remember(out, q)
			if text, ok := d.answer(q.GetId()); ok {
				answers = append(answers, map[string]string{"id": q.GetId(), "text": text})
			}
		}
		if len(answers) == 0 {
			return false, nil
		}
		return true, s.call(ctx, "POST", "/v1/runs/"+id+"/answers", map[string]any{"answers": answers}, nil)
	}
	return false, nil
}

func remember(out *eval.Outcome, q *provisov1.Clarification) {
	for _, known := range out.Asked {
		if known.GetId() == q.GetId() {
			return
		}
	}
	out.Asked = append(out.Asked, q)
}

// answer takes an answer for a question: the one for its field, else the next reply.
func (d *Dialogue) answer(id string) (string, bool) {
	for field, text := range d.Answers {
		if eval.Asks(id, field) {
			delete(d.Answers, field) // a question that comes again was not answered by it
			return text, true
		}
	}
	if len(d.Replies) > 0 {
		text := d.Replies[0]
		d.Replies = d.Replies[1:]
		return text, true
	}
	return "", false
}

// look collects what the run's events and manifest say, after ending a run that would wait for ever.
func (s *System) look(ctx context.Context, id string, out *eval.Outcome) error {
	switch out.Run.GetState() {
	case "clarifying", "confirming":
		if err := s.call(ctx, "POST", "/v1/runs/"+id+"/cancel", map[string]any{}, nil); err != nil {
			return err
		}
	}
	if out.Run.GetManifest() != nil {
		var err error
		if out.Manifest, err = s.manifest(ctx, id); err != nil {
			return err
		}
	}
	return s.events(ctx, id, func(e *provisov1.StepSucceeded) {
		if u := e.GetUnderstanding(); u != nil {
			out.Understood = append(out.Understood, u)
			out.UnderstandMS = append(out.UnderstandMS, e.GetWorkedMs())
		}
	})
}

// Audit returns how many entries of the audit stream speak of each of these runs.
func (s *System) Audit(ctx context.Context, runs []string) (map[string]int, error) {
	count := map[string]int{}
	stream, err := s.js.Stream(ctx, bus.StreamAudit)
	if err != nil {
		return nil, fmt.Errorf("open audit stream: %w", err)
	}
	info, err := stream.Info(ctx)
	if err != nil {
		return nil, fmt.Errorf("read audit stream: %w", err)
	}
	if info.State.Msgs == 0 {
		return count, nil
	}
	consumer, err := s.js.OrderedConsumer(ctx, bus.StreamAudit, jetstream.OrderedConsumerConfig{})
	if err != nil {
		return nil, fmt.Errorf("read audit stream: %w", err)
	}
	var entries []string
	for range info.State.Msgs {
		msg, err := consumer.Next(jetstream.FetchMaxWait(patience))
		if err != nil {
			return nil, fmt.Errorf("read audit entry: %w", err)
		}
		entries = append(entries, msg.Subject()+" "+string(msg.Data()))
	}
	for _, run := range runs {
		for _, entry := range entries {
			if strings.Contains(entry, run) {
				count[run]++
			}
		}
	}
	return count, nil
}
