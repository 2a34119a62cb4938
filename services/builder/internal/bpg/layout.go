package bpg

import (
	"fmt"
	"slices"
	"strings"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// A layout is a plan arranged as resources, each with its name in the code.
type layout struct {
	draft     Draft
	downloads []download
	pools     []pool
	machines  []machines
	cts       []containers
	rules     []rule
	adopted   []adopted
}

type download struct {
	name string
	plan *provisov1.ImageDownload
}

type pool struct {
	name string
	plan *provisov1.Pool
}

// machines is one resource: a single virtual machine, or several that differ only in name, id, node and address.
type machines struct {
	name   string
	guests []*provisov1.PlannedVM
	spread
}

func (m machines) single() bool                  { return len(m.guests) == 1 }
func (m machines) sample() *provisov1.PlannedVM  { return m.guests[0] }
func (m machines) resource() (typ, label string) { return "proxmox_virtual_environment_vm", m.name }

// addressName names the attribute of the map that holds the address of a network device.
func addressName(nic, nics int) string {
	if nics == 1 {
		return "ipv4_address"
	}
	return fmt.Sprintf("ipv4_address_%d", nic)
}

// rule is the HA rule (PVE 9) of one resource's guests.
type rule struct {
	name string // in the code
	id   string // in the cluster
	like pve.HARule
	of   service
}

func arrange(d Draft) layout {
	l := layout{draft: d}
	taken := names{}
	for _, p := range d.Plan.GetDownloads() {
		l.downloads = append(l.downloads, download{taken.unique("download", fileStem(p.GetFileName())), p})
	}
	for _, p := range d.Plan.GetPools() {
		l.pools = append(l.pools, pool{taken.unique("pool", p.GetName()), p})
	}
	for _, guests := range alike(d.Plan.GetVirtualMachines()) {
		l.machines = append(l.machines, machines{name: taken.unique("vm", commonName(guests, "vm")), guests: guests, spread: spreadOf(guests)})
	}
	for _, guests := range alike(d.Plan.GetContainers()) {
		// Variables, outputs and HA entries bear the name of their resource, so that machines and containers share one set.
		l.cts = append(l.cts, containers{name: taken.unique("vm", commonName(guests, "ct")), guests: guests, spread: spreadOf(guests)})
	}
	l.adopt(taken)
	for _, m := range l.services() {
		group := m.group
		like, known := d.Rules[group]
		if d.Major() < 9 || !known {
			continue
		}
		// A rule that exists lists its resources itself, and whoever manages it would take ours out again: ours gets a rule
		// of its own over the same nodes.
		id := group + "-" + strings.ReplaceAll(m.name, "_", "-")
		l.rules = append(l.rules, rule{name: taken.unique("harule", id), id: id, like: like, of: m})
	}
	return l
}

// Resources returns how many objects the manifest of a draft creates.
func Resources(d Draft) int {
	l := arrange(d)
	n := len(l.downloads) + len(l.pools) + len(l.rules)
	for _, m := range l.machines {
		n += len(m.guests)
		if m.sample().GetHa() {
			n += len(m.guests)
		}
	}
	for _, m := range l.cts {
		n += len(m.guests)
		if m.sample().GetHa() {
			n += len(m.guests)
		}
	}
	return n
}

// fileStem returns a file name without its extension.
func fileStem(file string) string {
	stem, _, _ := strings.Cut(file, ".")
	return stem
}

// names hands out identifiers, each once per kind.
type names map[string]bool

// reserved cannot name a variable, and a variable bears the name of its resource.
var reserved = []string{
	"source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals",
	endpointVariable, tokenVariable, insecureVariable, keysVariable,
}

func (n names) unique(kind, text string) string {
	id := identifier(text)
	if slices.Contains(reserved, id) {
		id += "_" + kind
	}
	free := id
	for i := 2; n[kind+" "+free]; i++ {
		free = fmt.Sprintf("%s_%d", id, i)
	}
	n[kind+" "+free] = true
	return free
}

// identifier turns text into an HCL identifier of lower-case letters, digits and underscores.
func identifier(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		default:
			b.WriteByte('_')
		}
	}
	id := strings.Trim(b.String(), "_")
	if id == "" || id[0] >= '0' && id[0] <= '9' {
		id = "vm_" + id
	}
	return strings.TrimRight(id, "_")
}
