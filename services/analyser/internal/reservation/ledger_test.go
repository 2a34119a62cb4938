package reservation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"proviso.dev/pkg/natstest"
	"proviso.dev/pkg/pve"
)

// bucket is a bucket of a NATS server of its own; connect opens it once more, on another connection.
type bucket struct {
	kv      jetstream.KeyValue
	connect func() jetstream.KeyValue
}

func newBucket(t testing.TB) bucket {
	t.Helper()
	s := natstest.Start(t, nil)
	connect := func() jetstream.KeyValue {
		nc, err := nats.Connect("", nats.InProcessServer(s))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(nc.Close)
		js, err := jetstream.New(nc)
		if err != nil {
			t.Fatal(err)
		}
		kv, err := js.CreateOrUpdateKeyValue(t.Context(), jetstream.KeyValueConfig{Bucket: "reservations", TTL: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		return kv
	}
	return bucket{connect(), connect}
}

func (b bucket) ledger(t testing.TB, p Policy) *Ledger {
	t.Helper()
	l, err := New(t.Context(), b.connect(), p, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// writes counts the records that were ever written, deletions included.
func (b bucket) writes(t testing.TB) uint64 {
	t.Helper()
	status, err := b.kv.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return status.(*jetstream.KeyValueBucketStatus).StreamInfo().State.LastSeq
}

// lab are the ids of the thesis's laboratory before scenario 4.
func lab() *InUse {
	names := []string{"k3s-template", "OPNsense", "AI-server", "control-node-1", "control-node-2", "control-node-3", "worker-node-1", "worker-node-2", "worker-node-3"}
	ids := []int{100, 101, 118, 119, 120, 121, 122, 123, 124}
	var guests []pve.Guest
	for i, id := range ids {
		guests = append(guests, pve.Guest{VMID: id, Name: names[i]})
	}
	return NewInUse(guests)
}

// Shows: T-4.7.4-07
func TestReserve(t *testing.T) {
	type call struct {
		run   string
		again bool
		wants []Want
		want  []Grant
		err   string
	}
	one := func(w Want) []Want { w.Guest = "0.0"; return []Want{w} }
	three := func(w Want) []Want {
		var ws []Want
		for i := range 3 {
			w.Guest = fmt.Sprintf("0.%d", i)
			ws = append(ws, w)
		}
		return ws
	}
	long := strings.Repeat("a", 63)
	tests := map[string]struct {
		reason string
		policy Policy
		calls  []call
	}{
		"AboveHighest": {
			reason: "124 is the highest id of the laboratory; the next run comes after the first one's promise.",
			policy: AboveHighest,
			calls: []call{
				{run: "a", wants: one(Want{Name: "webserver"}), want: []Grant{{125, "webserver"}}},
				{run: "b", wants: one(Want{Name: "database"}), want: []Grant{{126, "database"}}},
			},
		},
		"LowestFree": {
			reason: "102 is the first gap; 103 follows because 102 is promised.",
			policy: LowestFree,
			calls: []call{
				{run: "a", wants: one(Want{Name: "webserver"}), want: []Grant{{102, "webserver"}}},
				{run: "b", wants: one(Want{Name: "database"}), want: []Grant{{103, "database"}}},
			},
		},
		"SameRunGetsTheSame": {
			reason: "A step that is done again must not take a second id, whatever other runs took meanwhile.",
			policy: AboveHighest,
			calls: []call{
				{run: "a", wants: three(Want{Name: "web", Numbered: true}), want: []Grant{{125, "web-1"}, {126, "web-2"}, {127, "web-3"}}},
				{run: "b", wants: one(Want{Name: "database"}), want: []Grant{{128, "database"}}},
				{run: "a", again: true, wants: three(Want{Name: "web", Numbered: true}), want: []Grant{{125, "web-1"}, {126, "web-2"}, {127, "web-3"}}},
			},
		},
		"DerivedNameGetsASuffix": {
			reason: "Two runs of the same words both get a web server.",
			policy: AboveHighest,
			calls: []call{
				{run: "a", wants: one(Want{Name: "webserver"}), want: []Grant{{125, "webserver"}}},
				{run: "b", wants: one(Want{Name: "WebServer"}), want: []Grant{{126, "WebServer-2"}}},
				{run: "c", wants: one(Want{Name: "webserver"}), want: []Grant{{127, "webserver-3"}}},
			},
		},
		"NumbersSkipWhatTheClusterHas": {
			reason: "worker-node-1 to 3 exist.",
			policy: AboveHighest,
			calls:  []call{{run: "a", wants: three(Want{Name: "worker-node", Numbered: true}), want: []Grant{{125, "worker-node-4"}, {126, "worker-node-5"}, {127, "worker-node-6"}}}},
		},
		"LongNameStaysALabel": {
			reason: "A DNS label has 63 characters; the suffix takes the place of its end.",
			policy: AboveHighest,
			calls: []call{
				{run: "a", wants: one(Want{Name: long}), want: []Grant{{125, long}}},
				{run: "b", wants: one(Want{Name: long}), want: []Grant{{126, long[:61] + "-2"}}},
			},
		},
		"StatedNameOfAnotherRun": {
			reason: "A name that the requester gave is not changed; the refused run keeps no id, so the next one follows directly.",
			policy: AboveHighest,
			calls: []call{
				{run: "a", wants: one(Want{Name: "shop", Fixed: true}), want: []Grant{{125, "shop"}}},
				{run: "b", wants: append(one(Want{Name: "cart"}), Want{Guest: "1.0", Name: "shop", Fixed: true}), err: "name shop held by a"},
				{run: "c", wants: one(Want{Name: "cart"}), want: []Grant{{126, "cart"}}},
			},
		},
		"StatedNameOfAGuest": {
			reason: "The cluster has it.",
			policy: AboveHighest,
			calls:  []call{{run: "a", wants: one(Want{Name: "opnsense", Fixed: true}), err: "name opnsense held by "}},
		},
		"StatedNameTwiceInARun": {
			reason: "Two groups of one request cannot share a name.",
			policy: AboveHighest,
			calls:  []call{{run: "a", wants: append(one(Want{Name: "shop", Fixed: true}), Want{Guest: "1.0", Name: "shop", Fixed: true}), err: "name shop held by "}},
		},
		"StatedID": {
			reason: "A demanded id is given, given again to the same run, and refused to another.",
			policy: AboveHighest,
			calls: []call{
				{run: "a", wants: one(Want{Name: "shop", VMID: 500}), want: []Grant{{500, "shop"}}},
				{run: "a", again: true, wants: one(Want{Name: "shop", VMID: 500}), want: []Grant{{500, "shop"}}},
				{run: "b", wants: one(Want{Name: "cart", VMID: 500}), err: "id 500 held by a"},
				{run: "b", wants: one(Want{Name: "cart"}), want: []Grant{{501, "cart"}}},
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBucket(t)
			// Every call goes to a ledger of its own: nothing may rest on what one process remembers.
			for i, c := range tt.calls {
				got, err := b.ledger(t, tt.policy).Reserve(t.Context(), Request{Run: c.run, Again: c.again, Cluster: "pve-cluster", InUse: lab(), Wants: c.wants})
				if diff := cmp.Diff(c.err, words(err)); diff != "" {
					t.Fatalf("%s\ncall %d: error (-want +got):\n%s", tt.reason, i, diff)
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Fatalf("%s\ncall %d: grants (-want +got):\n%s", tt.reason, i, diff)
				}
			}
		})
	}
}

// words says which demand an error is about.
func words(err error) string {
	var name *NameError
	var id *IDError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &name):
		return fmt.Sprintf("name %s held by %s", name.Name, name.Run)
	case errors.As(err, &id):
		return fmt.Sprintf("id %d held by %s", id.VMID, id.Run)
	default:
		return err.Error()
	}
}

// Shows: T-4.7.4-07
//
// TestParallelRuns has 100 runs of the same words served by two replicas at the same moment, and then delivered again, to
// the other replica.
func TestParallelRuns(t *testing.T) {
	const runs = 100
	b := newBucket(t)
	replicas := []*Ledger{b.ledger(t, AboveHighest), b.ledger(t, AboveHighest)}
	inUse := lab()
	deliver := func(again bool) []Grant {
		var wg sync.WaitGroup
		grants := make([]Grant, runs)
		for i := range runs {
			l := replicas[i%2]
			if again {
				l = replicas[(i+1)%2]
			}
			wg.Go(func() {
				got, err := l.Reserve(t.Context(), Request{
					Run: fmt.Sprintf("run-%d", i), Again: again, InUse: inUse, Wants: []Want{{Guest: "0.0", Name: "webserver"}},
				})
				if err != nil {
					t.Errorf("run %d: %v", i, err)
					return
				}
				grants[i] = got[0]
			})
		}
		wg.Wait()
		return grants
	}

	first := deliver(false)
	ids, names := make(map[int]int), make(map[string]int)
	for run, g := range first {
		if other, twice := ids[g.VMID]; twice {
			t.Errorf("id %d was given to runs %d and %d", g.VMID, run, other)
		}
		if other, twice := names[g.Name]; twice {
			t.Errorf("name %s was given to runs %d and %d", g.Name, run, other)
		}
		if g.VMID <= 124 {
			t.Errorf("run %d was given %d, which is not above the highest in use", run, g.VMID)
		}
		ids[g.VMID], names[g.Name] = run, run
	}
	if diff := cmp.Diff(first, deliver(true)); diff != "" {
		t.Errorf("second delivery (-first +second):\n%s", diff)
	}
}

// TestDeliveredTwiceAtOnce has the same piece of work done by two workers at the same moment.
func TestDeliveredTwiceAtOnce(t *testing.T) {
	b := newBucket(t)
	l, inUse := b.ledger(t, AboveHighest), lab()
	for i := range 20 {
		req := Request{Run: fmt.Sprint(i), InUse: inUse, Wants: []Want{{Guest: "0.0", Name: "web", Fixed: true}}}
		req.Wants[0].Name += fmt.Sprint(i)
		var got [2][]Grant
		var wg sync.WaitGroup
		for d := range got {
			wg.Go(func() {
				var err error
				if got[d], err = l.Reserve(t.Context(), req); err != nil {
					t.Errorf("run %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if diff := cmp.Diff(got[0], got[1]); diff != "" {
			t.Errorf("run %d: two deliveries differ:\n%s", i, diff)
		}
	}
}

func TestWritesTwoRecordsAMachine(t *testing.T) {
	b := newBucket(t)
	l := b.ledger(t, AboveHighest)
	req := Request{Run: "a", InUse: lab(), Wants: []Want{{Guest: "0.0", Name: "web"}, {Guest: "0.1", Name: "db"}}}
	for i := range 3 {
		req.Again = i > 0
		if _, err := l.Reserve(t.Context(), req); err != nil {
			t.Fatal(err)
		}
	}
	if got := b.writes(t); got != 4 {
		t.Errorf("got %d writes for two machines reserved three times, want 4: each costs an fsync", got)
	}
}

func TestRelease(t *testing.T) {
	b := newBucket(t)
	l := b.ledger(t, AboveHighest)
	reserve := func(run string) Grant {
		t.Helper()
		got, err := l.Reserve(t.Context(), Request{Run: run, Again: true, Cluster: "a b.c", InUse: lab(), Wants: []Want{{Guest: "0.0", Name: "web"}}})
		if err != nil {
			t.Fatal(err)
		}
		return got[0]
	}
	first, second := reserve("a"), reserve("b")
	if err := l.Release(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	if got := reserve("c"); got != second {
		t.Errorf("after release: got %v, want %v again", got, second)
	}
	if got := reserve("a"); got != first {
		t.Errorf("the other run: got %v, want %v still", got, first)
	}
}

// A crash between the two records leaves an id that nobody uses; it must not keep the run from getting another.
func TestReserveAfterCrashBetweenRecords(t *testing.T) {
	b := newBucket(t)
	if _, err := b.kv.Create(t.Context(), idKey("", 125), []byte(`{"run":"a","guest":"0.0","vm_id":125}`)); err != nil {
		t.Fatal(err)
	}
	got, err := b.ledger(t, AboveHighest).Reserve(t.Context(), Request{Run: "a", Again: true, InUse: lab(), Wants: []Want{{Guest: "0.0", Name: "web"}}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Grant{{126, "web"}}, got); diff != "" {
		t.Errorf("grants (-want +got):\n%s", diff)
	}
}

func TestPromisedIDThatSomebodyUsedIsReplaced(t *testing.T) {
	b := newBucket(t)
	l := b.ledger(t, AboveHighest)
	req := Request{Run: "a", InUse: lab(), Wants: []Want{{Guest: "0.0", Name: "web"}}}
	if _, err := l.Reserve(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	req.InUse, req.Again = NewInUse([]pve.Guest{{VMID: 125, Name: "made-by-hand"}}), true
	for range 2 {
		got, err := l.Reserve(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]Grant{{126, "web"}}, got); diff != "" {
			t.Errorf("grants (-want +got):\n%s", diff)
		}
	}
}

func TestBookForgetsWithAge(t *testing.T) {
	now := time.Unix(0, 0)
	b := newBook(time.Hour, func() time.Time { return now })
	next := func(p Policy) int {
		t.Helper()
		id, err := b.next(p, lab())
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	if got := next(AboveHighest); got != 125 {
		t.Errorf("first: got %d, want 125", got)
	}
	if got := next(AboveHighest); got != 126 {
		t.Errorf("second: got %d, want 126", got)
	}
	now = now.Add(2 * time.Hour)
	if got := next(AboveHighest); got != 125 {
		t.Errorf("after the promises ended: got %d, want 125 again", got)
	}
	if got := next(LowestFree); got != 102 {
		t.Errorf("lowest free: got %d, want 102", got)
	}
}

func TestNoFreeID(t *testing.T) {
	u := lab()
	u.highest = highestID
	b := newBook(time.Hour, time.Now)
	if got, err := b.next(AboveHighest, u); got != 102 || err != nil {
		t.Errorf("with the last id in use: got %d, %v, want the lowest free, 102", got, err)
	}
}

func TestKeys(t *testing.T) {
	for _, cluster := range []string{"", "pve-cluster", "a.b", "été 1", "=", "a=2Eb"} {
		key := idKey(cluster, 125)
		if id, ok := parseIDKey(cluster, key); !ok || id != 125 {
			t.Errorf("parse %q: got %d, %v", key, id, ok)
		}
		if strings.ContainsFunc(key, func(r rune) bool {
			return !strings.ContainsRune("-/_=.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", r)
		}) {
			t.Errorf("key %q has characters that no key may have", key)
		}
	}
	if idKey("a.b", 1) == idKey("a=2Eb", 1) || idKey("", 1) == idKey("=", 1) {
		t.Error("two clusters share a key")
	}
	if nameKey("c", "Web") != nameKey("c", "web") {
		t.Error("names that DNS cannot tell apart have two keys")
	}
}

func BenchmarkReserve(b *testing.B) {
	l := newBucket(b).ledger(b, AboveHighest)
	ctx, inUse := context.Background(), lab()
	for i := 0; b.Loop(); i++ {
		if _, err := l.Reserve(ctx, Request{Run: fmt.Sprint(i), InUse: inUse, Wants: []Want{{Guest: "0.0", Name: "webserver"}}}); err != nil {
			b.Fatal(err)
		}
	}
}
