package strategy

import (
	"errors"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// machineOfPCIe is the machine type with PCI Express.
const machineOfPCIe = "q35"

// resolveDevices demands a mapped device for every wish. A machine from an image gets a machine type with PCI Express; one from a
// template keeps the type that its system was installed for.
func (d *Draft) resolveDevices(g *group) error {
	wants := g.intent.GetDevices()
	for _, want := range wants {
		fitting := d.fitting(want)
		var nodes, away []string
		for _, m := range fitting {
			nodes, away = append(nodes, d.onlineNodesOf(m)...), append(away, m.Nodes()...)
		}
		switch {
		case len(fitting) == 0:
			return d.refuseDevice(want)
		case len(fitting) > 1 && want.GetKind() != deviceGPU: // one GPU is as good as another, a PCI device may be anything
			return d.refuse(CodeDevice, "device_ambiguous", "mappings", d.mappings(fitting))
		case len(nodes) == 0:
			return d.refuse(CodeDevice, "device_away", "mapping", fitting[0].Name, "nodes", d.list(away))
		}
		slices.Sort(nodes)
		nodes = slices.Compact(nodes)
		g.demand.Devices = append(g.demand.Devices, device(want))
		d.warn("device_bound", "nodes", d.list(nodes))
		if g.vm.GetHa() || g.wish.GetHa().GetEnabled() {
			d.warn("device_ha", "nodes", d.list(nodes))
		}
	}
	if len(wants) > 0 && g.template == nil && g.vm.GetMachine() == "" {
		g.vm.Machine = machineOfPCIe
	}
	return nil
}

// fitting are the mappings that serve a wish.
func (d *Draft) fitting(want *provisov1.Device) []pve.Mapping {
	if name := want.GetMapping(); name != "" {
		if m, ok := d.in.Snapshot.Mapping(pve.MappingPCI, name); ok {
			return []pve.Mapping{m}
		}
		return nil
	}
	var found []pve.Mapping
	for _, m := range d.in.Snapshot.Mappings {
		if m.Kind == pve.MappingPCI && m.GPU() == (want.GetKind() == deviceGPU) {
			found = append(found, m)
		}
	}
	return found
}

func (d *Draft) onlineNodesOf(m pve.Mapping) []string {
	return slices.DeleteFunc(m.Nodes(), func(name string) bool {
		n, ok := d.in.Snapshot.Node(name)
		return !ok || !n.Online()
	})
}

// refuseDevice says what is missing, what there is instead, and what would have to be done.
func (d *Draft) refuseDevice(want *provisov1.Device) *RefusedError {
	s, name := d.in.Snapshot, want.GetMapping()
	what := d.say("device." + want.GetKind())
	have := slices.DeleteFunc(slices.Clone(s.Mappings), func(m pve.Mapping) bool { return m.Kind != pve.MappingPCI })
	args := []any{"what", what, "mapping", name, "mappings", d.mappings(have), "nodes", d.list(onlineNames(s)), "count", len(have)}
	var sentences []string
	switch {
	case !s.MappingsKnown(pve.MappingPCI):
		sentences = append(sentences, d.say("refusal.device_unread", args...))
	case name != "":
		sentences = append(sentences, d.say("refusal.device_unknown", args...))
	default:
		sentences = append(sentences, d.say("refusal.device_none", args...))
	}
	sentences = append(sentences, d.say("refusal.device_needed", args...))
	return &RefusedError{Code: CodeDevice, Message: strings.Join(sentences, " ")}
}

// mappings lists mappings with the nodes that have their devices.
func (d *Draft) mappings(ms []pve.Mapping) string {
	var names []string
	for _, m := range ms {
		names = append(names, d.say("device.mapping", "mapping", m.Name, "nodes", strings.Join(m.Nodes(), ", ")))
	}
	return d.list(names)
}

func onlineNames(s *pve.Snapshot) []string {
	var names []string
	for _, n := range s.Nodes {
		if n.Online() {
			names = append(names, n.Name)
		}
	}
	return names
}

// withoutDevices is the nearest thing that would do: the same request without its devices, planned on the same snapshot. Empty:
// that would not fit either.
func withoutDevices(in Input) string {
	payload := proto.CloneOf(in.Context)
	for _, vm := range payload.GetIntent().GetVirtualMachines() {
		vm.Devices = nil
	}
	in.Context = payload
	d, err := draft(in)
	if err != nil {
		if refused := new(RefusedError); errors.As(err, &refused) {
			w := words{in.Context.GetLanguage()}
			return " " + w.say("refusal.device_without_no", "reason", refused.Message)
		}
		return ""
	}
	var nodes []string
	for _, c := range d.placed.Choices {
		if !slices.Contains(nodes, c.Node) {
			nodes = append(nodes, c.Node)
		}
	}
	return " " + d.say("refusal.device_without", "nodes", d.list(nodes))
}
