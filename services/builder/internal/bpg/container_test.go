package bpg

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"pgregory.net/rapid"

	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/builder/internal/fixture"
)

// containersPlan has one container with everything, and two that are alike on different nodes, in a pool of the plan's own.
func containersPlan() *provisov1.StrategicPlan {
	one := fixture.Container("ci", 301)
	one.Nesting, one.Protection, one.Description = true, true, "builds"
	one.SshKeys, one.DnsServers, one.SearchDomain = []string{fixture.Key}, []string{"9.9.9.9"}, "lab.local"
	one.Startup = &provisov1.Startup{Order: new(int32(0)), UpDelaySeconds: new(int32(30))}
	one.Nics = append(one.Nics, &provisov1.PlannedNIC{Bridge: "vmbr0", Vlan: 30, Ipv4: "dhcp", Model: "veth"})
	two, three := fixture.Container("ns-1", 311), fixture.Container("ns-2", 312)
	three.Node = "pmox03"
	for _, ct := range []*provisov1.PlannedContainer{two, three} {
		ct.Pool, ct.Ha, ct.HaGroup, ct.StartAtBoot = "infra", true, "mainHA", false
	}
	p := fixture.Mixed(nil, one, two, three)
	p.Language, p.Goal = "fr", "deux serveurs de noms et un conteneur de CI"
	p.Pools = []*provisov1.Pool{{Name: "infra", Comment: new("ce dont tous ont besoin")}}
	return p
}

// TestContainerTextStaysText: whatever somebody writes into a container is read back as the same text, and as nothing else.
//
// Shows: T-3.3.5-305
func TestContainerTextStaysText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ct := fixture.Container("dns", 301)
		ct.Description, ct.TemplateVolume = hostile.Draw(t, "description"), hostile.Draw(t, "template")
		ct.Tags, ct.SshKeys = []string{hostile.Draw(t, "tag"), "x"}, []string{hostile.Draw(t, "key")}
		ct.DiskStorage, ct.Pool, ct.SearchDomain = hostile.Draw(t, "storage"), hostile.Draw(t, "pool"), hostile.Draw(t, "domain")
		var container *hclsyntax.Body
		for _, f := range Render(full(fixture.Mixed(nil, ct), fixture.Snapshot())) {
			if f.Path != mainFile {
				continue
			}
			parsed, diags := hclsyntax.ParseConfig([]byte(f.Content), f.Path, hcl.InitialPos)
			if diags.HasErrors() {
				t.Fatalf("%s does not parse: %v\n%s", f.Path, diags, f.Content)
			}
			blocks := parsed.Body.(*hclsyntax.Body).Blocks
			if len(blocks) != 1 {
				t.Fatalf("%d blocks were written; want 1", len(blocks))
			}
			container = blocks[0].Body
		}
		init := block1(container, "initialization")
		same(t, container, "description", cty.StringVal(ct.GetDescription()), ct.GetDescription() != "")
		same(t, container, "pool_id", cty.StringVal(ct.GetPool()), ct.GetPool() != "")
		same(t, container, "tags", cty.TupleVal([]cty.Value{cty.StringVal(ct.GetTags()[0]), cty.StringVal("x")}), true)
		same(t, block1(container, "operating_system"), "template_file_id", cty.StringVal(ct.GetTemplateVolume()), true)
		same(t, block1(container, "disk"), "datastore_id", cty.StringVal(ct.GetDiskStorage()), true)
		same(t, block1(init, "user_account"), "keys", cty.TupleVal([]cty.Value{cty.StringVal(ct.GetSshKeys()[0])}), true)
		if ct.GetSearchDomain() != "" {
			same(t, block1(init, "dns"), "domain", cty.StringVal(ct.GetSearchDomain()), true)
		}
	})
}

// TestNamesAreShared: variables, outputs and HA entries bear the name of their resource, so a machine and a container of one
// name get two.
func TestNamesAreShared(t *testing.T) {
	plan := fixture.Mixed(fixture.Group("web", 2, 200), fixture.Container("web-3", 203), fixture.Container("web-4", 204), fixture.Container("7", 205))
	plan.Containers[2].DiskGib = 9
	var names []string
	for _, f := range Render(full(plan, fixture.Snapshot())) {
		if f.Path != outputsFile {
			continue
		}
		for line := range strings.Lines(f.Content) {
			if rest, ok := strings.CutPrefix(line, `output "`); ok {
				name, _, _ := strings.Cut(rest, `"`)
				names = append(names, name)
			}
		}
	}
	if diff := cmp.Diff([]string{"web", "web_2", "vm_7"}, names); diff != "" {
		t.Errorf("names of outputs (-want +got):\n%s", diff)
	}
}

// TestContainersCounted: what a plan is to create is each guest, its HA entry and the pool.
func TestContainersCounted(t *testing.T) {
	if got := Resources(full(containersPlan(), fixture.Snapshot())); got != 3+2+1 {
		t.Errorf("Resources() = %d; want 6", got)
	}
}
