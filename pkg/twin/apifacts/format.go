package apifacts

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// formats holds the formats that a request to the twin can break. A format that is not here accepts everything, as the
// facts give only its name.
var formats = map[string]func(string) bool{
	"pve-node":                  match(`[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?`),
	"dns-name":                  isDNSName,
	"pve-vmid":                  match(`[1-9][0-9]{2,8}`),
	"pve-configid":              match(`(?i)[a-z][a-z0-9_-]+`),
	"pve-storage-id":            match(`(?i)[a-z][a-z0-9\-_.]*[a-z0-9]`),
	"pve-poolid":                match(`[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+){0,2}`),
	"pve-bridge-id":             match(`[-_.\w]+`),
	"pve-iface":                 match(`(?i)[a-z][a-z0-9_]{1,20}([:.]\d+)?`),
	"pve-sdn-zone-id":           match(`(?i)[a-z][a-z0-9]{0,7}`),
	"pve-sdn-vnet-id":           match(`(?i)[a-z][a-z0-9]{0,7}`),
	"mac-addr":                  match(`(?i)[a-f0-9][02468ace](:[a-f0-9]{2}){5}`),
	"mac-prefix":                match(`(?i)[a-f0-9][02468ace](:[a-f0-9]{2}){0,2}:?`),
	"disk-size":                 match(`\d+(\.\d+)?[KMGT]?`),
	"pve-volume-id":             match(`[A-Za-z][A-Za-z0-9._-]*:\S+`),
	"pve-volume-id-or-qm-path":  match(`none|cdrom|/\S+|[A-Za-z][A-Za-z0-9._-]*:\S+`),
	"pve-qm-boot":               match(`[acdn]{1,4}|(order|legacy)=\S*|`),
	"pve-startup-order":         match(`\d+|((order|up|down)=\d+)(,(order|up|down)=\d+)*`),
	"pve-hotplug-features":      match(`0|1|(network|disk|cpu|memory|usb|cloudinit)(,(network|disk|cpu|memory|usb|cloudinit))*`),
	"pve-cpuset":                match(`\s*\d+(?:-\d+)?(\s*,\s*\d+(?:-\d+)?)?(\s*,\s*\d+(?:-\d+)?)*`),
	"pve-tag":                   match(`(?i)[a-z0-9_][a-z0-9_\-+.]*`),
	"pve-userid":                match(`\S+@[A-Za-z][A-Za-z0-9._-]+`),
	"pve-ha-resource-or-vm-id":  match(`(vm|ct):\d+|\d+`),
	"pve-ha-resource-id":        match(`(vm|ct):\d+`),
	"pve-ha-group-node":         match(`[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(:\d+)?`),
	"pve-ha-node":               match(`[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?(:\d+)?`),
	"pve-replication-job-id":    match(`[1-9][0-9]{2,8}-\d{1,9}`),
	"pve-vm-cpu-conf":           match(`(cputype=)?[A-Za-z0-9_.-]+(,(flags|hidden|hv-vendor-id|phys-bits|reported-model|guest-phys-bits)=\S+)*`),
	"pve-storage-content":       match(`[a-z]+`),
	"urlencoded":                func(v string) bool { _, err := url.PathUnescape(v); return err == nil },
	"ip":                        func(v string) bool { _, err := netip.ParseAddr(v); return err == nil },
	"ipv4":                      func(v string) bool { a, err := netip.ParseAddr(v); return err == nil && a.Is4() },
	"ipv6":                      func(v string) bool { a, err := netip.ParseAddr(v); return err == nil && a.Is6() },
	"address":                   isAddress,
	"CIDR":                      isCIDR,
	"CIDRv4":                    func(v string) bool { p, err := netip.ParsePrefix(v); return err == nil && p.Addr().Is4() },
	"CIDRv6":                    func(v string) bool { p, err := netip.ParsePrefix(v); return err == nil && p.Addr().Is6() },
	"IPorCIDR":                  func(v string) bool { return isCIDR(v) || net.ParseIP(v) != nil },
	"pve-ipv4-config":           func(v string) bool { return v == "dhcp" || v == "manual" || isCIDR(v) },
	"pve-ipv6-config":           func(v string) bool { return v == "dhcp" || v == "manual" || v == "auto" || isCIDR(v) },
	"pve-qm-ipconfig":           isIPConfig,
	"pve-vlan-id-or-range":      match(`\d{1,4}(-\d{1,4})?`),
	"backup-performance":        match(`((max-workers|pbs-entries-max)=\d+,?)+`),
	"pve-day-of-week":           match(`mon|tue|wed|thu|fri|sat|sun`),
	"prune-backups":             match(`(keep-(all|last|hourly|daily|weekly|monthly|yearly)=\d+,?)+`),
	"lxc-ip-with-ll-iface":      func(v string) bool { a, err := netip.ParseAddr(v); return err == nil && a.IsValid() },
	"email-opt":                 match(`|\S+@\S+`),
	"pve-volume-id-or-absolute": match(`/\S+|[A-Za-z][A-Za-z0-9._-]*:\S+`),
}

var isDNSName = match(`([a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)(\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*`)

// match compiles its pattern on first use: most programs that link this package check few formats.
func match(pattern string) func(string) bool {
	compiled := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:` + pattern + `)$`) })
	return func(v string) bool { return compiled().MatchString(v) }
}

func isAddress(v string) bool {
	return net.ParseIP(strings.Trim(v, "[]")) != nil || isDNSName(v)
}

func isCIDR(v string) bool {
	_, err := netip.ParsePrefix(v)
	return err == nil
}

// isIPConfig reads cloud-init's ipconfigN: ip=dhcp|CIDR, gw=ADDR, ip6=dhcp|auto|CIDR, gw6=ADDR. A gateway needs its address.
func isIPConfig(v string) bool {
	seen := map[string]string{}
	for part := range strings.SplitSeq(v, ",") {
		key, value, ok := strings.Cut(part, "=")
		if !ok {
			return false
		}
		addr, err := netip.ParseAddr(value)
		switch key {
		case "ip":
			ok = value == "dhcp" || isCIDR(value)
		case "ip6":
			ok = value == "dhcp" || value == "auto" || isCIDR(value)
		case "gw":
			ok = err == nil && addr.Is4()
		case "gw6":
			ok = err == nil && addr.Is6()
		default:
			ok = false
		}
		if !ok {
			return false
		}
		seen[key] = value
	}
	return (seen["gw"] == "" || strings.Contains(seen["ip"], "/")) && (seen["gw6"] == "" || strings.Contains(seen["ip6"], "/"))
}

func checkFormat(format, v string) string {
	if format == "" {
		return ""
	}
	if one, isList := strings.CutSuffix(format, "-list"); isList {
		check, ok := formats[one]
		if !ok {
			return ""
		}
		for part := range strings.FieldsFuncSeq(v, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == 0 }) {
			if !check(part) {
				return complaint(one, part)
			}
		}
		return ""
	}
	if check, ok := formats[format]; ok && !check(v) {
		return complaint(format, v)
	}
	return ""
}

func complaint(format, v string) string {
	return fmt.Sprintf("invalid format - value '%s' does not look like a valid %s", v, strings.ReplaceAll(strings.TrimPrefix(format, "pve-"), "-", " "))
}
