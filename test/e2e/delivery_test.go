// Package e2e tests Proviso from the outside: real processes, real NATS, real OpenTofu with the real provider, and a
// Proxmox VE API server (the twin) behind TLS in place of a cluster.
package e2e

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"proviso.dev/pkg/pve"
	"proviso.dev/test/harness"
)

// serve starts the all-in-one against a laboratory and returns a client of its gateway.
func serve(t testing.TB, l *lab, env ...string) *harness.Client {
	t.Helper()
	port := harness.FreePort(t)
	address := fmt.Sprintf("127.0.0.1:%d", port)
	// A snapshot that is never reused: the tests change the cluster between runs.
	env = append(l.environ(), append(env, "PROVISO_PVE_MAX_AGE=1ms", "PROVISO_PVE_DETAIL_AGE=1ms")...)
	p := harness.Start(t, harness.Environ(env...), harness.Binary(t, "./services/proviso"),
		"serve", "--listen", address, "--data", t.TempDir())
	harness.WaitReady(t, p, "http://"+address+"/readyz", 20*time.Second)
	return &harness.Client{URL: "http://" + address}
}

// Shows: T-0-01, T-0-07, T-4.2-01, T-3.3.5-302, T-3.3.5-325, T-4.4.2-04
func TestDelivery(t *testing.T) {
	// Two laboratories, so that both cores have work and no scenario sees another's machines.
	labs := make(chan *lab, 2)
	for range cap(labs) {
		labs <- newLab(t)
	}
	t.Run("scenarios", func(t *testing.T) {
		for _, sc := range slices.Concat(scenarios, furtherScenarios) {
			t.Run(sc.name, func(t *testing.T) {
				t.Parallel()
				l := <-labs
				defer func() { labs <- l }()
				deliver(t, l, sc)
			})
		}
	})
	for range cap(labs) {
		(<-labs).onlyGET(t)
	}
}

// deliver takes one prompt through Proviso and its bundle through OpenTofu on the twin.
func deliver(t *testing.T, l *lab, sc scenario) {
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()

	proof := "validated"
	if sc.proven {
		proof = "auto"
	}
	before := l.dump(t)
	l.mark()
	// A Proviso of its own: what one scenario reserved is no matter of the next.
	client := serve(t, l, "PROVISO_PROOF="+proof)
	id, err := client.Post(ctx, harness.Request{Prompt: sc.prompt, Confirmed: true})
	if err != nil {
		t.Fatal(err)
	}
	run, err := client.Wait(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if run.GetState() != "delivered" {
		t.Fatalf("%q ended %s\nrefusal: %v\nfailure: %v\nquestions: %v", sc.prompt, run.GetState(),
			run.GetRefusal(), run.GetFailure(), run.GetQuestions())
	}
	if want := map[bool]string{true: "proven", false: "validated"}[sc.proven]; run.GetProof().GetStatus() != want {
		t.Errorf("proof: want %s, got %v", want, run.GetProof())
	}
	if run.GetLanguage() != sc.language {
		t.Errorf("language: want %s, got %s", sc.language, run.GetLanguage())
	}
	l.keepRequests() // what follows is OpenTofu's traffic, which does write

	tofu := harness.NewTofu(t, client.Unpack(t, ctx, id), l.url(), l.token(), l.ca())
	if err := tofu.Init(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := tofu.Apply(ctx); err != nil {
		t.Fatal(err)
	}
	inspect(t, ctx, l, sc)
	if empty, out, err := tofu.Empty(ctx); err != nil || !empty {
		t.Errorf("the second plan is not empty (%v):\n%s", err, out)
	}
	if _, err := tofu.Destroy(ctx); err != nil {
		t.Fatal(err)
	}
	if after := l.dump(t); after != before {
		t.Errorf("destroy left traces on the twin:\n%s", firstDifference(before, after))
	}
	l.mark()
}

// inspect compares the machines on the twin with what the scenario wants.
func inspect(t *testing.T, ctx context.Context, l *lab, sc scenario) {
	t.Helper()
	s := l.snapshot(t, ctx)
	nodes := make(map[string]int)
	for _, want := range sc.machines {
		i := slices.IndexFunc(s.Guests, func(g pve.Guest) bool { return g.Name == want.name })
		if i < 0 {
			t.Errorf("%s is not on the twin", want.name)
			continue
		}
		g := s.Guests[i]
		nodes[g.Node]++
		if want.container {
			compareContainer(t, want, g, l.config(t, ctx, g))
			continue
		}
		if g.Kind != pve.KindVM {
			t.Errorf("%s: want a virtual machine, got %s", want.name, g.Kind)
			continue
		}
		compare(t, want, g, l.config(t, ctx, g), l.guestConfig(t, ctx, g))
	}
	if added := len(s.Guests) - l.guests; added != len(sc.machines) {
		t.Errorf("machines added: want %d, got %d", len(sc.machines), added)
	}
	if sc.apart && len(nodes) != len(sc.machines) {
		t.Errorf("machines share nodes: %v", nodes)
	}
	if sc.together && len(nodes) != 1 {
		t.Errorf("machines are on several nodes: %v", nodes)
	}
}

func compare(t *testing.T, want machine, g pve.Guest, raw map[string]string, c *pve.GuestConfig) {
	t.Helper()
	check := func(what string, want, got any) {
		t.Helper()
		if want != got {
			t.Errorf("%s: %s: want %v, got %v", g.Name, what, want, got)
		}
	}
	if want.cores != 0 {
		check("cores", want.cores, c.Cores)
	}
	if want.memoryMiB != 0 {
		check("memory", want.memoryMiB, c.MemoryMiB)
	}
	if want.diskGiB != nil {
		var sizes []int
		for _, d := range c.Disks {
			sizes = append(sizes, int(d.SizeBytes>>30))
		}
		check("disks", fmt.Sprint(want.diskGiB), fmt.Sprint(sizes))
	}
	if want.storage != "" && len(c.Disks) > 0 {
		check("storage", want.storage, c.Disks[0].Storage)
	}
	if len(c.NICs) == 0 {
		t.Errorf("%s: no network device", g.Name)
	} else {
		if want.bridge != "" {
			check("bridge", want.bridge, c.NICs[0].Bridge)
		}
		check("vlan", want.vlan, c.NICs[0].VLAN)
	}
	if want.ipv4 != "" {
		check("address", sorted(want.ipv4), sorted(raw["ipconfig0"]))
	}
	if want.node != "" {
		check("node", want.node, g.Node)
	}
	if slices.Contains(want.notNodes, g.Node) {
		t.Errorf("%s: is on %s", g.Name, g.Node)
	}
	if want.pool != "" {
		check("pool", want.pool, g.Pool)
	}
	check("HA", want.ha, g.HA)
	if want.tags != "" {
		check("tags", want.tags, strings.Join(g.Tags, ";"))
	}
	if want.user != "" {
		check("user", want.user, raw["ciuser"])
	}
	if want.onBoot != "" {
		check("start at boot", want.onBoot, raw["onboot"])
	}
	status := pve.GuestRunning
	if want.stopped {
		status = pve.GuestStopped
	}
	check("status", status, g.Status)
	for key, value := range want.config {
		check(key, value, raw[key])
	}
}

// sorted makes property strings comparable: the order of their options means nothing.
func sorted(properties string) string {
	parts := strings.Split(properties, ",")
	slices.Sort(parts)
	return strings.Join(parts, ",")
}

func firstDifference(a, b string) string {
	la, lb := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(la), len(lb)) {
		if la[i] != lb[i] {
			return fmt.Sprintf("line %d:\n  before: %s\n  after:  %s", i+1, la[i], lb[i])
		}
	}
	return fmt.Sprintf("%d lines before, %d after", len(la), len(lb))
}

// onlyGET checks what Proviso itself has sent to the cluster in the whole test.
func (l *lab) onlyGET(t *testing.T) {
	t.Helper()
	if len(l.proviso) == 0 {
		t.Error("Proviso sent no request at all: the recorder is broken")
	}
	for _, r := range l.proviso {
		if r.Method != http.MethodGet {
			t.Errorf("Proviso sent %s %s", r.Method, r.Path)
		}
	}
}
