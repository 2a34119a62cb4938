package llm_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"proviso.dev/pkg/llm"
	llmv1 "proviso.dev/proto/proviso/llm/v1"
	provisov1 "proviso.dev/proto/proviso/v1"
)

const good = `{"kind":"provision","guests":[{"cores":2}]}`

// script answers one call after the other; what it was asked is kept.
type script struct {
	answers []any // string: a text; error; time.Duration: wait that long for the context to end
	asked   []llm.Request
}

func (s *script) model() llm.ModelFunc {
	return func(ctx context.Context, r llm.Request) (llm.Response, error) {
		s.asked = append(s.asked, r)
		if len(s.answers) == 0 {
			return llm.Response{}, &llm.Error{Kind: llm.KindProtocol, Err: errors.New("nothing scripted")}
		}
		next := s.answers[0]
		s.answers = s.answers[1:]
		switch v := next.(type) {
		case error:
			return llm.Response{}, v
		case time.Duration:
			select {
			case <-time.After(v):
				return llm.Response{Text: good}, nil
			case <-ctx.Done():
				return llm.Response{}, ctx.Err()
			}
		default:
			return llm.Response{Text: fmt.Sprint(v), Usage: llm.Usage{InputTokens: 1000, OutputTokens: 100}}, nil
		}
	}
}

func limited(after time.Duration) error {
	return &llm.Error{Kind: llm.KindLimited, Status: 429, RetryAfter: after, Err: errors.New("slow down")}
}

func unavailable() error {
	return &llm.Error{Kind: llm.KindUnavailable, Status: 503, Err: errors.New("down")}
}

func question(user string) llm.Question {
	return llm.Question{System: "rules", User: user, Version: "test/1"}
}

func TestPolicy(t *testing.T) {
	tests := map[string]struct {
		reason  string
		answers [2][]any // of two models, asked in this order
		used    *provisov1.ModelUse
		reason_ llm.Reason // why out; empty: an answer
		calls   [2]int
		took    [2]time.Duration // between
		use     *provisov1.ModelUse
	}{
		"Good": {reason: "One call is enough.", answers: [2][]any{{good}}, calls: [2]int{1, 0},
			use: &provisov1.ModelUse{Calls: 1, InputTokens: 1000, OutputTokens: 100, Models: []string{"func"}, PromptVersion: "test/1"}},
		"Repair": {reason: "One repair, with the violations.", answers: [2][]any{{`{"kind":"x"}`, good}}, calls: [2]int{2, 0},
			use: &provisov1.ModelUse{Calls: 2, InputTokens: 2000, OutputTokens: 200, Models: []string{"func"}, PromptVersion: "test/1"}},
		"NonsenseTwice": {reason: "Nonsense twice is out; no other model is asked.", answers: [2][]any{{"no", "no", good}, {good}}, calls: [2]int{2, 0},
			reason_: llm.ReasonNonsense, use: &provisov1.ModelUse{Calls: 2, InputTokens: 2000, OutputTokens: 200, PromptVersion: "test/1", Out: true}},
		"RetryAfter": {reason: "What the provider asks for is waited.", answers: [2][]any{{limited(7 * time.Second), good}}, calls: [2]int{2, 0},
			took: [2]time.Duration{7 * time.Second, 7 * time.Second},
			use:  &provisov1.ModelUse{Calls: 2, InputTokens: 1000, OutputTokens: 100, Models: []string{"func"}, PromptVersion: "test/1"}},
		"RetryAfterTooLong": {reason: "A wait that does not fit is not begun: the next model is asked.", answers: [2][]any{{limited(2 * time.Minute)}, {good}},
			calls: [2]int{1, 1}, use: &provisov1.ModelUse{Calls: 2, InputTokens: 1000, OutputTokens: 100, Models: []string{"func"}, PromptVersion: "test/1"}},
		"Jitter": {reason: "Without a hint the waits are short and random.", answers: [2][]any{{unavailable(), unavailable(), good}}, calls: [2]int{3, 0},
			took: [2]time.Duration{time.Millisecond, 2 * time.Second},
			use:  &provisov1.ModelUse{Calls: 3, InputTokens: 1000, OutputTokens: 100, Models: []string{"func"}, PromptVersion: "test/1"}},
		"Fallback": {reason: "After two retries the next model is asked; retries count as calls.", answers: [2][]any{{unavailable(), unavailable(), unavailable()}, {good}},
			calls: [2]int{3, 1}, took: [2]time.Duration{0, 2 * time.Second},
			use: &provisov1.ModelUse{Calls: 4, InputTokens: 1000, OutputTokens: 100, Models: []string{"func"}, PromptVersion: "test/1"}},
		"Rejected": {reason: "Another 4xx is never tried again.", answers: [2][]any{{&llm.Error{Kind: llm.KindRejected, Status: 400, Err: errors.New("no")}}, {good}},
			calls: [2]int{1, 1}, use: &provisov1.ModelUse{Calls: 2, InputTokens: 1000, OutputTokens: 100, Models: []string{"func"}, PromptVersion: "test/1"}},
		"Timeouts": {reason: "A call that does not end is ended, and the run's time bounds all of them.",
			answers: [2][]any{{time.Hour, time.Hour, time.Hour, time.Hour}}, calls: [2]int{3, 0}, reason_: llm.ReasonTimeout,
			took: [2]time.Duration{59 * time.Second, 61 * time.Second}},
		"Budget": {reason: "The calls of earlier steps count.", answers: [2][]any{{good}}, used: &provisov1.ModelUse{Calls: 4}, reason_: llm.ReasonBudget,
			use: &provisov1.ModelUse{Calls: 4, PromptVersion: "test/1", Out: true}},
		"Tokens": {reason: "So do their tokens.", answers: [2][]any{{good}}, used: &provisov1.ModelUse{Calls: 1, InputTokens: 7999}, reason_: llm.ReasonBudget,
			use: &provisov1.ModelUse{Calls: 1, InputTokens: 7999, PromptVersion: "test/1", Out: true}},
		"Output": {reason: "And what was answered.", answers: [2][]any{{good}}, used: &provisov1.ModelUse{Calls: 1, OutputTokens: 1450}, reason_: llm.ReasonBudget,
			use: &provisov1.ModelUse{Calls: 1, OutputTokens: 1450, PromptVersion: "test/1", Out: true}},
		"NoRepair": {reason: "Where there is no room for a repair, the answer is what was wrong.", answers: [2][]any{{"no", good}}, used: &provisov1.ModelUse{Calls: 3}, calls: [2]int{1, 0},
			reason_: llm.ReasonNonsense, use: &provisov1.ModelUse{Calls: 4, InputTokens: 1000, OutputTokens: 100, PromptVersion: "test/1", Out: true}},
		"Earlier": {reason: "Out is out for the run.", answers: [2][]any{{good}}, used: &provisov1.ModelUse{Calls: 1, Out: true}, reason_: llm.ReasonEarlier,
			use: &provisov1.ModelUse{Calls: 1, Out: true}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := &script{answers: tc.answers[0]}, &script{answers: tc.answers[1]}
				models := []llm.Model{a.model()}
				if tc.answers[1] != nil {
					models = append(models, b.model())
				}
				c := llm.NewClient(models, llm.Options{})
				use := tc.used
				if use == nil {
					use = &provisov1.ModelUse{}
				}
				began := time.Now()
				m, model, err := llm.Ask[*llmv1.IntentProposal](t.Context(), c, question("a VM"), use, nil)
				took := time.Since(began)
				var out *llm.OutError
				switch {
				case tc.reason_ == "" && (err != nil || m.GetKind() != "provision" || model != "func"):
					t.Errorf("%s: %v, %q, %v", tc.reason, m, model, err)
				case tc.reason_ != "" && (!errors.As(err, &out) || out.Reason != tc.reason_ || m != nil || !use.GetOut()):
					t.Errorf("%s: %v, %v, want out for %s", tc.reason, m, err, tc.reason_)
				}
				if diff := cmp.Diff(tc.calls, [2]int{len(a.asked), len(b.asked)}); diff != "" {
					t.Errorf("%s: calls %s", tc.reason, diff)
				}
				if tc.use != nil {
					if diff := cmp.Diff(tc.use, use, protocmp.Transform()); diff != "" {
						t.Errorf("%s: use %s", tc.reason, diff)
					}
				}
				if tc.took[1] > 0 && (took < tc.took[0] || took > tc.took[1]) {
					t.Errorf("%s: took %s", tc.reason, took)
				}
			})
		})
	}
}

func TestRepairNamesEveryViolationAfterAStablePrefix(t *testing.T) {
	s := &script{answers: []any{`{"kind":"destroy","guests":[{"cores":100000}]}`, good}}
	if _, _, err := llm.Ask[*llmv1.IntentProposal](t.Context(), llm.NewClient([]llm.Model{s.model()}, llm.Options{}), question("a VM"), &provisov1.ModelUse{}, nil); err != nil {
		t.Fatal(err)
	}
	first, second := s.asked[0], s.asked[1]
	if second.System != first.System || !strings.HasPrefix(second.User, first.User) {
		t.Error("the repair has another prefix")
	}
	for _, part := range []string{"kind", "guests[0].cores", "512"} {
		if !strings.Contains(second.User[len(first.User):], part) {
			t.Errorf("the repair does not say %q: %s", part, second.User)
		}
	}
}

func TestRedeliveryDoesNotPayTwice(t *testing.T) {
	for name, answers := range map[string][]any{"Answer": {`{"kind":"x"}`, good}, "Nonsense": {"no", "no"}} {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: answers}
			store := llm.NewMemory(time.Now)
			ask := func() (*provisov1.ModelUse, *llmv1.IntentProposal, string) {
				use := &provisov1.ModelUse{}
				m, _, err := llm.Ask[*llmv1.IntentProposal](t.Context(), llm.NewClient([]llm.Model{s.model()}, llm.Options{Store: store}), question("a VM"), use, nil)
				return use, m, fmt.Sprint(err)
			}
			use1, m1, err1 := ask()
			calls := len(s.asked)
			use2, m2, err2 := ask()
			if len(s.asked) != calls || calls != 2 {
				t.Errorf("%d calls, then %d", calls, len(s.asked))
			}
			if diff := cmp.Diff(use1, use2, protocmp.Transform()); diff != "" {
				t.Errorf("use differs: %s", diff)
			}
			if diff := cmp.Diff(m1, m2, protocmp.Transform()); diff != "" {
				t.Errorf("answer differs: %s", diff)
			}
			if !strings.HasPrefix(err1, strings.SplitN(err2, ":", 2)[0]) {
				t.Errorf("%s, then %s", err1, err2)
			}
		})
	}
}

// A later step of the run that asks the same has the same answer and has spent no more; another run has it for nothing, but
// not another run's failure.
func TestAnswersAreShared(t *testing.T) {
	s := &script{answers: []any{good, "no", "no", good}}
	c := llm.NewClient([]llm.Model{s.model()}, llm.Options{})
	ask := func(run, user string, use *provisov1.ModelUse) int32 {
		q := question(user)
		q.Run = run
		_, _, _ = llm.Ask[*llmv1.IntentProposal](t.Context(), c, q, use, nil)
		return use.GetCalls()
	}
	first := &provisov1.ModelUse{}
	for range 2 {
		if n := ask("a", "x", first); n != 1 {
			t.Errorf("%d calls are on the run's account", n)
		}
	}
	if ask("b", "x", &provisov1.ModelUse{}) != 0 || len(s.asked) != 1 {
		t.Errorf("%d calls, %v", len(s.asked), first)
	}
	if ask("a", "y", first) != 3 || ask("b", "y", &provisov1.ModelUse{}) != 1 {
		t.Errorf("the failure of one run became another's: %d calls", len(s.asked))
	}
}

func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{}
		for range 9 {
			s.answers = append(s.answers, unavailable())
		}
		c := llm.NewClient([]llm.Model{s.model()}, llm.Options{Limits: llm.Limits{Calls: 100, CallsPerMin: 10000}})
		ask := func(text string) string {
			_, _, err := llm.Ask[*llmv1.IntentProposal](t.Context(), c, question(text), &provisov1.ModelUse{}, nil)
			return fmt.Sprint(err)
		}
		ask("a") // three failures
		ask("b") // two more: open
		before := len(s.asked)
		if err := ask("c"); len(s.asked) != before || !strings.Contains(err, llm.ErrOpen.Error()) {
			t.Fatalf("an open breaker let a call through: %s", err)
		}
		if before != 5 {
			t.Errorf("opened after %d failures", before)
		}
		time.Sleep(31 * time.Second)
		s.answers = []any{unavailable(), good, good}
		ask("d") // the probe fails: open again
		if got := len(s.asked); got != 6 {
			t.Errorf("%d calls, want one probe", got-5)
		}
		time.Sleep(31 * time.Second)
		if err := ask("e"); err != "<nil>" {
			t.Errorf("the second probe succeeded, and yet: %s", err)
		}
		if err := ask("f"); err != "<nil>" {
			t.Errorf("the breaker stayed open: %s", err)
		}
	})
}

// The caller must have time left to answer without a model.
func TestAskEndsBeforeTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []any{time.Hour, time.Hour, time.Hour}}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, _, err := llm.Ask[*llmv1.IntentProposal](ctx, llm.NewClient([]llm.Model{s.model()}, llm.Options{}), question("a"), &provisov1.ModelUse{}, nil)
		var out *llm.OutError
		if !errors.As(err, &out) || ctx.Err() != nil {
			t.Errorf("got %v with the context at %v", err, ctx.Err())
		}
	})
}

func TestCallerGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []any{time.Hour}}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		use := &provisov1.ModelUse{}
		_, _, err := llm.Ask[*llmv1.IntentProposal](ctx, llm.NewClient([]llm.Model{s.model()}, llm.Options{}), question("a"), use, nil)
		if !errors.Is(err, context.Canceled) || use.GetOut() {
			t.Errorf("got %v, out %t: nothing was decided", err, use.GetOut())
		}
	})
}

func TestPromptIsRedactedAndCapped(t *testing.T) {
	s := &script{answers: []any{good}}
	c := llm.NewClient([]llm.Model{s.model()}, llm.Options{})
	if _, _, err := llm.Ask[*llmv1.IntentProposal](t.Context(), c, question("a VM, password: Zq7!kVw2Rt"), &provisov1.ModelUse{}, nil); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(s.asked[0].User, "Zq7!kVw2Rt") || !strings.Contains(s.asked[0].User, "[secret-1]") {
		t.Errorf("the model was told: %s", s.asked[0].User)
	}
	_, _, err := llm.Ask[*llmv1.IntentProposal](t.Context(), c, question(strings.Repeat("x", 20<<10)), &provisov1.ModelUse{}, nil)
	if !errors.Is(err, llm.ErrPrompt) || len(s.asked) != 1 {
		t.Errorf("a prompt of 20 KiB: %v, %d calls", err, len(s.asked))
	}
}

func TestDecode(t *testing.T) {
	tests := map[string]struct {
		reason, text string
		ok           bool
	}{
		"Strict":   {"The usual case.", good, true},
		"Fence":    {"Models like fences.", "```json\n" + good + "\n```", true},
		"Thought":  {"And thoughts, which may hold braces.", "<think>{hm}</think> Sure!\n" + good, true},
		"Comma":    {"And a comma too many.", `{"kind":"provision","guests":[{"cores":2,},],}`, true},
		"Brace":    {"A brace in a string is none.", `{"kind":"provision","guests":[{"source":"a}b{"}]}`, true},
		"Null":     {"A strict mode writes null for what is absent.", `{"kind":"provision","guests":[{"cores":null,"type":null}]}`, true},
		"Unknown":  {"A field of its own is refused.", `{"kind":"provision","command":"rm"}`, false},
		"Range":    {"So is a number out of range.", `{"kind":"provision","guests":[{"cores":100000}]}`, false},
		"Enum":     {"And an invented word.", `{"kind":"destroy"}`, false},
		"Words":    {"Words are no answer.", "I would create two VMs.", false},
		"Cut":      {"Half an object is none.", good[:20], false},
		"Huge":     {"Nobody reads 10 MB.", strings.Repeat(" ", 10<<20) + good, false},
		"TwoWords": {"The first object that holds counts.", `{broken} ` + good, true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			m, problems := llm.Decode[*llmv1.IntentProposal](tc.text)
			if (len(problems) == 0) != tc.ok || (m != nil) != tc.ok {
				t.Errorf("%s: %v, %q", tc.reason, m, problems)
			}
		})
	}
}

func TestSchemaOf(t *testing.T) {
	s, err := llm.SchemaOf(&llmv1.IntentProposal{})
	if err != nil {
		t.Fatal(err)
	}
	for _, keyword := range []string{"$ref", "$defs", "pattern", "maxLength", "uniqueItems", "$schema"} {
		if strings.Contains(string(s.Plain), `"`+keyword+`"`) || strings.Contains(string(s.Strict), `"`+keyword+`"`) {
			t.Errorf("the schema holds %s", keyword)
		}
	}
	type object struct {
		Properties       map[string]json.RawMessage `json:"properties"`
		Required         []string                   `json:"required"`
		PropertyOrdering []string                   `json:"propertyOrdering"`
		Items            *object                    `json:"items"`
		Additional       *bool                      `json:"additionalProperties"`
	}
	var plain, strict, guest object
	for data, to := range map[string]*object{string(s.Plain): &plain, string(s.Strict): &strict} {
		if err := json.Unmarshal([]byte(data), to); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"kind", "guests"}, plain.PropertyOrdering); diff != "" {
		t.Errorf("order: %s", diff)
	}
	if diff := cmp.Diff([]string{"kind"}, plain.Required); diff != "" {
		t.Errorf("required: %s", diff)
	}
	if err := json.Unmarshal(strict.Properties["guests"], &guest); err != nil {
		t.Fatal(err)
	}
	if n := len(guest.Items.Properties); n != 15 || len(guest.Items.Required) != n || guest.Items.Additional == nil || *guest.Items.Additional {
		t.Errorf("a strict schema requires everything and allows no more: %d properties, %d required", n, len(guest.Items.Required))
	}
	if got := string(guest.Items.Properties["grouping"]); !strings.Contains(got, `["string","null"]`) || !strings.Contains(got, `"together",null`) {
		t.Errorf("an optional property is not nullable: %s", got)
	}
	if s.Name != "intent_proposal" {
		t.Errorf("name %q", s.Name)
	}
}
