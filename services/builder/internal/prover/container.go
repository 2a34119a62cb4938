package prover

import (
	"strconv"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/builder/internal/review"
)

// A twinPool is a pool as the twin's dump has it.
type twinPool struct {
	Comment string `json:"comment"`
}

// compareContainers holds the containers on the twin against the plan. Their template and root's keys leave no trace in a
// container's configuration: the in-process stages compare them.
func (r *run) compareContainers(state twinState) []review.Finding {
	var out []review.Finding
	for _, ct := range r.Plan.GetContainers() {
		id := strconv.Itoa(int(ct.GetVmId()))
		g, ok := state.Guests["lxc/"+id]
		if !ok {
			out = append(out, finding("intent.missing", "", "what", "container", "name", ct.GetName()))
			continue
		}
		c := guestComparison{vm: ct, out: &out}
		c.container(ct, g)
		_, ha := state.HA.Resources["ct:"+id]
		c.is("ha", ct.GetHa(), ha)
	}
	return out
}

// comparePools holds the pools on the twin against the plan.
func (r *run) comparePools(state twinState) []review.Finding {
	var out []review.Finding
	for _, p := range r.Plan.GetPools() {
		have, ok := state.Pools[p.GetName()]
		if !ok {
			out = append(out, finding("intent.missing", "", "what", "pool", "name", p.GetName()))
			continue
		}
		guestComparison{vm: p, out: &out}.is("comment", p.GetComment(), have.Comment)
	}
	return out
}

func (c guestComparison) container(ct *provisov1.PlannedContainer, g twinGuest) {
	c.is("node", ct.GetNode(), g.Node)
	c.is("running", ct.GetStarted(), g.Running)
	c.is("pool", ct.GetPool(), g.Pool)
	c.is("hostname", ct.GetName(), g.Config["hostname"])
	c.is("ostype", ct.GetOsType(), g.Config["ostype"])
	c.is("cores", number(int(ct.GetCores())), g.Config["cores"])
	c.is("memory", number(int(ct.GetMemoryMib())), g.Config["memory"])
	c.is("swap", number(int(ct.GetSwapMib())), g.Config["swap"])
	c.is("unprivileged", flag(ct.GetUnprivileged()), orElse(g.Config["unprivileged"], "0"))
	c.is("onboot", flag(ct.GetStartAtBoot()), orElse(g.Config["onboot"], "0"))
	c.is("protection", flag(ct.GetProtection()), orElse(g.Config["protection"], "0"))
	c.is("nesting", ct.GetNesting(), strings.Contains(g.Config["features"], "nesting=1"))
	c.is("tags", strings.Join(ct.GetTags(), ";"), g.Config["tags"])
	c.is("startup", startup(ct.GetStartup()), g.Config["startup"])
	c.is("nameserver", strings.Join(ct.GetDnsServers(), " "), g.Config["nameserver"])
	c.is("searchdomain", ct.GetSearchDomain(), g.Config["searchdomain"])
	volume, options := property(g.Config["rootfs"])
	storage, _, _ := strings.Cut(volume, ":")
	c.is("rootfs.storage", ct.GetDiskStorage(), storage)
	c.is("rootfs.size", int(ct.GetDiskGib()), gibibytes(options["size"]))
	for i, n := range ct.GetNics() {
		slot := "net" + strconv.Itoa(i)
		_, options := property(g.Config[slot])
		c.is(slot+".name", "eth"+strconv.Itoa(i), options["name"])
		c.is(slot+".bridge", n.GetBridge(), options["bridge"])
		c.is(slot+".tag", number(int(n.GetVlan())), orElse(options["tag"], "0"))
		c.is(slot+".ip", n.GetIpv4(), options["ip"])
		c.is(slot+".gw", n.GetGateway(), options["gw"])
	}
}

func flag(on bool) string {
	if on {
		return "1"
	}
	return "0"
}

// startup writes a place in the start order as Proxmox VE keeps it; empty: none.
func startup(s *provisov1.Startup) string {
	var parts []string
	if s != nil && s.Order != nil {
		parts = append(parts, "order="+number(int(s.GetOrder())))
	}
	if s != nil && s.UpDelaySeconds != nil {
		parts = append(parts, "up="+number(int(s.GetUpDelaySeconds())))
	}
	return strings.Join(parts, ",")
}
