package pve

import (
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// A following is a follower of a stub whose answers and clock a test changes as it goes.
type following struct {
	*Follower
	stub *stub
	mu   sync.Mutex
	at   time.Time
}

func follow(t *testing.T, answers map[string]http.HandlerFunc) *following {
	t.Helper()
	if answers["/cluster/tasks"] == nil {
		answers["/cluster/tasks"] = data(`[]`)
	}
	f := &following{stub: newStub(t, answers), at: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	r := f.stub.reader(t, func(c *Config) { c.Cluster = "lab" })
	r.now = func() time.Time {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.at
	}
	f.Follower = NewFollower(r, FollowerConfig{})
	return f
}

func (f *following) pass(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = f.at.Add(d)
}

// refresh returns the snapshot and what was asked for it, sorted.
func (f *following) refresh(t *testing.T) (*Snapshot, []string) {
	t.Helper()
	before := len(f.stub.requests())
	s, err := f.Refresh(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	asked := f.stub.requests()[before:]
	slices.Sort(asked)
	return s, asked
}

// fourRequests are what a refresh sends when nothing hints at a change.
var fourRequests = []string{"GET /cluster/ha/status/current", "GET /cluster/resources", "GET /cluster/status", "GET /cluster/tasks"}

func TestRefreshOfWhatDidNotChange(t *testing.T) {
	f := follow(t, cluster("8.4.1"))
	first, _ := f.refresh(t)
	if diff := cmp.Diff(wantCluster(), first, cmpopts.IgnoreFields(Snapshot{}, "TakenAt", "Sections")); diff != "" {
		t.Errorf("the first reading is a whole one: -want, +got:\n%s", diff)
	}
	f.pass(time.Minute)
	second, asked := f.refresh(t)
	if diff := cmp.Diff(fourRequests, asked); diff != "" {
		t.Errorf("requests: -want, +got:\n%s", diff)
	}
	if diff := cmp.Diff(first, second, cmpopts.IgnoreFields(Snapshot{}, "TakenAt", "Sections")); diff != "" {
		t.Errorf("-first, +second:\n%s", diff)
	}
	if &first.Volumes[0] != &second.Volumes[0] || &first.Bridges[0] != &second.Bridges[0] {
		t.Error("sections that were not read again are not shared")
	}
	if got := second.TakenAt.Sub(first.TakenAt); got != time.Minute {
		t.Errorf("the second snapshot is %v younger, want a minute", got)
	}
	for _, tc := range []struct {
		section string
		age     time.Duration
	}{{"guests", 0}, {"ha", 0}, {"networks", time.Minute}, {"volumes", time.Minute}, {"access", time.Minute}} {
		section, ok := second.Section(tc.section)
		if got := second.TakenAt.Sub(section.ReadAt); !ok || got != tc.age {
			t.Errorf("section %s was read %v before, want %v", tc.section, got, tc.age)
		}
	}
}
