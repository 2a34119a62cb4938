package collector

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"proviso.dev/pkg/observe"
	"proviso.dev/pkg/pve"
)

// The age of a snapshot grows while nobody reads the cluster.
func TestAgeIsMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		w := newWorker(t, Config{Cluster: "lab", Snapshots: SnapshotsFunc(func(context.Context) (*pve.Snapshot, error) { return &pve.Snapshot{}, nil })}, store{})
		m := observe.New()
		w.measure(ctx, m)
		if _, err := w.clusters[0].get(ctx); err != nil {
			t.Fatal(err)
		}
		time.Sleep(61 * time.Second)
		if got := testutil.ToFloat64(m.SnapshotAge.WithLabelValues("lab")); got < 55 || got > 61 {
			t.Errorf("want the age of a minute, got %v s", got)
		}
		if got := testutil.CollectAndCount(m.SnapshotDuration); got != 1 {
			t.Errorf("want one cluster whose reading was timed, got %d", got)
		}
	})
}
