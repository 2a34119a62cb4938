package kubernetes

import (
	"math"
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

func TestCountAddresses(t *testing.T) {
	tests := map[string]struct {
		reason string
		ranges []string
		want   int64
		edges  int64
	}{
		"Range":       {reason: "both ends belong to it", ranges: []string{"192.168.0.240-192.168.0.250"}, want: 11},
		"Spaces":      {reason: "MetalLB allows them", ranges: []string{" 10.0.0.1 - 10.0.0.2 "}, want: 2},
		"Network":     {reason: "a pool gives out the first and the last, too", ranges: []string{"10.0.5.0/24"}, want: 256, edges: 2},
		"HostBits":    {reason: "10.0.5.7/30 is 10.0.5.4 to 10.0.5.7", ranges: []string{"10.0.5.7/30"}, want: 4},
		"One":         {reason: "a range of one", ranges: []string{"10.0.0.255-10.0.0.255"}, want: 1, edges: 1},
		"Single":      {reason: "an address by itself", ranges: []string{"10.0.0.9"}, want: 1},
		"All":         {reason: "more than an int32 holds", ranges: []string{"0.0.0.0/0"}, want: 1 << 32, edges: 2 << 24},
		"Overlap":     {reason: "no address counts twice", ranges: []string{"10.0.0.0/24", "10.0.0.200-10.0.1.9"}, want: 266, edges: 3},
		"Inside":      {reason: "the smaller adds nothing", ranges: []string{"10.0.0.0/24", "10.0.0.16/28"}, want: 256, edges: 2},
		"Six":         {reason: "a usual network of IPv6", ranges: []string{"fd00::/120"}, want: 256},
		"SixHuge":     {reason: "2 to the 64 is more than fits", ranges: []string{"fd00::/64"}, want: math.MaxInt64},
		"SixLargest":  {reason: "2 to the 63 less one fits by a hair", ranges: []string{"fd00::-fd00::7fff:ffff:ffff:fffe"}, want: math.MaxInt64},
		"BothKinds":   {reason: "the families do not touch", ranges: []string{"10.0.0.0/30", "fd00::/126"}, want: 8, edges: 1},
		"Crossing":    {reason: ".254 .255 .0 .1", ranges: []string{"10.0.0.254-10.0.1.1"}, want: 4, edges: 2},
		"NoAddresses": {reason: "an empty pool", ranges: nil, want: 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var spans []span
			for _, text := range test.ranges {
				s, ok := parseSpan(text)
				if !ok {
					t.Fatalf("%q is not understood", text)
				}
				spans = append(spans, s)
			}
			spans = merge(spans)
			var edges int64
			for _, s := range spans {
				edges += s.edges()
			}
			if got := count(spans); got != test.want || edges != test.edges {
				t.Errorf("got %d with %d edges, want %d with %d: %s", got, edges, test.want, test.edges, test.reason)
			}
		})
	}
}

func TestRangesThatAreNone(t *testing.T) {
	for text, reason := range map[string]string{
		"":                    "nothing",
		"10.0.0.9-10.0.0.1":   "backwards",
		"10.0.0.1-fd00::1":    "two families",
		"10.0.0.1-":           "no end",
		"10.0.0.0/33":         "longer than an address",
		"fe80::1%eth0":        "a zone means something on one host only",
		"fe80::1%a-fe80::2%a": "the same in a range",
		"pool":                "a word",
	} {
		if s, ok := parseSpan(text); ok {
			t.Errorf("%q is taken for %v: %s", text, s, reason)
		}
	}
}

// Counting agrees with looking at every address of a small network.
func TestCountByLooking(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var spans []span
		for range rapid.IntRange(0, 5).Draw(t, "ranges") {
			a, b := rapid.IntRange(0, 1023).Draw(t, "a"), rapid.IntRange(0, 1023).Draw(t, "b")
			spans = append(spans, span{small(min(a, b)), small(max(a, b))})
		}
		var want, edges int64
		for i := range 1024 {
			if contains(spans, small(i)) {
				want++
				if i%256 == 0 || i%256 == 255 {
					edges++
				}
			}
		}
		merged := merge(spans)
		var gotEdges int64
		for _, s := range merged {
			gotEdges += s.edges()
		}
		if got := count(merged); got != want || gotEdges != edges {
			t.Fatalf("got %d with %d edges, want %d with %d", got, gotEdges, want, edges)
		}
	})
}

// small is an address of 10.0.0.0/22.
func small(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, byte(i / 256), byte(i % 256)}) }
