package manager_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/failpoint"
	manager "proviso.dev/services/manager/unit"
)

// places are the failpoints that a manager passes.
func places() []string {
	var out []string
	for _, name := range failpoint.Names() {
		if strings.HasPrefix(name, "manager.") {
			out = append(out, name)
		}
	}
	return out
}

// dialogue is the run of the crash tests: asked, confirmed, delivered.
var dialogue = []string{"understanding", "confirming", "understanding", "collecting", "analysing", "building"}

// dying starts a manager whose connection is cut at the nth time that it passes a place, after which nothing of it reaches the
// server any more: to everybody else it was killed. Nothing is acknowledged or handed back, so the message comes again when
// its time is up. Counts may be nil. The channel is closed at the death.
func (l *lab) dying(place string, nth int, counts map[string]int) (dead <-chan struct{}) {
	l.t.Helper()
	died := make(chan struct{})
	var victim *nats.Conn
	var armed, count sync.Mutex
	armed.Lock() // until the victim is known
	hits := 0
	l.t.Cleanup(failpoint.Hook(func(name string) {
		if !strings.HasPrefix(name, "manager.") {
			return
		}
		armed.Lock()
		defer armed.Unlock()
		count.Lock()
		defer count.Unlock()
		if counts != nil {
			counts[name]++
		}
		if name != place {
			return
		}
		if hits++; hits == nth {
			victim.Close()
			close(died)
		}
	}))
	env, _ := l.manage(manager.Config{})
	victim = env.NC
	armed.Unlock()
	return died
}

// play leads the run through its dialogue while somebody manages.
func (l *lab) play(run string) {
	l.t.Helper()
	l.ask(run, false)
	l.untilState(run, "confirming")
	l.answer(run, "m1", "confirm", "oui")
}

// TestManagerDiesAnywhere kills a manager at every place of a run, each time it passes it, and starts another.
//
// Shows: T-3.3.5-07
func TestManagerDiesAnywhere(t *testing.T) {
	counts := map[string]int{}
	l := newLab(t, 0, false)
	l.session = "lab"
	l.dying("none", 0, counts)
	l.work(allWell())
	l.play("r1")
	l.untilSettled("r1", "delivered")
	for _, place := range places() {
		if counts[place] == 0 {
			t.Errorf("a run never passes %s", place)
		}
		for nth := 1; nth <= counts[place]; nth++ {
			t.Run(fmt.Sprintf("%s/%d", place, nth), func(t *testing.T) { survives(t, place, nth) })
		}
	}
}

func survives(t *testing.T, place string, nth int) {
	l := newLab(t, 250*time.Millisecond, false)
	l.session = "lab"
	dead := l.dying(place, nth, nil)
	l.work(allWell())
	l.ask("r1", false)
	confirming := make(chan struct{})
	go func() {
		defer close(confirming)
		select {
		case <-dead:
			l.manage(manager.Config{})
		case <-l.ctx.Done():
		}
	}()
	l.untilState("r1", "confirming")
	l.answer("r1", "m1", "confirm", "oui")
	<-confirming
	run := l.untilSettled("r1", "delivered").GetRun()
	l.wantOneEnd("gateway", "r1", "delivered")
	if diff := cmp.Diff(dialogue, l.states("r1")); diff != "" {
		t.Errorf("announced states (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"asked", "answered", "confirmed", "delivered"}, acts(l.chain("r1"))); diff != "" {
		t.Errorf("audit chain (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"r1"}, l.remembered("gateway", "", "lab")); diff != "" {
		t.Errorf("remembered runs (-want +got):\n%s", diff)
	}
	for _, s := range run.GetSteps() {
		if s.GetOutcome() != "succeeded" {
			t.Errorf("a death cost an attempt: %v", s)
		}
	}
}

// TestAnotherMessageFindsTheOutbox kills a manager while commands of a transition are stored and not published, and has a
// cancellation arrive before the message of that transition comes again.
//
// Shows: T-3.3.5-07
func TestAnotherMessageFindsTheOutbox(t *testing.T) {
	for _, place := range []string{failpoint.ManagerAfterUpdate, failpoint.ManagerBetweenPublishes} {
		for nth := 1; nth <= 8; nth++ {
			t.Run(fmt.Sprintf("%s/%d", place, nth), func(t *testing.T) {
				l := newLab(t, 250*time.Millisecond, false)
				dead := l.dying(place, nth, nil)
				l.work(allWell())
				l.ask("r1", true)
				died := false
				select {
				case <-dead:
					died = true
				case <-l.settled("r1"):
				case <-time.After(patience):
					t.Fatal("neither died nor ended")
				}
				if !died {
					return // a run passes the place less often
				}
				found := l.until("r1", "stored", func(*recordOfRun) bool { return true }).GetRun().GetState()
				l.cancel("r1")
				l.manage(manager.Config{})

				// Work that the cancellation brings out may be quicker than the cancellation itself.
				end := l.until("r1", "ended and settled", func(r *recordOfRun) bool {
					return isEnd(r.GetRun().GetState())
				}).GetRun().GetState()
				l.untilSettled("r1", end)
				l.wantOneEnd("gateway", "r1", end)
				if found == "delivered" && end != found {
					t.Errorf("a delivered run became %s", end)
				}
				if found != "delivered" && !slices.Contains(l.states("r1"), found) {
					t.Errorf("the run was %s, which was never announced: %v", found, l.states("r1"))
				}
				if found != "delivered" && l.delivered(found) == 0 {
					t.Errorf("the run was %s, and nobody was asked to work", found)
				}
			})
		}
	}
}

// delivered counts the work that was published for the step of a state; acknowledged work counts too.
func (l *lab) delivered(state string) uint64 {
	l.t.Helper()
	c, ok := map[string]bus.Consumer{
		"understanding": bus.ConsumerCollector, "collecting": bus.ConsumerCollector, "analysing": bus.ConsumerAnalyser, "building": bus.ConsumerBuilder,
	}[state]
	if !ok {
		return 0
	}
	consumer, err := l.env.JS.Consumer(l.ctx, c.Stream, c.Name)
	if err != nil {
		l.t.Fatal(err)
	}
	info := consumer.CachedInfo()
	return info.Delivered.Consumer + info.NumPending
}
