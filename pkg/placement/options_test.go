package placement

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/pve"
)

// choose places demands in the laboratory.
func choose(t *testing.T, s *pve.Snapshot, p Policy, o Options, demands ...Demand) (*Result, *InfeasibleError) {
	t.Helper()
	r, err := NewIndexWith(s, p, o).Choose(demands)
	refused := new(InfeasibleError)
	if errors.As(err, &refused) {
		return nil, refused
	}
	if err != nil {
		t.Fatal(err)
	}
	return r, nil
}

func assessed(as []Assessment, node string) Assessment {
	for _, a := range as {
		if a.Node == node {
			return a
		}
	}
	return Assessment{}
}

// Shows: T-3.2-05, T-3.3.2-07
func TestPeakOfTheComingDay(t *testing.T) {
	night := time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC)
	now, _ := choose(t, labS2(), Policy{}, Options{}, webserver())
	if got := now.Choices[0].Node; got != "pmox03" {
		t.Fatalf("without a forecast: got %s, want pmox03, which has most free", got)
	}
	peak := Peak{CPU: 0.93, MemoryBytes: 20 * gib, At: night}
	then, _ := choose(t, labS2(), Policy{}, Options{Peaks: map[string]Peak{"pmox03": peak}}, webserver())
	c := then.Choices[0]
	if c.Node != "pmox01" {
		t.Errorf("pmox03 is idle now and busy tonight: got %s, want pmox01", c.Node)
	}
	a := assessed(c.Nodes, "pmox03")
	if diff := cmp.Diff(&peak, a.Peak); diff != "" {
		t.Errorf("the assessment does not carry the peak (-want +got):\n%s", diff)
	}
	if a.FreeBytes != 10*gib { // 32 less 2 for the host less 20 at night, more than the 12 that are promised
		t.Errorf("free on pmox03: got %d GiB, want 10", a.FreeBytes/gib)
	}
	if a.ShareAfter > 0.0701 {
		t.Errorf("share of pmox03: got %.3f, want what 93 %% of the processor leave", a.ShareAfter)
	}
}

func TestMaintenance(t *testing.T) {
	s := labS2()
	s.HAManager.Nodes = []pve.HANode{{Node: "pmox03", State: "maintenance mode", Member: "maintenance"}}
	r, _ := choose(t, s, Policy{}, Options{}, webserver())
	if got := r.Choices[0].Node; got != "pmox01" {
		t.Errorf("pmox03 is to be emptied: got %s, want pmox01", got)
	}
	if got := assessed(r.Choices[0].Nodes, "pmox03").Cause; got != InMaintenance {
		t.Errorf("cause: got %s", got)
	}
	if r.SurvivedLoss {
		t.Errorf("with pmox03 empty, the 20 GiB of pmox02 do not fit beside the 16 of pmox01")
	}
}

// Shows: T-3.3.5-216
func TestDevices(t *testing.T) {
	gpus := []Mapping{
		{Name: "t4", Kind: "gpu", Nodes: map[string]int{"pmox01": 1, "pmox02": 2}, InUse: map[string]int{"pmox01": 1}},
		{Name: "l40", Kind: "gpu", Nodes: map[string]int{"pmox02": 1}},
	}
	need := func(d ...Device) Demand { w := webserver(); w.Devices = d; return w }
	tests := map[string]struct {
		reason  string
		o       Options
		demands []Demand
		nodes   []string
		devices []string // of the last
		causes  map[string]Cause
	}{
		"NoneAnywhere": {
			reason: "No node has a GPU: the refusal says what is missing.", demands: []Demand{need(Device{Kind: "gpu"})},
			causes: map[string]Cause{"pmox01": NoDevice, "pmox02": NoDevice, "pmox03": NoDevice, "pmox04": NotOnline},
		},
		"ByKind": {
			reason: "The GPU of pmox01 is taken.", o: Options{Mappings: gpus}, demands: []Demand{need(Device{Kind: "gpu"})},
			nodes: []string{"pmox02"}, devices: []string{"t4"},
		},
		"AllOfAKind": {
			reason: "pmox02 has three in two mappings.", o: Options{Mappings: gpus}, demands: []Demand{need(Device{Kind: "gpu", Count: 3})},
			nodes: []string{"pmox02"}, devices: []string{"t4", "l40", "t4"},
		},
		"NamedGoesFirst": {
			reason: "Who asks for any GPU leaves the one that another asks for by name.", o: Options{Mappings: gpus},
			demands: []Demand{need(Device{Kind: "gpu", Count: 2}), need(Device{Mapping: "l40"})},
			nodes:   []string{"pmox02", "pmox02"}, devices: []string{"l40"},
		},
		"TakenByName": {
			reason: "Two ask for the only one.", o: Options{Mappings: gpus},
			demands: []Demand{need(Device{Mapping: "l40"}), need(Device{Mapping: "l40"})},
			causes:  map[string]Cause{"pmox01": NoDevice, "pmox02": NoDeviceFree, "pmox03": NoDevice, "pmox04": NotOnline},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r, refused := choose(t, labS2(), Policy{}, tt.o, tt.demands...)
			if refused != nil {
				causes := map[string]Cause{}
				for _, a := range refused.Nodes {
					causes[a.Node] = a.Cause
					if (a.Cause == NoDevice || a.Cause == NoDeviceFree) && a.Detail == "" {
						t.Errorf("%s\n%s: what is missing is not named", tt.reason, a.Node)
					}
				}
				if diff := cmp.Diff(tt.causes, causes); diff != "" {
					t.Errorf("%s\ncauses (-want +got):\n%s", tt.reason, diff)
				}
				return
			}
			if diff := cmp.Diff(tt.nodes, nodesOf(r)); diff != "" {
				t.Errorf("%s\nnodes (-want +got):\n%s", tt.reason, diff)
			}
			if diff := cmp.Diff(tt.devices, r.Choices[len(r.Choices)-1].Devices); diff != "" {
				t.Errorf("%s\ndevices (-want +got):\n%s", tt.reason, diff)
			}
		})
	}
}

func TestWhereAGuestWouldRatherBe(t *testing.T) {
	with := func(change func(*Demand)) Demand { d := webserver(); change(&d); return d }
	rule := func(name string) []string { return []string{name} }
	tests := map[string]struct {
		reason string
		demand Demand
		o      Options
		want   string
	}{
		"NearCeph": {
			reason: "A preference goes before a fuller node.",
			demand: with(func(d *Demand) { d.Prefer = []Preference{{Node: "pmox02", Weight: 1, Reason: "osd"}} }), want: "pmox02",
		},
		"ALittle": {
			reason: "A weak preference does not outweigh an eighth of the node.",
			demand: with(func(d *Demand) { d.Prefer = []Preference{{Node: "pmox01", Weight: 0.05}} }), want: "pmox03",
		},
		"NearAGuest": {
			reason: "Beside guest 118, wherever more is free.", demand: with(func(d *Demand) { d.Near = []string{"118"} }), want: "pmox02",
		},
		"ApartFromGuests": {
			reason: "Away from both on pmox03.", demand: with(func(d *Demand) { d.Apart = []string{"121"} }), want: "pmox01",
		},
		"GroupWithoutRestriction": {
			reason: "HA takes the guest to where its priority is highest.", demand: with(func(d *Demand) { d.HA, d.HAGroup = true, "web" }), want: "pmox02",
		},
		"PositiveRule": {
			reason: "It joins a rule that keeps it with guest 119.", demand: with(func(d *Demand) { d.HA, d.HARules = true, rule("with119") }), want: "pmox01",
		},
		"NegativeRule": {
			reason: "It joins a rule that keeps it from guest 121.", demand: with(func(d *Demand) { d.HA, d.HARules = true, rule("not121") }), want: "pmox01",
		},
		"LinkIsFull": {
			reason: "The link of pmox03 carries no more.", demand: with(func(d *Demand) { d.Bandwidth = 2e9 }),
			o: Options{Links: map[string]Link{"pmox03": {Capacity: 10e9, Used: 9e9}, "pmox01": {Capacity: 10e9}}}, want: "pmox01",
		},
		"UsableSpace": {
			reason: "Thin volumes have been promised all that pmox03 and pmox01 have.",
			demand: with(func(d *Demand) { d.Disks = []Disk{{Storage: "local-lvm", Bytes: 8 * gib}} }),
			o:      Options{Usable: map[StorageOn]int64{{"local-lvm", "pmox03"}: 0, {"local-lvm", "pmox01"}: gib}}, want: "pmox02",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := labS2()
			s.HAGroups = []pve.HAGroup{{Name: "web", Nodes: map[string]int{"pmox02": 2, "pmox01": 1}}}
			s.HARules = []pve.HARule{
				{Name: "with119", Type: "resource-affinity", Affinity: "positive", Resources: []string{"vm:119"}},
				{Name: "not121", Type: "resource-affinity", Affinity: "negative", Resources: []string{"vm:121"}},
			}
			r, refused := choose(t, s, Policy{}, tt.o, tt.demand)
			if refused != nil {
				t.Fatalf("%s\nrefused: %+v", tt.reason, refused.Nodes)
			}
			if got := r.Choices[0].Node; got != tt.want {
				t.Errorf("%s\ngot %s, want %s", tt.reason, got, tt.want)
			}
		})
	}
}

// A template on one node's own disks is cloned there when nothing else decides, and the figure is told.
func TestCloneCost(t *testing.T) {
	d := Demand{MemoryBytes: 2 * gib, VCPUs: 2, Source: Source{CopyBytes: 20 * gib, LocalTo: []string{"n02"}}}
	r, _ := choose(t, plainCluster(16, 32, 32, 32), Policy{}, Options{}, d)
	if got := r.Choices[0].Node; got != "n02" {
		t.Errorf("got %s, want n02, where nothing goes over the network", got)
	}
	for node, want := range map[string]int64{"n00": 20 * gib, "n02": 0} {
		if got := assessed(r.Choices[0].Nodes, node).CopyBytes; got != want {
			t.Errorf("%s copies %d, want %d", node, got, want)
		}
	}
	r, _ = choose(t, plainCluster(16, 32, 32, 28), Policy{}, Options{}, d)
	if got := r.Choices[0].Node; got == "n02" {
		t.Errorf("n02 has an eighth less: locality must not outweigh that")
	}
}

// Shows: T-2.2.4-01
func TestWeights(t *testing.T) {
	// n00 is half full, n01 rests, n02 is large and holds the template. By energy n00 and n02 are as good, and the fuller goes first.
	s := plainCluster(32, 64, 64, 128)
	s.Nodes[0].CPUUsage, s.Nodes[2].CPUUsage = 0.2, 0.1
	s.Guests = []pve.Guest{
		{VMID: 100, Node: "n00", Status: pve.GuestRunning, MemoryBytes: 30 * gib, CPUs: 4},
		{VMID: 101, Node: "n02", Status: pve.GuestRunning, MemoryBytes: 50 * gib, CPUs: 4},
	}
	d := Demand{MemoryBytes: 4 * gib, VCPUs: 2, Source: Source{CopyBytes: 20 * gib, LocalTo: []string{"n02"}}}
	tests := map[string]struct {
		weights Weights
		want    string
	}{
		"Defaults":     {Weights{}, "n01"},
		"Balance":      {Weights{Balance: 1}, "n01"},
		"Cost":         {Weights{Cost: 1}, "n00"},
		"Locality":     {Weights{Locality: 1}, "n02"},
		"Energy":       {Weights{Energy: 1}, "n00"},
		"Mixture":      {Weights{Balance: 1, Energy: 1}, "n02"},
		"Availability": {Weights{Availability: 1, Cost: 0.1}, "n00"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r, _ := choose(t, s, Policy{Weights: tt.weights}, Options{}, d)
			c := r.Choices[0]
			if c.Node != tt.want {
				t.Errorf("got %s, want %s", c.Node, tt.want)
			}
			w := r.Weights
			sc := assessed(c.Nodes, c.Node).Scores
			sum := w.Balance*sc.Balance + w.Cost*sc.Cost + w.Availability*sc.Availability + w.Locality*sc.Locality + w.Energy*sc.Energy + w.Wish*sc.Wish
			if diff := sc.Total - sum; diff > 1e-9 || diff < -1e-9 {
				t.Errorf("the scores told, %+v, do not add up to the total by the weights told, %+v", sc, w)
			}
		})
	}
}

// With a small weight, room for the loss of a node is worth a small difference only. n00 keeps 65 % of its memory free and n01 45 %, but only
// on n02, which keeps 12 %, does the guest leave every node's guests a place.
func TestAvailabilityIsWeighed(t *testing.T) {
	s := plainCluster(64, 34, 80, 60)
	s.Guests = []pve.Guest{
		{VMID: 100, Node: "n01", Status: pve.GuestRunning, MemoryBytes: 30 * gib, CPUs: 1},
		{VMID: 101, Node: "n02", Status: pve.GuestRunning, MemoryBytes: 40 * gib, CPUs: 1},
	}
	for weight, want := range map[float64]string{0.1: "n00", 0.9: "n02"} {
		r, _ := choose(t, s, Policy{Weights: Weights{Balance: 1, Availability: weight}}, Options{}, Demand{MemoryBytes: 10 * gib, VCPUs: 1})
		if got := r.Choices[0].Node; got != want || r.SurvivesLoss != (want == "n02") {
			t.Errorf("weight %.1f: got %s, survives the loss of a node: %v, want %s", weight, got, r.SurvivesLoss, want)
		}
	}
}

func TestParseWeights(t *testing.T) {
	some := DefaultWeights()
	some.Balance, some.Energy = 0.5, 2
	tests := map[string]struct {
		text string
		want Weights // zero: an error
	}{
		"Empty":       {"", DefaultWeights()},
		"Some":        {"balance=0.5, energy=2", some},
		"Unknown":     {"beauty=1", Weights{}},
		"Negative":    {"cost=-1", Weights{}},
		"NotANumber":  {"cost=NaN", Weights{}},
		"NoNumber":    {"cost", Weights{}},
		"NothingLeft": {"balance=0,availability=0,locality=0,wish=0", Weights{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := parseWeights(tt.text)
			if diff := cmp.Diff(tt.want, got); diff != "" || (err != nil) != (tt.want == Weights{}) {
				t.Errorf("error %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestQuota(t *testing.T) {
	s := labS2()
	for i := range s.Guests {
		s.Guests[i].Pool = "team"
	}
	d := webserver()
	d.Pool = "team"
	o := Options{Quotas: map[string]Quota{"team": {MemoryBytes: 51 * gib}}} // 48 are taken
	if _, refused := choose(t, s, Policy{}, o, d); refused != nil {
		t.Errorf("50 of 51 GiB: refused, %+v", refused.Nodes[0])
	}
	_, refused := choose(t, s, Policy{}, o, d, d)
	if refused == nil || !refused.Proven || refused.Nodes[0].Cause != OverQuota || refused.Nodes[0].Detail != "team" {
		t.Errorf("52 of 51 GiB: got %+v", refused)
	}
}

// Shows: T-3.3.5-216
func TestWorkerForAFullCluster(t *testing.T) {
	s := plainCluster(16, 32, 32, 32) // 30 for guests on each
	s.Guests = []pve.Guest{
		{VMID: 101, Name: "db", Kind: pve.KindVM, Node: "n00", Status: pve.GuestRunning, MemoryBytes: 20 * gib, CPUs: 2},
		{VMID: 102, Name: "web", Kind: pve.KindVM, Node: "n00", Status: pve.GuestRunning, MemoryBytes: 4 * gib, CPUs: 2},
		{VMID: 103, Name: "mail", Kind: pve.KindVM, Node: "n01", Status: pve.GuestRunning, MemoryBytes: 24 * gib, CPUs: 2},
		{VMID: 104, Name: "wiki", Kind: pve.KindContainer, Node: "n02", Status: pve.GuestRunning, MemoryBytes: 4 * gib, CPUs: 2},
		{VMID: 105, Name: "git", Kind: pve.KindVM, Node: "n02", Status: pve.GuestRunning, MemoryBytes: 20 * gib, CPUs: 2},
	}
	_, refused := choose(t, s, Policy{}, Options{}, Demand{MemoryBytes: 8 * gib, VCPUs: 2})
	if refused == nil || refused.Moves == nil {
		t.Fatalf("got %+v, want a refusal that names a move", refused)
	}
	want := &Advice{
		Moves: []Move{{From: "n00", To: "n01", Guests: []Moved{{VMID: 102, Name: "web", Kind: pve.KindVM, MemoryBytes: 4 * gib, Live: true}}}},
		Nodes: []string{"n00"},
	}
	if diff := cmp.Diff(want, refused.Moves); diff != "" {
		t.Errorf("the virtual machine moves live, the container would be restarted (-want +got):\n%s", diff)
	}
}
