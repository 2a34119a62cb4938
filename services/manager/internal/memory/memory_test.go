package memory_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/manager/internal/memory"
	"proviso.dev/services/manager/internal/saga"
)

var ended = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)

func intent() *provisov1.ProvisionIntent {
	return &provisov1.ProvisionIntent{
		IntentId: "i", Language: "fr", Target: &provisov1.Target{Platform: "proxmox"}, Confirmed: new(true),
		VirtualMachines: []*provisov1.VirtualMachine{{Name: new("web"), Count: new(int32(3))}},
		Facts:           []*provisov1.Fact{{Path: "virtual_machines[0].name", Origin: "stated"}}, NotUnderstood: []string{"confiture"},
	}
}

func TestOf(t *testing.T) {
	placed := []*provisov1.PlacementDecision{{Guest: "web-1"}, {Guest: "web-2"}, {Guest: "web-1"}}
	kept := &provisov1.ProvisionIntent{
		IntentId: "i", Language: "fr", Target: &provisov1.Target{Platform: "proxmox"},
		VirtualMachines: []*provisov1.VirtualMachine{{Name: new("web"), Count: new(int32(3))}},
	}
	tests := map[string]struct {
		reason string
		run    saga.Run
		want   *provisov1.RememberedRun
	}{
		"Delivered": {
			"The values and the names; where in the words they stood means nothing to another request.",
			saga.Run{State: saga.Delivered, Text: "trois serveurs", Intent: intent(), Placement: placed},
			&provisov1.RememberedRun{RunId: "r1", Text: "trois serveurs", Intent: kept, Guests: []string{"web-1", "web-2"}, EndedAt: timestamppb.New(ended)},
		},
		"Refused": {
			"What could not be done may be asked for again, a little smaller.",
			saga.Run{State: saga.Refused, Intent: intent()},
			&provisov1.RememberedRun{RunId: "r1", Intent: kept, EndedAt: timestamppb.New(ended)},
		},
		"OffTopic":  {"There is nothing to refer to.", saga.Run{State: saga.Refused, Text: "la météo ?"}, nil},
		"Question":  {"An answer is not a thing that could be had again.", saga.Run{State: saga.Delivered, Reply: &provisov1.Reply{Text: "oui"}}, nil},
		"Cancelled": {"Who says no does not mean it.", saga.Run{State: saga.Cancelled, Intent: intent()}, nil},
		"Expired":   {"Nobody confirmed it.", saga.Run{State: saga.Expired, Intent: intent()}, nil},
		"Failed":    {"It is to be asked for again, not referred to.", saga.Run{State: saga.Failed, Intent: intent()}, nil},
		"Building":  {"It has not ended.", saga.Run{State: saga.Building, Intent: intent()}, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.run.ID, tc.run.UpdatedAt = "r1", ended
			before := proto.CloneOf(tc.run.Intent)
			if diff := cmp.Diff(tc.want, memory.Of(tc.run), protocmp.Transform()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(before, tc.run.Intent, protocmp.Transform()); diff != "" {
				t.Errorf("the run's intent changed (-before +after):\n%s", diff)
			}
		})
	}
}

// run is the nth run of a session, of so many bytes or more.
func run(n, size int) *provisov1.RememberedRun {
	r := &provisov1.RememberedRun{RunId: fmt.Sprint("r", n), Intent: intent(), EndedAt: timestamppb.New(ended.Add(time.Duration(n) * time.Minute))}
	for i := 0; i < size; i += 100 {
		r.Guests = append(r.Guests, fmt.Sprintf("%03d%s", i/100, strings.Repeat("x", 97)))
	}
	return r
}

func TestAdd(t *testing.T) {
	tests := map[string]struct {
		reason string
		add    []*provisov1.RememberedRun
		want   []string
	}{
		"First":    {"A memory begins.", []*provisov1.RememberedRun{run(1, 0)}, []string{"r1"}},
		"Again":    {"A run counts once, however often its end is processed.", []*provisov1.RememberedRun{run(1, 0), run(2, 0), run(1, 0)}, []string{"r1", "r2"}},
		"Late":     {"The order is that of the ends.", []*provisov1.RememberedRun{run(2, 0), run(1, 0)}, []string{"r1", "r2"}},
		"Newest":   {"Eight are kept.", []*provisov1.RememberedRun{run(1, 0), run(2, 0), run(3, 0), run(4, 0), run(5, 0), run(6, 0), run(7, 0), run(8, 0), run(9, 0)}, []string{"r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9"}},
		"TooLate":  {"A run that was forgotten for its age does not come back in the place of a newer one.", []*provisov1.RememberedRun{run(2, 0), run(3, 0), run(4, 0), run(5, 0), run(6, 0), run(7, 0), run(8, 0), run(9, 0), run(1, 0)}, []string{"r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9"}},
		"Large":    {"The oldest go where the bytes end.", []*provisov1.RememberedRun{run(1, 30_000), run(2, 30_000), run(3, 30_000)}, []string{"r2", "r3"}},
		"TooLarge": {"One that does not fit alone is remembered in short.", []*provisov1.RememberedRun{run(1, 0), run(2, 90_000)}, []string{"r2"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var m *provisov1.SessionMemory
			for _, r := range tc.add {
				before := proto.CloneOf(m)
				next, data, err := memory.Add(m, r)
				if err != nil {
					t.Fatal(err)
				}
				if len(data) > memory.MaxBytes {
					t.Errorf("%d bytes", len(data))
				}
				if diff := cmp.Diff(before, m, protocmp.Transform()); diff != "" {
					t.Errorf("the memory before changed:\n%s", diff)
				}
				m = next
			}
			if diff := cmp.Diff(tc.want, memory.IDs(m)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestOnly(t *testing.T) {
	m := &provisov1.SessionMemory{Runs: []*provisov1.RememberedRun{run(1, 0), run(2, 0), run(3, 0)}}
	if diff := cmp.Diff([]string{"r1", "r3"}, memory.IDs(memory.Only(m, []string{"r3", "r9", "r1"}))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := memory.Only(m, []string{"r9"}); got != nil {
		t.Errorf("nothing is left, and yet %v", got)
	}
}
