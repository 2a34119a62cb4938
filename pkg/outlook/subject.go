package outlook

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/capacity"
	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// A Subject is what a figure is of. Exactly one of Node alone, VMID and Storage says what; Node says beside a storage which of those
// that only one node has.
type Subject struct {
	Node    string
	VMID    int
	Storage string
}

// String is how the contract writes a subject: "node pmox01", "guest 104", "storage ceph01", "storage local on pmox01".
func (s Subject) String() string {
	switch {
	case s.Storage != "" && s.Node != "":
		return "storage " + s.Storage + " on " + s.Node
	case s.Storage != "":
		return "storage " + s.Storage
	case s.VMID > 0:
		return fmt.Sprintf("guest %d", s.VMID)
	}
	return "node " + s.Node
}

// ParseSubject reads what String wrote; ok is false for another text, as of the whole cluster.
func ParseSubject(text string) (s Subject, ok bool) {
	kind, name, _ := strings.Cut(text, " ")
	switch kind {
	case "node":
		s.Node = name
	case "guest":
		s.VMID, _ = strconv.Atoi(name)
	case "storage":
		s.Storage, s.Node, _ = strings.Cut(name, " on ")
	}
	return s, s != Subject{}
}

// The metrics that can be asked for, by the contract's names.
const (
	CPU        = "cpu"
	Memory     = "memory"
	Disk       = "disk"
	NetworkIn  = "network_in"
	NetworkOut = "network_out"
	DiskRead   = "disk_read"
	DiskWrite  = "disk_write"
	IOWait     = "iowait"
)

// The units of the contract.
const (
	Fraction       = "fraction"
	Bytes          = "bytes"
	BytesPerSecond = "bytes_per_second"
)

// busy is the fraction of a processor from which on work waits for it.
const busy = 0.8

// brim is the part of a guest's memory or of a node's root at which it counts as full: guests and file systems get into trouble before
// the last byte.
const brim = 0.95

// storageLimit is the level at which a storage takes no further disk, by the diagnosis of its cluster; 0: not known.
func storageLimit(d *provisov1.InfrastructureAnalysis, s Subject) float64 {
	for _, row := range d.GetStorages() {
		if row.GetStorage() == s.Storage && (s.Node == "" || row.GetNode() == "" || row.GetNode() == s.Node) && row.GetActive() && row.GetTotalBytes() > 0 {
			return float64(row.GetUsedBytes() + row.GetUsableBytes())
		}
	}
	return 0
}

// figure is how a metric is measured of a kind of thing.
type figure struct {
	measured, total pve.Metric // total: empty where nothing bounds it
	unit            string
}

// figureOf returns how a metric is measured; ok is false when it is not.
func figureOf(s Subject, metric string) (figure, bool) {
	storage, guest := s.Storage != "", s.VMID > 0
	switch metric {
	case CPU:
		return figure{measured: pve.MetricCPU, unit: Fraction}, !storage
	case IOWait:
		return figure{measured: pve.MetricIOWait, unit: Fraction}, !storage && !guest
	case Memory:
		return figure{pve.MetricMemoryUsed, pve.MetricMemoryTotal, Bytes}, !storage
	case Disk:
		return figure{pve.MetricDiskUsed, pve.MetricDiskTotal, Bytes}, true
	case NetworkIn:
		return figure{measured: pve.MetricNetIn, unit: BytesPerSecond}, !storage
	case NetworkOut:
		return figure{measured: pve.MetricNetOut, unit: BytesPerSecond}, !storage
	case DiskRead:
		return figure{measured: pve.MetricDiskRead, unit: BytesPerSecond}, guest
	case DiskWrite:
		return figure{measured: pve.MetricDiskWrite, unit: BytesPerSecond}, guest
	}
	return figure{}, false
}

// DefaultMetric is what is meant when no metric is named.
func DefaultMetric(s Subject) string {
	if s.Storage != "" {
		return Disk
	}
	return CPU
}

// series returns what was measured of a subject; the error is ErrNotThere or ErrNotRead.
func series(s *pve.Snapshot, h *pve.History, what Subject) (pve.Series, error) {
	var found pve.Series
	var read bool
	switch {
	case what.Storage != "":
		if !slices.ContainsFunc(s.Storages, func(st pve.Storage) bool { return st.Name == what.Storage && (what.Node == "" || st.Node == what.Node) }) {
			return found, ErrNotThere
		}
		for _, st := range s.Storages {
			if st.Name == what.Storage && (what.Node == "" || st.Node == what.Node) && !read && h != nil {
				found, read = h.Storages[pve.StorageKey(st.Node, st.Name)]
			}
		}
	case what.VMID > 0:
		if _, ok := s.Guest(what.VMID); !ok {
			return found, ErrNotThere
		}
		if h != nil {
			found, read = h.Guests[what.VMID]
		}
	default:
		if _, ok := s.Node(what.Node); !ok {
			return found, ErrNotThere
		}
		if h != nil {
			found, read = h.Nodes[what.Node]
		}
	}
	if !read {
		return found, ErrNotRead
	}
	return found, nil
}

// bounds are what a figure cannot exceed, and the level at which it counts as full; 0: none is known.
func (q Question) bounds(s *pve.Snapshot, metric string, f figure, measured pve.Series) (bound, limit float64) {
	what := q.Subject
	switch {
	case metric == CPU:
		return 1, busy
	case f.unit == Fraction:
		return 1, 0
	case f.total == "":
		return 0, 0
	}
	bound, _ = last(measured, f.total)
	now := 0.0
	switch {
	case what.Storage != "":
		for _, st := range s.Storages {
			if st.Name == what.Storage && (what.Node == "" || st.Node == what.Node) && st.Active {
				now = max(now, float64(st.TotalBytes))
			}
		}
	case metric == Disk: // of a node's root the snapshot holds nothing
	case what.VMID > 0:
		g, _ := s.Guest(what.VMID)
		now = float64(g.MemoryBytes)
	default:
		n, _ := s.Node(what.Node)
		now = float64(n.MemoryBytes)
	}
	bound = cmp.Or(now, bound)
	switch {
	case what.Storage != "":
		d := q.Diagnosis
		if d == nil {
			d = capacity.Analyse(capacity.Input{Snapshot: s, Now: s.TakenAt})
		}
		return bound, storageLimit(d, what)
	case what.VMID == 0 && metric == Memory:
		return bound, max(0, bound-max(placement.DefaultReserveShare*bound, placement.DefaultReserveBytes))
	}
	return bound, brim * bound
}

// last is the latest value of a metric.
func last(s pve.Series, m pve.Metric) (float64, bool) {
	runs := s.Values[m]
	if len(runs) == 0 {
		return 0, false
	}
	values := runs[len(runs)-1].Values
	return values[len(values)-1], true
}
