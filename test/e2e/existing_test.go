package e2e

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"proviso.dev/pkg/twin"
	"proviso.dev/test/harness"
)

// TestExistingGuests changes guests that were there before and takes others over. The manifest is proven first; then it is
// applied on the laboratory, and exactly what was asked is different: not another key of that guest, not another guest.
//
// Shows: T-4.6.2-02, T-0-07
func TestExistingGuests(t *testing.T) {
	tests := map[string]struct {
		reason string
		prompt string
		vmid   int
		want   map[string]string // keys of the configuration that are different afterwards, with their new values
		plan   string            // in what tofu apply prints
	}{
		"Memory": {reason: "One value of a running machine.", vmid: 125,
			prompt: "give webserver 8 GB", want: map[string]string{"memory": "8192"},
			plan: "1 imported, 0 added, 1 changed, 0 destroyed"},
		"Mémoire": {reason: "The same in French.", vmid: 125,
			prompt: "donne 8 Go à webserver", want: map[string]string{"memory": "8192"},
			plan: "1 imported, 0 added, 1 changed, 0 destroyed"},
		"Cœurs": {reason: "Another key, by id.", vmid: 122,
			prompt: "passe la VM 122 à 8 cœurs", want: map[string]string{"cores": "8"},
			plan: "1 imported, 0 added, 1 changed, 0 destroyed"},
		"Import": {reason: "Taking over changes nothing.", vmid: 122,
			prompt: "write the Terraform for VM 122", plan: "1 imported, 0 added, 0 changed, 0 destroyed"},
		"Reprise": {reason: "A machine that was installed by hand, with two networks.", vmid: 101,
			prompt: "écris le Terraform de la VM 101", plan: "1 imported, 0 added, 0 changed, 0 destroyed"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			l := newLabOf(t, labWithWebserver(t), "")
			before := l.configs(t, ctx)
			l.mark()
			client := serve(t, l)
			id, err := client.Post(ctx, harness.Request{Prompt: tc.prompt, Confirmed: true})
			if err != nil {
				t.Fatal(err)
			}
			run := wait(t, ctx, client, id)
			if run.GetState() != "delivered" || run.GetProof().GetStatus() != "proven" {
				t.Fatalf("%s\nwant delivered and proven, got %s: %v %v %v", tc.reason, run.GetState(), run.GetQuestions(), run.GetRefusal(), run.GetProof())
			}
			l.keepRequests()
			l.onlyGET(t)

			tofu := harness.NewTofu(t, client.Unpack(t, ctx, id), l.url(), l.token(), l.ca())
			if err := tofu.Init(ctx); err != nil {
				t.Fatal(err)
			}
			out, err := tofu.Apply(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out, tc.plan) {
				t.Errorf("%s\nwant %q in\n%s", tc.reason, tc.plan, out)
			}
			if empty, out, err := tofu.Empty(ctx); err != nil || !empty {
				t.Errorf("the second plan is not empty (%v):\n%s", err, out)
			}
			after := l.configs(t, ctx)
			want := maps.Clone(before[tc.vmid])
			maps.Copy(want, tc.want)
			if tc.want != nil && maps.Equal(want, before[tc.vmid]) {
				t.Fatalf("%s\nthe machine was so before: the test shows nothing", tc.reason)
			}
			before[tc.vmid] = want
			for vmid := range before {
				for _, d := range differences(before[vmid], after[vmid]) {
					t.Errorf("%s\nmachine %d: %s", tc.reason, vmid, d)
				}
			}
			if len(after) != len(before) {
				t.Errorf("%d machines before, %d after", len(before), len(after))
			}
			// What was there before this code is not destroyed by it.
			if out, err := tofu.Destroy(ctx); err == nil {
				t.Errorf("%s\ntofu destroy was obeyed:\n%s", tc.reason, out)
			}
			if _, ok := l.snapshot(t, ctx).Guest(tc.vmid); !ok {
				t.Errorf("%s\nmachine %d is gone", tc.reason, tc.vmid)
			}
		})
	}
}

// labWithWebserver is the laboratory with the machine of the thesis's scenario 4 in it, as a twin of worker-node-1's hardware
// with 2 cores and 2 GiB.
func labWithWebserver(t *testing.T) twin.Seed {
	t.Helper()
	seed, err := twin.Lab(twin.S2)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(seed.Guests, func(g twin.SeedGuest) bool { return g.VMID == 122 })
	seed.Guests[i].Config["description"] = "root password: " + canary // a manifest does not repeat it, and an apply leaves it
	g := seed.Guests[i]
	g.VMID, g.Name, g.Node, g.Config = 125, "webserver", "pmox03", maps.Clone(g.Config)
	for key, value := range g.Config {
		g.Config[key] = strings.ReplaceAll(value, "vm-122-", "vm-125-")
	}
	maps.Copy(g.Config, map[string]string{"name": "webserver", "cores": "2", "memory": "2048", "ipconfig0": "ip=dhcp"})
	seed.Guests = append(seed.Guests, g)
	return seed
}

// TestRepliesWithoutManifest asks questions and for operations that a person does: there is an answer in the language of the
// request, no manifest, the command line ends with 0, and the cluster was only read.
//
// Shows: T-4.6.2-02
func TestRepliesWithoutManifest(t *testing.T) {
	l := newLab(t)
	before := l.dump(t)
	tests := map[string]struct {
		prompt, language string
		text             string // in the answer
		command          string // among the commands; empty: there are none
	}{
		"Room":       {prompt: "which node has room for 8 GB?", language: "en", text: "pmox03"},
		"Place":      {prompt: "quel nœud a de la place pour 8 Go ?", language: "fr", text: "pmox03"},
		"Operation":  {prompt: "stop VM 101", language: "en", text: "HA", command: "ha-manager set vm:101 --state stopped"},
		"Opération":  {prompt: "arrête la VM 101", language: "fr", text: "HA", command: "ha-manager set vm:101 --state stopped"},
		"Opération2": {prompt: "supprime la VM worker-node-3", language: "fr", text: "worker-node-3", command: "124"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			l.mark()
			o := ask(t, l.environ(), "--json", "--yes", tc.prompt)
			l.keepRequests()
			if o.code != 0 || o.answer.State != "delivered" || o.answer.Language != tc.language {
				t.Fatalf("want exit 0 and delivered in %s, got %d, %s in %s\n%s", tc.language, o.code, o.answer.State, o.answer.Language, o.stderr)
			}
			if o.answer.Manifest != nil {
				t.Errorf("there is a manifest: %v", o.answer.Manifest)
			}
			if o.answer.Reply == nil || !strings.Contains(o.answer.Reply.Text, tc.text) {
				t.Fatalf("want %q in the answer, got %+v", tc.text, o.answer.Reply)
			}
			if tc.command == "" && len(o.answer.Reply.Commands) > 0 {
				t.Errorf("a question is answered with commands: %v", o.answer.Reply.Commands)
			}
			if tc.command != "" && !slices.ContainsFunc(o.answer.Reply.Commands, func(c string) bool { return strings.Contains(c, tc.command) }) {
				t.Errorf("want a command with %q, got %v", tc.command, o.answer.Reply.Commands)
			}
		})
	}
	l.onlyGET(t)
	if after := l.dump(t); after != before {
		t.Errorf("the cluster is changed:\n%s", firstDifference(before, after))
	}
}

// configs returns the configuration of every machine by id, with its node.
func (l *lab) configs(t *testing.T, ctx context.Context) map[int]map[string]string {
	t.Helper()
	all := make(map[int]map[string]string)
	for _, g := range l.snapshot(t, ctx).Guests {
		c := l.config(t, ctx, g)
		delete(c, "digest") // a hash of all that follows
		c["node"], c["pool"], c["status"], c["ha"] = g.Node, g.Pool, string(g.Status), fmt.Sprint(g.HA)
		all[g.VMID] = c
	}
	return all
}

// differences words what differs between two configurations.
func differences(want, got map[string]string) []string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if want[key] != got[key] {
			out = append(out, fmt.Sprintf("%s: want %q, got %q", key, want[key], got[key]))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[key]; !ok {
			out = append(out, fmt.Sprintf("%s: want none, got %q", key, got[key]))
		}
	}
	return out
}
