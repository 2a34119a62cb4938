package saga_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/services/manager/internal/saga"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// replied is the understanding of a question.
func replied() saga.Understood {
	return saga.Understood{
		Language: "fr", Notices: []string{"Un secret a été retiré."},
		Reply: &provisov1.Reply{
			Text: "pmox02 a la place.", Rows: []*provisov1.ReplyRow{{Label: "pmox02", Value: "41 Gio"}}, Commands: []string{"qm list"},
			SnapshotTakenAt: timestamppb.New(zero),
		},
		ModelUse: &provisov1.ModelUse{Calls: 1, InputTokens: 900, Models: []string{"gemini"}},
	}
}

func inSession(now int) saga.Start {
	s := start(now)
	s.Session = "lab"
	return s
}

// unaudited are the commands without the entries of the audit chain.
func unaudited(commands []saga.Command) []saga.Command {
	return slices.DeleteFunc(slices.Clone(commands), func(c saga.Command) bool { _, ok := c.(saga.Audit); return ok })
}

// An understanding is one of four things. A refusal and questions may show how far the intent was understood; a reply is the
// whole answer.
func TestOneOfFour(t *testing.T) {
	refusal := &saga.Refusal{Code: "workload_unsupported", Message: "Pas encore."}
	questions := []saga.Question{question("vm1.name")}
	reply := &provisov1.Reply{Text: "41 Gio."}
	tests := map[string]struct {
		reason string
		given  saga.Understood
		state  saga.State
		code   string
	}{
		"Intent":            {"A complete intent is confirmed.", saga.Understood{Intent: web(1)}, saga.Confirming, ""},
		"Refusal":           {"A refusal ends.", saga.Understood{Refusal: refusal}, saga.Refused, refusal.Code},
		"RefusalWithIntent": {"What was understood is shown beside it.", saga.Understood{Refusal: refusal, Intent: web(1), Interpretation: rows(1)}, saga.Refused, refusal.Code},
		"Questions":         {"Questions may come before there is any intent.", saga.Understood{Questions: questions}, saga.Clarifying, ""},
		"QuestionsIntent":   {"Or with a part of it.", saga.Understood{Questions: questions, Intent: web(1)}, saga.Clarifying, ""},
		"Reply":             {"A question is answered at once.", saga.Understood{Reply: reply}, saga.Delivered, ""},
		"Nothing":           {"An understanding of nothing is a mistake.", saga.Understood{}, saga.Failed, saga.CodeInvalidResult},
		"ReplyAndIntent":    {"Either an answer or a manifest.", saga.Understood{Reply: reply, Intent: web(1)}, saga.Failed, saga.CodeInvalidResult},
		"ReplyAndRefusal":   {"Both yes and no.", saga.Understood{Reply: reply, Refusal: refusal}, saga.Failed, saga.CodeInvalidResult},
		"ReplyAndQuestions": {"Answering and asking.", saga.Understood{Reply: reply, Questions: questions}, saga.Failed, saga.CodeInvalidResult},
		"RefusalQuestions":  {"Refusing and asking.", saga.Understood{Refusal: refusal, Questions: questions}, saga.Failed, saga.CodeInvalidResult},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			r, _ := saga.Step(fold(t, []saga.Message{start(0)}), done(1, 1, tc.given))
			if got := viewOf(r); got.State != tc.state || got.Reason != tc.code {
				t.Errorf("%s Got %s with reason %q, want %s with %q", tc.reason, got.State, got.Reason, tc.state, tc.code)
			}
			if tc.state == saga.Refused && !cmp.Equal(r.Interpretation, tc.given.Interpretation) {
				t.Errorf("%s Shown: %v", tc.reason, r.Interpretation)
			}
		})
	}
}

// A reply needs no confirmation and leaves no intent behind, whatever the dialogue was about before.
func TestReplyDelivers(t *testing.T) {
	r := fold(t, []saga.Message{start(0), asks(1, 1, "vm1.name"), answers(2, "m1", saga.Answer{ID: "vm1.name", Text: "quel nœud a de la place ?"})})
	r, cmds := saga.Step(r, done(3, 2, replied()))
	if r.State != saga.Delivered || r.Intent != nil || r.Manifest != nil {
		t.Errorf("state %s, intent %v, manifest %v; want delivered without both", r.State, r.Intent, r.Manifest)
	}
	if diff := cmp.Diff(replied().Reply, r.Reply, protocmp.Transform()); diff != "" {
		t.Errorf("reply (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(ended(saga.Delivered), unaudited(cmds)); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
}

func TestNoticesAreBoundedAndToldOnce(t *testing.T) {
	s := start(0)
	s.Notices = []string{"a", "b"}
	u := saga.Understood{Language: "fr", Intent: web(1), Interpretation: rows(1), Notices: []string{"b", "c", ""}}
	r := fold(t, []saga.Message{s, done(1, 1, u)})
	if diff := cmp.Diff([]string{"a", "b", "c"}, r.Notices); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
	for i := range 40 {
		u.Notices = append(u.Notices, fmt.Sprint("n", i))
	}
	a := answers(2, "m1", saga.Answer{ID: "confirm", Text: "oui"})
	a.Notices = []string{"a", "d"}
	r, _ = saga.Step(r, a)
	r, _ = saga.Step(r, done(3, 2, u))
	if len(r.Notices) != saga.MaxNotices || r.Notices[3] != "d" || r.Notices[15] != "n11" {
		t.Errorf("notices %v, want the first %d", r.Notices, saga.MaxNotices)
	}
}

// The use of models only grows: the answer of a collector that knows of less is not taken for a refund.
func TestModelUseOnlyGrows(t *testing.T) {
	use := func(calls int32) saga.Understood {
		u := saga.Understood{Language: "fr", Questions: []saga.Question{question("vm1.name")}}
		if calls > 0 {
			u.ModelUse = &provisov1.ModelUse{Calls: calls}
		}
		return u
	}
	r := fold(t, []saga.Message{start(0)})
	for i, tc := range []struct{ said, want int32 }{{2, 2}, {0, 2}, {1, 2}, {3, 3}} {
		r, _ = saga.Step(r, done(i, i+1, use(tc.said)))
		if got := r.ModelUse.GetCalls(); got != tc.want {
			t.Errorf("after %d were said: %d calls, want %d", tc.said, got, tc.want)
		}
		r, _ = saga.Step(r, answers(i, fmt.Sprint("m", i), saga.Answer{ID: "vm1.name", Text: "x"}))
	}
}

func TestSessionAndTimeOfAReply(t *testing.T) {
	r := fold(t, []saga.Message{inSession(0), done(1, 1, replied())})
	if r.Session != "lab" || !r.UpdatedAt.Equal(time.Time(at(1))) {
		t.Errorf("session %q ended at %s", r.Session, r.UpdatedAt)
	}
}
