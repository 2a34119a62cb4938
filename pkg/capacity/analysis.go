package capacity

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// The most that a list of an analysis holds: its schema allows no more. What is cut off is named in unknown.
const (
	maxNodes    = 256
	maxStorages = 2048
	maxHotSpots = 256
	maxGroups   = 256
	maxUnknown  = 256
	maxNames    = 256
)

const mib = int64(1) << 20

// Analyse diagnoses the cluster.
func Analyse(in Input) *provisov1.InfrastructureAnalysis {
	in.Bounds = in.Bounds.withDefaults()
	if in.Index == nil {
		in.Index = placement.NewIndex(in.Snapshot, in.Policy)
	}
	d := &diagnosis{
		Input: in,
		s:     in.Snapshot,
		out: &provisov1.InfrastructureAnalysis{
			Snapshot: in.SnapshotRef, History: in.HistoryRef, TakenAt: timestamppb.New(in.Snapshot.TakenAt),
			SurvivesNodeLoss: in.Index.SurvivesLoss(),
		},
	}
	d.unread()
	d.gather()
	d.nodes()
	d.totals()
	d.storages()
	d.features()
	d.headroom()
	d.hotSpots()
	d.bound()
	return d.out
}

// A diagnosis is one under way.
type diagnosis struct {
	Input
	s   *pve.Snapshot
	out *provisov1.InfrastructureAnalysis

	hosts    []host // in the snapshot's order of nodes
	at       map[string]int
	services map[string]string // id of a service under HA to its group; empty: none
	memory   []outlook         // of the nodes' memory, by host
	volumes  []volume          // one a row of out.Storages
}

// A host is a node with what runs on it.
type host struct {
	pve.Node
	placement.Room
	open     bool         // it takes guests: online and not in maintenance
	guests   []*pve.Guest // running, the largest memory first; none where the node is not online
	promised int64        // their memory
	threads  float64      // their vCPUs
	reserve  int64        // what the host keeps of its memory
}

// gather finds out what runs where.
func (d *diagnosis) gather() {
	d.hosts = make([]host, len(d.s.Nodes))
	d.at = make(map[string]int, len(d.s.Nodes))
	rooms := d.Index.Rooms() // in the snapshot's order
	for i, n := range d.s.Nodes {
		d.at[n.Name] = i
		d.hosts[i].Node, d.hosts[i].Room = n, rooms[i]
		d.hosts[i].open = n.Online() && !rooms[i].Maintenance
	}
	for i := range d.s.Guests {
		g := &d.s.Guests[i]
		n, ok := d.at[g.Node]
		if !ok || !running(g) || !d.hosts[n].Node.Online() {
			continue
		}
		h := &d.hosts[n]
		h.guests = append(h.guests, g)
		h.promised += g.MemoryBytes
		h.threads += g.CPUs
	}
	for i := range d.hosts {
		h := &d.hosts[i]
		slices.SortStableFunc(h.guests, func(a, b *pve.Guest) int { return compareDown(a.MemoryBytes, b.MemoryBytes) })
		if h.Node.Online() {
			taken := max(h.UsedBytes, h.PromisedBytes)
			if h.Peak != nil {
				taken = max(taken, h.Peak.MemoryBytes)
			}
			h.reserve = h.TotalBytes - h.FreeBytes - taken
		}
	}
	d.services = make(map[string]string, len(d.s.HAServices))
	for _, s := range d.s.HAServices {
		d.services[s.SID] = s.Group
	}
}

// running reports whether a guest takes part of its node.
func running(g *pve.Guest) bool { return !g.Template && g.Status == pve.GuestRunning }

func compareDown(a, b int64) int {
	switch {
	case a > b:
		return -1
	case a < b:
		return 1
	}
	return 0
}

// unread repeats what the readings do not know.
func (d *diagnosis) unread() {
	for _, u := range d.s.Unknown {
		d.unknown(u.What + ": " + u.Reason)
	}
	if d.History == nil {
		d.unknown("history: it was not read")
	} else {
		for _, u := range d.History.Unknown {
			d.unknown(u.What + ": " + u.Reason)
		}
	}
	d.unknown("use of GPUs: the API of Proxmox VE does not tell it")
}

func (d *diagnosis) unknown(what string) { d.out.Unknown = append(d.out.Unknown, what) }

// bound cuts lists that are longer than an analysis may hold.
func (d *diagnosis) bound() {
	d.out.Nodes = cut(d, "nodes", d.out.GetNodes(), maxNodes)
	d.out.Storages = cut(d, "storages", d.out.GetStorages(), maxStorages)
	d.out.HotSpots = cut(d, "hot spots", d.out.GetHotSpots(), maxHotSpots)
	d.out.Headroom = cut(d, "HA groups and rules", d.out.GetHeadroom(), 1+maxGroups)
	d.out.Unknown = d.out.GetUnknown()[:min(len(d.out.GetUnknown()), maxUnknown)]
}

func cut[T any](d *diagnosis, what string, list []T, most int) []T {
	if len(list) <= most {
		return list
	}
	// First, so that it is not cut off itself.
	d.out.Unknown = slices.Insert(d.out.GetUnknown(), 0, "further "+what+": there are more than an analysis holds")
	return list[:most]
}

// names is a list of names that fits into a feature.
func names(list []string) []string {
	slices.Sort(list)
	list = slices.Compact(list)
	return list[:min(len(list), maxNames)]
}

// clip cuts a text to so many bytes, between characters.
func clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most-3], "") + "..."
}

// sid is how HA calls a guest.
func sid(g *pve.Guest) string {
	if g.Kind == pve.KindContainer {
		return "ct:" + itoa(g.VMID)
	}
	return "vm:" + itoa(g.VMID)
}
