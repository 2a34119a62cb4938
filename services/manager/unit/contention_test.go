package manager_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/failpoint"
	"proviso.dev/pkg/wire"
	manager "proviso.dev/services/manager/unit"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// fails publishes that an attempt came to nothing, as a collector does.
func (l *lab) fails(run, step string, attempt int32) {
	l.t.Helper()
	body, err := wire.Encode(&provisov1.StepFailed{
		RunId: run, Step: step, Attempt: attempt, At: timestamppb.Now(), Retryable: true,
		Reason: &provisov1.Refusal{Code: "pve_down", Message: "Le cluster ne répond pas."},
	})
	if err != nil {
		l.t.Fatal(err)
	}
	err = l.env.Publish.Publish(l.ctx, bus.Message{
		Subject: bus.EventSubject(bus.RoleCollector, bus.KindStepFailed, run), ID: run + step + string('0'+attempt), Body: body,
	})
	if err != nil {
		l.t.Fatal(err)
	}
}

// Two managers take two messages of one run at the same time; the one that comes second must see what the first did.
func TestTwoManagersOneRun(t *testing.T) {
	l := newLab(t, 0, false)
	one, _ := l.manage(manager.Config{})
	two, _ := l.manage(manager.Config{})
	l.ask("r1", true)
	l.untilState("r1", "understanding")
	l.untilDrained()

	// Whoever is about to write first waits until the other one has written.
	written := make(chan struct{})
	writtenOnce := sync.OnceFunc(func() { close(written) })
	var writers atomic.Int32
	t.Cleanup(failpoint.Hook(func(name string) {
		switch name {
		case failpoint.ManagerBeforeUpdate:
			if writers.Add(1) == 1 {
				select {
				case <-written:
				case <-l.ctx.Done():
				}
			}
		case failpoint.ManagerAfterUpdate:
			writtenOnce()
		}
	}))
	l.cancel("r1")
	l.fails("r1", "understand", 1)

	run := l.untilSettled("r1", "cancelled").GetRun()
	l.wantOneEnd("gateway", "r1", "cancelled")
	for _, s := range run.GetSteps() {
		if s.GetOutcome() == "running" {
			t.Errorf("an ended run has a running attempt: %v", s)
		}
	}
	conflicts := testutil.ToFloat64(one.Metrics.CASConflicts.WithLabelValues()) + testutil.ToFloat64(two.Metrics.CASConflicts.WithLabelValues())
	if conflicts != 1 {
		t.Errorf("%v writes lost a race, want 1", conflicts)
	}
}

// A message that loses every race goes back to its queue and is applied when the run is quiet.
func TestContendedMessageComesBack(t *testing.T) {
	l := newLab(t, 0, false)
	env, _ := l.manage(manager.Config{})
	l.ask("r1", true)
	l.untilState("r1", "understanding")
	l.untilDrained()

	kv, err := l.env.JS.KeyValue(l.ctx, bus.BucketRuns)
	if err != nil {
		t.Fatal(err)
	}
	const races = 8 // more than one delivery may lose
	var lost atomic.Int32
	t.Cleanup(failpoint.Hook(func(name string) {
		if name != failpoint.ManagerBeforeUpdate || lost.Add(1) > races {
			return
		}
		entry, err := kv.Get(l.ctx, bus.RunKey("r1"))
		if err == nil {
			_, err = kv.Put(l.ctx, bus.RunKey("r1"), entry.Value())
		}
		if err != nil {
			t.Error(err)
		}
	}))
	l.cancel("r1")
	l.untilSettled("r1", "cancelled")
	l.wantOneEnd("gateway", "r1", "cancelled")
	if got := testutil.ToFloat64(env.Metrics.CASConflicts.WithLabelValues()); got != races {
		t.Errorf("%v races were lost, want %d", got, races)
	}
	if got := testutil.ToFloat64(env.Metrics.Redeliveries.WithLabelValues("manager", "retry")); got != 1 {
		t.Errorf("the message was handed back %v times, want once", got)
	}
}

// Many runs, two managers, every request twice: each run ends once.
func TestManyRunsTwoManagers(t *testing.T) {
	l := newLab(t, 0, false)
	l.session = "lab" // which all of them want to write to
	l.manage(manager.Config{})
	l.manage(manager.Config{})
	l.work(allWell())
	ids := make([]string, 40)
	for i := range ids {
		ids[i] = "r" + string(rune('a'+i/26)) + string(rune('a'+i%26))
		l.ask(ids[i], i%2 == 0)
		l.send(bus.VerbStart, ids[i]+".again", startRun(ids[i], i%2 == 0))
	}
	for i, id := range ids {
		if i%2 == 1 {
			l.untilState(id, "confirming")
			l.answer(id, id+".m1", "confirm", "oui")
			l.answer(id, id+".m2", "confirm", "oui")
		}
	}
	for _, id := range ids {
		l.untilSettled(id, "delivered")
		l.wantOneEnd("gateway", id, "delivered")
	}
	if got := l.remembered("gateway", "", "lab"); len(got) != 8 {
		t.Errorf("remembered %v, want the eight that ended last", got)
	}
}
