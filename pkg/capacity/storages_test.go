package capacity

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"proviso.dev/pkg/pve"
)

// onCeph is a pool of three copies with 900 of 3000 GiB in use: 300 net, of 1000.
func onCeph(disks map[string][]int64) *pve.Snapshot {
	s := small()
	s.Storages = []pve.Storage{
		{Name: "pool", Node: "n1", Type: "rbd", Shared: true, Active: true, Content: []string{"images"}, TotalBytes: 1000 * gib, UsedBytes: 300 * gib},
		{Name: "pool", Node: "n2", Type: "rbd", Shared: true, Active: true, Content: []string{"images"}, TotalBytes: 1000 * gib, UsedBytes: 299 * gib},
		{Name: "pool", Node: "n4", Type: "rbd", Shared: true, Content: []string{"images"}},
	}
	s.Ceph = pve.Ceph{
		Presence: pve.PresenceHere, Health: "HEALTH_OK", PGs: map[string]int{"active+clean": 128}, PoolsRead: true, UsedBytes: 900 * gib,
		Pools: []pve.CephPool{{Name: ".mgr", Type: "replicated", Size: 3}, {Name: "pool", Type: "replicated", Size: 3, MinSize: 2, FreeBytes: 700 * gib, FreeKnown: true}},
	}
	for _, node := range []string{"n1", "n2", "n3", "n4"} {
		h := pve.NodeHardware{Node: node, DisksRead: true}
		for _, size := range disks[node] {
			h.Disks = append(h.Disks, pve.PhysicalDisk{Kind: "ssd", SizeBytes: size * gib, OSD: true, Use: "LVM"})
			s.Ceph.TotalBytes += size * gib
			s.Ceph.OSDs++
		}
		s.Hardware = append(s.Hardware, h)
	}
	return s
}

// Shows: T-3.3.5-211
func TestUsableOfCeph(t *testing.T) {
	three := map[string][]int64{"n1": {1000}, "n2": {1000}, "n3": {1000}}
	tests := map[string]struct {
		reason string
		disks  map[string][]int64
		change func(*pve.Snapshot)
		want   int64 // GiB
		copies int32
		medium string
	}{
		"AsManyHostsAsCopies": {reason: "(0.85 x 3000 - 900) / 3: there is no host to make lost copies on, whatever is kept.", disks: three, want: 550, copies: 3, medium: "ssd"},
		"OneHostMore": {reason: "(0.85 x (4000 - 1000) - 900) / 3: the copies of a lost host are made on the three others.", want: 550, copies: 3, medium: "ssd",
			disks: map[string][]int64{"n1": {1000}, "n2": {1000}, "n3": {1000}, "n4": {1000}}},
		"TwoDisksAHost": {reason: "(0.85 x 3 x 500 - 900) / 3: what was on a lost disk has to go on the other one of its host.", want: 125, copies: 3, medium: "ssd",
			disks: map[string][]int64{"n1": {500, 500}, "n2": {500, 500}, "n3": {500, 500}}},
		"DisksUnseen": {reason: "(0.85 x (6000 - 1000) - 900) / 3 = 1116 is more than the pool has: it is bound by its own 15 % and what the storage reports, 850 - 300.",
			disks: map[string][]int64{"n1": {1000, 1000}, "n2": {1000, 1000}, "n3": {1000, 1000}}, want: 550, copies: 3,
			change: func(s *pve.Snapshot) { s.Hardware = s.Hardware[:2] }},
		"PoolFuller": {reason: "Pools share their disks.", disks: three, want: 100, copies: 3, medium: "ssd",
			change: func(s *pve.Snapshot) { s.Ceph.Pools[1].FreeBytes = 100 * gib }},
		"Degraded": {reason: "Copies are missing, but it takes writes.", disks: three, want: 550, copies: 3, medium: "ssd", change: func(s *pve.Snapshot) {
			s.Ceph.Health, s.Ceph.PGs = "HEALTH_WARN", map[string]int{"active+undersized+degraded": 128}
		}},
		"Stopped": {reason: "It takes nothing.", disks: three, want: 0, copies: 3, medium: "ssd", change: func(s *pve.Snapshot) {
			s.Ceph.Health, s.Ceph.PGs = "HEALTH_WARN", map[string]int{"undersized+degraded+peered": 128}
		}},
		"Mixed": {reason: "Which disks a pool lies on is not known.", disks: three, want: 550, copies: 3, medium: "",
			change: func(s *pve.Snapshot) { s.Hardware[0].Disks[0].Kind = "hdd" }},
		"SomebodyElses": {reason: "How often another Ceph keeps things is not known; 15 % stay free in any case.", disks: nil, want: 550, copies: 0,
			change: func(s *pve.Snapshot) { s.Ceph = pve.Ceph{Presence: pve.PresenceNone} }},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := onCeph(tc.disks)
			if tc.change != nil {
				tc.change(s)
			}
			a := analyse(t, s, nil)
			if len(a.GetStorages()) != 1 {
				t.Fatalf("a shared storage is listed %d times", len(a.GetStorages()))
			}
			got := a.GetStorages()[0]
			if off := got.GetUsableBytes() - tc.want*gib; off > mib || off < -mib {
				t.Errorf("%s\n%d MiB are usable, want %d", tc.reason, got.GetUsableBytes()/mib, tc.want*1024)
			}
			if got.GetCopies() != tc.copies || got.GetMedium() != tc.medium || !got.GetActive() || !got.GetThin() || got.GetNode() != "" || got.PromisedBytes != nil {
				t.Errorf("%s\ngot %v; want %d copies on %q", tc.reason, got, tc.copies, tc.medium)
			}
		})
	}
}

func TestLocalStorages(t *testing.T) {
	s := small()
	s.Storages = []pve.Storage{
		{Name: "backup", Node: "n1", Type: "pbs", Shared: true, Active: true, Content: []string{"backup"}, TotalBytes: 500 * gib, UsedBytes: 100 * gib},
		{Name: "local", Node: "n1", Type: "dir", Active: true, Content: []string{"iso"}, TotalBytes: 100 * gib, UsedBytes: 10 * gib},
		{Name: "local", Node: "n4", Type: "dir", Content: []string{"iso"}},
		{Name: "thin", Node: "n1", Type: "lvmthin", Active: true, Content: []string{"rootdir", "images"}, TotalBytes: 100 * gib, UsedBytes: 40 * gib},
		{Name: "thin", Node: "n3", Type: "lvmthin", Active: true, Content: []string{"images"}, TotalBytes: 100 * gib, UsedBytes: 90 * gib},
		{Name: "tank", Node: "n2", Type: "zfspool", Active: true, Content: []string{"images"}, TotalBytes: 100 * gib, UsedBytes: 100 * gib},
	}
	s.Hardware = []pve.NodeHardware{
		{Node: "n1", DisksRead: true, Disks: []pve.PhysicalDisk{{Kind: "nvme", Use: "LVM"}, {Kind: "hdd", Use: "ZFS"}, {Kind: "hdd"}}},
		{Node: "n2", DisksRead: true, Disks: []pve.PhysicalDisk{{Kind: "hdd", Use: "ZFS"}, {Kind: "usb", Use: "partitions"}}},
		{Node: "n3"},
	}
	for i := range s.Guests { // of n1 everything is known
		if s.Guests[i].Node == "n1" {
			s.Guests[i].Config = &pve.GuestConfig{Disks: []pve.Disk{{Storage: "thin", SizeBytes: 50 * gib}, {Storage: "pool", SizeBytes: gib}}}
		}
	}
	a := analyse(t, s, nil)
	type row struct {
		node     string
		usable   int64 // GiB
		promised int64 // GiB, -1: not known
		medium   string
		copies   int32
		active   bool
	}
	want := []struct {
		name string
		row
	}{
		{"backup", row{"", 400, -1, "", 0, true}},
		{"local", row{"n1", 85, -1, "", 0, true}}, // a file system keeps 5 % for root
		{"local", row{"n4", 0, -1, "", 0, false}},
		{"thin", row{"n1", 60, 200, "nvme", 1, true}}, // 4 guests, the template and the stopped one included, with 50 GiB each
		{"thin", row{"n3", 10, -1, "", 1, true}},
		{"tank", row{"n2", 0, -1, "hdd", 0, true}},
	}
	if len(a.GetStorages()) != len(want) {
		t.Fatalf("got %d storages, want %d", len(a.GetStorages()), len(want))
	}
	for i, w := range want {
		g := a.GetStorages()[i]
		got := row{g.GetNode(), g.GetUsableBytes() / gib, -1, g.GetMedium(), g.GetCopies(), g.GetActive()}
		if g.PromisedBytes != nil {
			got.promised = g.GetPromisedBytes() / gib
		}
		if g.GetStorage() != w.name || got != w.row {
			t.Errorf("storage %d is %s %+v, want %s %+v", i, g.GetStorage(), got, w.name, w.row)
		}
	}
	thin := spots(a, KindOvercommit)
	if len(thin) != 1 || thin[0].GetSubject() != "storage thin on n1" || !near(thin[0].GetValue(), 2) || thin[0].GetBound() != 1 {
		t.Errorf("overcommit: %v, want twice the size of thin on n1", thin)
	}
	// tank is full; thin on n3 is over 85 % of what it holds.
	full := spots(a, KindStorage)
	if len(full) != 2 || full[0].GetSubject() != "storage tank on n2" || full[0].GetSeverity() != Error || full[1].GetSubject() != "storage thin on n3" || full[1].GetSeverity() != Warning {
		t.Errorf("hot storages: %v", full)
	}
	if Storage(a, "thin", "n3").GetUsableBytes() != 10*gib || Storage(a, "thin", "n2") != nil || Storage(a, "backup", "n3") == nil {
		t.Error("a storage is not found by name and node")
	}
}

func TestStorageFullAt(t *testing.T) {
	s := small()
	s.Storages = []pve.Storage{{Name: "thin", Node: "n1", Type: "lvmthin", Active: true, Content: []string{"images"}, TotalBytes: 100 * gib, UsedBytes: 40 * gib}}
	grow := func(perDay float64) *pve.History {
		return &pve.History{Storages: map[string]pve.Series{"n1/thin": series(map[pve.Metric]func(int) float64{
			pve.MetricDiskUsed: func(i int) float64 { return float64(40*gib) - float64(335-i)*perDay*float64(gib)/48 },
		}, 336)}}
	}
	tests := map[string]struct {
		reason  string
		history *pve.History
		want    time.Duration // 0: not in sight
	}{
		"Soon":   {"60 GiB at 12 a day.", grow(12), 5 * day},
		"Later":  {"60 GiB at 3 a day: beyond the forecast the trend goes on.", grow(3), 20 * day},
		"Far":    {"60 GiB at half a gibibyte a day: a history of a week carries for two more.", grow(0.5), 0},
		"Shrink": {"", grow(-3), 0},
		"None":   {"", nil, 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			a := analyse(t, s, func(in *Input) { in.History, in.Forecaster = tc.history, seasonal })
			got := a.GetStorages()[0]
			if tc.want == 0 {
				if got.GetFullAt() != nil {
					t.Errorf("%s\nfull at %v, want out of sight", tc.reason, got.GetFullAt().AsTime())
				}
				return
			}
			after := got.GetFullAt().AsTime().Sub(now)
			if after < tc.want-day || after > tc.want+day || got.GetFullAtEarliest().AsTime().After(got.GetFullAt().AsTime()) {
				t.Errorf("%s\nfull after %v, at the earliest %v; want about %v", tc.reason, after, got.GetFullAtEarliest().AsTime().Sub(now), tc.want)
			}
			hot := spots(a, KindStorage)
			if len(hot) != 1 || !proto.Equal(hot[0].GetAt(), got.GetFullAt()) {
				t.Errorf("%s\nhot spots: %v", tc.reason, hot)
			}
		})
	}
}
