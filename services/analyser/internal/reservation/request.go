package reservation

import (
	"fmt"
	"strings"

	"proviso.dev/pkg/pve"
)

// Policy is which id comes next.
type Policy string

// The policies.
const (
	// AboveHighest is the highest id in use or promised, plus one: ids follow the order of creation. It is the default.
	AboveHighest Policy = "above-highest"
	// LowestFree is what Proxmox VE's own dialogue offers.
	LowestFree Policy = "lowest-free"
)

// ParsePolicy reads a policy; empty is the default.
func ParsePolicy(text string) (Policy, error) {
	switch p := Policy(text); p {
	case "":
		return AboveHighest, nil
	case AboveHighest, LowestFree:
		return p, nil
	default:
		return "", fmt.Errorf("policy %q is not %s or %s", text, AboveHighest, LowestFree)
	}
}

// Ids that Proxmox VE gives to guests.
const (
	lowestID  = 100
	highestID = 999_999_999
)

// Request is what one run wants.
type Request struct {
	Run     string
	Cluster string // empty: the only one
	InUse   *InUse
	Wants   []Want
	// Again says that the run may have been here before; it is then given the same as before. Finding that out reads every
	// name that is promised on the cluster.
	Again bool
}

// A Want is one machine's wish.
type Want struct {
	// Guest tells the machines of a run apart, the same way whenever the run is analysed.
	Guest string
	// VMID that is demanded; 0: any.
	VMID int
	// Name, or the base of it.
	Name string
	// Numbered makes it name-1, name-2 and so on; otherwise the first is the name itself and the next name-2.
	Numbered bool
	// Fixed forbids any other name than the first; it does not go with Numbered.
	Fixed bool
}

// maxName is the length of a DNS label.
const maxName = 63

// candidate is the n-th name to try, from 1.
func (w Want) candidate(n int) string {
	if n == 1 && !w.Numbered {
		return w.Name
	}
	suffix := fmt.Sprintf("-%d", n)
	base := w.Name[:min(len(w.Name), maxName-len(suffix))]
	return strings.TrimRight(base, "-") + suffix
}

// A Grant is what one machine was promised.
type Grant struct {
	VMID int
	Name string
}

// InUse are the ids and names of a cluster's guests. It is immutable and worth keeping as long as the snapshot.
type InUse struct {
	ids     map[int]bool
	names   map[string]bool // lower case: DNS knows no other
	highest int
}

// NewInUse takes the ids and names of all guests, templates and stopped ones included.
func NewInUse(guests []pve.Guest) *InUse {
	u := &InUse{ids: make(map[int]bool, len(guests)), names: make(map[string]bool, len(guests))}
	for _, g := range guests {
		u.ids[g.VMID] = true
		u.names[strings.ToLower(g.Name)] = true
		u.highest = max(u.highest, g.VMID)
	}
	return u
}
