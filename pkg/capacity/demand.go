package capacity

import (
	"slices"
	"strings"
	"unicode"

	"proviso.dev/pkg/pve"
)

// A Likeness says which guests are like the one that is to be made. Any of its parts suffices; the zero value is like nothing.
type Likeness struct {
	// Tags are tags of Proxmox VE, in any case of letters.
	Tags []string
	// Words are words of a name, all of them in any order: "worker" is like "k3s-worker-2".
	Words []string
	// Kind limits it to machines or containers; empty: both.
	Kind pve.GuestKind
}

// matches reports whether a guest is like it.
func (l Likeness) matches(g *pve.Guest) bool {
	if l.Kind != "" && g.Kind != l.Kind {
		return false
	}
	for _, tag := range l.Tags {
		if slices.ContainsFunc(g.Tags, func(t string) bool { return strings.EqualFold(t, tag) }) {
			return true
		}
	}
	// Most names hold none of the words: to look for them is cheaper than to take a name apart.
	if len(l.Words) == 0 || !slices.ContainsFunc(l.Words, func(w string) bool { return holdsFold(g.Name, w) }) {
		return false
	}
	name := strings.FieldsFunc(strings.ToLower(g.Name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, word := range name { // "worker2" is a worker
		name[i] = strings.TrimRightFunc(word, unicode.IsDigit)
	}
	for _, word := range l.Words {
		if !slices.Contains(name, strings.ToLower(word)) {
			return false
		}
	}
	return true
}

// holdsFold reports whether a text holds a word, in any case of letters.
func holdsFold(text, word string) bool {
	if word == "" {
		return true
	}
	const lower = 'a' - 'A'
	first := word[0] | lower
	for i := 0; i+len(word) <= len(text); i++ {
		// The bit tells small letters from capitals; what else it makes alike, EqualFold tells apart.
		if text[i]|lower == first && strings.EqualFold(text[i:i+len(word)], word) {
			return true
		}
	}
	return false
}

// A Demand is what guests of one kind use.
type Demand struct {
	// Guests are the ids of those that run and are like it, in order.
	Guests []int
	// Measured is the number of them with a history; 0: the figures are of this moment only.
	Measured int
	// Points is the number of figures of all of them together.
	Points int
	// VCPUsP95 and MemoryP95Bytes are what nineteen of twenty of these guests did not exceed: the P95 over the guests of each one's P95.
	// With less than twenty it is the most that any of them used. VCPUs are counted as busy ones.
	VCPUsP95       float64
	MemoryP95Bytes int64
	// VCPUs and MemoryBytes are what they have: the median.
	VCPUs       float64
	MemoryBytes int64
}

// DemandOf measures what guests that are like another use; ok is false where none runs. With a history of some, only these count. The
// history may be nil.
func DemandOf(s *pve.Snapshot, h *pve.History, like Likeness) (d Demand, ok bool) {
	var cpu, memory, measuredCPU, measuredMemory, vcpus, sizes []float64
	for i := range s.Guests {
		g := &s.Guests[i]
		if !running(g) || !like.matches(g) {
			continue
		}
		d.Guests = append(d.Guests, g.VMID)
		vcpus, sizes = append(vcpus, g.CPUs), append(sizes, float64(g.MemoryBytes))
		cpu, memory = append(cpu, g.CPUUsage*g.CPUs), append(memory, float64(g.MemoryUsedBytes))
		if u, ok := used(g, h, 1); ok {
			measuredCPU, measuredMemory = append(measuredCPU, u.cpu*g.CPUs), append(measuredMemory, u.memory)
			d.Measured++
			d.Points += u.points
		}
	}
	if len(d.Guests) == 0 {
		return Demand{}, false
	}
	if d.Measured > 0 {
		cpu, memory = measuredCPU, measuredMemory
	}
	d.VCPUsP95, d.MemoryP95Bytes = p95(cpu), int64(p95(memory))
	d.VCPUs, d.MemoryBytes = median(vcpus), int64(median(sizes))
	return d, true
}

// median is the middle of the values, which it sorts; there is at least one.
func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
