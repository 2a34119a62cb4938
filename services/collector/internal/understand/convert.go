package understand

import (
	"fmt"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// converter writes an intent in the wire's terms and notes a fact for every value.
type converter struct {
	out  *provisov1.ProvisionIntent
	path string
}

// fact notes where a value comes from.
func fact[T any](c *converter, field string, v Value[T]) {
	if len(c.out.GetFacts()) >= 2048 {
		return
	}
	f := &provisov1.Fact{Path: c.path + "." + field, Origin: string(v.Origin)}
	if v.Text != "" {
		text := clip(v.Text, 1000)
		f.Text = &text
		if v.End > v.Start && text == v.Text {
			start, end := int32(v.Start), int32(v.End)
			f.Start, f.End = &start, &end
		}
	}
	if v.Reason != "" {
		reason := clip(v.Reason, 1000)
		f.Reason = &reason
	}
	c.out.Facts = append(c.out.Facts, f)
}

// str, num and truth return a pointer for the contract and note the fact; nil for values that are absent or expressly
// unwanted. The fact of an unwanted value is noted all the same: nobody must assume it later.
func str(c *converter, field string, v Value[string]) *string {
	if !v.Has() {
		return nil
	}
	fact(c, field, v)
	if v.V == "" {
		return nil
	}
	return &v.V
}

func num(c *converter, field string, v Value[int]) *int32 {
	if !v.Has() {
		return nil
	}
	fact(c, field, v)
	if v.V == 0 {
		return nil
	}
	n := int32(v.V)
	return &n
}

// place is num for values of which 0 is one.
func place(c *converter, field string, v Value[int]) *int32 {
	if !v.Has() {
		return nil
	}
	fact(c, field, v)
	n := int32(v.V)
	return &n
}

func truth(c *converter, field string, v Value[bool]) *bool {
	if !v.Has() {
		return nil
	}
	fact(c, field, v)
	return &v.V
}

func strs(c *converter, field string, v Value[[]string]) []string {
	if !v.Has() {
		return nil
	}
	fact(c, field, v)
	return v.V
}

// convert writes what is known of an intent as the wire's message. It holds only values that passed grounding.
func convert(gd *grounded, id, lang, cluster, goal string) *provisov1.ProvisionIntent {
	c := &converter{out: &provisov1.ProvisionIntent{IntentId: id, Language: lang, Target: &provisov1.Target{Platform: "proxmox"}}}
	if cluster != "" {
		c.out.Target.Cluster = &cluster
	}
	if goal != "" {
		goal = clip(goal, 1000)
		c.out.Goal = &goal
	}
	for i, g := range gd.Groups {
		c.path = gd.path(i)
		if g.among() {
			c.out.Containers = append(c.out.Containers, c.container(g))
			continue
		}
		c.out.VirtualMachines = append(c.out.VirtualMachines, c.machine(g))
	}
	c.pools(gd.Pools)
	c.workloads(gd.Workloads)
	c.out.NotUnderstood = append(c.out.NotUnderstood, gd.NotUnderstood[:min(len(gd.NotUnderstood), 64)]...)
	for _, o := range gd.Omissions {
		c.out.Omissions = append(c.out.Omissions, &provisov1.Omission{Topic: o.Topic, Reason: clip(o.Detail, 1000)})
	}
	return c.out
}

func (c *converter) machine(g *Group) *provisov1.VirtualMachine {
	vm := &provisov1.VirtualMachine{
		Role:         str(c, "role", g.Role),
		Name:         str(c, "name", g.Name),
		Names:        strs(c, "names", g.Names),
		Count:        num(c, "count", g.Count),
		Source:       c.source(g),
		Cores:        num(c, "cores", g.Cores),
		Sockets:      num(c, "sockets", g.Sockets),
		CpuType:      str(c, "cpu_type", g.CPUType),
		MemoryMib:    num(c, "memory_mib", g.MemoryMiB),
		MemoryMinMib: num(c, "memory_min_mib", g.MemoryMin),
		Tags:         strs(c, "tags", g.Tags),
		Pool:         str(c, "pool", g.Pool),
		StartAtBoot:  truth(c, "start_at_boot", g.StartAtBoot),
		Started:      truth(c, "started", g.Started),
		Description:  str(c, "description", g.Description),
		FullClone:    truth(c, "full_clone", g.FullClone),
		Protection:   truth(c, "protection", g.Protection),
		VmId:         num(c, "vm_id", g.VMID),
		Agent:        truth(c, "agent", g.Agent),
	}
	for k, d := range g.Disks {
		path := fmt.Sprintf("disks[%d].", k)
		disk := &provisov1.Disk{Storage: str(c, path+"storage", d.Storage)}
		if d.MiB.Has() {
			fact(c, path+"size_gib", d.MiB)
			gib := int32(gibibytes(d.MiB.V))
			disk.SizeGib = &gib
		}
		vm.Disks = append(vm.Disks, disk)
	}
	for k, n := range g.NICs {
		path := fmt.Sprintf("networks[%d].", k)
		vm.Networks = append(vm.Networks, &provisov1.NetworkInterface{
			Bridge: str(c, path+"bridge", n.Bridge), Vlan: num(c, path+"vlan", n.VLAN),
			Ipv4: str(c, path+"ipv4", n.IPv4), Gateway: str(c, path+"gateway", n.Gateway),
		})
	}
	vm.Devices = c.devices(g.Devices)
	if g.StartOrder.Has() || g.StartDelay.Has() {
		vm.Startup = &provisov1.Startup{Order: place(c, "startup.order", g.StartOrder), UpDelaySeconds: place(c, "startup.up_delay_seconds", g.StartDelay)}
	}
	init := &provisov1.Initialization{
		User: str(c, "initialization.user", g.User), SshKeys: strs(c, "initialization.ssh_keys", g.Keys),
		DnsServers: strs(c, "initialization.dns_servers", g.DNS), SearchDomain: str(c, "initialization.search_domain", g.Domain),
	}
	if init.User != nil || init.SearchDomain != nil || len(init.GetSshKeys())+len(init.GetDnsServers()) > 0 {
		vm.Initialization = init
	}
	if g.HA.Has() {
		vm.Ha = &provisov1.HighAvailability{Enabled: truth(c, "ha.enabled", g.HA), Group: str(c, "ha.group", g.HAGroup)}
	}
	place := &provisov1.Placement{
		Nodes: strs(c, "placement.nodes", g.Nodes), AvoidNodes: strs(c, "placement.avoid_nodes", g.Avoid),
		Grouping: str(c, "placement.grouping", g.Grouping), Objective: str(c, "placement.objective", g.Objective),
		Near: strs(c, "placement.near", g.Near),
	}
	if len(place.GetNodes())+len(place.GetAvoidNodes())+len(place.GetNear()) > 0 || place.Grouping != nil || place.Objective != nil {
		vm.Placement = place
	}
	return vm
}

func (c *converter) source(g *Group) *provisov1.Source {
	s := g.Source.V
	var out *provisov1.Source
	switch s.Kind {
	case SourceTemplate:
		t := &provisov1.TemplateSource{}
		if s.VMID >= 100 {
			id := int32(s.VMID)
			t.VmId = &id
		}
		if s.Name != "" {
			t.Name = &s.Name
		}
		if t.VmId == nil && t.Name == nil {
			return nil
		}
		out = &provisov1.Source{Kind: &provisov1.Source_Template{Template: t}}
	case SourceImage:
		out = &provisov1.Source{Kind: &provisov1.Source_Image{Image: &provisov1.ImageSource{Volume: &s.Name}}}
	case SourceURL:
		image := &provisov1.ImageSource{Url: &s.URL}
		if s.SHA256 != "" {
			image.Sha256 = &s.SHA256
		}
		out = &provisov1.Source{Kind: &provisov1.Source_Image{Image: image}}
	default:
		return nil
	}
	fact(c, "source", g.Source)
	return out
}
