package review

import (
	"fmt"
	"net/netip"
	"strings"
)

func vmIDs(s *subject, report reportFunc) {
	seen := map[int]*guest{}
	for _, g := range s.everyone {
		at := g.where("vm_id")
		switch {
		case g.id == 0 && !g.has("vm_id"):
		case g.unknown["vm_id"]:
		case g.id < 100 || g.id > 999_999_999:
			report(g.address+".vm_id", at, "id", g.id, "other", "100..999999999")
		case seen[g.id] != nil:
			report(g.address+".vm_id", at, "id", g.id, "other", seen[g.id].address)
		case s.adopts(g.instance) != nil: // taken by itself; importIdentities sees to that
		case s.cluster != nil && s.cluster.guests[g.id] != nil:
			report(g.address+".vm_id", at, "id", g.id, "other", s.cluster.guests[g.id].Name)
		}
		if g.id != 0 && seen[g.id] == nil {
			seen[g.id] = g
		}
	}
}

func guestNames(s *subject, report reportFunc) {
	seen := map[string]*guest{}
	for _, g := range s.everyone {
		if g.name == "" {
			continue
		}
		if other := seen[g.name]; other != nil {
			address, at := g.named()
			report(address, at, "name", g.name, "other", other.address)
		} else if s.cluster != nil {
			if id, taken := s.cluster.names[g.name]; taken && !(id == g.id && s.adopts(g.instance) != nil) {
				address, at := g.named()
				report(address, at, "name", g.name, "other", id)
			}
		}
		seen[g.name] = g
	}
}

func deviceSlots(s *subject, report reportFunc) {
	for _, g := range s.guests {
		seen := map[string]bool{}
		take := func(slot, address string, n *node) {
			if slot != "" && seen[slot] {
				report(address+".interface", n.where("interface"), "slot", slot)
			}
			seen[slot] = true
		}
		for i, d := range g.disks {
			take(d.slot, fmt.Sprintf("%s.disk[%d]", g.address, i), d.node)
		}
		if g.init != nil {
			take(g.init.slot, g.address+".initialization", g.init.node)
		}
		if n := g.child("cdrom"); n != nil {
			slot, _ := n.orText("interface", "ide3")
			take(slot, g.address+".cdrom", n)
		}
	}
}

func ipAddresses(s *subject, report reportFunc) {
	seen := map[string]string{}
	for _, g := range s.everyone {
		if g.init == nil {
			continue
		}
		for i, a := range g.init.addresses {
			p, err := netip.ParsePrefix(a.ipv4)
			if err != nil {
				continue
			}
			place := fmt.Sprintf("%s.initialization.ip_config[%d].ipv4.address", g.address, i)
			network := ""
			if i < len(g.nics) {
				network = fmt.Sprint(g.nics[i].bridge, " ", g.nics[i].vlan)
			}
			key := network + " " + p.Addr().String()
			switch {
			case seen[key] != "":
				report(place, a.where("address"), "address", p.Addr(), "other", seen[key])
			case s.cluster != nil && s.cluster.hosts[p.Addr()] != "":
				report(place, a.where("address"), "address", p.Addr(), "other", s.cluster.hosts[p.Addr()])
			case a.gateway == p.Addr().String():
				report(place, a.where("address"), "address", p.Addr(), "other", "gateway")
			}
			seen[key] = g.name
		}
	}
}

func macAddresses(s *subject, report reportFunc) {
	seen := map[string]string{}
	for _, g := range s.everyone {
		for i, n := range g.nics {
			mac, ok := n.text("mac_address")
			if !ok || mac == "" {
				continue
			}
			mac = strings.ToLower(mac)
			if seen[mac] != "" {
				report(fmt.Sprintf("%s.%s[%d].mac_address", g.address, g.nicBlock(), i), n.where("mac_address"), "mac", mac, "other", seen[mac])
			}
			seen[mac] = g.name
		}
	}
}

func alreadyExists(s *subject, report reportFunc) {
	for _, in := range s.instances["pool"] {
		if name, _ := in.text("pool_id"); s.cluster.pools[name] {
			report(in.address+".pool_id", in.where("pool_id"), "name", name)
		}
	}
	for _, in := range s.instances[typeHARule] {
		if name, _ := in.text("rule"); s.cluster.rules[name] != nil {
			report(in.address+".rule", in.where("rule"), "name", name)
		}
	}
	for _, in := range s.instances[typeDownload] {
		unmanaged, _ := in.orFlag("overwrite_unmanaged", false)
		if id, ok := in.volume(); ok && s.cluster.volumes[id] && !unmanaged {
			report(in.address+".file_name", in.where("file_name"), "name", id)
		}
	}
}
