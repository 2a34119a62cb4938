package bpg

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"golang.org/x/tools/txtar"
	"pgregory.net/rapid"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/builder/internal/fixture"
)

var update = flag.Bool("update", false, "write the golden files anew")

// full follows every practice, as a refined draft does.
func full(plan *provisov1.StrategicPlan, s *pve.Snapshot) Draft {
	d := Plain(plan, s)
	d.Practices = Practices{
		CPUType: true, OSType: true, Ballooning: true, Discard: true, DiskTuning: true, SCSIHardware: true,
		AgentTimeout: true, StopOnDestroy: true, MigrationGuard: true, HATrigger: true, CloneRetries: true,
	}
	return d
}

// TestGolden compares whole bundles with files that a reviewer can read.
func TestGolden(t *testing.T) {
	tests := map[string]struct {
		files []string // of the bundle, that the golden file shows
		draft func() Draft
	}{
		"webserver": {
			files: []string{versionsFile, providersFile, variablesFile, mainFile, outputsFile, exampleFile, readmeFile},
			draft: func() Draft {
				p := fixture.Plan(fixture.VM("webserver", 125))
				p.Language, p.Goal = "fr", "créer un serveur web basé sur le template vm id 100"
				reason := "taille du modèle"
				p.Facts = []*provisov1.Fact{
					{Path: "virtual_machines[0].name", Origin: "stated"},
					{Path: "virtual_machines[0].cores", Origin: "assumed", Reason: &reason},
				}
				return full(p, fixture.Snapshot())
			},
		},
		"group-ha": {
			files: []string{variablesFile, mainFile, outputsFile},
			draft: func() Draft {
				vms := fixture.Group("web", 2, 200)
				for _, vm := range vms {
					vm.Ha, vm.HaGroup, vm.Pool = true, "mainHA", "team-a"
					vm.Initialization.User, vm.Initialization.SshKeys = "admin-ubt", []string{fixture.Key}
				}
				p := fixture.Plan(vms...)
				p.Pools = []*provisov1.Pool{{Name: "team-a"}}
				return full(p, fixture.Snapshot())
			},
		},
		"containers": {
			files: []string{variablesFile, mainFile, outputsFile, readmeFile},
			draft: func() Draft { return full(containersPlan(), fixture.Snapshot()) },
		},
		"plain": {
			files: []string{mainFile},
			draft: func() Draft { return Plain(fixture.Plan(fixture.VM("webserver", 125)), fixture.Snapshot()) },
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var got txtar.Archive
			for _, f := range Render(tc.draft()) {
				for _, want := range tc.files {
					if f.Path == want {
						got.Files = append(got.Files, txtar.File{Name: f.Path, Data: []byte(f.Content)})
					}
				}
			}
			path := filepath.Join("testdata", name+".txtar")
			if *update {
				if err := os.WriteFile(path, txtar.Format(&got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(txtar.Format(&got))); diff != "" {
				t.Errorf("bundle differs from %s (-want +got):\n%s", path, diff)
			}
		})
	}
}

// hostile draws text as nobody should write it, and as people do.
var hostile = rapid.Custom(func(t *rapid.T) string {
	part := rapid.SampledFrom([]string{
		`"`, `\`, `${`, `%{`, `$${`, `%%{`, `}`, "\n", "\r", "\t", "<<EOT", "EOT", "#", "//", "/*", "\u202e", "\u200f", "\u2066", "é", "é", "日本", "🚀", "\x00", "\x1b[0m",
		`${file("/etc/passwd")}`, `%{ for x in y }`, "`", "'", "a", " ", "\u2028",
	})
	return strings.Join(rapid.SliceOfN(rapid.OneOf(part, rapid.String()), 0, 12).Draw(t, "parts"), "")
})

// TestTextStaysText: whatever somebody writes is read back as the same text, and as nothing else.
//
// Shows: T-3.3.5-305
func TestTextStaysText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vm := fixture.VM("webserver", 125)
		vm.Description = hostile.Draw(t, "description")
		vm.Tags = []string{hostile.Draw(t, "tag"), "x"}
		vm.Initialization.User = hostile.Draw(t, "user")
		vm.Initialization.SshKeys = []string{hostile.Draw(t, "key")}
		vm.Disks[0].Storage = hostile.Draw(t, "storage")
		plan := fixture.Plan(vm)
		plan.Goal = hostile.Draw(t, "goal")
		comment := hostile.Draw(t, "comment")
		plan.Pools = []*provisov1.Pool{{Name: hostile.Draw(t, "pool"), Comment: &comment}}
		blocks := map[string]*hclsyntax.Body{}
		for _, f := range Render(full(plan, fixture.Snapshot())) {
			if !strings.HasSuffix(f.Path, ".tf") {
				continue
			}
			parsed, diags := hclsyntax.ParseConfig([]byte(f.Content), f.Path, hcl.InitialPos)
			if diags.HasErrors() {
				t.Fatalf("%s does not parse: %v\n%s", f.Path, diags, f.Content)
			}
			for _, b := range parsed.Body.(*hclsyntax.Body).Blocks {
				if b.Type == "resource" {
					blocks[b.Labels[0]] = b.Body
				}
			}
		}
		machine := blocks["proxmox_virtual_environment_vm"]
		same(t, machine, "description", cty.StringVal(vm.GetDescription()), vm.GetDescription() != "")
		same(t, machine, "tags", cty.TupleVal([]cty.Value{cty.StringVal(vm.GetTags()[0]), cty.StringVal("x")}), true)
		same(t, block1(machine, "disk"), "datastore_id", cty.StringVal(vm.GetDisks()[0].GetStorage()), true)
		account := block1(block1(machine, "initialization"), "user_account")
		same(t, account, "username", cty.StringVal(vm.GetInitialization().GetUser()), vm.GetInitialization().GetUser() != "")
		same(t, account, "keys", cty.TupleVal([]cty.Value{cty.StringVal(vm.GetInitialization().GetSshKeys()[0])}), true)
		same(t, blocks["proxmox_virtual_environment_pool"], "comment", cty.StringVal(comment), comment != "")
		same(t, blocks["proxmox_virtual_environment_pool"], "pool_id", cty.StringVal(plan.GetPools()[0].GetName()), true)
	})
}

// same compares an argument with the text it was made from, in the normal form that cty gives to all text.
func same(t *rapid.T, b *hclsyntax.Body, name string, want cty.Value, written bool) {
	t.Helper()
	a := b.Attributes[name]
	if a == nil {
		if written {
			t.Fatalf("%s is not written", name)
		}
		return
	}
	got, diags := a.Expr.Value(nil)
	if diags.HasErrors() {
		t.Fatalf("%s is no literal: %v", name, diags)
	}
	if !got.RawEquals(want) {
		t.Fatalf("%s = %#v; want %#v", name, got, want)
	}
}

func block1(b *hclsyntax.Body, typ string) *hclsyntax.Body {
	for _, inner := range b.Blocks {
		if inner.Type == typ {
			return inner.Body
		}
	}
	return nil
}

// secret is what must not appear in any file: a token with its secret, a password, a private key.
var secret = regexp.MustCompile(`![A-Za-z0-9]+=[0-9a-f]{8}-|(?i)password\s*=|PRIVATE KEY`)

// Shows: T-4.4.2-03
func TestNoSecretInBundle(t *testing.T) {
	vm := fixture.VM("webserver", 125)
	for _, f := range Render(full(fixture.Plan(vm), fixture.Snapshot())) {
		if m := secret.FindString(f.Content); m != "" {
			t.Errorf("%s holds %q", f.Path, m)
		}
	}
	var variables string
	for _, f := range Render(full(fixture.Plan(vm), fixture.Snapshot())) {
		if f.Path == variablesFile {
			variables = f.Content
		}
	}
	_, token, _ := strings.Cut(variables, `variable "proxmox_api_token" {`)
	token, _, _ = strings.Cut(token, "\n}\n")
	if !strings.Contains(token, "sensitive   = true") || !strings.Contains(token, "default     = null") {
		t.Errorf("the token's variable is not sensitive or has a value:\n%s", token)
	}
}

// TestKeyedByName: taking one machine away must leave the resources of the others alone, so none is addressed by number.
//
// Shows: T-4.4.2-05
func TestKeyedByName(t *testing.T) {
	vms := fixture.Group("web", 3, 200)
	main := func(vms []*provisov1.PlannedVM) (string, string) {
		var out [2]string
		for _, f := range Render(full(fixture.Plan(vms...), fixture.Snapshot())) {
			switch f.Path {
			case mainFile:
				out[0] = f.Content
			case variablesFile:
				out[1] = f.Content
			}
		}
		return out[0], out[1]
	}
	before, values := main(vms)
	after, fewer := main([]*provisov1.PlannedVM{vms[0], vms[2]})
	if before != after {
		t.Errorf("main.tf changed with the number of machines (-before +after):\n%s", cmp.Diff(before, after))
	}
	if strings.Contains(before, "\n  count ") || !strings.Contains(before, "for_each = var.web") {
		t.Error("the machines are not keyed by name")
	}
	if !strings.Contains(values, `"web-2"`) || strings.Contains(fewer, `"web-2"`) {
		t.Error("the machine that was taken away is not in the one map and out of the other")
	}
}

func TestEqualDraftsGiveEqualBundles(t *testing.T) {
	plan := fixture.Plan(append(fixture.Group("web", 5, 200), fixture.VM("db", 300), fixture.VM("db-", 301))...)
	first := Render(full(plan, fixture.Snapshot()))
	for range 5 {
		if diff := cmp.Diff(first, Render(full(plan, fixture.Snapshot()))); diff != "" {
			t.Fatalf("bundles differ (-first +again):\n%s", diff)
		}
	}
}

func TestIdentifiers(t *testing.T) {
	taken := names{}
	tests := []struct{ reason, text, want string }{
		{"A DNS name becomes an identifier.", "web-1", "web_1"},
		{"The same name twice stays apart.", "Web-1", "web_1_2"},
		{"An identifier does not begin with a digit.", "1st", "vm_1st"},
		{"Text without letters has a name all the same.", "日本", "vm"},
		{"A variable may not be called like an argument of the language.", "count", "count_vm"},
		{"A group's variable may not hide the provider's.", "proxmox-endpoint", "proxmox_endpoint_vm"},
	}
	for _, tc := range tests {
		if got := taken.unique("vm", tc.text); got != tc.want {
			t.Errorf("%s\nunique(%q) = %q; want %q", tc.reason, tc.text, got, tc.want)
		}
	}
}

// A machine that differs in anything else than name, id, node and address has a resource of its own.
func TestAlike(t *testing.T) {
	vms := fixture.Group("web", 3, 200)
	vms[1].MemoryMib++
	l := arrange(Plain(fixture.Plan(vms...), fixture.Snapshot()))
	if len(l.machines) != 2 || len(l.machines[0].guests) != 2 || l.machines[1].guests[0] != nil && l.machines[1].guests[0].GetName() != "web-2" {
		t.Errorf("resources = %+v; want web-1 with web-3, and web-2", l.machines)
	}
	if got := Resources(Plain(fixture.Plan(vms...), fixture.Snapshot())); got != 3 {
		t.Errorf("Resources() = %d; want 3", got)
	}
}

// Markdown of a user's has no effect in the README.
func TestReadmeIsInert(t *testing.T) {
	plan := fixture.Plan(fixture.VM("webserver", 125))
	plan.Goal = "a\n# heading\n| x | <script>alert(1)</script> [l](javascript:x) `c` \u202eesrever\u200b"
	for _, f := range Render(full(plan, fixture.Snapshot())) {
		if f.Path != readmeFile {
			continue
		}
		for _, bad := range []string{"\n# heading", "<script>", "[l](", "\n| x", "\u202e", "\u200b"} {
			if strings.Contains(f.Content, bad) {
				t.Errorf("README holds %q", bad)
			}
		}
	}
}
