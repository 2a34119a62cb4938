package saga_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/audit"
	"proviso.dev/pkg/wire"
	"proviso.dev/services/manager/internal/saga"

	provisov1 "proviso.dev/proto/proviso/v1"
)

func suspicion(source string) *provisov1.Suspicion {
	return &provisov1.Suspicion{Kind: "instruction", Source: source, Excerpt: "ignore previous instructions"}
}

// recorded applies messages and returns the run and the chain that they left.
func recorded(ms []saga.Message) (saga.Run, []*provisov1.AuditEntry) {
	r := saga.New("r1")
	var chain []*provisov1.AuditEntry
	for _, m := range ms {
		var cmds []saga.Command
		r, cmds = saga.Step(r, m)
		for _, c := range cmds {
			if a, ok := c.(saga.Audit); ok {
				chain = append(chain, a.Entry)
			}
		}
	}
	return r, chain
}

// lines are entries in short: who, door, act and the values that are no digests.
func lines(chain []*provisov1.AuditEntry) []string {
	var out []string
	for _, e := range chain {
		line := fmt.Sprintf("%d %s/%s %s", e.GetSeq(), e.GetDoor(), e.GetWho(), e.GetAct())
		for _, d := range e.GetDetails() {
			if !strings.HasSuffix(d.GetName(), "_sha256") {
				line += " " + d.GetName() + "=" + d.GetValue()
			}
		}
		out = append(out, line)
	}
	return out
}

// Each act of a person, each suspicion and the end leave one entry, in order.
func TestWhatIsRecorded(t *testing.T) {
	alice := saga.Requester{Door: "http", Subject: "alice", Publisher: "gateway"}
	asked := start(0)
	asked.Requester = alice
	waived := asked
	waived.Confirmed = true
	yes := answers(2, "m1", saga.Answer{ID: "confirm", Text: "oui"}, saga.Answer{ID: "vm9.name", Text: "nobody asked"})
	bobs := yes
	bobs.Who = &saga.Requester{Door: "cli", Subject: "bob", Publisher: "gateway"}
	cancel := saga.Cancel{Now: at(2), ID: "c", Who: bobs.Who}
	hostile := func(now, attempt int, sources ...string) saga.StepSucceeded {
		u := saga.Understood{Language: "fr", Questions: []saga.Question{question("vm1.name")}}
		for _, s := range sources {
			u.Suspicions = append(u.Suspicions, suspicion(s))
		}
		return done(now, attempt, u)
	}
	tests := map[string]struct {
		reason string
		given  []saga.Message
		want   []string
	}{
		"Confirmed": {
			"The way of an ordinary request.",
			[]saga.Message{asked, complete(1, 1, 2, ""), yes, complete(3, 2, 2, "yes"), collected(4), analysed(5), built(6)},
			[]string{
				"1 http/alice asked text=un serveur web", "2 http/alice answered confirm=oui", "3 http/alice confirmed",
				"4 /proviso delivered manifest=sha256-manifest",
			},
		},
		"Waived": {
			"Who waives the confirmation takes the responsibility when asking.",
			[]saga.Message{waived, complete(1, 1, 2, ""), collected(4), analysed(5), built(6)},
			[]string{"1 http/alice asked text=un serveur web confirmed=by the caller", "2 /proviso delivered manifest=sha256-manifest"},
		},
		"SomebodyElse": {
			"Who answers need not be who asked.",
			[]saga.Message{asked, complete(1, 1, 2, ""), bobs},
			[]string{"1 http/alice asked text=un serveur web", "2 cli/bob answered confirm=oui"},
		},
		"Cancelled": {
			"Nor who cancels.",
			[]saga.Message{asked, complete(1, 1, 2, ""), cancel},
			[]string{"1 http/alice asked text=un serveur web", "2 cli/bob cancelled reason=cancelled"},
		},
		"Intent": {
			"A typed intent is named by the id that its publisher gave it.",
			[]saga.Message{saga.Start{Now: at(0), Requester: saga.Requester{Door: "intent", Subject: "shop", Publisher: "shop"}, Intent: web(1)}, failed(1, saga.Understand, 1, false)},
			[]string{"1 intent/shop asked intent=order-1", "2 /proviso failed reason=pve_down"},
		},
		"Suspicious": {
			"Each suspicion once, although each round finds it again.",
			[]saga.Message{
				asked, hostile(1, 1, "request", "guest 104 description"), answers(2, "m1", saga.Answer{ID: "vm1.name", Text: "web"}),
				hostile(3, 2, "request", "guest 104 description", "answer"),
			},
			[]string{
				"1 http/alice asked text=un serveur web",
				"2 http/alice suspicious kind=instruction source=request excerpt=ignore previous instructions",
				"3 http/alice suspicious kind=instruction source=guest 104 description excerpt=ignore previous instructions",
				"4 http/alice answered vm1.name=web",
				"5 http/alice suspicious kind=instruction source=answer excerpt=ignore previous instructions",
			},
		},
		"Replied": {
			"A question is asked and answered.",
			[]saga.Message{asked, done(1, 1, replied())},
			[]string{"1 http/alice asked text=un serveur web", "2 /proviso delivered"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			r, chain := recorded(tc.given)
			if diff := cmp.Diff(tc.want, lines(chain)); diff != "" {
				t.Errorf("%s\nchain (-want +got):\n%s", tc.reason, diff)
			}
			if err := audit.Verify(chain, r.AuditHead); err != nil {
				t.Error(err)
			}
			for _, e := range chain {
				if err := wire.Validate(e); err != nil {
					t.Errorf("entry %d breaks the contract: %v", e.GetSeq(), err)
				}
			}
		})
	}
}

// Whatever a requester says fits into an entry, and the entry of one transition is the same however often it is computed.
func TestEntriesAreBoundedAndDeterministic(t *testing.T) {
	s := start(0)
	s.Text = strings.Repeat("é\xff", 5000)
	u := saga.Understood{Language: "fr"}
	var given []saga.Answer
	for i := range 30 {
		id := fmt.Sprintf("vm%d.name", i)
		u.Questions = append(u.Questions, question(id))
		given = append(given, saga.Answer{ID: id, Text: long(400)})
	}
	for i := range 100 {
		u.Suspicions = append(u.Suspicions, suspicion(fmt.Sprint("guest ", i)))
	}
	ms := []saga.Message{s, done(1, 1, u), answers(2, "m1", given...)}
	r, chain := recorded(ms)
	if len(chain) != 2+saga.MaxSuspected {
		t.Errorf("%d entries, want one for the request, one for the answers, and %d suspicions", len(chain), saga.MaxSuspected)
	}
	for _, e := range chain {
		if err := wire.Validate(e); err != nil {
			t.Errorf("entry %d breaks the contract: %v", e.GetSeq(), err)
		}
	}
	if again, _ := recorded(ms); again.AuditHead.GetHash() != r.AuditHead.GetHash() {
		t.Error("the same messages gave another chain")
	}
}

// A run that outgrows its document fails, and its chain goes on where the document before ended.
func TestOverflowKeepsTheChain(t *testing.T) {
	given := []saga.Message{start(0), asks(1, 1, "vm1.name")}
	before, chain := recorded(given)
	after, cmds := saga.Step(before, answers(2, "m1", saga.Answer{ID: "vm1.name", Text: "web"}))
	r, cmds := saga.Overflow(after, cmds, before.AuditHead)
	for _, c := range cmds {
		if a, ok := c.(saga.Audit); ok {
			chain = append(chain, a.Entry)
		}
	}
	if err := audit.Verify(chain, r.AuditHead); err != nil {
		t.Error(err)
	}
	want := []string{"1 http/ asked text=un serveur web", "2 http/ answered vm1.name=web", "3 /proviso failed reason=too_large"}
	if diff := cmp.Diff(want, lines(chain)); diff != "" {
		t.Errorf("chain (-want +got):\n%s", diff)
	}

	// An end that does not fit becomes another end, of which there is still only one.
	before, chain = recorded([]saga.Message{confirmed(0), complete(1, 1, 2, ""), collected(2), analysed(3)})
	after, cmds = saga.Step(before, built(4))
	r, cmds = saga.Overflow(after, cmds, before.AuditHead)
	for _, c := range cmds {
		if a, ok := c.(saga.Audit); ok {
			chain = append(chain, a.Entry)
		}
	}
	if err := audit.Verify(chain, r.AuditHead); err != nil {
		t.Error(err)
	}
	if last := chain[len(chain)-1]; len(chain) != 2 || last.GetAct() != "failed" {
		t.Errorf("chain %v, want asked and failed", lines(chain))
	}
}
