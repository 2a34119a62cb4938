package pve

import (
	"slices"
	"strings"
)

// Presence says whether a part of the cluster exists. The zero value means that this was not read.
type Presence string

// Whether a part exists.
const (
	PresenceUnread Presence = ""
	PresenceNone   Presence = "none"
	PresenceHere   Presence = "here"
)

// A Ceph is the distributed storage that the nodes form together. The zero value was not read. A cluster that uses somebody
// else's Ceph has none of its own.
type Ceph struct {
	Presence Presence `json:"presence,omitempty"`
	// Health is "HEALTH_OK", "HEALTH_WARN" or "HEALTH_ERR".
	Health string      `json:"health,omitempty"`
	Checks []CephCheck `json:"checks,omitempty"` // why it is not HEALTH_OK, sorted by code
	// OSDs there are, that are up, and that hold data.
	OSDs   int `json:"osds,omitempty"`
	OSDsUp int `json:"osds_up,omitempty"`
	OSDsIn int `json:"osds_in,omitempty"`
	// PGs are the placement groups by the words of their state, "active+clean" or "undersized+degraded+peered".
	PGs map[string]int `json:"pgs,omitempty"`
	// TotalBytes, UsedBytes and FreeBytes are raw: every copy counts.
	TotalBytes int64 `json:"total_bytes,omitempty"`
	UsedBytes  int64 `json:"used_bytes,omitempty"`
	FreeBytes  int64 `json:"free_bytes,omitempty"`
	// Pools are sorted by name. PoolsRead tells none from not read.
	Pools     []CephPool `json:"pools,omitempty"`
	PoolsRead bool       `json:"pools_read,omitempty"`
}

// A CephCheck is one complaint of Ceph.
type CephCheck struct {
	Code     string `json:"code"`     // "OSD_DOWN"
	Severity string `json:"severity"` // "HEALTH_WARN" or "HEALTH_ERR"
	Message  string `json:"message"`  // as Ceph words it
	Muted    bool   `json:"muted,omitempty"`
}

// A CephPool is one pool.
type CephPool struct {
	Name string `json:"name"`
	Type string `json:"type"` // "replicated" or "erasure"
	// Size is how often each object is stored, MinSize how many copies must be there for a pool to take reads and writes. Of an
	// erasure coded pool they count pieces.
	Size    int `json:"size"`
	MinSize int `json:"min_size"`
	PGs     int `json:"pgs,omitempty"`
	// UsedBytes is raw.
	UsedBytes int64 `json:"used_bytes"`
	// FreeBytes is what can still be stored, net of copies. FreeKnown is false where it cannot be told: the API does not say how an
	// erasure coded pool divides its objects.
	FreeBytes int64 `json:"free_bytes"`
	FreeKnown bool  `json:"free_known"`
}

// CapacityBytes is what the pool would hold if it were alone, net of copies; 0 when that cannot be told.
func (c Ceph) CapacityBytes(pool CephPool) int64 {
	if pool.Type != poolReplicated || pool.Size <= 0 {
		return 0
	}
	return c.TotalBytes / int64(pool.Size)
}

// NetFreeBytes is what guests can still store, net of copies, in whichever pool they store it: the least that any pool has. It
// is not known without a replicated pool.
func (c Ceph) NetFreeBytes() (free int64, known bool) {
	for _, p := range c.Pools {
		if p.FreeKnown && !p.internal() && (!known || p.FreeBytes < free) {
			free, known = p.FreeBytes, true
		}
	}
	return free, known
}

const poolReplicated = "replicated"

// internal pools are Ceph's own.
func (p CephPool) internal() bool { return strings.HasPrefix(p.Name, ".") }

// Stopped returns the number of placement groups that take no reads and writes, most often because fewer copies than the
// pool's MinSize are left.
func (c Ceph) Stopped() int {
	return c.count(func(state []string) bool { return !slices.Contains(state, "active") })
}

// Degraded returns the number of placement groups of which copies are missing. They still take reads and writes unless they
// are counted by Stopped, too.
func (c Ceph) Degraded() int {
	return c.count(func(state []string) bool {
		return slices.Contains(state, "degraded") || slices.Contains(state, "undersized")
	})
}

func (c Ceph) count(counts func(state []string) bool) int {
	n := 0
	for words, groups := range c.PGs {
		if counts(strings.Split(words, "+")) {
			n += groups
		}
	}
	return n
}

// A CephVerdict says whether something new may be stored on Ceph.
type CephVerdict string

// The verdicts. Only CephTakes and CephDegraded let something be placed.
const (
	CephUnknown  CephVerdict = "unknown"  // nobody could read its state
	CephTakes    CephVerdict = "takes"    // every copy is there
	CephDegraded CephVerdict = "degraded" // copies are missing, but no fewer than MinSize are left: one more loss may stop it
	CephStopped  CephVerdict = "stopped"  // some groups have fewer copies than MinSize, or no place at all: writes hang
	CephFull     CephVerdict = "full"     // no OSD that writes need has room
	CephFailed   CephVerdict = "failed"   // HEALTH_ERR for another reason
)

// Refuses reports whether nothing new may be placed there. What is unknown is refused, too.
func (v CephVerdict) Refuses() bool { return v != CephTakes && v != CephDegraded }

// Verdict judges the state. Ceph that is not there takes nothing and is unknown.
func (c Ceph) Verdict() CephVerdict {
	full := slices.ContainsFunc(c.Checks, func(k CephCheck) bool { return k.Code == "OSD_FULL" || k.Code == "POOL_FULL" })
	switch {
	case c.Presence != PresenceHere || c.Health == "":
		return CephUnknown
	case c.Stopped() > 0 || slices.ContainsFunc(c.Checks, func(k CephCheck) bool { return k.Code == "PG_AVAILABILITY" }):
		return CephStopped
	case full:
		return CephFull
	case c.Health == "HEALTH_ERR":
		return CephFailed
	case c.Degraded() > 0:
		return CephDegraded
	}
	return CephTakes
}

// OnCeph reports whether the storage lies on Ceph.
func (s Storage) OnCeph() bool { return s.Type == "rbd" || s.Type == "cephfs" }

// StorageVerdict judges whether something new may be placed on a storage, as far as Ceph decides it. A storage elsewhere, and
// one on Ceph of a cluster that has none of its own, is not judged: CephTakes. So is one whose cluster's Ceph could not be
// read, because the storage itself says whether it is active.
func (s *Snapshot) StorageVerdict(name string) CephVerdict {
	onCeph := slices.ContainsFunc(s.Storages, func(st Storage) bool { return st.Name == name && st.OnCeph() })
	if !onCeph || s.Ceph.Presence != PresenceHere {
		return CephTakes
	}
	return s.Ceph.Verdict()
}
