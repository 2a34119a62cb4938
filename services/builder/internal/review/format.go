package review

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	dnsName     = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$`)
	cpuTypeForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	tagForm     = regexp.MustCompile(`^[a-zA-Z0-9_][a-zA-Z0-9_.+-]*$`)
	macForm     = regexp.MustCompile(`^[0-9A-Fa-f][02468ACEace](:[0-9A-Fa-f]{2}){5}$`)
	keyForm     = regexp.MustCompile(`^(ssh-(rsa|ed25519|dss)|ecdsa-sha2-\S+|sk-\S+) [A-Za-z0-9+/]+=*( .*)?$`)
	sha256Form  = regexp.MustCompile(`^[0-9a-fA-F]{64}$`)
)

// slotLimits is how many devices of each bus Proxmox VE has.
var slotLimits = map[string]int{"scsi": 31, "virtio": 16, "sata": 6, "ide": 4}

// choices are arguments that take one of few values, which the provider passes on unchecked or checks only sometimes.
var choices = map[string][]string{
	"bios":          {"seabios", "ovmf"},
	"scsi_hardware": {"lsi", "lsi53c810", "virtio-scsi-pci", "virtio-scsi-single", "megasas", "pvscsi"},
	"discard":       {"on", "ignore"},
	"aio":           {"io_uring", "native", "threads"},
	"cache":         {"none", "directsync", "writethrough", "writeback", "unsafe"},
	"model":         {"virtio", "e1000", "e1000e", "rtl8139", "vmxnet3"},
	"os":            {"l24", "l26", "other", "solaris", "w2k", "w2k3", "w2k8", "win7", "win8", "win10", "win11", "wvista", "wxp"},
	"ha_state":      {"started", "stopped", "enabled", "disabled", "ignored"},
}

// minutes reads a duration of the provider; one that cannot be read counts as endless.
func minutes(s string) float64 {
	d, err := time.ParseDuration(s)
	if err != nil {
		return 1e9
	}
	return d.Minutes()
}

// formats checks values that the provider passes on unchecked, so that a plan is accepted and its apply fails.
func formats(s *subject, report reportFunc) {
	for _, g := range s.guests {
		f := formatCheck{g, report}
		f.machine()
		for i, d := range g.disks {
			f.disk(fmt.Sprintf("disk[%d]", i), d)
		}
		for i, n := range g.nics {
			f.nic(fmt.Sprintf("network_device[%d]", i), n)
		}
		if g.init != nil {
			f.initialization()
		}
	}
	for _, in := range s.instances[typeHAResource] {
		if state, ok := in.orText("state", "started"); ok && !slices.Contains(choices["ha_state"], state) {
			report(in.address+".state", in.where("state"), "value", state, "form", strings.Join(choices["ha_state"], ", "))
		}
		if sid, ok := in.text("resource_id"); ok && serviceID(sid) == 0 {
			report(in.address+".resource_id", in.where("resource_id"), "value", sid, "form", "vm:100, ct:100")
		}
	}
	for _, in := range s.instances[typeDownload] {
		if sum, ok := in.text("checksum"); ok {
			if algorithm, _ := in.text("checksum_algorithm"); algorithm == "sha256" && !sha256Form.MatchString(sum) {
				report(in.address+".checksum", in.where("checksum"), "value", sum, "form", "64 × 0-9a-f")
			}
		}
		if url, ok := in.text("url"); ok && !strings.HasPrefix(url, "http://") && !strings.HasPrefix(url, "https://") {
			report(in.address+".url", in.where("url"), "value", url, "form", "https://…")
		}
	}
}

type formatCheck struct {
	*guest
	report reportFunc
}

// wrong reports a value of an argument unless it is fine.
func (f formatCheck) wrong(fine bool, n *node, place, argument string, value any, form string) {
	if fine || n == nil || !n.has(argument) {
		return
	}
	at := n.where(argument)
	address := f.address
	if place != "" {
		address += "." + place
	}
	f.report(address+"."+argument, at, "value", value, "form", form)
}

func oneOf(v, set string) bool { return slices.Contains(choices[set], v) }
func listed(set string) string { return strings.Join(choices[set], ", ") }

func (f formatCheck) machine() {
	g := f.guest
	f.wrong(oneOf(g.bios, "bios") || g.unknown["bios"], g.node, "", "bios", g.bios, listed("bios"))
	f.wrong(oneOf(g.scsi, "scsi_hardware") || g.unknown["scsi_hardware"], g.node, "", "scsi_hardware", g.scsi, listed("scsi_hardware"))
	cpu, memory := g.child("cpu"), g.child("memory")
	f.wrong(g.cores >= 1 && g.cores <= 1024 || g.unknown["cpu.cores"], cpu, "cpu", "cores", g.cores, "1..1024")
	f.wrong(g.sockets >= 1 && g.sockets <= 16 || g.unknown["cpu.sockets"], cpu, "cpu", "sockets", g.sockets, "1..16")
	f.wrong(cpuTypeForm.MatchString(g.cpuType) || g.unknown["cpu.type"], cpu, "cpu", "type", g.cpuType, "x86-64-v2-AES")
	f.wrong(g.memory >= 64 || g.unknown["memory.dedicated"], memory, "memory", "dedicated", g.memory, "≥ 64")
	f.wrong(g.floating >= 0 && g.floating <= g.memory || g.unknown["memory.dedicated"] || g.unknown["memory.floating"],
		memory, "memory", "floating", g.floating, fmt.Sprintf("0..%d", g.memory))
	if a := g.child("agent"); a != nil {
		timeout, ok := a.text("timeout")
		f.wrong(!ok || minutes(timeout) < 1e9, a, "agent", "timeout", timeout, "2m")
	}
	f.wrong(oneOf(g.osType, "os") || g.unknown["operating_system.type"], g.child("operating_system"), "operating_system", "type", g.osType, listed("os"))
	for _, t := range g.tags {
		f.wrong(tagForm.MatchString(t), g.node, "", "tags", t, "a-z 0-9 _ . + -")
	}
}

func (f formatCheck) disk(place string, d disk) {
	bus := strings.TrimRight(d.slot, "0123456789")
	n, err := strconv.Atoi(strings.TrimPrefix(d.slot, bus))
	limit, known := slotLimits[bus]
	f.wrong(known && err == nil && n < limit || f.unknown["disk.interface"], d.node, place, "interface", d.slot, "scsi0..30, virtio0..15, sata0..5, ide0..3")
	f.wrong(d.size >= 1 || f.unknown["disk.size"], d.node, place, "size", d.size, "≥ 1")
	f.wrong(oneOf(d.discard, "discard") || f.unknown["disk.discard"], d.node, place, "discard", d.discard, listed("discard"))
	for _, name := range []string{"aio", "cache"} {
		if v, ok := d.text(name); ok {
			f.wrong(oneOf(v, name), d.node, place, name, v, listed(name))
		}
	}
}

func (f formatCheck) nic(place string, n nic) {
	f.wrong(n.vlan >= 0 && n.vlan <= 4094 || f.unknown["network_device.vlan_id"], n.node, place, "vlan_id", n.vlan, "0..4094")
	f.wrong(oneOf(n.model, "model") || f.unknown["network_device.model"], n.node, place, "model", n.model, listed("model"))
	if mac, ok := n.text("mac_address"); ok {
		f.wrong(mac == "" || macForm.MatchString(mac), n.node, place, "mac_address", mac, "BC:24:11:00:00:01")
	}
}

func (f formatCheck) initialization() {
	i := f.init
	bus := strings.TrimRight(i.slot, "0123456789")
	f.wrong(bus == "ide" || bus == "sata" || bus == "scsi" || f.unknown["initialization.interface"], i.node, "initialization", "interface", i.slot, "ide2, scsi30, sata5")
	f.firstBoot()
}

// firstBoot checks what both kinds of guest are told when they start first.
func (f formatCheck) firstBoot() {
	i := f.init
	for n, a := range i.addresses {
		place := fmt.Sprintf("initialization.ip_config[%d].ipv4", n)
		f.ipv4(place, a)
	}
	dns := i.child("dns")
	for _, server := range i.dns {
		_, err := netip.ParseAddr(server)
		f.wrong(err == nil, dns, "initialization.dns", "servers", server, "9.9.9.9")
	}
	f.wrong(i.domain == "" || dnsName.MatchString(i.domain), dns, "initialization.dns", "domain", i.domain, "example.org")
	account := i.child("user_account")
	for _, key := range i.keys {
		f.wrong(keyForm.MatchString(strings.TrimSpace(key)), account, "initialization.user_account", "keys", clip(key, 40), "ssh-ed25519 AAAA…")
	}
}

func (f formatCheck) ipv4(place string, a ipAddress) {
	if f.unknown["initialization.ip_config.ipv4.address"] || f.unknown["initialization.ip_config.ipv4.gateway"] {
		return
	}
	if a.ipv4 == "dhcp" {
		f.wrong(a.gateway == "", a.node, place, "gateway", a.gateway, "dhcp")
		return
	}
	p, err := netip.ParsePrefix(a.ipv4)
	if err != nil || !p.Addr().Is4() {
		f.wrong(a.ipv4 == "", a.node, place, "address", a.ipv4, "192.0.2.10/24, dhcp")
		return
	}
	host := p.Addr() != p.Masked().Addr() || p.Bits() >= 31
	f.wrong(host, a.node, place, "address", a.ipv4, p.Masked().Addr().Next().String()+"/"+strconv.Itoa(p.Bits()))
	if a.gateway == "" {
		return
	}
	gw, err := netip.ParseAddr(a.gateway)
	f.wrong(err == nil && p.Contains(gw), a.node, place, "gateway", a.gateway, p.Masked().String())
}

func dnsNames(s *subject, report reportFunc) {
	for _, g := range s.everyone {
		if written := g.has("name") || g.ct != nil; written && !g.unknown["name"] && !dnsName.MatchString(g.name) {
			address, at := g.named()
			report(address, at, "name", g.name)
		}
	}
}
