package repository

import (
	"net/netip"
	"testing"
)

func TestAllowed(t *testing.T) {
	tests := map[string]struct {
		reason   string
		allow    string
		hostPort string
		address  string
		want     bool
	}{
		"Public":       {"the Internet", "", "git.example.org:443", "93.184.216.34", true},
		"Public6":      {"the Internet", "", "git.example.org:443", "2606:4700::1111", true},
		"Loopback":     {"this machine", "", "localhost:443", "127.0.0.1", false},
		"Loopback6":    {"this machine", "", "localhost:443", "::1", false},
		"Mapped":       {"this machine in another notation", "", "x:443", "::ffff:127.0.0.1", false},
		"Compatible":   {"this machine in an old notation", "", "x:443", "::127.0.0.1", false},
		"Unspecified":  {"this machine, to Linux", "", "x:443", "0.0.0.0", false},
		"Metadata":     {"clouds give credentials there", "", "x:80", "169.254.169.254", false},
		"Metadata6":    {"clouds give credentials there", "", "x:80", "fd00:ec2::254", false},
		"LinkLocal6":   {"this network", "", "x:443", "fe80::1", false},
		"Private10":    {"a network at home", "", "x:443", "10.1.2.3", false},
		"Private172":   {"a network at home", "", "x:443", "172.31.255.255", false},
		"Private192":   {"a network at home", "", "x:443", "192.168.1.1", false},
		"Carrier":      {"a carrier's network", "", "x:443", "100.64.0.1", false},
		"Unique":       {"a network at home", "", "x:443", "fc00::1", false},
		"Multicast":    {"nobody", "", "x:443", "224.0.0.1", false},
		"NAT64":        {"it leads to addresses of the old kind, private ones too", "", "x:443", "64:ff9b::a00:1", false},
		"SixToFour":    {"it leads to addresses of the old kind", "", "x:443", "2002:7f00:1::", false},
		"Teredo":       {"it leads to addresses of the old kind", "", "x:443", "2001:0:1::", false},
		"AllowHost":    {"the operator says so", "git.internal", "git.internal:443", "10.0.0.5", true},
		"AllowPort":    {"the operator says so", "git.internal:8443", "git.internal:8443", "10.0.0.5", true},
		"OtherPort":    {"another service of that host", "git.internal:8443", "git.internal:22", "10.0.0.5", false},
		"OtherHost":    {"a name of somebody else for that address", "git.internal", "evil.example.org:443", "10.0.0.5", false},
		"AllowNetwork": {"the operator says so", "10.0.0.0/24", "x:443", "10.0.0.5", true},
		"OtherNetwork": {"next to it", "10.0.0.0/24", "x:443", "10.0.1.5", false},
		"AllowAddress": {"the operator says so", "127.0.0.1", "x:443", "127.0.0.1", true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			allowed, err := ParseAllowed(tc.allow)
			if err != nil {
				t.Fatal(err)
			}
			err = allowed.check(tc.hostPort, netip.MustParseAddr(tc.address))
			if got := err == nil; got != tc.want {
				t.Errorf("%s: want %t, got %v", tc.reason, tc.want, err)
			}
		})
	}
}

func TestParseAllowedRefuses(t *testing.T) {
	for _, list := range []string{"-x", "git internal", "git:", "*", "10.0.0.0/40"} {
		if got, err := ParseAllowed(list); err == nil {
			t.Errorf("%q became %v", list, got)
		}
	}
}
