package strategy

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

func steps(p *provisov1.StrategicPlan) []string {
	var got []string
	for _, s := range p.GetSteps() {
		got = append(got, fmt.Sprintf("%d %s %s %s", s.GetPlace(), s.GetKind(), s.GetSubject(), s.GetBy()))
	}
	return got
}

func policyOf(p *provisov1.StrategicPlan, subject, kind string) *provisov1.TargetPolicy {
	for _, policy := range p.GetPolicies() {
		if policy.GetSubject() == subject && policy.GetKind() == kind {
			return policy
		}
	}
	return nil
}

// Shows: T-3.3.5-212, T-3.3.5-213, T-3.3.5-214, T-3.1-01, T-3.4.2-01, T-3.3.3-08, T-I.2.2-01, T-I.2.3-01, T-II.5-01, T-4.7.3-04
//
// TestThesisCases plans the thesis's requests in both languages. Every plan keeps the contract and explains itself.
func TestThesisCases(t *testing.T) {
	for name, tt := range thesisCases {
		for _, lang := range i18n.Langs() {
			t.Run(name+"/"+lang, func(t *testing.T) {
				before := i18n.Unknown()
				in := tt.in(lang)
				p, d := planned(t, in)
				if err := wire.Validate(p); err != nil {
					t.Fatalf("%s\nplan breaks the contract: %v", tt.reason, err)
				}
				said := texts(p)
				if refused := d.Refusal(); refused != nil {
					said = append(said, refused.Message)
					if err := wire.Validate(refused.Refusal()); err != nil {
						t.Errorf("refusal breaks the contract: %v", err)
					}
				}
				if got := d.Refusal(); (got == nil) != (tt.refusal == "") || got != nil && got.Code != tt.refusal {
					t.Errorf("%s\nrefusal beside the plan is %v, want %q", tt.reason, got, tt.refusal)
				}
				if want := tt.says[lang]; want != "" && !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, want) }) {
					t.Errorf("%s\nnothing says %q in\n%s", tt.reason, want, strings.Join(said, "\n"))
				}
				for _, text := range said {
					if strings.Contains(text, "analyser.") || strings.Contains(text, "workload.") || strings.ContainsAny(text, "{}") {
						t.Errorf("text without a translation or with a placeholder: %q", text)
					}
				}
				if n := i18n.Unknown() - before; n > 0 {
					t.Errorf("%d texts are missing", n)
				}
				explains(t, p)
				checkFigures(t, in.Snapshot, p)
				if tt.check != nil {
					tt.check(t, p)
				}
			})
		}
	}
}

func (tt thesisCase) in(lang string) Input {
	s := lab()
	var vms []*provisov1.VirtualMachine
	for _, vm := range tt.vms {
		vms = append(vms, proto.CloneOf(vm))
	}
	c := payload(lang, vms...)
	if tt.snapshot != nil {
		tt.snapshot(s)
	}
	if tt.payload != nil {
		tt.payload(c)
	}
	in := input(s, c)
	if tt.input != nil {
		tt.input(&in)
	}
	return in
}

func planned(t *testing.T, in Input) (*provisov1.StrategicPlan, *Draft) {
	t.Helper()
	d, err := New(in)
	if err != nil {
		t.Fatal(errText(err))
	}
	var ids []Identity
	for i, w := range d.Wanted() {
		name := w.Name
		if w.Numbered {
			name += fmt.Sprintf("-%d", i+1)
		}
		ids = append(ids, Identity{VMID: 125 + i, Name: name})
	}
	p, err := d.Plan(ids)
	if err != nil {
		t.Fatal(err)
	}
	return p, d
}

// texts are all that a plan says to its reader.
func texts(p *provisov1.StrategicPlan) []string {
	said := slices.Clone(p.GetRisks())
	for _, d := range p.GetPlacement() {
		said = append(said, d.GetReason())
		for _, n := range d.GetNodes() {
			said = append(said, n.GetReason())
		}
	}
	for _, a := range p.GetAims() {
		said = append(said, a.GetText(), a.GetHow())
	}
	for _, x := range p.GetPolicies() {
		said = append(said, x.GetReason())
	}
	for _, x := range p.GetAlternatives() {
		said = append(said, x.GetTopic(), x.GetText(), x.GetReason())
	}
	for _, x := range p.GetSteps() {
		said = append(said, x.GetReason())
	}
	for _, x := range p.GetOmissions() {
		said = append(said, x.GetReason())
	}
	for _, w := range p.GetWorkloads() {
		for _, x := range w.GetTargets() {
			said = append(said, x.GetReason())
		}
	}
	return said
}

// explains demands a reason for everything that was decided: each aim how it is met, each guest and workload its policies, each
// alternative its cost beside the plan's.
func explains(t *testing.T, p *provisov1.StrategicPlan) {
	t.Helper()
	for _, kind := range []string{"goal", "practice"} {
		if !slices.ContainsFunc(p.GetAims(), func(a *provisov1.Aim) bool { return a.GetKind() == kind }) {
			t.Errorf("no aim is a %s", kind)
		}
	}
	for _, a := range p.GetAims() {
		if a.GetHow() == "" {
			t.Errorf("aim %q does not say how", a.GetText())
		}
	}
	subjects := map[string][]string{}
	for _, x := range p.GetPolicies() {
		subjects[x.GetSubject()] = append(subjects[x.GetSubject()], x.GetKind())
	}
	wanted := func(name string, kinds ...string) {
		for _, kind := range kinds {
			if !slices.Contains(subjects[name], kind) {
				t.Errorf("%s has no policy of kind %s, only %v", name, kind, subjects[name])
			}
		}
	}
	for _, vm := range p.GetVirtualMachines() {
		wanted(vm.GetName(), "ha", "backup", "start_order", "firewall", "secret", "monitoring", "scaling", "storage_class", "security")
	}
	for _, w := range p.GetWorkloads() {
		wanted(w.GetName(), "ha", "backup", "access", "monitoring", "scaling", "disruption", "security")
	}
	if len(p.GetAlternatives()) < 2 {
		t.Errorf("%d alternatives, want at least two", len(p.GetAlternatives()))
	}
	for _, a := range p.GetAlternatives() {
		if a.GetCost() == nil || a.GetPlanCost() == nil {
			t.Errorf("alternative %q has no cost", a.GetText())
		}
	}
}

var (
	// "pmox03 has 18.0 of 32.0 GiB of memory free for guests and keeps 16.0 GiB", the same in French, and what a node lists.
	englishFree = regexp.MustCompile(`^(\S+) has ([\d.]+) of ([\d.]+) GiB of memory free for guests and keeps ([\d.]+) GiB; its load is (\d+)%, and (\d+) of (\d+) vCPUs`)
	frenchFree  = regexp.MustCompile(`^(\S+) a ([\d,]+) Gio de mémoire libre pour les machines sur ([\d,]+) Gio et en garde ([\d,]+) Gio ; sa charge est de (\d+) %, et (\d+) vCPU sur (\d+)`)
)

// checkFigures takes the figures out of the reasons and computes each again from the snapshot alone: what is free is physical memory
// less the host's part (a twentieth, at least 2 GiB), less what is in use or promised, whichever is more, less what the plan put
// there before.
func checkFigures(t *testing.T, s *pve.Snapshot, p *provisov1.StrategicPlan) {
	t.Helper()
	planned, cpus := map[string]int64{}, map[string]int{}
	for i, d := range p.GetPlacement() {
		m := englishFree.FindStringSubmatch(d.GetReason())
		if p.GetLanguage() == "fr" {
			m = frenchFree.FindStringSubmatch(d.GetReason())
		}
		if m == nil {
			t.Fatalf("reason has no figures: %q", d.GetReason())
		}
		n, ok := s.Node(m[1])
		if !ok || m[1] != d.GetNode() {
			t.Fatalf("reason is about %s, the node is %s", m[1], d.GetNode())
		}
		var promised int64
		vcpus := 0.0
		for _, g := range s.Guests {
			if g.Node == n.Name && g.Status == pve.GuestRunning && !g.Template {
				promised, vcpus = promised+g.MemoryBytes, vcpus+g.CPUs
			}
		}
		free := n.MemoryBytes - max(2*gib, n.MemoryBytes/20) - max(promised, n.MemoryUsedBytes) - planned[n.Name]
		vm := p.GetVirtualMachines()[i]
		takes := int64(vm.GetMemoryMib()) << 20
		load := int(100*(n.CPUUsage+float64(n.MemoryUsedBytes)/float64(n.MemoryBytes))/2 + 0.5)
		want := []string{tenths(free), tenths(n.MemoryBytes), tenths(free - takes), strconv.Itoa(load), strconv.Itoa(int(vcpus) + cpus[n.Name] + int(vm.GetCores()*vm.GetSockets())), strconv.Itoa(4 * n.CPUs)}
		if got := m[2:]; !slices.Equal(normal(got), want) {
			t.Errorf("%s\nfigures are %v, the snapshot gives %v", d.GetReason(), got, want)
		}
		planned[n.Name] += takes
		cpus[n.Name] += int(vm.GetCores() * vm.GetSockets())
	}
	for _, w := range p.GetWorkloads() {
		for _, target := range w.GetTargets() {
			if target.GetOutcome() == "possible" && !strings.Contains(target.GetReason(), strconv.Itoa(int(w.GetSizing().GetMemoryMib()))) {
				t.Errorf("target says nothing of what a pod requests: %q", target.GetReason())
			}
		}
	}
}

func tenths(bytes int64) string {
	n := bytes * 10 / gib
	return fmt.Sprintf("%d.%d", n/10, n%10)
}

func normal(figures []string) []string {
	var out []string
	for _, f := range figures {
		out = append(out, strings.Replace(f, ",", ".", 1))
	}
	return out
}

// Shows: T-3.3.5-216
//
// TestFullClusterNamesTheMove asks for a worker that fits only after a guest has moved: the refusal names the move with its command.
func TestFullClusterNamesTheMove(t *testing.T) {
	for lang, says := range map[string]string{"en": "After these moves, which Proviso does not make, it would fit", "fr": "Après ces déplacements, que Proviso ne fait pas, elle tiendrait"} {
		t.Run(lang, func(t *testing.T) {
			big := worker()
			big.MemoryMib = proto.Int32(20 << 10)
			_, err := New(input(lab(), payload(lang, big)))
			refused := new(RefusedError)
			if !errors.As(err, &refused) || refused.Code != CodeNoCapacity {
				t.Fatalf("got %v, want a refusal", err)
			}
			if len(refused.Moves) == 0 || !strings.Contains(refused.Message, says) {
				t.Fatalf("moves %v, message %q", refused.Moves, refused.Message)
			}
			for _, m := range refused.Moves {
				if err := wire.Validate(m); err != nil {
					t.Errorf("move breaks the contract: %v", err)
				}
				if !strings.HasPrefix(m.GetCommand(), fmt.Sprintf("qm migrate %d %s", m.GetVmId(), m.GetTo())) || !strings.Contains(refused.Message, m.GetCommand()) {
					t.Errorf("command is %q in %q", m.GetCommand(), refused.Message)
				}
			}
		})
	}
}

// Shows: T-3.1-03, T-I.2.1-01
//
// TestEffectIsTold shows that a plan reports what it does to utilisation, availability and cost, with headroom and what stays idle.
func TestEffectIsTold(t *testing.T) {
	p, _ := planned(t, thesisCases["WebServer"].in("en"))
	e := p.GetEffect()
	want := map[string]string{
		"Even use of the nodes":             fmt.Sprintf("from %.2f to %.2f", e.GetImbalanceBefore(), e.GetImbalanceAfter()),
		"Room for the loss of one node":     "When any one of 3 nodes is lost",
		"Low running cost: what stays idle": fmt.Sprintf("40.0 GiB of memory and %d vCPUs stay free", e.GetVcpuReserve()),
	}
	for _, a := range p.GetAims() {
		if part, ok := want[a.GetText()]; ok {
			delete(want, a.GetText())
			if !strings.Contains(a.GetHow(), part) {
				t.Errorf("%s: %q does not say %q", a.GetText(), a.GetHow(), part)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("not told: %v", want)
	}
}
