package e2e

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/test/harness"
)

// TestScenario4 is the thesis's scenario 4, step by step and word for word, on the laboratory in state S2.
//
// Shows: T-4.7.4-03, T-4.7.4-04, T-4.7.4-06, T-4.7.4-08, T-4.7.4-09, T-4.7.4-01, T-C.2-08
func TestScenario4(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	l := newLab(t)
	client := serve(t, l)

	// 1. The prompt.
	id, err := client.Post(ctx, harness.Request{Prompt: "créer un serveur web basé sur le template vm id 100"})
	if err != nil {
		t.Fatal(err)
	}
	run := wait(t, ctx, client, id)
	if run.GetState() != "confirming" || run.GetLanguage() != "fr" {
		t.Fatalf("want confirming in fr, got %s in %s (%v)", run.GetState(), run.GetLanguage(), run.GetFailure())
	}

	// 2. The extracted parameters: name, source and role from the sentence, the rest assumed, each with a reason.
	vm := run.GetIntent().GetVirtualMachines()[0]
	if vm.GetName() != "webserver" || vm.GetSource().GetTemplate().GetVmId() != 100 || vm.GetRole() != "web-server" {
		t.Errorf("want webserver from template 100 as web-server, got %v", vm)
	}
	origins := make(map[string]*provisov1.InterpretationRow)
	for _, row := range run.GetInterpretation() {
		origins[row.GetPath()] = row
		if row.GetReason() == "" && row.GetOrigin() != "stated" {
			t.Errorf("row %q is %s without a reason", row.GetLabel(), row.GetOrigin())
		}
	}
	for path, origin := range map[string]string{
		"virtual_machines[0].name": "stated", "virtual_machines[0].source": "stated", "virtual_machines[0].role": "stated",
		"virtual_machines[0].cores": "assumed", "virtual_machines[0].memory_mib": "assumed",
		"virtual_machines[0].disks[0].size_gib": "assumed", "virtual_machines[0].networks[0].bridge": "assumed",
		"virtual_machines[0].ha.enabled": "assumed", "virtual_machines[0].pool": "assumed",
	} {
		row, ok := origins[path]
		if !ok {
			t.Errorf("the interpretation has no row for %s; it has %v", path, slices.Sorted(maps.Keys(origins)))
			continue
		}
		if row.GetOrigin() != origin {
			t.Errorf("%s: want %s, got %s", path, origin, row.GetOrigin())
		}
	}
	if !slices.ContainsFunc(run.GetIntent().GetOmissions(), func(o *provisov1.Omission) bool { return o.GetTopic() == "software" }) {
		t.Errorf("nothing says that no software is installed: %v", run.GetIntent().GetOmissions())
	}

	// 3. "oui".
	if err := client.Confirm(ctx, id, "oui"); err != nil {
		t.Fatal(err)
	}
	run = settle(t, ctx, client, id)
	if run.GetState() != "delivered" {
		t.Fatalf("want delivered, got %s: %v", run.GetState(), run.GetFailure())
	}

	// 4. Collection, strategy and refinement happened in that order.
	var steps []string
	for _, s := range run.GetSteps() {
		if s.GetOutcome() == "succeeded" && !slices.Contains(steps, s.GetStep()) {
			steps = append(steps, s.GetStep())
		}
	}
	if got := strings.Join(steps, " "); got != "understand collect analyse build" {
		t.Errorf("steps: got %s", got)
	}

	// 5. The reviewer ended the loop within ten turns.
	manifest, err := client.Manifest(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	turns := manifest.GetIterations()
	if len(turns) == 0 || len(turns) > 10 || !turns[len(turns)-1].GetExitLoop() {
		t.Errorf("want at most ten turns with exit_loop at the end, got %v", turns)
	}
	if got := manifest.GetProof().GetStatus(); got != "proven" {
		t.Errorf("proof: want proven, got %s: %v", got, manifest.GetProof().GetStages())
	}

	// The node is explained with the figures of all nodes.
	decision := run.GetPlacement()[0]
	if decision.GetNode() != "pmox03" || len(decision.GetNodes()) != 4 {
		t.Errorf("want pmox03 of four nodes, got %v", decision)
	}
	for _, n := range decision.GetNodes() {
		if n.GetReason() == "" {
			t.Errorf("%s has no reason", n.GetNode())
		}
	}

	// 6. The files reach the operator, without a password in any of them.
	dir := client.Unpack(t, ctx, id)
	password := regexp.MustCompile(`(?i)password\s*=\s*"[^"]+"|api_token\s*=\s*"[^"]+=[0-9a-f-]{30,}"`)
	for _, f := range manifest.GetFiles() {
		if m := password.FindString(f.GetContent()); m != "" || strings.Contains(f.GetContent(), readerSecret) {
			t.Errorf("%s holds a secret: %s", f.GetPath(), m)
		}
	}

	// 7. Apply: one added, none changed, none destroyed.
	before := l.dump(t)
	tofu := harness.NewTofu(t, dir, l.url(), l.token(), l.ca())
	if err := tofu.Init(ctx); err != nil {
		t.Fatal(err)
	}
	out, err := tofu.Apply(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out, "Apply complete! Resources: 1 added, 0 changed, 0 destroyed.") {
		t.Errorf("apply did not add exactly one:\n%s", out)
	}

	// 8. webserver (125) is on pmox03.
	g, ok := l.snapshot(t, ctx).Guest(125)
	if !ok || g.Name != "webserver" || g.Node != "pmox03" || g.Status != pve.GuestRunning {
		t.Errorf("want webserver (125) running on pmox03, got %+v", g)
	}
	if empty, out, err := tofu.Empty(ctx); err != nil || !empty {
		t.Errorf("the second plan is not empty (%v):\n%s", err, out)
	}
	if _, err := tofu.Destroy(ctx); err != nil {
		t.Fatal(err)
	}
	if after := l.dump(t); after != before {
		t.Errorf("destroy left traces:\n%s", firstDifference(before, after))
	}
}

// Shows: T-4.7.4-05
func TestOnlyYesConfirms(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	client := serve(t, newLab(t), "PROVISO_PROOF=validated")
	tests := map[string]struct {
		reason string
		answer string
		want   string // state after the answer
	}{
		"Oui":       {reason: "The thesis's own word.", answer: "oui", want: "delivered"},
		"Yes":       {reason: "English is as good in a French dialogue.", answer: "yes", want: "delivered"},
		"OK":        {reason: "People say so.", answer: "ok", want: "delivered"},
		"DAccord":   {reason: "With an apostrophe.", answer: "d'accord", want: "delivered"},
		"Maybe":     {reason: "Anything else does not confirm.", answer: "peut-être", want: "confirming"},
		"Empty":     {reason: "Silence does not confirm.", answer: " ", want: "confirming"},
		"Correct":   {reason: "A correction shows the corrected table.", answer: "non, 4 coeurs", want: "confirming"},
		"No":        {reason: "A plain no ends the run.", answer: "non", want: "cancelled"},
		"YesBut":    {reason: "Yes with a wish is a correction first.", answer: "oui mais avec 8 Go", want: "confirming"},
		"LookAlike": {reason: "A word that begins like yes is none.", answer: "ouistiti", want: "confirming"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			id, err := client.Post(ctx, harness.Request{Prompt: "crée une VM nommée c-" + strings.ToLower(name) + " depuis le template 100"})
			if err != nil {
				t.Fatal(err)
			}
			if run := wait(t, ctx, client, id); run.GetState() != "confirming" {
				t.Fatalf("want confirming first, got %s", run.GetState())
			}
			if err := client.Confirm(ctx, id, tc.answer); err != nil {
				if tc.answer == " " {
					return // refused at the door: that does not confirm either
				}
				t.Fatal(err)
			}
			run := settle(t, ctx, client, id)
			if run.GetState() != tc.want {
				t.Errorf("%s\nwant %s, got %s", tc.reason, tc.want, run.GetState())
			}
			if name == "Correct" && run.GetIntent().GetVirtualMachines()[0].GetCores() != 4 {
				t.Errorf("%s\nwant 4 cores, got %v", tc.reason, run.GetIntent().GetVirtualMachines()[0])
			}
		})
	}
}

func wait(t *testing.T, ctx context.Context, c *harness.Client, id string) *provisov1.Run {
	t.Helper()
	run, err := c.Wait(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// settle waits until the run has worked on the answer that was just given: its last turn was understood.
func settle(t *testing.T, ctx context.Context, c *harness.Client, id string) *provisov1.Run {
	t.Helper()
	return settleAfter(t, ctx, c, id, 1)
}

// settleAfter is settle where so many answers were given so far.
func settleAfter(t *testing.T, ctx context.Context, c *harness.Client, id string, answers int) *provisov1.Run {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		run := wait(t, ctx, c, id)
		understood := 0
		for _, s := range run.GetSteps() {
			if s.GetStep() == "understand" && s.GetOutcome() == "succeeded" {
				understood++
			}
		}
		if understood > len(run.GetTurns()) && len(run.GetTurns()) >= answers || run.GetState() == "cancelled" {
			return run
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("the answer was not worked on in time")
	return nil
}
