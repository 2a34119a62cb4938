package manager_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/failpoint"
	"proviso.dev/pkg/wire"
	manager "proviso.dev/services/manager/unit"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// due publishes a due timer as the server does.
func (l *lab) due(run, id string, deadline *timestamppb.Timestamp) {
	l.t.Helper()
	body, err := wire.Encode(&provisov1.TimerDue{RunId: run, Name: "deadline", Deadline: deadline})
	if err != nil {
		l.t.Fatal(err)
	}
	if err := l.env.Publish.Publish(l.ctx, bus.Message{Subject: bus.TimerDue(run, "deadline"), ID: id, Body: body}); err != nil {
		l.t.Fatal(err)
	}
}

func attempts(n int) func(*provisov1.RunRecord) bool {
	return func(r *provisov1.RunRecord) bool { return len(r.GetRun().GetSteps()) == n }
}

// A step that fails twice gets its third attempt from a real timer.
func TestTimerBringsTheLastAttempt(t *testing.T) {
	l := newLab(t, 0, false)
	l.manage(manager.Config{})
	var calls atomic.Int32
	s := allWell()
	s[bus.VerbCollect] = func(ctx context.Context, w agent.Work) (*provisov1.StepSucceeded, error) {
		if calls.Add(1) < 3 {
			return nil, &agent.Failure{Code: "pve_down", Message: "Le cluster ne répond pas.", Retryable: true}
		}
		return collect(ctx, w)
	}
	l.work(s)
	l.ask("r1", true)
	run := l.untilSettled("r1", "delivered").GetRun()
	l.wantOneEnd("gateway", "r1", "delivered")
	if got := calls.Load(); got != 3 {
		t.Errorf("collected %d times, want 3", got)
	}
	third := run.GetSteps()[3]
	if pause := third.GetStartedAt().AsTime().Sub(run.GetSteps()[2].GetFinishedAt().AsTime()); pause < 2*time.Second {
		t.Errorf("the third attempt came after %s, want at least 2 s", pause)
	}
}

// A timer fires once: one that is early, by a clock that is ahead, must come again and not be lost.
func TestEarlyTimerComesAgain(t *testing.T) {
	l := newLab(t, 0, false)
	env, _ := l.manage(manager.Config{})
	l.ask("r1", true)
	deadline := l.untilState("r1", "understanding").GetRun().GetDeadline()
	l.clock.Store(int64(time.Until(deadline.AsTime()) - 300*time.Millisecond))
	l.due("r1", "early", deadline)

	run := l.until("r1", "given a second attempt", attempts(2)).GetRun()
	if got := run.GetSteps()[0].GetOutcome(); got != "abandoned" {
		t.Errorf("the first attempt is %s, want abandoned", got)
	}
	if got := testutil.ToFloat64(env.Metrics.Redeliveries.WithLabelValues("manager", "retry")); got == 0 {
		t.Error("the timer was not handed back, so it was not early")
	}
}

// The timer of an earlier deadline sets itself for the current one, and changes nothing else.
func TestStaleTimerMovesOn(t *testing.T) {
	l := newLab(t, 0, false)
	l.manage(manager.Config{})
	l.work(script{bus.VerbUnderstand: understand})
	l.ask("r1", false)
	run := l.untilState("r1", "confirming").GetRun()
	l.untilDrained()
	timers := func() []*provisov1.TimerDue {
		return stored[*provisov1.TimerDue](l, bus.StreamTimers, bus.TimerSet("r1", "deadline"))
	}
	set := timers()
	if len(set) != 1 {
		t.Fatalf("%d timers are set, want 1", len(set))
	}
	first := set[0]
	if got := run.GetDeadline().AsTime().Sub(first.GetDeadline().AsTime()); got < 23*time.Hour {
		t.Fatalf("the timer that is set is %s before the run's deadline, want that of the first step", got)
	}
	l.clock.Store(int64(61 * time.Second))
	l.due("r1", "stale", first.GetDeadline())

	// The stream is read message by message: while a timer takes the place of another, both can be seen.
	l.eventually("one timer is set, for the current deadline", func() (bool, error) {
		set := timers()
		return len(set) == 1 && set[0].GetDeadline().AsTime().Equal(run.GetDeadline().AsTime()), nil
	})
	if after := l.untilState("r1", "confirming").GetRun(); !after.GetUpdatedAt().AsTime().Equal(run.GetUpdatedAt().AsTime()) {
		t.Errorf("the run changed: %v", after)
	}
}

func purgeTimers(l *lab) {
	l.t.Helper()
	stream, err := l.env.JS.Stream(l.ctx, bus.StreamTimers)
	if err == nil {
		err = stream.Purge(l.ctx)
	}
	if err != nil {
		l.t.Fatal(err)
	}
}

// TestReconciler loses what the bus must not lose, and has another manager find it.
func TestReconciler(t *testing.T) {
	repairs := func(env *agent.Env, kind string) float64 {
		return testutil.ToFloat64(env.Metrics.ReconcilerRepairs.WithLabelValues(kind))
	}
	t.Run("LostTimer", func(t *testing.T) {
		l := newLab(t, 0, false)
		_, stop := l.manage(manager.Config{})
		l.ask("r1", true)
		l.untilState("r1", "understanding")
		l.untilDrained()
		stop()
		purgeTimers(l)
		l.clock.Store(int64(75 * time.Second))
		env, _ := l.manage(manager.Config{ReconcileEvery: 20 * time.Millisecond})
		l.until("r1", "given a second attempt", attempts(2))
		if got := repairs(env, "deadline"); got != 1 {
			t.Errorf("%v deadlines repaired, want 1", got)
		}
	})
	t.Run("LostMessage", func(t *testing.T) {
		l := newLab(t, 0, false)
		dead := l.dying(failpoint.ManagerAfterUpdate, 2, nil)
		l.ask("r1", true)
		l.untilState("r1", "understanding")
		l.cancel("r1")
		<-dead
		stream, err := l.env.JS.Stream(l.ctx, bus.StreamWork)
		if err == nil {
			err = stream.Purge(l.ctx)
		}
		if err != nil {
			t.Fatal(err)
		}
		l.clock.Store(int64(time.Minute))
		env, _ := l.manage(manager.Config{ReconcileEvery: 20 * time.Millisecond})
		l.untilSettled("r1", "cancelled")
		l.wantOneEnd("gateway", "r1", "cancelled")
		if got := repairs(env, "outbox"); got != 1 {
			t.Errorf("%v outboxes repaired, want 1", got)
		}
	})
	t.Run("MarkOfAnEndedRun", func(t *testing.T) {
		l := newLab(t, 0, false)
		_, stop := l.manage(manager.Config{})
		l.ask("r1", true)
		l.cancel("r1")
		l.untilSettled("r1", "cancelled")
		stop()
		kv, err := l.env.JS.KeyValue(l.ctx, bus.BucketRuns)
		if err == nil {
			_, err = kv.Put(l.ctx, bus.ActiveKey("r1"), nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		l.clock.Store(int64(time.Minute))
		l.manage(manager.Config{ReconcileEvery: 20 * time.Millisecond})
		l.untilUnmarked("r1")
	})
}
