package repository

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// Allowed says which addresses may be asked although they are not public. The zero value allows none.
type Allowed struct {
	hosts    []string // "host" or "host:port", in lower case
	prefixes []netip.Prefix
}

// ParseAllowed reads a list of names of hosts, host:port, addresses and networks, separated by commas.
func ParseAllowed(list string) (Allowed, error) {
	var a Allowed
	for entry := range strings.SplitSeq(list, ",") {
		entry = strings.ToLower(strings.TrimSpace(entry))
		if entry == "" {
			continue
		}
		if prefix, err := netip.ParsePrefix(entry); err == nil {
			a.prefixes = append(a.prefixes, prefix.Masked())
			continue
		}
		if addr, err := netip.ParseAddr(entry); err == nil {
			a.prefixes = append(a.prefixes, netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()))
			continue
		}
		host := entry
		if h, port, err := net.SplitHostPort(entry); err == nil {
			host = h
			if port == "" {
				return Allowed{}, fmt.Errorf("%q has no port", entry)
			}
		}
		if net.ParseIP(host) == nil && !hostName.MatchString(host) {
			return Allowed{}, fmt.Errorf("%q is no host, no address and no network", entry)
		}
		a.hosts = append(a.hosts, entry)
	}
	return a, nil
}

// String is the list in the form that ParseAllowed reads.
func (a Allowed) String() string {
	entries := append([]string(nil), a.hosts...)
	for _, p := range a.prefixes {
		entries = append(entries, p.String())
	}
	return strings.Join(entries, ",")
}

// special are the networks that are not the public Internet, or lead to ones that are not (RFC 6890 and the IANA registries of
// special-purpose addresses).
var special = prefixes("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7",
	"fe80::/10", "fec0::/10", "ff00::/8")

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, 0, len(texts))
	for _, t := range texts {
		out = append(out, netip.MustParsePrefix(t))
	}
	return out
}

// check judges one resolved address of a host; hostPort is what the repository's address, or a redirect, named.
func (a Allowed) check(hostPort string, addr netip.Addr) error {
	addr = addr.Unmap()
	for _, p := range a.prefixes {
		if p.Contains(addr) {
			return nil
		}
	}
	hostPort = strings.ToLower(hostPort)
	host, _, _ := net.SplitHostPort(hostPort)
	for _, allowed := range a.hosts {
		if allowed == host || allowed == hostPort {
			return nil
		}
	}
	if !addr.IsValid() || addr.Zone() != "" {
		return ErrRefused
	}
	for _, p := range special {
		if p.Contains(addr) {
			return ErrRefused
		}
	}
	return nil
}

// dial connects to a host. The address is judged after it was resolved and before a packet is sent, so neither a name that
// resolves differently the second time nor a redirect gets around it.
func (a Allowed) dial(ctx context.Context, network, hostPort string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: 15 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		resolved, err := netip.ParseAddrPort(address)
		if err != nil {
			return ErrRefused
		}
		return a.check(hostPort, resolved.Addr())
	}}
	return dialer.DialContext(ctx, network, hostPort)
}
