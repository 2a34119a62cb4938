package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/bus"
	"proviso.dev/test/harness"
)

// TestMessagesPerRun runs the same request with one replica of each agent and with three. What a run costs the bus is the work of its
// steps, whoever does them: agents are found by their role and share one consumer, so none talks to a replica.
//
// Shows: T-2.5.1-01
func TestMessagesPerRun(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	d := newDeployment(t)
	pulls := d.pulls(t, ctx)
	one := d.messages(t, ctx)
	if one["WORK"] == 0 || one["EVENTS"] == 0 {
		t.Fatalf("nothing was counted: %v", one)
	}
	for range 2 {
		for _, name := range []string{"collector", "analyser", "builder", "manager"} {
			d.start(t, name)
		}
	}
	for d.pulls(t, ctx) < 3*pulls { // until all ask for work; ctx bounds the wait
		time.Sleep(50 * time.Millisecond)
	}
	for range 3 { // the steps of several runs meet several replicas
		if diff := cmp.Diff(one, d.messages(t, ctx)); diff != "" {
			t.Errorf("messages of a run (-one replica +three):\n%s", diff)
		}
	}
	t.Logf("messages of a run: %v", one)
}

// messages counts what one run leaves on the streams.
func (d *deployment) messages(t *testing.T, ctx context.Context) map[string]uint64 {
	t.Helper()
	before := d.last(t, ctx)
	id, err := d.client.Post(ctx, harness.Request{Prompt: fmt.Sprintf("create a VM named count-%d from template 100 with 2 GB", before["RESULTS"]), Confirmed: true})
	if err != nil {
		t.Fatal(err)
	}
	if run := wait(t, ctx, d.client, id); run.GetState() != "delivered" {
		t.Fatalf("run ended %s: %v", run.GetState(), run.GetFailure())
	}
	for d.waiting(t, ctx) { // the end of the run is seen before its last message is done with; ctx bounds the wait
		time.Sleep(10 * time.Millisecond)
	}
	after := d.last(t, ctx)
	for stream := range after {
		after[stream] -= before[stream]
	}
	return after
}

// last is the number of messages that each stream ever held.
func (d *deployment) last(t *testing.T, ctx context.Context) map[string]uint64 {
	t.Helper()
	counts := make(map[string]uint64)
	for _, name := range []string{"WORK", "EVENTS", "RESULTS", "AUDIT", "DLQ"} {
		s, err := d.js.Stream(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		info, err := s.Info(ctx)
		if err != nil {
			t.Fatal(err)
		}
		counts[name] = info.State.LastSeq
	}
	return counts
}

// waiting reports whether a message of WORK is not done with.
func (d *deployment) waiting(t *testing.T, ctx context.Context) bool {
	t.Helper()
	s, err := d.js.Stream(ctx, "WORK")
	if err != nil {
		t.Fatal(err)
	}
	info, err := s.Info(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return info.State.Msgs > 0
}

// pulls is how many requests for work of collectors wait at the server: as many for each replica.
func (d *deployment) pulls(t *testing.T, ctx context.Context) int {
	t.Helper()
	for {
		c, err := d.js.Consumer(ctx, "WORK", bus.ConsumerCollector.Name)
		if err != nil {
			t.Fatal(err)
		}
		info, err := c.Info(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if info.NumWaiting > 0 {
			return info.NumWaiting
		}
		time.Sleep(10 * time.Millisecond)
	}
}
