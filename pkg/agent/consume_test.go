package agent_test

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
)

// TestNothingWaitsInBuffers guards against prefetching: 12 jobs over 2 workers used to run 24 times, split 17 to 7, because
// messages in a worker's buffer aged towards their redelivery.
func TestNothingWaitsInBuffers(t *testing.T) {
	s, manager := provisioned(t, bus.TopologyOptions{AckWait: 800 * time.Millisecond})
	const jobs = 12
	for i := range jobs {
		assign(t, manager, fmt.Sprintf("r%d", i), nil)
	}
	var done sync.WaitGroup
	done.Add(jobs)
	var total atomic.Int32
	var ran [2]atomic.Int32
	for i := range ran {
		env := environment(t, s, bus.RoleBuilder)
		serve(t, func(ctx context.Context) error {
			return agent.Consume(ctx, env, bus.ConsumerBuilder, 1, func(ctx context.Context, _ agent.Delivery) error {
				ran[i].Add(1)
				if total.Add(1) <= jobs {
					defer done.Done()
				}
				return takes(ctx, 200*time.Millisecond)
			})
		})
	}
	done.Wait()
	wantEmpty(t, manager, bus.StreamWork)
	a, b := ran[0].Load(), ran[1].Load()
	if a+b != jobs {
		t.Errorf("ran %d times for %d messages", a+b, jobs)
	}
	if a < 4 || b < 4 {
		t.Errorf("split %d to %d, want about half each", a, b)
	}
}

// wantEmpty waits until a work queue has nothing left.
func wantEmpty(t *testing.T, env *agent.Env, stream string) {
	t.Helper()
	ctx := within(t, 10*time.Second)
	for stored(t, env, stream) > 0 {
		if err := takes(ctx, 10*time.Millisecond); err != nil {
			t.Fatalf("%s still holds %d messages", stream, stored(t, env, stream))
		}
	}
}

func TestConcurrencyIsBounded(t *testing.T) {
	s, manager := provisioned(t, bus.TopologyOptions{})
	const jobs, places = 24, 4
	var now, most, ran atomic.Int32
	all := make(chan struct{})
	env := environment(t, s, bus.RoleBuilder)
	serve(t, func(ctx context.Context) error {
		return agent.Consume(ctx, env, bus.ConsumerBuilder, places, func(ctx context.Context, _ agent.Delivery) error {
			n := now.Add(1)
			defer now.Add(-1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			if ran.Add(1) == jobs {
				close(all)
			}
			return takes(ctx, 20*time.Millisecond)
		})
	})
	for i := range jobs {
		assign(t, manager, fmt.Sprintf("r%d", i), nil)
	}
	select {
	case <-all:
	case <-time.After(10 * time.Second):
		t.Fatalf("only %d of %d jobs ran", ran.Load(), jobs)
	}
	if got := most.Load(); got != places {
		t.Errorf("at most %d at a time, want %d", got, places)
	}
}

func TestHeartbeatKeepsALongJob(t *testing.T) {
	s, manager := provisioned(t, bus.TopologyOptions{AckWait: 500 * time.Millisecond})
	var ran atomic.Int32
	finished := make(chan struct{})
	for range 2 { // somebody else would be glad to have it
		env := environment(t, s, bus.RoleBuilder)
		serve(t, func(ctx context.Context) error {
			return agent.Consume(ctx, env, bus.ConsumerBuilder, 2, func(ctx context.Context, _ agent.Delivery) error {
				if ran.Add(1) == 1 {
					defer close(finished)
				}
				return takes(ctx, 2*time.Second)
			})
		})
	}
	assign(t, manager, "r1", nil)
	select {
	case <-finished:
	case <-time.After(10 * time.Second):
		t.Fatal("the job did not finish")
	}
	wantEmpty(t, manager, bus.StreamWork)
	if got := ran.Load(); got != 1 {
		t.Errorf("the job ran %d times, want once: four times the patience of the server passed", got)
	}
}

// Shows: T-3.3.5-07
func TestDeathOfAWorkerCostsTimeOnly(t *testing.T) {
	s, manager := provisioned(t, bus.TopologyOptions{AckWait: time.Second})
	dying := environment(t, s, bus.RoleBuilder)
	taken, released := make(chan struct{}), make(chan struct{})
	dead := t.Context()
	go func() {
		_ = agent.Consume(dead, dying, bus.ConsumerBuilder, 1, func(context.Context, agent.Delivery) error {
			close(taken)
			<-released
			return nil
		})
	}()
	defer close(released)
	assign(t, manager, "r1", nil)
	<-taken
	dying.NC.Close() // no acknowledgement, no heartbeat, no goodbye

	second := make(chan agent.Delivery, 1)
	env := environment(t, s, bus.RoleBuilder)
	serve(t, func(ctx context.Context) error {
		return agent.Consume(ctx, env, bus.ConsumerBuilder, 1, func(_ context.Context, d agent.Delivery) error {
			second <- d
			return nil
		})
	})
	select {
	case d := <-second:
		if d.Attempt != 2 || d.Last {
			t.Errorf("got delivery %d, last %v, want 2, false", d.Attempt, d.Last)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the work was not delivered again")
	}
	wantEmpty(t, manager, bus.StreamWork)
}

// TestStoppingHandsBack: the server would wait 30 s for an acknowledgement; the next replica must not.
//
// Shows: T-3.3.5-07
func TestStoppingHandsBack(t *testing.T) {
	s, manager := provisioned(t, bus.TopologyOptions{})
	env := environment(t, s, bus.RoleBuilder)
	taken := make(chan struct{})
	stop := serve(t, func(ctx context.Context) error {
		return agent.Consume(ctx, env, bus.ConsumerBuilder, 1, func(ctx context.Context, _ agent.Delivery) error {
			close(taken)
			return takes(ctx, time.Minute)
		})
	})
	assign(t, manager, "r1", nil)
	<-taken
	stop()

	again := make(chan agent.Delivery, 1)
	next := environment(t, s, bus.RoleBuilder)
	serve(t, func(ctx context.Context) error {
		return agent.Consume(ctx, next, bus.ConsumerBuilder, 1, func(_ context.Context, d agent.Delivery) error {
			again <- d
			return nil
		})
	})
	select {
	case d := <-again:
		if d.Attempt != 2 {
			t.Errorf("got delivery %d, want 2", d.Attempt)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the work was not handed back")
	}
}

func TestHandlerDecides(t *testing.T) {
	tests := map[string]struct {
		reason  string
		handle  func(d agent.Delivery) error
		runs    int32
		letters uint64
	}{
		"Done":      {"", func(agent.Delivery) error { return nil }, 1, 0},
		"OnceMore":  {"An error hands the message back.", firstTime(errors.New("store is away")), 2, 0},
		"Later":     {"So does asking for it.", firstTime(agent.RetryAfter(10*time.Millisecond, errors.New("too early"))), 2, 0},
		"Panic":     {"A panic is an error, not the end of the unit.", func(d agent.Delivery) error { return panicFirst(d) }, 2, 0},
		"Terminate": {"What will never do is not tried again.", func(agent.Delivery) error { return agent.Terminate("invalid", "no") }, 1, 1},
		"Exhausted": {"What fails each time ends where people look.", func(agent.Delivery) error { return agent.RetryAfter(time.Millisecond, errors.New("always")) }, 6, 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, manager := provisioned(t, bus.TopologyOptions{})
			env := environment(t, s, bus.RoleBuilder)
			var ran atomic.Int32
			serve(t, func(ctx context.Context) error {
				return agent.Consume(ctx, env, bus.ConsumerBuilder, 1, func(_ context.Context, d agent.Delivery) error {
					ran.Add(1)
					return tc.handle(d)
				})
			})
			assignRaw(t, manager, bus.VerbBuild, "r1", []byte(`{"not":"read here"}`))
			wantEmpty(t, manager, bus.StreamWork)
			if got := ran.Load(); got != tc.runs {
				t.Errorf("ran %d times, want %d; %s", got, tc.runs, tc.reason)
			}
			if got := stored(t, manager, bus.StreamDLQ); got != tc.letters {
				t.Fatalf("got %d dead letters, want %d; %s", got, tc.letters, tc.reason)
			}
			if tc.letters == 0 {
				return
			}
			dlq, err := manager.JS.Stream(t.Context(), bus.StreamDLQ)
			if err != nil {
				t.Fatal(err)
			}
			letter, err := dlq.GetLastMsgForSubject(t.Context(), bus.DLQSubject(bus.RoleBuilder, bus.VerbBuild))
			if err != nil {
				t.Fatal(err)
			}
			if string(letter.Data) != `{"not":"read here"}` || letter.Header.Get(bus.HeaderRun) != "r1" || letter.Header.Get(bus.HeaderErrorCode) == "" {
				t.Errorf("got %q with %v, want the original and the reasons", letter.Data, letter.Header)
			}
		})
	}
}

func firstTime(err error) func(agent.Delivery) error {
	return func(d agent.Delivery) error {
		if d.Attempt == 1 {
			return err
		}
		return nil
	}
}

func panicFirst(d agent.Delivery) error {
	if d.Attempt == 1 {
		panic("at the first sight")
	}
	return nil
}

func TestConsumerGoneEndsTheLoop(t *testing.T) {
	s, manager := provisioned(t, bus.TopologyOptions{})
	env := environment(t, s, bus.RoleBuilder)
	ctx := within(t, 20*time.Second)
	seen, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- agent.Consume(ctx, env, bus.ConsumerBuilder, 1, func(context.Context, agent.Delivery) error {
			close(seen)
			return nil
		})
	}()
	assign(t, manager, "r1", nil)
	<-seen
	if err := manager.JS.DeleteConsumer(ctx, bus.StreamWork, "builder-v1"); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if !errors.Is(err, jetstream.ErrConsumerDeleted) && !errors.Is(err, jetstream.ErrConsumerNotFound) {
			t.Errorf("got %v, want that the consumer is gone", err)
		}
	case <-ctx.Done():
		t.Fatal("the loop spins on a consumer that is gone")
	}
	if err := agent.Consume(ctx, env, bus.ConsumerBuilder, 1, nil); !errors.Is(err, jetstream.ErrConsumerNotFound) {
		t.Errorf("got %v: a loop creates no consumer", err)
	}
}

// TestNoStallBetweenMessages guards against a race of the client: when a message arrives before the goroutine that asked for
// it has noticed that it asked, the next call asks for nothing and waits until a heartbeat is missed, 2 s.
func TestNoStallBetweenMessages(t *testing.T) {
	s, manager := provisioned(t, bus.TopologyOptions{})
	const jobs = 1000
	env := environment(t, s, bus.RoleBuilder)
	var mu sync.Mutex
	var last time.Time
	var longest time.Duration
	var ran atomic.Int32
	all := make(chan struct{})
	for i := range jobs {
		assignRaw(t, manager, bus.VerbBuild, fmt.Sprintf("r%d", i), []byte("{}"))
	}
	serve(t, func(ctx context.Context) error { // the race needs processors that have other things to do
		for i := range 4 {
			go func() {
				for sum := uint32(i); ctx.Err() == nil; sum = crc32.Update(sum, crc32.IEEETable, []byte{1}) {
				}
			}()
		}
		<-ctx.Done()
		return nil
	})
	serve(t, func(ctx context.Context) error {
		return agent.Consume(ctx, env, bus.ConsumerBuilder, 16, func(context.Context, agent.Delivery) error {
			mu.Lock()
			if now := time.Now(); !last.IsZero() {
				longest = max(longest, now.Sub(last))
			}
			last = time.Now()
			mu.Unlock()
			if ran.Add(1) == jobs {
				close(all)
			}
			return nil
		})
	})
	select {
	case <-all:
	case <-time.After(30 * time.Second):
		t.Fatalf("%d of %d messages in 30 s", ran.Load(), jobs)
	}
	mu.Lock()
	defer mu.Unlock()
	if longest > time.Second {
		t.Errorf("nothing came for %s while messages were waiting", longest)
	}
}
