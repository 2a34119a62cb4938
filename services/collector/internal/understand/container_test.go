package understand

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// guestSummary writes the containers and pools of an understanding like summary does machines: what was said of each group, not
// what was assumed. A container of which it was assumed that it is one of LXC is written "lxc?".
//
//	lxc web-server n=2 tpl=ubuntu-24.04-standard_24.04-2_amd64.tar.zst mem=1024 | pool=dev
func guestSummary(u *provisov1.Understanding) []string {
	said, kinds := map[string]string{}, map[string]string{}
	for _, f := range u.GetIntent().GetFacts() {
		said[f.GetPath()] = f.GetOrigin()
	}
	for _, row := range u.GetInterpretation() {
		kinds[row.GetPath()] = row.GetOrigin()
	}
	var out []string
	next := func(word string) {
		if len(out) > 0 || len(u.GetIntent().GetVirtualMachines()) > 0 {
			out = append(out, "|")
		}
		out = append(out, word)
	}
	for i, ct := range u.GetIntent().GetContainers() {
		at := fmt.Sprintf("containers[%d].", i)
		word := "lxc"
		if kinds[at+"kind"] == "assumed" {
			word = "lxc?"
		}
		next(word)
		add := func(path, key string, value any, show bool) {
			if o := said[at+path]; o != "" && o != "assumed" && show {
				s := fmt.Sprint(value)
				if strings.Contains(s, " ") {
					s = strconv.Quote(s)
				}
				out = append(out, key+"="+s)
			}
		}
		if ct.GetRole() != "" {
			out = append(out, ct.GetRole())
		}
		profile, _ := roleOf(ct.GetRole())
		add("name", "name", ct.GetName(), ct.GetName() != profile.name)
		add("names", "names", strings.Join(ct.GetNames(), ","), true)
		add("count", "n", ct.GetCount(), ct.GetCount() != 1 && len(ct.GetNames()) == 0)
		tpl, _, _ := strings.Cut(path.Base(ct.GetTemplateVolume()), "-standard")
		add("template_volume", "tpl", tpl, true)
		add("cores", "cores", ct.GetCores(), true)
		add("memory_mib", "mem", ct.GetMemoryMib(), true)
		add("swap_mib", "swap", ct.GetSwapMib(), true)
		add("disk.size_gib", "disk", ct.GetDisk().GetSizeGib(), true)
		add("disk.storage", "storage", ct.GetDisk().GetStorage(), true)
		add("unprivileged", "unprivileged", ct.GetUnprivileged(), true)
		add("nesting", "nesting", ct.GetNesting(), true)
		for k, n := range ct.GetNetworks() {
			p := fmt.Sprintf("networks[%d].", k)
			add(p+"bridge", numbered("net", k), n.GetBridge(), true)
			add(p+"vlan", numbered("vlan", k), n.GetVlan(), true)
			add(p+"ipv4", numbered("ip", k), n.GetIpv4(), true)
			add(p+"gateway", numbered("gw", k), n.GetGateway(), true)
		}
		add("placement.nodes", "on", strings.Join(ct.GetPlacement().GetNodes(), ","), true)
		add("placement.avoid_nodes", "not", strings.Join(ct.GetPlacement().GetAvoidNodes(), ","), true)
		add("placement.grouping", "place", ct.GetPlacement().GetGrouping(), true)
		add("placement.objective", "place", ct.GetPlacement().GetObjective(), true)
		add("ha.enabled", "ha", ct.GetHa().GetEnabled(), true)
		add("pool", "pool", ct.GetPool(), true)
		add("start_at_boot", "boot", ct.GetStartAtBoot(), true)
		add("started", "started", ct.GetStarted(), true)
		add("initialization.ssh_keys", "keys", len(ct.GetInitialization().GetSshKeys()), true)
		add("initialization.dns_servers", "dns", strings.Join(ct.GetInitialization().GetDnsServers(), ","), true)
		add("initialization.search_domain", "domain", ct.GetInitialization().GetSearchDomain(), true)
		add("tags", "tags", strings.Join(ct.GetTags(), ","), true)
		add("protection", "protect", ct.GetProtection(), true)
		add("vm_id", "id", ct.GetVmId(), true)
		add("description", "desc", ct.GetDescription(), true)
	}
	for i, p := range u.GetIntent().GetPools() {
		next("newpool=" + p.GetName())
		if said[fmt.Sprintf("pools[%d].comment", i)] != "" {
			out = append(out, "comment="+strconv.Quote(p.GetComment()))
		}
	}
	return out
}
