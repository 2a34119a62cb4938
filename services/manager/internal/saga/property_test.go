package saga_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	"proviso.dev/pkg/audit"
	"proviso.dev/services/manager/internal/saga"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// draw is any message that the bus might bring at this moment: fitting, stale, early, or about something else.
func draw(t *rapid.T, r saga.Run, now int) saga.Message {
	step, attempt := r.Last().Step, r.Last().Number
	if rapid.IntRange(0, 3).Draw(t, "elsewhere") == 0 {
		step = rapid.SampledFrom([]saga.StepName{saga.Understand, saga.Collect, saga.Analyse, saga.Build}).Draw(t, "step")
		attempt = rapid.IntRange(max(1, attempt-1), attempt+1).Draw(t, "attempt")
	}
	kind := rapid.IntRange(0, 9).Draw(t, "kind")
	switch {
	case r.State == saga.Received:
		kind = 0
	case r.State.Waiting() && kind > 5:
		kind = 1
	}
	switch kind {
	case 0:
		s := start(now, saga.Answer{ID: "vm1.name", Text: "web"})
		s.Confirmed = rapid.Bool().Draw(t, "confirmed")
		return s
	case 1, 2:
		ids := []string{"confirm", "vm1.name", "vm1.source"}
		if r.State.Waiting() {
			ids = append(ids, r.Questions[0].ID, r.Questions[0].ID, r.Questions[0].ID)
		}
		a := saga.Answer{ID: rapid.SampledFrom(ids).Draw(t, "question"), Text: "oui"}
		return answers(now, fmt.Sprint("m", rapid.IntRange(0, 12).Draw(t, "message")), a)
	case 3:
		if rapid.IntRange(0, 9).Draw(t, "cancel") > 0 {
			return saga.StepFailed{Now: at(now), Step: step, Attempt: attempt, Retryable: true, Reason: saga.Refusal{Code: "x", Message: "x"}}
		}
		return saga.Cancel{Now: at(now), ID: "c"}
	case 4:
		return saga.DeadlinePassed{Now: saga.Now(r.Deadline), Deadline: r.Deadline}
	default:
		m := saga.StepSucceeded{Now: at(now), Step: step, Attempt: attempt}
		switch step {
		case saga.Collect:
			m.Result = saga.Collected{Context: ref("context")}
		case saga.Analyse:
			m.Result = saga.Analysed{Plan: ref("plan")}
		case saga.Build:
			m.Result = saga.Built{Manifest: ref("manifest"), Proof: &provisov1.Proof{}, Proven: rapid.Bool().Draw(t, "proven")}
		default:
			u := saga.Understood{Language: "fr", Intent: web(2), Interpretation: rows(2)}
			u.Confirmation = rapid.SampledFrom([]string{"", "yes", "yes", "no", "correction"}).Draw(t, "confirmation")
			for range rapid.IntRange(0, 3).Draw(t, "suspicions") {
				u.Suspicions = append(u.Suspicions, suspicion(rapid.SampledFrom([]string{"guest 1", "guest 2", "request"}).Draw(t, "source")))
			}
			switch rapid.IntRange(0, 12).Draw(t, "outcome") {
			case 10:
				u.Intent, u.Reply = nil, &provisov1.Reply{Text: "41 Gio."}
			case 0:
				u.Refusal = &saga.Refusal{Code: "off_topic", Message: "Non."}
			case 1, 2, 3:
				u.Questions = []saga.Question{question(rapid.SampledFrom([]string{"vm1.name", "vm1.source"}).Draw(t, "asked"))}
			}
			m.Result = u
		}
		return m
	}
}

// TestAnyMessages drives runs with whatever the bus might bring: ends are final, there is one result, every message counts
// once, nothing is built that nobody confirmed, and a busy or waiting run always has a deadline.
//
// Shows: T-C.2-02
func TestAnyMessages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := saga.New("r1")
		var past []saga.Message
		results, confirmedByYes := 0, false
		applied := map[string]bool{}
		var chain []*provisov1.AuditEntry
		for now := range rapid.IntRange(1, 60).Draw(t, "length") {
			m := draw(t, r, now)
			if len(past) > 0 && rapid.IntRange(0, 4).Draw(t, "again") == 0 {
				m = rapid.SampledFrom(past).Draw(t, "past")
			}
			next, cmds := saga.Step(r, m)

			if !r.Applies(m) && (len(cmds) > 0 || cmp.Diff(r, next, protocmp.Transform()) != "") {
				t.Fatalf("%T does not apply in %s, and yet had an effect: %v", m, r.State, cmds)
			}
			if r.State.Ended() && next.State != r.State {
				t.Fatalf("%T moved a run from %s to %s", m, r.State, next.State)
			}
			if r.Applies(m) && next.Applies(m) {
				t.Fatalf("%+v still applies after it was applied in %s", m, r.State)
			}
			if a, ok := m.(saga.Answers); ok && r.Applies(m) {
				if applied[a.ID] {
					t.Fatalf("message %s was applied twice", a.ID)
				}
				applied[a.ID] = true
			}
			for _, c := range cmds {
				switch c := c.(type) {
				case saga.Report:
					results++
				case saga.Audit:
					chain = append(chain, c.Entry)
				}
			}
			if err := audit.Verify(chain, next.AuditHead); err != nil {
				t.Fatalf("after %T in %s: %v", m, r.State, err)
			}
			if s, ok := m.(saga.StepSucceeded); ok && r.State == saga.Understanding {
				u, _ := s.Result.(saga.Understood)
				turns := r.Turns
				confirmedByYes = u.Confirmation == "yes" && len(turns) > 0 && turns[len(turns)-1].QuestionID == saga.ConfirmID
			}
			if r.State == saga.Understanding && next.State == saga.Collecting && !next.Confirmed && !confirmedByYes {
				t.Fatalf("collecting began without a yes")
			}
			if (next.State.Busy() || next.State.Waiting()) == next.Deadline.IsZero() {
				t.Fatalf("state %s with deadline %v", next.State, next.Deadline)
			}
			if next.State.Waiting() != (len(next.Questions) > 0) {
				t.Fatalf("state %s with open questions %v", next.State, next.Questions)
			}
			if next.State != saga.Received {
				if back := saga.FromContract(saga.ToContract(next)).State; back != next.State {
					t.Fatalf("state %s reads back as %s", next.State, back)
				}
			}
			r, past = next, append(past, m)
		}
		if want := map[bool]int{true: 1}[r.State.Ended()]; results != want {
			t.Fatalf("%d results in state %s, want %d", results, r.State, want)
		}
	})
}

func TestEveryStateIsReachable(t *testing.T) {
	paths := map[saga.State][]saga.Message{
		saga.Received:      nil,
		saga.Understanding: {start(0)},
		saga.Clarifying:    {start(0), asks(1, 1, "vm1.name")},
		saga.Confirming:    {start(0), complete(1, 1, 2, "")},
		saga.Collecting:    {confirmed(0), complete(1, 1, 2, "")},
		saga.Analysing:     {confirmed(0), complete(1, 1, 2, ""), collected(2)},
		saga.Building:      {confirmed(0), complete(1, 1, 2, ""), collected(2), analysed(3)},
		saga.Delivered:     {confirmed(0), complete(1, 1, 2, ""), collected(2), analysed(3), built(4)},
		saga.Refused:       {start(0), done(1, 1, saga.Understood{Refusal: &saga.Refusal{Code: "off_topic", Message: "No."}})},
		saga.Failed:        {start(0), failed(1, saga.Understand, 1, false)},
		saga.Cancelled:     {start(0), saga.Cancel{Now: at(1), ID: "c"}},
		saga.Expired:       {start(0), complete(1, 1, 2, ""), saga.DeadlinePassed{Now: at(1 + day), Deadline: deadline(1 + day)}},
	}
	for _, s := range saga.States {
		path, ok := paths[s]
		if got := fold(t, path).State; !ok || got != s {
			t.Errorf("the path to %s leads to %s", s, got)
		}
	}
	if len(paths) != len(saga.States) {
		t.Errorf("%d states are listed, %d have a path", len(saga.States), len(paths))
	}
}
