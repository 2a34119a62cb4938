package understand

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
)

// series are the guests of a cluster that are numbered alike, "worker-node-1" to "worker-node-3", or a single guest without a number
// that could be the first of one.
type series struct {
	base   string // "worker-node"
	prefix string // what stands before the number in the next name: "worker-node-"
	width  int    // digits of the numbers, with leading zeros; 0: as they come
	last   int    // the highest number
	single bool   // one guest without a number
	role   string // the role that the name speaks of; empty: none
	guests []pve.Guest
}

// newest returns the guest with the highest number.
func (s *series) newest() pve.Guest { return s.guests[len(s.guests)-1] }

// name returns the name with a number.
func (s *series) name(n int) string { return fmt.Sprintf("%s%0*d", s.prefix, s.width, n) }

// allSeries returns the series of the cluster by their folded base, found at the first call.
func (x *index) allSeries() map[string]*series {
	x.seriesOnce.Do(func() {
		x.series = map[string]*series{}
		if x.snap == nil {
			return
		}
		if x.base != nil {
			x.series = x.base.seriesWithConfigs(x.snap)
			return
		}
		for _, g := range x.snap.Guests {
			if g.Template || g.Kind != pve.KindVM || !validLabel(g.Name) {
				continue
			}
			x.enlist(g)
		}
		for _, s := range x.series {
			slices.SortStableFunc(s.guests, func(a, b pve.Guest) int { return numberOf(a.Name) - numberOf(b.Name) })
			s.role = roleOfName(s.base)
		}
	})
	return x.series
}

// seriesWithConfigs returns the series with what a copy of the snapshot knows more of single guests; the others are shared.
func (x *index) seriesWithConfigs(s *pve.Snapshot) map[string]*series {
	known := maps.Clone(x.allSeries())
	for i, g := range s.Guests {
		if g.Config == x.snap.Guests[i].Config || g.VMID != x.snap.Guests[i].VMID {
			continue
		}
		for key, one := range known {
			if k := slices.IndexFunc(one.guests, func(o pve.Guest) bool { return o.VMID == g.VMID }); k >= 0 {
				changed := *one
				changed.guests = slices.Clone(one.guests)
				changed.guests[k] = g
				known[key] = &changed
				break
			}
		}
	}
	return known
}

// enlist puts a guest into its series.
func (x *index) enlist(g pve.Guest) {
	stem := strings.TrimRight(g.Name, "0123456789")
	digits := g.Name[len(stem):]
	base := strings.TrimRight(stem, "-")
	if base == "" || len(digits) > 6 {
		return
	}
	key := fold(base)
	s := x.series[key]
	if digits == "" {
		if s == nil {
			x.series[key] = &series{base: g.Name, prefix: g.Name + "-", last: 1, single: true, guests: []pve.Guest{g}}
		}
		return
	}
	if s == nil || s.single { // a single guest of that name is the odd one out
		s = &series{base: base, prefix: stem}
		x.series[key] = s
	}
	if digits[0] == '0' {
		s.width = max(s.width, len(digits))
	}
	n, _ := strconv.Atoi(digits)
	s.last = max(s.last, n)
	s.guests = append(s.guests, g)
}

// numberOf returns the number at the end of a name, 0 when there is none.
func numberOf(name string) int {
	n, _ := strconv.Atoi(name[len(strings.TrimRight(name, "0123456789")):])
	return n
}

// roleOfName returns the role that the words of a name speak of: "k3s-worker" for "worker-node", "database" for "shop-db".
func roleOfName(name string) string {
	for _, p := range profiles {
		if p.name == fold(name) || p.role == fold(name) {
			return p.role
		}
	}
	toks := scan(strings.Join(strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '.' }), " "))
	read := words().read(toks, func(string) bool { return true })
	role := ""
	for i := 0; i < len(toks); i += max(1, read[i].n) {
		switch read[i].lex.class {
		case clRole:
			role = read[i].lex.val // the last word is the noun: "shop-web-db" is a database
		case clSoftware:
			if role == "" {
				role = read[i].lex.val
			}
		}
	}
	return role
}

// seriesOf returns the series with a base, nil when there is none.
func (x *index) seriesOf(base string) *series { return x.allSeries()[fold(base)] }

// seriesWith returns the series of a guest, nil when its name belongs to none.
func (x *index) seriesWith(guest string) *series {
	return x.seriesOf(strings.TrimRight(strings.TrimRight(guest, "0123456789"), "-"))
}

// seriesFor returns the series of a role, the longest first. Single guests count where no series of several does.
func (x *index) seriesFor(role string) []*series {
	var found, single []*series
	for _, s := range x.allSeries() {
		switch {
		case s.role != role:
		case s.single || len(s.guests) < 2:
			single = append(single, s)
		default:
			found = append(found, s)
		}
	}
	if len(found) == 0 {
		found = single
	}
	slices.SortFunc(found, func(a, b *series) int {
		if d := len(b.guests) - len(a.guests); d != 0 {
			return d
		}
		return strings.Compare(a.base, b.base)
	})
	return found
}
