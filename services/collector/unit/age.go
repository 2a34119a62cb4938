package collector

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"proviso.dev/pkg/observe"
	"proviso.dev/pkg/pve"
)

// ageEvery is how often the age of snapshots is told: several times between two scrapes.
const ageEvery = 5 * time.Second

// requests is told of the requests to clusters from the start, and tells metrics of them once there are some.
type requests struct {
	metrics atomic.Pointer[observe.Metrics]
}

func (r *requests) observe(q pve.Request) {
	m := r.metrics.Load()
	if m == nil {
		return
	}
	m.PVERequests.WithLabelValues(q.Pattern, strconv.Itoa(q.Code)).Inc()
	m.PVERequestDuration.WithLabelValues(q.Pattern).Observe(q.Took.Seconds())
}

// measure tells of every reading of the clusters, and of the age of their snapshots until ctx ends.
func (w *worker) measure(ctx context.Context, m *observe.Metrics) {
	w.requests.metrics.Store(m)
	for _, c := range w.clusters {
		c.seen = func(s *state) { m.SnapshotDuration.WithLabelValues(c.name).Observe(s.took.Seconds()) }
	}
	go func() {
		tick := time.NewTicker(ageEvery)
		defer tick.Stop()
		for {
			for _, c := range w.clusters {
				if age, ok := c.age(); ok {
					m.SnapshotAge.WithLabelValues(c.name).Set(age.Seconds())
				}
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
}

// age is how old the newest state is; false while there is none.
func (c *cache) age() (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil {
		return 0, false
	}
	return c.now().Sub(c.last.began), true
}
