package kubernetes

import (
	"math"
	"math/big"
	"net/netip"
	"slices"
	"strings"
)

// A span is all addresses from first to last, both of one family.
type span struct{ first, last netip.Addr }

// parseSpan reads a range as MetalLB and Cilium write it: "10.0.5.0/24", "192.168.0.240-192.168.0.250" or one address.
func parseSpan(text string) (span, bool) {
	text = strings.TrimSpace(text)
	if from, to, ok := strings.Cut(text, "-"); ok {
		first, err := netip.ParseAddr(strings.TrimSpace(from))
		last, err2 := netip.ParseAddr(strings.TrimSpace(to))
		return span{first, last}, err == nil && err2 == nil && first.BitLen() == last.BitLen() && first.Zone() == "" && last.Zone() == "" && !last.Less(first)
	}
	if prefix, err := netip.ParsePrefix(text); err == nil {
		return ofPrefix(prefix), true
	}
	addr, err := netip.ParseAddr(text)
	return span{addr, addr}, err == nil && addr.Zone() == ""
}

func ofPrefix(prefix netip.Prefix) span {
	prefix = prefix.Masked()
	last := prefix.Addr().AsSlice()
	for bit := prefix.Bits(); bit < len(last)*8; bit++ {
		last[bit/8] |= 1 << (7 - bit%8)
	}
	addr, _ := netip.AddrFromSlice(last) // of 4 or 16 bytes, as the prefix has them
	return span{prefix.Addr(), addr}
}

// merge sorts spans and joins those that overlap, so that no address counts twice.
func merge(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return a.first.Compare(b.first) })
	var out []span
	for _, s := range spans {
		if n := len(out); n > 0 && out[n-1].first.BitLen() == s.first.BitLen() && !out[n-1].last.Less(s.first) {
			if out[n-1].last.Less(s.last) {
				out[n-1].last = s.last
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

// count is the number of addresses in spans that do not overlap, at most the largest int64: a network of IPv6 has more.
func count(spans []span) int64 {
	total := new(big.Int)
	for _, s := range spans {
		total.Add(total, s.size())
	}
	if !total.IsInt64() {
		return math.MaxInt64
	}
	return total.Int64()
}

func (s span) size() *big.Int {
	size := new(big.Int).SetBytes(s.last.AsSlice())
	size.Sub(size, new(big.Int).SetBytes(s.first.AsSlice()))
	return size.Add(size, big.NewInt(1))
}

// edges is how many addresses of IPv4 in the span end in .0 or .255.
func (s span) edges() int64 {
	if !s.first.Is4() {
		return 0
	}
	upTo := func(n int64) int64 { // of all from 0.0.0.0 to before n
		edges := n / 256 * 2
		if n%256 > 0 {
			edges++
		}
		return edges
	}
	return upTo(number(s.last)+1) - upTo(number(s.first))
}

// number is an address of IPv4 as a number.
func number(addr netip.Addr) int64 {
	return new(big.Int).SetBytes(addr.AsSlice()).Int64()
}

// contains reports whether one of the spans has the address.
func contains(spans []span, addr netip.Addr) bool {
	return slices.ContainsFunc(spans, func(s span) bool {
		return s.first.BitLen() == addr.BitLen() && !addr.Less(s.first) && !s.last.Less(addr)
	})
}
