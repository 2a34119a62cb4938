package pve

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestEncodeRoundTrip(t *testing.T) {
	want := wantCluster()
	want.TakenAt = time.Date(2026, 11, 21, 12, 0, 0, 5e6, time.UTC)
	want.arrange()
	data, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeSnapshot(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want, +got:\n%s", diff)
	}
	if bytes.Contains(data, []byte(":null")) {
		t.Errorf("an empty list is null: %s", data)
	}
}

// Two readings of an unchanged cluster must share an artefact, in whatever order the answers came.
func TestDigest(t *testing.T) {
	digest := func(s *Snapshot) string {
		t.Helper()
		d, err := s.Digest()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	want := digest(wantCluster())
	for seed := range uint64(20) {
		s := wantCluster()
		s.TakenAt = time.Unix(int64(seed), 0)
		rng := rand.New(rand.NewPCG(seed, 0))
		shuffle(rng, s.Nodes)
		shuffle(rng, s.Guests)
		shuffle(rng, s.Storages)
		shuffle(rng, s.Bridges)
		shuffle(rng, s.Volumes)
		shuffle(rng, s.Unknown)
		first := s.Nodes[0]
		if got := digest(s); got != want {
			t.Errorf("seed %d: another order or moment gives digest %s, want %s", seed, got, want)
		}
		if s.Nodes[0] != first || !s.TakenAt.Equal(time.Unix(int64(seed), 0)) {
			t.Errorf("seed %d: the digest changed the snapshot", seed)
		}
	}
	changed := wantCluster()
	changed.Guests[1].MemoryBytes++
	if digest(changed) == want {
		t.Error("another cluster has the same digest")
	}
}

func TestDecodeSnapshot(t *testing.T) {
	tests := map[string]struct {
		reason string
		data   string
		want   error
	}{
		"Empty":     {"Nothing is no snapshot.", ``, ErrSnapshot},
		"Object":    {"An empty object would read as an empty cluster.", `{}`, ErrSnapshot},
		"NoNodes":   {"A cluster has nodes.", `{"version":"8.4.1","nodes":[]}`, ErrSnapshot},
		"WrongType": {"Figures are numbers.", `{"version":"8.4.1","nodes":[{"name":"a","cpus":"4"}]}`, ErrSnapshot},
		"Trailing":  {"Two snapshots are none.", `{"version":"8.4.1","nodes":[{"name":"a"}]}{}`, ErrSnapshot},
		"Newer":     {"A newer release may add fields.", `{"version":"8.4.1","nodes":[{"name":"a","gpus":1}],"mappings":[]}`, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := DecodeSnapshot([]byte(tc.data))
			if !errors.Is(err, tc.want) || (got == nil) != (tc.want != nil) {
				t.Errorf("%s\ngot %v, %v; want error %v", tc.reason, got, err, tc.want)
			}
		})
	}
}

// The lookups search by halves: rows that came in another order must be found.
func TestDecodeSnapshotSorts(t *testing.T) {
	s, err := DecodeSnapshot([]byte(`{"version":"9.0.1","nodes":[{"name":"c"},{"name":"a"},{"name":"b"}],"guests":[{"vmid":300},{"vmid":100},{"vmid":200,"template":true}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "b", "c"} {
		if n, ok := s.Node(name); !ok || n.Name != name {
			t.Errorf("node %s is not found", name)
		}
	}
	for _, vmid := range []int{100, 200, 300} {
		if g, ok := s.Guest(vmid); !ok || g.VMID != vmid {
			t.Errorf("guest %d is not found", vmid)
		}
	}
	if ts := s.Templates(); len(ts) != 1 || ts[0].VMID != 200 {
		t.Errorf("the templates are %v, want 200", ts)
	}
	if got := s.Major(); got != 9 {
		t.Errorf("the major version is %d, want 9", got)
	}
}

func shuffle[T any](rng *rand.Rand, rows []T) {
	rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
}
