package review

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"proviso.dev/pkg/pve"
	"proviso.dev/services/builder/internal/lines"
)

// An importBlock takes an object that exists over into the state.
type importBlock struct {
	to string // address of the resource
	id string // "pmox03/123"
	at hcl.Range
}

var importArguments = &language{attributes: []string{"to", "id", "for_each", "provider"}, required: []string{"to", "id"}}

// imports reads the import blocks of the document. What is no plain address or text is empty.
func (d *document) imports() []importBlock {
	var out []importBlock
	for _, b := range d.others {
		if b.Type != "import" {
			continue
		}
		i := importBlock{at: b.DefRange()}
		if a := b.Body.Attributes["to"]; a != nil {
			if t, ok := a.Expr.(*hclsyntax.ScopeTraversalExpr); ok {
				if name, named := second(t.Traversal); named {
					i.to = t.Traversal.RootName() + "." + name
				}
			}
		}
		if a := b.Body.Attributes["id"]; a != nil {
			if v, diags := a.Expr.Value(nil); !diags.HasErrors() && v.Type() == cty.String && v.IsKnown() && !v.IsNull() {
				i.id = v.AsString()
			}
		}
		out = append(out, i)
	}
	return out
}

// adopts returns the import of a resource, nil when it is created.
func (s *subject) adopts(in *instance) *importBlock {
	if i := slices.IndexFunc(s.imported, func(i importBlock) bool { return i.to == in.resource.address() }); i >= 0 {
		return &s.imported[i]
	}
	return nil
}

// existing returns the guest of the cluster that a guest of the manifest is, nil when it is new or not known.
func (s *subject) existing(g *guest) *pve.Guest {
	if s.cluster == nil || s.adopts(g.instance) == nil {
		return nil
	}
	return s.cluster.guests[g.id]
}

// practices are rules about how to write a new guest. One that exists is as it is: a manifest that follows the rule would
// change it unasked, so that the rule is only information about it.
var practices = []string{
	"PMX017", "PMX021", "PMX025", "PMX037", "PMX045", "PMX048", "PMX052", "PMX053", "PMX054", "PMX055", "PMX056", "PMX057", "PMX058", "PMX059", "PMX060",
	"PMX077", "PMX083", "PMX089", "PMX090", "PMX091", "PMX099", "PMX100",
}

// relaxed reports whether a rule is only information at an address.
func (s *subject) relaxed(rule, address string) bool {
	return slices.Contains(practices, rule) && slices.ContainsFunc(s.everyone, func(g *guest) bool {
		return (address == g.address || strings.HasPrefix(address, g.address+".")) && s.adopts(g.instance) != nil
	})
}

// importTargets holds imports against the cluster: each is of a guest that is there, on the node that it is on, and its
// resource is about that guest.
func importTargets(s *subject, report reportFunc) {
	seen := map[string]bool{}
	for _, i := range s.imported {
		kindOf, _, _ := strings.Cut(i.to, ".")
		k := kind(kindOf)
		if k != "vm" && k != kindContainer {
			continue
		}
		found := s.cluster != nil && slices.ContainsFunc(s.cluster.Guests, func(g pve.Guest) bool {
			return i.id == fmt.Sprintf("%s/%d", g.Node, g.VMID) && !g.Template && (g.Kind == pve.KindContainer) == (k == kindContainer)
		})
		if s.cluster != nil && !found || seen[i.id] {
			report(i.to, i.at, "id", i.id)
		}
		seen[i.id] = true
	}
}

// importIdentities reports resources that are about another guest than their import: the next plan would make them anew.
func importIdentities(s *subject, report reportFunc) {
	for _, k := range []string{"vm", kindContainer} {
		for _, in := range s.instances[k] {
			i := s.adopts(in)
			if i == nil {
				continue
			}
			node, _ := in.text("node_name")
			id, _ := in.number("vm_id")
			if have := fmt.Sprintf("%s/%d", node, id); have != i.id {
				report(in.address+".vm_id", in.where("vm_id"), "id", i.id, "have", have)
			}
			if in.child("clone") != nil {
				report(in.address+".clone", in.child("clone").at, "id", i.id, "have", "clone")
			}
		}
	}
}

// kindContainer is the kind of containers.
const kindContainer = "container"

// adoptions compares the guests that exist, read back, with the plan.
func (c comparison) adoptions() {
	planned := map[string]bool{}
	for _, p := range c.plan.GetAdoptions() {
		var g interface {
			GetVmId() int32
			GetNode() string
			GetName() string
			GetPool() string
			GetRunning() bool
			GetConfig() map[string]string
		} = p.GetVirtualMachine()
		typ, k := typeVM, "vm"
		if p.GetContainer() != nil {
			g, typ, k = p.GetContainer(), prefixLong+kindContainer, kindContainer
		}
		id := fmt.Sprintf("%s/%d", g.GetNode(), g.GetVmId())
		planned[id] = true
		n := slices.IndexFunc(c.s.imported, func(i importBlock) bool { return i.id == id && strings.HasPrefix(i.to, typ+".") })
		if n < 0 {
			c.absent("import", g.GetName())
			continue
		}
		at := slices.IndexFunc(c.s.instances[k], func(in *instance) bool { return in.resource.address() == c.s.imported[n].to })
		if at < 0 {
			c.absent("virtual machine", g.GetName())
			continue
		}
		in := c.s.instances[k][at]
		is := func(field string, where hcl.Range, want, got string) {
			if want != got {
				c.report(Finding{Rule: "intent." + field, Severity: Error, Address: in.address, Range: where,
					Args: []any{"field", field, "guest", g.GetName(), "want", shown(want), "got", shown(got)}})
			}
		}
		text := func(name string) string { v, _ := in.orText(name, ""); return v }
		started, _ := in.orFlag("started", true)
		pool := g.GetPool()
		if p.GetContainer() != nil {
			pool = "" // read by nobody
		}
		is("pool_id", in.where("pool_id"), pool, text("pool_id"))
		is("started", in.where("started"), fmt.Sprint(g.GetRunning()), fmt.Sprint(started))
		template, _ := in.orFlag("template", false)
		is("template", in.where("template"), "false", fmt.Sprint(template))

		want, left, got := lines.VM(g.GetConfig()), lines.LeftOut(g.GetConfig()), machineLines(in)
		if p.GetContainer() != nil {
			want, left, got = lines.Container(g.GetConfig()), lines.LeftOutOfContainer(g.GetConfig()), containerLines(in)
			if g.GetPool() != "" {
				left = append(left, lines.Pool)
			}
		}
		ignored := append([]string{"node_name"}, lines.Ignored(left)...)
		if p.GetContainer() != nil {
			ignored = append(ignored, lines.Unread...)
		}
		c.guarded(in, ignored, is)
		asked := maps.Clone(want)
		forget(lines.Ignored(left), want, got)
		for _, d := range p.GetDifferences() {
			for name := range asked {
				if _, compared := want[name]; !compared && (name == d.GetAttribute() || strings.HasPrefix(name, d.GetAttribute()+".")) {
					is(name, in.at, asked[name], "ignore_changes")
				}
			}
		}
		defaults(want, got)
		for _, name := range lines.Differences(want, got) {
			is(name, lineAt(in, name), want[name], got[name])
		}
		c.tellLeft(in, g.GetName(), left)
	}
	for _, i := range c.s.imported {
		if !planned[i.id] {
			c.report(Finding{Rule: ruleExtra, Severity: Error, Address: i.to, Range: i.at, Args: []any{"what", "import", "name", i.id}})
		}
	}
}

// guarded holds the lifecycle against what it has to be: nothing of the guest is ignored but what has to be, and no plan
// may remove it.
func (c comparison) guarded(in *instance, want []string, is func(string, hcl.Range, string, string)) {
	var ignored []string
	guarded, at := false, in.at
	for _, b := range in.resource.block.Body.Blocks {
		if b.Type != "lifecycle" {
			continue
		}
		at = b.DefRange()
		if a := b.Body.Attributes["ignore_changes"]; a != nil {
			for _, t := range a.Expr.Variables() {
				ignored = append(ignored, t.RootName())
			}
			if hcl.ExprAsKeyword(a.Expr) != "" {
				ignored = []string{hcl.ExprAsKeyword(a.Expr)}
			}
		}
		if a := b.Body.Attributes["prevent_destroy"]; a != nil {
			v, diags := a.Expr.Value(nil)
			guarded = !diags.HasErrors() && v.Type() == cty.Bool && v.IsKnown() && v.True()
		}
	}
	slices.Sort(want)
	slices.Sort(ignored)
	is("lifecycle.ignore_changes", at, strings.Join(want, ", "), strings.Join(slices.Compact(ignored), ", "))
	is("lifecycle.prevent_destroy", at, "true", fmt.Sprint(guarded))
}

// tellLeft says what the manifest leaves out of a guest's configuration, so that nothing is dropped unsaid.
func (c comparison) tellLeft(in *instance, name string, left []lines.Left) {
	for _, l := range left {
		what := strings.TrimSuffix(l.Key+"."+l.Option, ".")
		c.report(Finding{Rule: ruleLeftOut, Severity: Information, Address: in.address, Range: in.at,
			Args: []any{"guest", name, "key", what, "what", string(l.Why)}})
	}
}

// ruleLeftOut is information about a value of a guest that exists.
const ruleLeftOut = "intent.left_out"

// argumentFields are the fields that belong to an argument, by their beginnings.
var argumentFields = map[string][]string{
	"network_device": {"net"}, "serial_device": {"serial"}, "scsi_hardware": {"scsihw"}, "operating_system": {"ostype"}, "memory": {"memory", "balloon", "hugepages", "swap"},
	"network_interface": {"net"}, "vga": {"vga."}, "cdrom": {"ide3"}, "usb": {"usb"}, "description": {"description"},
	"cpu":            {"cores", "sockets", "vcpus", "cpulimit", "cpuunits", "numa", "affinity", "cpu.", "arch"},
	"initialization": {"cloudinit", "ipconfig", "nameserver", "searchdomain", "ciuser", "sshkeys", "cicustom", "hostname"},
}

// forget takes the fields out of both that belong to arguments whose changes are ignored.
func forget(ignored []string, both ...lines.Fields) {
	for _, argument := range ignored {
		if argument == "disk" {
			for _, f := range both {
				maps.DeleteFunc(f, func(name, _ string) bool { slot, _, _ := strings.Cut(name, "."); return pve.IsDiskSlot(slot) })
			}
		}
		for _, beginning := range argumentFields[argument] {
			for _, f := range both {
				for name := range f {
					if strings.HasPrefix(name, beginning) {
						delete(f, name)
					}
				}
			}
		}
	}
}

// defaults completes devices that the provider reads as nothing when all of their values are its defaults.
func defaults(want, got lines.Fields) {
	for name, values := range map[string]map[string]string{
		"efidisk0":  {"storage": defaultStorage, "efitype": "2m", "pre-enrolled-keys": "0"},
		"tpmstate0": {"storage": defaultStorage, "version": "v2.0"},
	} {
		plain := got[name+".storage"] == ""
		for option, value := range values {
			plain = plain && want[name+"."+option] == value
		}
		for option, value := range values {
			if plain {
				got[name+"."+option] = value
			}
		}
	}
}
