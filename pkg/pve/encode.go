package pve

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Encode returns the snapshot's JSON form. Equal snapshots give equal bytes, whatever the order of their rows.
func (s *Snapshot) Encode() ([]byte, error) {
	c := *s
	c.Nodes, c.Guests, c.Storages = slices.Clone(s.Nodes), slices.Clone(s.Guests), slices.Clone(s.Storages)
	c.Bridges, c.VNets, c.Pools = slices.Clone(s.Bridges), slices.Clone(s.VNets), slices.Clone(s.Pools)
	c.HAGroups, c.HARules, c.HAServices = slices.Clone(s.HAGroups), slices.Clone(s.HARules), slices.Clone(s.HAServices)
	c.Volumes, c.Unknown, c.Sections = slices.Clone(s.Volumes), slices.Clone(s.Unknown), slices.Clone(s.Sections)
	c.cloneDetails()
	c.arrange()
	data, err := json.Marshal(&c)
	if err != nil {
		return nil, fmt.Errorf("encode snapshot: %w", err)
	}
	return data, nil
}

// DecodeSnapshot reads what Encode wrote. Fields that it does not know are passed over: agents of two releases may share a
// cluster for a while.
func DecodeSnapshot(data []byte) (*Snapshot, error) {
	s := new(Snapshot)
	if err := json.Unmarshal(data, s); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSnapshot, err)
	}
	if s.Version == "" || len(s.Nodes) == 0 {
		return nil, fmt.Errorf("%w: it names no version or no node", ErrSnapshot)
	}
	s.arrange()
	return s, nil
}

// Digest returns the SHA-256 of the JSON form without TakenAt and Sections, in hexadecimal: two readings of an unchanged cluster
// have the same.
func (s *Snapshot) Digest() (string, error) {
	c := *s
	c.TakenAt, c.Sections = time.Time{}, nil
	data, err := c.Encode()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// arrange sorts every list as documented, which the lookups rely on, and makes nil lists empty, so that their JSON form is
// always a list.
func (s *Snapshot) arrange() {
	s.Nodes = sorted(s.Nodes, func(a, b Node) int { return strings.Compare(a.Name, b.Name) })
	s.Guests = sorted(s.Guests, func(a, b Guest) int { return cmp.Compare(a.VMID, b.VMID) })
	s.Storages = sorted(s.Storages, func(a, b Storage) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Node, b.Node))
	})
	s.Bridges = sorted(s.Bridges, func(a, b Bridge) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Node, b.Node))
	})
	s.VNets = sorted(s.VNets, func(a, b VNet) int { return strings.Compare(a.Name, b.Name) })
	s.Pools = sorted(s.Pools, func(a, b Pool) int { return strings.Compare(a.Name, b.Name) })
	s.HAGroups = sorted(s.HAGroups, func(a, b HAGroup) int { return strings.Compare(a.Name, b.Name) })
	s.HARules = sorted(s.HARules, func(a, b HARule) int { return strings.Compare(a.Name, b.Name) })
	s.HAServices = sorted(s.HAServices, func(a, b HAService) int { return strings.Compare(a.SID, b.SID) })
	s.Volumes = sorted(s.Volumes, func(a, b Volume) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), strings.Compare(a.Node, b.Node))
	})
	s.Unknown = sorted(s.Unknown, func(a, b UnknownRef) int {
		return cmp.Or(strings.Compare(a.What, b.What), strings.Compare(a.Reason, b.Reason))
	})
	s.Sections = sorted(s.Sections, func(a, b Section) int { return strings.Compare(a.Name, b.Name) })
	for i := range s.Storages {
		if s.Storages[i].Content == nil {
			s.Storages[i].Content = []string{}
		}
	}
	s.arrangeDetails()
}

func sorted[T any](rows []T, compare func(a, b T) int) []T {
	if rows == nil {
		return []T{}
	}
	if !slices.IsSortedFunc(rows, compare) {
		slices.SortStableFunc(rows, compare)
	}
	return rows
}
