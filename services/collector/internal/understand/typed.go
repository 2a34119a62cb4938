package understand

import (
	"fmt"
	"slices"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// typed reads an intent that another service published. Its values count as stated unless its facts say otherwise.
func typed(m *provisov1.ProvisionIntent) *Intent {
	t := reader{facts: map[string]*provisov1.Fact{}}
	for _, f := range m.GetFacts() {
		t.facts[f.GetPath()] = f
	}
	in := &Intent{NotUnderstood: slices.Clone(m.GetNotUnderstood())}
	for _, o := range m.GetOmissions() {
		in.omit(o.GetTopic(), o.GetReason())
	}
	for i, vm := range m.GetVirtualMachines() {
		t.path = fmt.Sprintf("virtual_machines[%d].", i)
		in.Groups = append(in.Groups, t.group(vm))
	}
	for i, ct := range m.GetContainers() {
		t.path = fmt.Sprintf("containers[%d].", i)
		in.Groups = append(in.Groups, t.typedContainer(ct))
	}
	in.Pools, in.Workloads = t.typedPools(m.GetPools()), t.typedWorkloads(m.GetWorkloads())
	return in
}

type reader struct {
	facts map[string]*provisov1.Fact
	path  string
}

// given makes a value of a field that is there.
func given[T any](t reader, field string, present bool, v T) Value[T] {
	f := t.facts[t.path+field]
	if !present && (f == nil || f.GetOrigin() == string(Assumed) || f.GetOrigin() == string(Derived)) {
		return Value[T]{}
	}
	out := Value[T]{V: v, Origin: Stated}
	if f != nil {
		out.Origin, out.Text, out.Reason = Origin(f.GetOrigin()), f.GetText(), f.GetReason()
		out.Start, out.End = int(f.GetStart()), int(f.GetEnd())
	}
	return out
}

func (t reader) group(vm *provisov1.VirtualMachine) *Group {
	g := &Group{
		Name:        given(t, "name", vm.Name != nil, vm.GetName()),
		Names:       given(t, "names", len(vm.GetNames()) > 0, vm.GetNames()),
		Count:       given(t, "count", vm.Count != nil, int(vm.GetCount())),
		Role:        given(t, "role", vm.Role != nil, vm.GetRole()),
		Cores:       given(t, "cores", vm.Cores != nil, int(vm.GetCores())),
		Sockets:     given(t, "sockets", vm.Sockets != nil, int(vm.GetSockets())),
		CPUType:     given(t, "cpu_type", vm.CpuType != nil, vm.GetCpuType()),
		MemoryMiB:   given(t, "memory_mib", vm.MemoryMib != nil, int(vm.GetMemoryMib())),
		MemoryMin:   given(t, "memory_min_mib", vm.MemoryMinMib != nil, int(vm.GetMemoryMinMib())),
		Tags:        given(t, "tags", len(vm.GetTags()) > 0, vm.GetTags()),
		Pool:        given(t, "pool", vm.Pool != nil, vm.GetPool()),
		StartAtBoot: given(t, "start_at_boot", vm.StartAtBoot != nil, vm.GetStartAtBoot()),
		Started:     given(t, "started", vm.Started != nil, vm.GetStarted()),
		Description: given(t, "description", vm.Description != nil, vm.GetDescription()),
		FullClone:   given(t, "full_clone", vm.FullClone != nil, vm.GetFullClone()),
		Protection:  given(t, "protection", vm.Protection != nil, vm.GetProtection()),
		VMID:        given(t, "vm_id", vm.VmId != nil, int(vm.GetVmId())),
		Agent:       given(t, "agent", vm.Agent != nil, vm.GetAgent()),
		Devices:     given(t, "devices", len(vm.GetDevices()) > 0, typedDevices(vm.GetDevices())),
	}
	if s := vm.GetSource(); s != nil {
		g.Source = given(t, "source", true, typedSource(s))
	}
	for k, d := range vm.GetDisks() {
		path := fmt.Sprintf("disks[%d].", k)
		g.Disks = append(g.Disks, Disk{
			MiB:     given(t, path+"size_gib", d.SizeGib != nil, int(d.GetSizeGib())*1024),
			Storage: given(t, path+"storage", d.Storage != nil, d.GetStorage()),
			extra:   k > 0,
		})
	}
	for k, n := range vm.GetNetworks() {
		path := fmt.Sprintf("networks[%d].", k)
		g.NICs = append(g.NICs, NIC{
			Bridge:  given(t, path+"bridge", n.Bridge != nil, n.GetBridge()),
			VLAN:    given(t, path+"vlan", n.Vlan != nil, int(n.GetVlan())),
			IPv4:    given(t, path+"ipv4", n.Ipv4 != nil, n.GetIpv4()),
			Gateway: given(t, path+"gateway", n.Gateway != nil, n.GetGateway()),
		})
	}
	if init := vm.GetInitialization(); init != nil {
		g.User = given(t, "initialization.user", init.User != nil, init.GetUser())
		g.Keys = given(t, "initialization.ssh_keys", len(init.GetSshKeys()) > 0, init.GetSshKeys())
		g.DNS = given(t, "initialization.dns_servers", len(init.GetDnsServers()) > 0, init.GetDnsServers())
		g.Domain = given(t, "initialization.search_domain", init.SearchDomain != nil, init.GetSearchDomain())
	}
	if ha := vm.GetHa(); ha != nil {
		g.HA = given(t, "ha.enabled", ha.Enabled != nil || ha.Group != nil, ha.GetEnabled() || ha.Enabled == nil && ha.Group != nil)
		g.HAGroup = given(t, "ha.group", ha.Group != nil, ha.GetGroup())
	}
	if s := vm.GetStartup(); s != nil {
		g.StartOrder = given(t, "startup.order", s.Order != nil, int(s.GetOrder()))
		g.StartDelay = given(t, "startup.up_delay_seconds", s.UpDelaySeconds != nil, int(s.GetUpDelaySeconds()))
	}
	if p := vm.GetPlacement(); p != nil {
		g.Nodes = given(t, "placement.nodes", len(p.GetNodes()) > 0, p.GetNodes())
		g.Avoid = given(t, "placement.avoid_nodes", len(p.GetAvoidNodes()) > 0, p.GetAvoidNodes())
		g.Grouping = given(t, "placement.grouping", p.Grouping != nil, p.GetGrouping())
		g.Objective = given(t, "placement.objective", p.Objective != nil, p.GetObjective())
		g.Near = given(t, "placement.near", len(p.GetNear()) > 0, p.GetNear())
	}
	return g
}

func typedSource(s *provisov1.Source) Source {
	if t := s.GetTemplate(); t != nil {
		return Source{Kind: SourceTemplate, VMID: int(t.GetVmId()), Name: t.GetName()}
	}
	image := s.GetImage()
	if strings.Contains(image.GetUrl(), "://") {
		return Source{Kind: SourceURL, URL: image.GetUrl(), SHA256: image.GetSha256()}
	}
	return Source{Kind: SourceImage, Name: image.GetVolume()}
}
