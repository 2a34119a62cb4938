package collector

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
)

// asked returns the charts that were read since so many requests.
func charts(c *twin.Cluster, since int) []string {
	var paths []string
	for _, r := range c.Requests()[since:] {
		if strings.HasSuffix(r.Path, "/rrddata") {
			paths = append(paths, r.Path[strings.Index(r.Path, "/nodes/"):])
		}
	}
	slices.Sort(paths)
	return paths
}

// A question reads what it needs and no more, and of what is kept nothing; no other request reads a history.
//
// Shows: T-2.4.3-03, T-2.3.3-01
func TestQuestionsReadTheirHistory(t *testing.T) {
	cluster, cfg := laboratory(t)
	w := newWorker(t, cfg, store{})
	ask := func(text string) (string, []string) {
		t.Helper()
		before := len(cluster.Requests())
		done, err := w.understand(t.Context(), workOf(t, understandWork(text)))
		if err != nil {
			t.Fatal(err)
		}
		r := done.GetUnderstanding().GetReply()
		lines := []string{r.GetText()}
		for _, row := range r.GetRows() {
			lines = append(lines, row.GetLabel()+" | "+row.GetValue()+" | "+row.GetReason())
		}
		return strings.Join(lines, "\n"), charts(cluster, before)
	}
	pool, node := "/nodes/pmox01/storage/pmoxpool01/rrddata", "/nodes/pmox01/rrddata"
	tests := map[string]struct {
		text  string
		words []string
		read  []string
	}{
		"Storage": {"when will pmoxpool01 be full?", []string{"pmoxpool01", "70 values of 3 hours each"}, []string{pool}},
		"Node":    {"comment va évoluer la mémoire de pmox01 ?", []string{"mémoire utilisée", "historique (nœud pmox01)"}, []string{node}},
		"Guest":   {"how much cpu will AI-server need tomorrow?", []string{"AI-server (118) tomorrow", "history of guest 118"}, []string{"/nodes/pmox02/qemu/118/rrddata"}},
		"Peak": {"which VM caused the CPU peak on pmox02 at 3 a.m.?", []string{"03:30 UTC", "half hours"}, []string{
			"/nodes/pmox02/qemu/118/rrddata", "/nodes/pmox02/qemu/120/rrddata", "/nodes/pmox02/qemu/122/rrddata", "/nodes/pmox02/rrddata"}},
		"Nothing": {"how many VMs are running?", []string{"8"}, nil},
		"Request": {"a web server from template 100", nil, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, read := ask(tc.text)
			for _, want := range tc.words {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in\n%s", want, got)
				}
			}
			if !slices.Equal(read, tc.read) {
				t.Errorf("read %v, want %v", read, tc.read)
			}
		})
	}
	c := w.clusters[0]
	if err := c.readPast(t.Context(), c.source.(historian)); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"when will pmoxpool01 be full?", "how will the cpu of pmox01 evolve?", "what is full when?"} {
		if got, read := ask(text); len(read) > 0 || !strings.Contains(got, "3 hours each") {
			t.Errorf("%s: read %v although it is kept\n%s", text, read, got)
		}
	}
}

// mute reads a cluster of which nothing was measured, or fails to.
type mute struct {
	SnapshotsFunc
	fails error
}

func (m mute) History(context.Context, pve.HistoryRequest) (*pve.History, error) {
	return nil, m.fails
}

// What cannot be read is unknown, and the question is answered all the same.
func TestQuestionsWithoutHistory(t *testing.T) {
	snapshot := func(ctx context.Context) (*pve.Snapshot, error) {
		return &pve.Snapshot{Version: "8.3.0", Quorate: true, Nodes: []pve.Node{{Name: "pve1", Status: pve.NodeOnline, CPUs: 8, MemoryBytes: 32 << 30}}}, nil
	}
	for name, source := range map[string]Snapshots{
		"NoHistorian": SnapshotsFunc(snapshot), "Nothing": mute{SnapshotsFunc: snapshot}, "Failure": mute{SnapshotsFunc: snapshot, fails: errors.New("timeout")},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorker(t, Config{Snapshots: source}, store{})
			done, err := w.understand(t.Context(), workOf(t, understandWork("how will the cpu of pve1 evolve?")))
			if err != nil {
				t.Fatal(err)
			}
			if got := done.GetUnderstanding().GetReply().GetText(); !strings.Contains(got, "unknown: no history of it was read") {
				t.Errorf("got %q", got)
			}
		})
	}
}

// Clusters are compared in a table: what each has, and which one a guest fits best. One that cannot be read is said to be unknown.
//
// Shows: T-2.5.4-01
func TestClustersAreCompared(t *testing.T) {
	cluster := func(name string, gib int64) Snapshots {
		return SnapshotsFunc(func(context.Context) (*pve.Snapshot, error) {
			return &pve.Snapshot{Cluster: name, Version: "9.0.3", Quorate: true, Nodes: []pve.Node{{Name: name + "1", Status: pve.NodeOnline, CPUs: 16, MemoryBytes: gib << 30}}}, nil
		})
	}
	away := SnapshotsFunc(func(context.Context) (*pve.Snapshot, error) {
		return nil, &pve.UnreachableError{Host: "nice1:8006", Reach: pve.ReachRefused}
	})
	w := newWorker(t, Config{Cluster: "paris", Snapshots: cluster("paris", 32), Clusters: []Cluster{{Name: "lyon", Snapshots: cluster("lyon", 128)}, {Name: "nice", Snapshots: away}}}, store{})
	for text, want := range map[string][]string{
		// 32 GiB less the host's 2, and 128 less its 6.4.
		"which cluster is best for a VM with 64 GB?": {"lyon is best for 64 GiB of memory: lyon1 has 121.6 GiB of memory free.", "paris", "30 GiB free", "it does not fit", "could not be read: nice"},
		"quel cluster est le meilleur ?":             {"lyon a le plus à offrir : 121,6 Gio", "faute d'avoir pu être lu : nice"},
	} {
		done, err := w.understand(t.Context(), workOf(t, understandWork(text)))
		if err != nil {
			t.Fatal(err)
		}
		r := done.GetUnderstanding().GetReply()
		all := r.String()
		for _, part := range want {
			if !strings.Contains(all, part) {
				t.Errorf("%s: no %q in %s", text, part, all)
			}
		}
		if len(r.GetRows()) != 2 {
			t.Errorf("%s: %d rows, want one a cluster that was read", text, len(r.GetRows()))
		}
	}
}

// What the operator keeps for hosts holds for answers as it does for plans.
func TestAnswersKeepTheOperatorsPolicy(t *testing.T) {
	cfg, err := LoadConfig(func(name string) (string, bool) {
		if name == "PROVISO_HOST_RESERVE_MIB" {
			return "16384", true
		}
		return "", false
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg.Endpoint, cfg.Snapshots = "", SnapshotsFunc(func(context.Context) (*pve.Snapshot, error) {
		return &pve.Snapshot{Version: "9.0.3", Quorate: true, Nodes: []pve.Node{{Name: "pve1", Status: pve.NodeOnline, CPUs: 8, MemoryBytes: 32 << 30}}}, nil
	})
	w := newWorker(t, cfg, store{})
	done, err := w.understand(t.Context(), workOf(t, understandWork("which node has room for 20 GB?")))
	if err != nil {
		t.Fatal(err)
	}
	if got := done.GetUnderstanding().GetReply().GetRows()[0].GetValue(); !strings.HasPrefix(got, "16 GiB free of 32 GiB") {
		t.Errorf("got %q, want the 16 GiB that are left of 32", got)
	}
}
