package e2e

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"proviso.dev/pkg/audit"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/failpoint"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/test/harness"
)

// hits is more often than any place is passed in one run; the walk over a place ends earlier, at the first hit that the run
// does not reach.
const hits = 40

// TestKilledAtEveryPoint kills each service at every point of a run at which dying could lose or double something, restarts it,
// and wants the run delivered with one result.
//
// Shows: T-3.3.5-07, T-0-09, T-3.3.5-134, T-4.6.2-01
func TestKilledAtEveryPoint(t *testing.T) {
	d := newDeployment(t)
	for _, service := range []string{"collector", "analyser", "builder", "manager"} {
		for _, place := range failpoint.Names() {
			if strings.HasPrefix(place, "manager.") && service != "manager" {
				continue
			}
			t.Run(service+"/"+place, func(t *testing.T) {
				for nth := 1; nth <= hits; nth++ {
					if !d.killedOnce(t, service, place, nth) {
						if nth == 1 {
							t.Logf("%s never passes %s", service, place)
						}
						return
					}
				}
				t.Errorf("%s passes %s more than %d times in one run", service, place, hits)
			})
		}
	}
}

// killedOnce takes one run through the death of a service at the nth passing of a place. It reports whether the service died.
func (d *deployment) killedOnce(t *testing.T, service, place string, nth int) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	d.running[service].Kill()
	victim := d.start(t, service, fmt.Sprintf("%s=%s:%d", failpoint.Variable, place, nth))
	name := fmt.Sprintf("k-%s-%s-%d", service, strings.NewReplacer(".", "-", "_", "-").Replace(place), nth)
	id, err := d.client.Post(ctx, harness.Request{Prompt: "crée une VM nommée " + name + " depuis le template 100", Confirmed: true, SessionID: name})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := d.client.Wait(ctx, id)
		ended <- err
	}()
	died := false
	select {
	case <-victim.Done():
		if !victim.KilledItself() {
			t.Fatalf("%s ended otherwise:\n%s", service, victim.Output())
		}
		died = true
		d.start(t, service)
		err = <-ended
	case err = <-ended:
		// The end is visible before the last acknowledgement: give the victim the time to pass its last places.
		select {
		case <-victim.Done():
			died = victim.KilledItself()
			d.start(t, service)
		case <-time.After(300 * time.Millisecond):
			// It is still armed, and would die of the next run.
			victim.Kill()
			d.start(t, service)
		}
	}
	if err != nil {
		t.Fatalf("after %s died at %s for the %d. time: %v", service, place, nth, err)
	}
	run, err := d.client.Wait(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if run.GetState() != "delivered" {
		t.Errorf("%s died at %s:%d: want delivered, got %s (%v %v)", service, place, nth, run.GetState(), run.GetFailure(), run.GetRefusal())
	}
	d.oneResult(t, ctx, id)
	return died
}

// oneResult waits until the run's result is there and checks that there is one only, also after every redelivery is over.
func (d *deployment) oneResult(t *testing.T, ctx context.Context, id string) {
	t.Helper()
	deadline := time.Now().Add(5 * ackWait)
	for {
		results, ends := d.results(t, ctx, id)
		if results > 1 || ends > 1 {
			t.Errorf("run %s: %d results and %d ends, want one of each", id, results, ends)
			return
		}
		if results == 1 && ends == 1 {
			d.oneChain(t, ctx, id)
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("run %s: %d results and %d ends after %v, want one of each", id, results, ends, 5*ackWait)
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// oneChain checks that the audit chain of a run that was delivered is whole and was published once.
func (d *deployment) oneChain(t *testing.T, ctx context.Context, id string) {
	t.Helper()
	stream, err := d.js.Stream(ctx, bus.StreamAudit)
	if err != nil {
		t.Fatal(err)
	}
	var chain []*provisov1.AuditEntry
	for seq := uint64(1); ; {
		msg, err := stream.GetMsg(ctx, seq, jetstream.WithGetMsgSubject(bus.AuditOf(id)))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		e, err := wire.Decode[*provisov1.AuditEntry](msg.Data, wire.Strict)
		if err != nil {
			t.Fatal(err)
		}
		chain, seq = append(chain, e), msg.Sequence+1
	}
	if err := audit.Verify(chain, nil); err != nil || len(chain) != 2 || chain[0].GetAct() != "asked" || chain[1].GetAct() != "delivered" {
		t.Errorf("run %s: audit chain %v (%v), want asked and delivered", id, chain, err)
	}
}

// TestBusKilled kills the nats-server in the middle of a run and restarts it on the same store.
//
// Shows: T-4.7.2-05
func TestBusKilled(t *testing.T) {
	d := newDeployment(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for i := range 5 {
		id, err := d.client.Post(ctx, harness.Request{Prompt: fmt.Sprintf("create a VM named bus-%d from template 100", i), Confirmed: true})
		if err != nil {
			t.Fatal(err)
		}
		// A different moment of the run each time; wherever it is, nothing may be lost.
		time.Sleep(time.Duration(i) * 4 * time.Millisecond)
		d.nats.Kill()
		d.startNATS(t)
		run := d.eventually(t, ctx, id)
		if run != "delivered" {
			t.Errorf("run %d: want delivered, got %s", i, run)
		}
		d.oneResult(t, ctx, id)
	}
}

// eventually waits for the end of a run through a gateway that may be without its bus for a while.
func (d *deployment) eventually(t *testing.T, ctx context.Context, id string) string {
	t.Helper()
	for {
		run, err := d.client.Wait(ctx, id)
		if err == nil {
			return run.GetState()
		}
		select {
		case <-ctx.Done():
			t.Fatalf("run %s did not end: %v", id, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
