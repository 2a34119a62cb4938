package review

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"proviso.dev/services/builder/internal/schema"
)

// policyRules are the lint rules that concern what Proviso writes for bpg/proxmox. Warnings that the reviewer insists on
// have a repair in internal/refine; a test compares both lists.
var policyRules = []rule{
	{id: "PMX004", stage: StagePolicy, severity: Warning, check: exactVersion},
	{id: "PMX017", stage: StagePolicy, severity: Warning, check: fixedIDs},
	{id: "PMX021", stage: StagePolicy, severity: Warning, insist: true, check: agentTimeouts},
	{id: "PMX025", stage: StagePolicy, severity: Warning, insist: true, check: stopOnDestroy},
	{id: "PMX027", stage: StagePolicy, severity: Error, check: migrationGuards},
	{id: "PMX027", stage: StagePolicy, severity: Error, check: replacedElsewhere},
	{id: "PMX029", stage: StagePolicy, severity: Warning, insist: true, check: haTriggers},
	{id: "PMX033", stage: StagePolicy, severity: Information, check: bootUnderHA},
	{id: "PMX037", stage: StagePolicy, severity: Warning, insist: true, check: noCPUType},
	{id: "PMX037", stage: StagePolicy, severity: Warning, check: oldCPUType},
	{id: "PMX041", stage: StagePolicy, severity: Error, check: linkedCloneStorage},
	{id: "PMX045", stage: StagePolicy, severity: Warning, check: fileIDs},
	{id: "PMX046", stage: StagePolicy, severity: Error, check: needsSSH},
	{id: "PMX048", stage: StagePolicy, severity: Warning, check: explicitStorages},
	{id: "PMX052", stage: StagePolicy, severity: Warning, check: ioThreads},
	{id: "PMX053", stage: StagePolicy, severity: Error, check: ssdOnVirtio},
	{id: "PMX054", stage: StagePolicy, severity: Warning, check: nativeAIO},
	{id: "PMX055", stage: StagePolicy, severity: Warning, insist: true, cluster: true, check: noDiscard},
	{id: "PMX055", stage: StagePolicy, severity: Warning, cluster: true, check: discardRefused},
	{id: "PMX056", stage: StagePolicy, severity: Warning, check: emulatedNICs},
	{id: "PMX057", stage: StagePolicy, severity: Warning, insist: true, check: osTypes},
	{id: "PMX058", stage: StagePolicy, severity: Error, check: efiDisks},
	{id: "PMX059", stage: StagePolicy, severity: Warning, check: ideOnQ35},
	{id: "PMX060", stage: StagePolicy, severity: Error, check: rootOnly},
	{id: "PMX062", stage: StagePolicy, severity: Error, check: containerRootOnly},
	{id: "PMX068", stage: StagePolicy, severity: Error, check: literalSecrets},
	{id: "PMX069", stage: StagePolicy, severity: Warning, check: passwords},
	{id: "PMX072", stage: StagePolicy, severity: Warning, check: insecureTLS},
	{id: "PMX073", stage: StagePolicy, severity: Error, check: httpsEndpoint},
	{id: "PMX076", stage: StagePolicy, severity: Warning, insist: true, check: cloneRetries},
	{id: "PMX077", stage: StagePolicy, severity: Warning, insist: true, check: tagOrder},
	{id: "PMX082", stage: StagePolicy, severity: Warning, check: deprecated},
	{id: "PMX083", stage: StagePolicy, severity: Warning, check: startedTemplates},
	{id: "PMX089", stage: StagePolicy, severity: Warning, insist: true, check: ballooning},
	{id: "PMX090", stage: StagePolicy, severity: Error, check: hugepages},
	{id: "PMX091", stage: StagePolicy, severity: Error, check: dnsNames},
	{id: "PMX092", stage: StagePolicy, severity: Warning, check: downloads},
	{id: "PMX093", stage: StagePolicy, severity: Error, check: sdnAppliers},
	{id: "PMX095", stage: StagePolicy, severity: Warning, check: poolTwice},
	{id: "PMX100", stage: StagePolicy, severity: Warning, check: twoControllers},
	{id: "policy.format", stage: StagePolicy, severity: Error, check: formats},
	{id: "policy.format", stage: StagePolicy, severity: Error, check: containerFormats},
	{id: "policy.privileged", stage: StagePolicy, severity: Warning, check: privileged},
	{id: "policy.nesting", stage: StagePolicy, severity: Information, check: nestingOn},
	{id: "policy.provisioner", stage: StagePolicy, severity: Error, check: provisioners},
	{id: "policy.module", stage: StagePolicy, severity: Error, check: modules},
}

// exactVersion wants one version of the provider, since its minor versions break things.
func exactVersion(s *subject, report reportFunc) {
	for _, t := range s.terraform {
		for _, b := range t.Body.Blocks {
			if b.Type != "required_providers" {
				continue
			}
			a := b.Body.Attributes["proxmox"]
			if a == nil {
				continue
			}
			v, diags := a.Expr.Value(nil)
			if diags.HasErrors() || !v.Type().IsObjectType() || !v.Type().HasAttribute("version") {
				break
			}
			version := v.GetAttr("version")
			if version.Type() != cty.String || version.IsNull() || !exact(version.AsString()) {
				report("terraform.required_providers.proxmox", a.SrcRange, "version", schema.Version)
			}
			return
		}
	}
	report("terraform.required_providers.proxmox", hcl.Range{Filename: "versions.tf"}, "version", schema.Version)
}

func exact(constraint string) bool {
	c := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(constraint), "="))
	return c != "" && strings.Trim(c, "0123456789.") == "" && strings.Count(c, ".") == 2
}

func fixedIDs(s *subject, report reportFunc) {
	if len(s.everyone) < 2 {
		return
	}
	for _, g := range s.everyone {
		if !g.has("vm_id") {
			report(g.address, g.at)
		}
	}
}

func agentTimeouts(s *subject, report reportFunc) {
	for _, g := range s.guests {
		if !g.agent {
			continue
		}
		a := g.child("agent")
		if t, written := a.orText("timeout", ""); written && (t == "" || minutes(t) > 5) {
			report(g.address+".agent", a.where("timeout"))
		}
	}
}

func stopOnDestroy(s *subject, report reportFunc) {
	for _, g := range s.guests {
		if stop, ok := g.orFlag("stop_on_destroy", false); ok && !stop && g.started && g.agent {
			report(g.address, g.at)
		}
	}
}

// noCPUType: left out, the type is the provider's, which nobody chose.
func noCPUType(s *subject, report reportFunc) {
	for _, g := range s.guests {
		c := g.child("cpu")
		if c == nil || !c.has("type") {
			at := g.at
			if c != nil {
				at = c.where("type")
			}
			report(g.address+".cpu.type", at, "type", defaultCPUType)
		}
	}
}

// oldCPUType: somebody chose an old type, so it is only said.
func oldCPUType(s *subject, report reportFunc) {
	for _, g := range s.guests {
		if c := g.child("cpu"); c != nil && c.has("type") && slices.Contains([]string{"qemu64", "kvm64", "qemu32", "kvm32"}, g.cpuType) {
			report(g.address+".cpu.type", c.where("type"), "type", g.cpuType)
		}
	}
}

func linkedCloneStorage(s *subject, report reportFunc) {
	for _, g := range s.guests {
		if g.clone != nil && !g.clone.full && g.clone.datastore != "" {
			report(g.address+".clone.datastore_id", g.clone.where("datastore_id"))
		}
	}
}

// needsSSH: snippets and images by file_id reach the node over SSH, which a token does not open.
func needsSSH(s *subject, report reportFunc) {
	for _, p := range s.providers {
		if p.Labels[0] == "proxmox" && slices.ContainsFunc(p.Body.Blocks, func(b *hclsyntax.Block) bool { return b.Type == "ssh" }) {
			return
		}
	}
	for _, in := range s.instances["file"] {
		if content, ok := in.text("content_type"); ok && (content == "snippets" || content == "backup") {
			report(in.address+".content_type", in.where("content_type"), "what", content)
		}
	}
	for _, g := range s.guests {
		for i, d := range g.disks {
			if d.has("file_id") {
				report(fmt.Sprintf("%s.disk[%d].file_id", g.address, i), d.where("file_id"), "what", "file_id")
			}
		}
	}
}

// discardRefused: somebody decided against it, so it is only said.
// thinDisks reports the disks on thin storage for which something holds.
func osTypes(s *subject, report reportFunc) {
	for _, g := range s.everyone {
		if n := g.child("operating_system"); n == nil || !n.has("type") {
			report(g.address, g.at)
		}
	}
}

// rootOnly names the options that Proxmox VE takes from root@pam with a password alone, never from a token.
func rootOnly(s *subject, report reportFunc) {
	for _, g := range s.guests {
		for _, name := range []string{"kvm_arguments", "hook_script_file_id"} {
			if g.has(name) {
				report(g.address+"."+name, g.where(name), "name", name)
			}
		}
		if c := g.child("cpu"); c != nil {
			for _, name := range []string{"affinity", "architecture"} {
				if c.has(name) {
					report(g.address+".cpu."+name, c.where(name), "name", "cpu."+name)
				}
			}
		}
		if m := g.child("memory"); m != nil && m.has("hugepages") {
			report(g.address+".memory.hugepages", m.where("hugepages"), "name", "memory.hugepages")
		}
		if n := g.child("amd_sev"); n != nil {
			report(g.address+".amd_sev", n.at, "name", "amd_sev")
		}
		for i, n := range g.blocks["hostpci"] {
			if n.has("id") {
				report(fmt.Sprintf("%s.hostpci[%d].id", g.address, i), n.where("id"), "name", "hostpci.id")
			}
		}
	}
}

func insecureTLS(s *subject, report reportFunc) {
	for _, p := range s.providers {
		if a := p.Body.Attributes["insecure"]; a != nil && p.Labels[0] == "proxmox" {
			if v, ok := s.constant(a.Expr); ok && v.Type() == cty.Bool && v.True() {
				report("provider.proxmox.insecure", a.SrcRange)
			}
		}
	}
}

func httpsEndpoint(s *subject, report reportFunc) {
	for _, p := range s.providers {
		if a := p.Body.Attributes["endpoint"]; a != nil && p.Labels[0] == "proxmox" {
			if v, ok := s.constant(a.Expr); ok && v.Type() == cty.String && !strings.HasPrefix(v.AsString(), "https://") {
				report("provider.proxmox.endpoint", a.SrcRange)
			}
		}
	}
}

// constant evaluates an expression that is a literal, or a variable with a literal default.
func (s *subject) constant(x hclsyntax.Expression) (cty.Value, bool) {
	if t, diags := hcl.AbsTraversalForExpr(x); !diags.HasErrors() && t.RootName() == "var" {
		name, _ := second(t)
		v := s.variables[name]
		if v == nil || v.block.Body.Attributes["default"] == nil {
			return cty.NilVal, false
		}
		x = v.block.Body.Attributes["default"].Expr
	}
	v, diags := x.Value(nil)
	if diags.HasErrors() || v.IsNull() || !v.IsKnown() {
		return cty.NilVal, false
	}
	return v, true
}

func cloneRetries(s *subject, report reportFunc) {
	full := 0
	for _, g := range s.guests {
		if g.clone != nil && g.clone.full {
			full++
		}
	}
	// The provider creates ten resources at once; a few copies already keep a storage locked for longer than it waits.
	if full <= 3 {
		return
	}
	for _, g := range s.guests {
		if g.clone == nil || !g.clone.full {
			continue
		}
		if n, ok := g.clone.orNumber("retries", 1); ok && n < 2 {
			report(g.address+".clone", g.clone.where("retries"))
		}
	}
}

func tagOrder(s *subject, report reportFunc) {
	for _, g := range s.everyone {
		want := slices.Clone(g.tags)
		for i := range want {
			want[i] = strings.ToLower(want[i])
		}
		slices.Sort(want)
		want = slices.Compact(want)
		if !slices.Equal(want, g.tags) {
			report(g.address+".tags", g.where("tags"), "tags", strings.Join(want, ", "))
		}
	}
}

// deprecated walks the code, not the evaluated values: an argument is deprecated wherever it is written.
func deprecated(s *subject, report reportFunc) {
	p, err := schema.Load()
	if err != nil {
		return // the schema stage could not have run
	}
	var walk func(b *hclsyntax.Body, in *schema.Block, address string)
	walk = func(b *hclsyntax.Body, in *schema.Block, address string) {
		for name, a := range b.Attributes {
			if attr := in.Attributes[name]; attr != nil && (attr.Deprecated || name == "enabled" && oldSwitch(address)) {
				report(address+"."+name, a.NameRange, "name", name)
			}
		}
		for _, inner := range b.Blocks {
			if n := in.Nested(inner.Type); n != nil {
				walk(inner.Body, &n.Block, address+"."+inner.Type)
			}
		}
	}
	for _, r := range s.resources {
		in := p.Resource(r.typ)
		if r.data {
			in = p.DataSource(r.typ)
		}
		if in == nil {
			continue
		}
		if in.Deprecated {
			report(r.address(), r.block.DefRange(), "name", r.typ)
		}
		walk(r.block.Body, in, r.address())
	}
}

// oldSwitch: an enabled within these blocks is deprecated, which an attribute that is written as blocks cannot say in the
// provider's schema.
func oldSwitch(address string) bool {
	return strings.HasSuffix(address, ".network_device") || strings.HasSuffix(address, ".vga")
}

func startedTemplates(s *subject, report reportFunc) {
	for _, g := range s.everyone {
		if g.template && g.started {
			report(g.address+".started", g.where("started"))
		}
	}
}

// ballooning wants the choice to be written. An explicit 0 is one; more than the machine has is a mistake.
func ballooning(s *subject, report reportFunc) {
	for _, g := range s.guests {
		m := g.child("memory")
		if m == nil || !m.has("floating") {
			report(g.address+".memory.floating", g.memoryAt())
		}
	}
}

func hugepages(s *subject, report reportFunc) {
	for _, g := range s.guests {
		m := g.child("memory")
		if numa, _ := g.child("cpu").flag("numa"); m != nil && m.has("hugepages") && !numa {
			report(g.address+".memory.hugepages", m.where("hugepages"))
		}
	}
}

func downloads(s *subject, report reportFunc) {
	for _, in := range s.instances[typeDownload] {
		if overwrite, ok := in.orFlag("overwrite", true); ok && overwrite {
			report(in.address+".overwrite", in.where("overwrite"))
		} else if !in.has("checksum") {
			report(in.address+".checksum", in.where("url"))
		}
	}
}

func sdnAppliers(s *subject, report reportFunc) {
	for _, k := range sortedKeys(s.instances) {
		if !strings.HasPrefix(k, "sdn_zone_") && k != "sdn_vnet" && k != "sdn_subnet" {
			continue
		}
		for _, in := range s.instances[k] {
			if !s.applied(in.resource.address()) {
				report(in.address, in.at, "name", in.address)
			}
		}
	}
}

// applied reports whether an SDN applier depends on the resource.
func (s *subject) applied(address string) bool {
	for _, r := range s.resources {
		if kind(r.typ) == "sdn_applier" && r.uses[address] {
			return true
		}
	}
	return false
}

func poolTwice(s *subject, report reportFunc) {
	for _, in := range s.instances["pool_membership"] {
		id, ok := in.number("vm_id")
		if !ok {
			continue
		}
		for _, g := range s.everyone {
			if g.id == id && g.pool != "" {
				report(in.address, in.at, "name", g.name)
			}
		}
	}
}

func provisioners(s *subject, report reportFunc) {
	for _, r := range s.resources {
		for _, b := range r.block.Body.Blocks {
			if b.Type == "provisioner" {
				report(r.address()+".provisioner", b.DefRange(), "name", "provisioner")
			}
		}
		if r.data && r.typ == "external" {
			report(r.address(), r.block.DefRange(), "name", "external")
		}
	}
}

func modules(s *subject, report reportFunc) {
	for _, b := range s.others {
		if b.Type == "module" {
			report("module."+b.Labels[0], b.DefRange(), "name", b.Labels[0])
		}
	}
}
