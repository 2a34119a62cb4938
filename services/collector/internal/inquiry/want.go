package inquiry

import (
	"slices"
	"time"

	"proviso.dev/pkg/pve"
)

// A Want is what an answer needs beyond the snapshot. Without it there is an answer too, which says what is unknown.
type Want struct {
	// History that is to be read; its zero value: none.
	History pve.HistoryRequest
	// Fine: the steps have to tell an hour from the next, which what is kept of nodes may not do.
	Fine bool
	// Clusters: the snapshots of all clusters.
	Clusters bool
}

// None reports whether nothing is wanted.
func (w Want) None() bool { return !w.Clusters && !w.Measured() }

// Measured reports whether a history is wanted.
func (w Want) Measured() bool {
	return len(w.History.Nodes)+len(w.History.Guests)+len(w.History.Storages) > 0
}

// guestsMost bounds the guests of which one question has the history read.
const guestsMost = 48

// Wants returns what the answer to a question needs.
func Wants(s *pve.Snapshot, q Query) Want {
	w := Want{Clusters: q.Topic == TopicClusters}
	if s == nil {
		return w
	}
	w.History.Timeframe = pve.FinestTimeframe(s.Major())
	switch q.Topic {
	case TopicForecast, TopicFull:
		w.subjects(s, q)
	case TopicWaste:
		w.guests(s, func(g pve.Guest) bool {
			return g.Status == pve.GuestRunning && (len(q.Guests) == 0 || slices.Contains(q.Guests, g.VMID))
		})
	case TopicHotSpots, TopicScale, TopicBalance, TopicPack:
		w.nodes(s)
		w.storages(s, func(st pve.Storage) bool { return st.Holds("images") || st.Holds("rootdir") })
	case TopicPeak:
		w.Fine = true
		w.History.Timeframe = pve.TimeframeDay
		if from, _ := q.At.span(s.TakenAt); s.TakenAt.Sub(from) > day {
			w.History.Timeframe = pve.TimeframeWeek
		}
		if q.Node != "" {
			w.History.Nodes = []string{q.Node}
		} else {
			w.nodes(s)
		}
		w.guests(s, func(g pve.Guest) bool { return q.Node == "" || g.Node == q.Node })
	}
	return w
}

const day = 24 * time.Hour

// subjects wants what a question names, or else everything that fills up.
func (w *Want) subjects(s *pve.Snapshot, q Query) {
	switch {
	case len(q.Guests) > 0:
		w.guests(s, func(g pve.Guest) bool { return slices.Contains(q.Guests, g.VMID) })
	case q.Storage != "":
		w.storages(s, func(st pve.Storage) bool {
			return st.Name == q.Storage && (q.Node == "" || st.Shared || st.Node == q.Node)
		})
	case q.Node != "":
		w.History.Nodes = []string{q.Node}
	case (q.Topic == TopicForecast || q.Topic == TopicFull) && q.Metric == "disk": // of nodes only memory and processor fill up
		w.storages(s, pve.Storage.Fills)
	default:
		w.nodes(s)
		if q.Topic == TopicFull && q.Metric != "memory" {
			w.storages(s, pve.Storage.Fills)
		}
	}
}

func (w *Want) nodes(s *pve.Snapshot) {
	for _, n := range s.Nodes {
		if n.Online() {
			w.History.Nodes = append(w.History.Nodes, n.Name)
		}
	}
}

// guests wants those that are meant, the largest first where there are too many.
func (w *Want) guests(s *pve.Snapshot, meant func(pve.Guest) bool) {
	var list []pve.Guest
	for _, g := range s.Guests {
		if n, ok := s.Node(g.Node); !g.Template && ok && n.Online() && meant(g) {
			list = append(list, g)
		}
	}
	slices.SortStableFunc(list, func(a, b pve.Guest) int { return int(b.CPUs*1000) - int(a.CPUs*1000) })
	for _, g := range list[:min(len(list), guestsMost)] {
		w.History.Guests = append(w.History.Guests, pve.GuestRef{Node: g.Node, Kind: g.Kind, VMID: g.VMID})
	}
}

// storages wants those that are meant.
func (w *Want) storages(s *pve.Snapshot, meant func(pve.Storage) bool) {
	w.History.Storages = append(w.History.Storages, s.StorageRefs(meant)...)
}

// span is the time of the past that a moment means, seen from now: a night, an hour, a day.
func (m Moment) span(now time.Time) (from, to time.Time) {
	now = now.UTC()
	midnight := now.Truncate(day)
	switch {
	case m.Night:
		end := midnight.Add(6 * time.Hour)
		if end.After(now) {
			end = now
		}
		return midnight.Add(-2 * time.Hour), end
	case !m.Known:
		return now.Add(-day), now
	case m.Hour == 0 && m.Minute == 0 && m.DaysAgo > 0 && !m.Exact:
		return midnight.AddDate(0, 0, -m.DaysAgo), midnight.AddDate(0, 0, 1-m.DaysAgo)
	}
	at := midnight.AddDate(0, 0, -m.DaysAgo).Add(time.Duration(m.Hour)*time.Hour + time.Duration(m.Minute)*time.Minute)
	if at.After(now) {
		at = at.Add(-day)
	}
	return at, at
}
