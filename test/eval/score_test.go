package eval

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// lab has one template, as the laboratory does.
var lab = Cluster{ids: map[string]int{"k3s-template": 100, "AI-server": 118}, used: map[int]bool{100: true, 118: true}}

// vm is one machine with its facts: every path given is of that origin.
func vm(m *provisov1.VirtualMachine, origins map[string]string) *provisov1.ProvisionIntent {
	i := &provisov1.ProvisionIntent{VirtualMachines: []*provisov1.VirtualMachine{m}}
	for path, origin := range origins {
		i.Facts = append(i.Facts, &provisov1.Fact{Path: "virtual_machines[0]." + path, Origin: origin})
	}
	return i
}

func template(id int32, name string) *provisov1.Source {
	return &provisov1.Source{Kind: &provisov1.Source_Template{Template: &provisov1.TemplateSource{VmId: new(id), Name: new(name)}}}
}

func TestCompare(t *testing.T) {
	tests := map[string]struct {
		reason string
		want   Expect
		got    *provisov1.ProvisionIntent
		tally  Tally
	}{
		"AllRight": {
			reason: "Name, source, cores: three fields, the derived name of the template is no fourth.",
			want:   Expect{VMs: []Guest{{Name: "a", Template: "k3s-template", Cores: 2}}},
			got: vm(&provisov1.VirtualMachine{Name: new("a"), Source: template(100, "k3s-template"), Cores: new(int32(2))},
				map[string]string{"name": "stated", "source": "stated", "cores": "stated"}),
			tally: Tally{TP: 3},
		},
		"WrongValue": {
			reason: "A wrong value is both found and missed.",
			want:   Expect{VMs: []Guest{{Name: "a", Cores: 4}}},
			got:    vm(&provisov1.VirtualMachine{Name: new("a"), Cores: new(int32(2))}, map[string]string{"name": "stated", "cores": "stated"}),
			tally:  Tally{TP: 1, FP: 1, FN: 1},
		},
		"RightByChance": {
			reason: "A default that happens to be what was said was not understood.",
			want:   Expect{VMs: []Guest{{Name: "a", Cores: 2}}},
			got:    vm(&provisov1.VirtualMachine{Name: new("a"), Cores: new(int32(2))}, map[string]string{"name": "stated", "cores": "assumed"}),
			tally:  Tally{TP: 1, FN: 1},
		},
		"WrongDefault": {
			reason: "A default claims nothing, so it is missed and not wrong.",
			want:   Expect{VMs: []Guest{{Cores: 4}}},
			got:    vm(&provisov1.VirtualMachine{Cores: new(int32(2))}, map[string]string{"cores": "assumed"}),
			tally:  Tally{FN: 1},
		},
		"InventedStatement": {
			reason: "Nobody said anything of memory.",
			want:   Expect{VMs: []Guest{{Name: "a"}}},
			got:    vm(&provisov1.VirtualMachine{Name: new("a"), MemoryMib: new(int32(2048))}, map[string]string{"name": "stated", "memory_mib": "stated"}),
			tally:  Tally{TP: 1, FP: 1},
		},
		"DefaultsAreFree": {
			reason: "Assumptions and derived values beyond the words are what the product is for.",
			want:   Expect{VMs: []Guest{{Name: "a"}}},
			got: vm(&provisov1.VirtualMachine{Name: new("a"), MemoryMib: new(int32(2048)), Pool: new("p")},
				map[string]string{"name": "stated", "memory_mib": "assumed", "pool": "derived"}),
			tally: Tally{TP: 1},
		},
		"NothingUnderstood": {
			reason: "Three fields missed.",
			want:   Expect{VMs: []Guest{{Name: "a", Cores: 1, Memory: 512}}},
			got:    &provisov1.ProvisionIntent{},
			tally:  Tally{FN: 3},
		},
		"GroupTooMany": {
			reason: "A machine that nobody asked for counts by itself, and by what is claimed of it.",
			want:   Expect{},
			got:    vm(&provisov1.VirtualMachine{Cores: new(int32(8))}, map[string]string{"cores": "stated"}),
			tally:  Tally{FP: 2},
		},
		"NamesOneByOne": {
			reason: "Two groups of one are one group of two when only the names differ: names, count and cores.",
			want:   Expect{VMs: []Guest{{Name: "w", Count: 2, Cores: 1}}},
			got: &provisov1.ProvisionIntent{VirtualMachines: []*provisov1.VirtualMachine{
				{Name: new("w-1"), Cores: new(int32(1))}, {Name: new("w-2"), Cores: new(int32(1))},
			}},
			tally: Tally{TP: 3},
		},
		"CountOfOne": {
			reason: "One is what nobody needs to say.",
			want:   Expect{VMs: []Guest{{Name: "a"}}},
			got:    vm(&provisov1.VirtualMachine{Name: new("a"), Count: new(int32(1))}, map[string]string{"name": "stated", "count": "stated"}),
			tally:  Tally{TP: 1},
		},
		"CountWrong": {
			reason: "Three of what should be one.",
			want:   Expect{VMs: []Guest{{Role: "web-server"}}},
			got:    vm(&provisov1.VirtualMachine{Role: new("web-server"), Count: new(int32(3))}, map[string]string{"role": "stated", "count": "stated"}),
			tally:  Tally{TP: 1, FP: 1, FN: 1},
		},
		"NameFromRole": {
			reason: "A name that follows from the role is supported by its words.",
			want:   Expect{VMs: []Guest{{Role: "web-server"}}},
			got:    vm(&provisov1.VirtualMachine{Role: new("web-server"), Name: new("webserver")}, map[string]string{"role": "stated", "name": "stated"}),
			tally:  Tally{TP: 1},
		},
		"GuestByNameOrId": {
			reason: "118 is AI-server.",
			want:   Expect{Changes: []Change{{Guest: "AI-server", Cores: 6}}},
			got:    &provisov1.ProvisionIntent{Changes: []*provisov1.GuestChange{{VmId: new(int32(118)), Cores: new(int32(6))}}},
			tally:  Tally{TP: 2},
		},
		"NotWantedIsAbsent": {
			reason: "No HA may be written as absent.",
			want:   Expect{VMs: []Guest{{Name: "a", HA: new(false)}}},
			got:    vm(&provisov1.VirtualMachine{Name: new("a")}, map[string]string{"name": "stated"}),
			tally:  Tally{TP: 2},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tally, lines := Compare(Expected(tc.want, lab), Understood(tc.got, lab))
			if diff := cmp.Diff(tc.tally, tally); diff != "" {
				t.Errorf("%s (-want +got)\n%s%v", tc.reason, diff, lines)
			}
		})
	}
}

func TestF1(t *testing.T) {
	tests := map[string]struct {
		tally Tally
		want  float64
	}{
		// precision 8/10, recall 8/12: 2 * 0.8 * 0.6667 / 1.4667
		"ByHand":  {Tally{TP: 8, FP: 2, FN: 4}, 8.0 / 11},
		"Perfect": {Tally{TP: 5}, 1},
		"Nothing": {Tally{FN: 3}, 0},
		"Empty":   {Tally{}, 1},
	}
	for name, tc := range tests {
		if got := tc.tally.F1(); math.Abs(got-tc.want) > 1e-12 {
			t.Errorf("%s: want %v, got %v", name, tc.want, got)
		}
	}
}

// Values of the interval are those of Newcombe (1998), table I, and of the closed form for a share of one.
func TestWilson(t *testing.T) {
	tests := map[string]struct{ k, n, lo, hi float64 }{
		"81 of 263":  {81, 263, 0.2553, 0.3662},
		"15 of 148":  {15, 148, 0.0624, 0.1605},
		"0 of 20":    {0, 20, 0, 0.1611},
		"29 of 29":   {29, 29, 0.8830, 1},
		"of nothing": {0, 0, 0, 1},
	}
	for name, tc := range tests {
		lo, hi := Wilson(tc.k, tc.n)
		if math.Abs(lo-tc.lo) > 1e-4 || math.Abs(hi-tc.hi) > 1e-4 {
			t.Errorf("%s: want %.4f to %.4f, got %.4f to %.4f", name, tc.lo, tc.hi, lo, hi)
		}
	}
}
