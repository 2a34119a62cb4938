package pve

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
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
	f.Follower = NewFollower(r, FollowerConfig{BriefAge: time.Hour})
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

var (
	privileges = []string{"GET /access/permissions", "GET /version"}
	volumes    = []string{
		"GET /nodes/pmox01/storage/cephfs/content", "GET /nodes/pmox01/storage/cephfs/content", "GET /nodes/pmox01/storage/local/content",
	}
)

// everything stands for what the first reading asked for, but for the state and the privileges.
const everything = "everything"

// everythingOf is everything but what is asked of one node.
func everythingOf(node string) string { return everything + " but " + node }

func expand(want, first []string) []string {
	var out []string
	for _, w := range want {
		rest, all := strings.CutPrefix(w, everything)
		if !all {
			out = append(out, w)
			continue
		}
		node := strings.TrimPrefix(rest, " but ")
		for _, request := range first {
			if !slices.Contains(fourRequests, request) && !slices.Contains(privileges, request) && (node == "" || !strings.Contains(request, "/"+node+"/")) {
				out = append(out, request)
			}
		}
	}
	return out
}

// upid is a task as the list shows it; ended 0: it runs.
func upid(node, kind string, serial, ended int) string {
	row := fmt.Sprintf(`{"upid":"UPID:%s:%08X:0:0:%s::root@pam:","node":"%s","type":"%s","starttime":%d`, node, serial, kind, node, kind, serial)
	if ended > 0 {
		row += fmt.Sprintf(`,"endtime":%d,"status":"OK"`, ended)
	}
	return row + "}"
}

func taskRows(rows ...string) http.HandlerFunc { return data("[" + strings.Join(rows, ",") + "]") }

// What hints at a change is read again at once, and no more than that.
func TestRefreshReadsAnew(t *testing.T) {
	old := upid("pmox01", "qmstart", 1, 2)
	tests := map[string]struct {
		reason string
		before func(map[string]http.HandlerFunc) // the first reading; nil: one old task
		change func(map[string]http.HandlerFunc)
		pass   time.Duration
		want   []string // beside the four requests
	}{
		"Nothing":       {"A refresh costs four requests.", nil, nil, time.Minute, nil},
		"JustYoung":     {"Details may be as old as their bound.", nil, nil, 5*time.Minute - time.Millisecond, nil},
		"Bound":         {"At their bound details, bridges and privileges are read again.", nil, nil, 5 * time.Minute, append([]string{everything}, privileges...)},
		"GuestStarted":  {"A guest's task changes no detail.", nil, tasksAre(old, upid("pmox01", "qmstart", 3, 4)), 0, nil},
		"Download":      {"A download changes what storages hold.", nil, tasksAre(old, upid("pmox01", "download", 3, 4)), 0, volumes},
		"DownloadRuns":  {"It may be seen while it runs.", nil, tasksAre(old, upid("pmox01", "download", 3, 0)), 0, volumes},
		"DownloadRan":   {"What ran at the last reading and runs still changes nothing new.", tasksAre(old, upid("pmox01", "imgcopy", 3, 0)), nil, 0, nil},
		"DownloadEnded": {"Its end changes what it began.", tasksAre(old, upid("pmox01", "imgcopy", 3, 0)), tasksAre(old, upid("pmox01", "imgcopy", 3, 9)), 0, volumes},
		"DownloadGone":  {"It ended and left the list.", tasksAre(old, upid("pmox01", "imgcopy", 3, 0)), tasksAre(old), 0, volumes},
		"NetworkReload": {"A reload changes the bridges of a node and what SDN has applied.", nil, tasksAre(old, upid("pmox01", "srvreload", 3, 4)), 0,
			[]string{"GET /cluster/sdn/vnets", "GET /cluster/sdn/vnets/web/subnets", "GET /cluster/sdn/zones", "GET /nodes/pmox01/network", "GET /nodes/pmox02/network"}},
		"Unheard":   {"A type of task that nobody described may change anything.", nil, tasksAre(old, upid("pmox01", "frobnicate", 3, 4)), 0, []string{everything}},
		"Displaced": {"Where no task of a node is left of the last list, others may have come and gone.", nil, tasksAre(upid("pmox01", "qmstart", 99, 100)), 0, []string{everything}},
		"NoTasks":   {"Without the list nobody knows what changed.", nil, answer("/cluster/tasks", refuse(403, "x", "")), 0, []string{everything}},
		"NodeLeft": {"A node that went takes its details with it; nothing is asked of it.", nil,
			rewriteStatus(`"name":"pmox02","online":1`, `"name":"pmox02","online":0`), 0,
			[]string{everythingOf("pmox02")}},
		"PoolCame": {"A pool whose comment nobody read.", nil, rewriteRows(`{"id":"/pool/prod"`, `{"id":"/pool/test","type":"pool","pool":"test"},{"id":"/pool/prod"`), 0, []string{"GET /pools"}},
		"TemplateCame": {"A template whose configuration nobody read.", nil, rewriteRows(`"node":"pmox01","status":"running","name":"web"`, `"node":"pmox01","status":"running","template":1,"name":"web"`), 0,
			[]string{"GET /nodes/pmox01/qemu/101/config", "GET /nodes/pmox02/qemu/100/config"}},
		"StorageLeft": {"A shared storage is read through another node.", nil,
			rewriteRows(`"storage":"cephfs","node":"pmox01","plugintype":"cephfs","status":"available"`, `"storage":"cephfs","node":"pmox01","plugintype":"cephfs","status":"unknown"`), 0,
			[]string{"GET /nodes/pmox01/storage/local/content", "GET /nodes/pmox02/storage/cephfs/content", "GET /nodes/pmox02/storage/cephfs/content"}},
		"GuestGone": {"What vanished may be hidden: the privileges are read before that is believed.", nil, rewriteRows(`"type":"lxc","vmid":103`, `"type":"other","vmid":103`), 0,
			append([]string{"GET /cluster/backup", "GET /cluster/backup-info/not-backed-up"}, privileges...)},
		"FiguresGone": {"A node without figures is what a token without Sys.Audit sees.", nil, rewriteRows(`"node":"pmox01","status":"online","maxcpu":8`, `"node":"pmox01","status":"online","x":8`), 0, privileges},
		"GuestMoved":  {"A guest that moved is in the list of resources.", nil, rewriteRows(`"type":"qemu","vmid":101,"node":"pmox01"`, `"type":"qemu","vmid":101,"node":"pmox02"`), 0, nil},
		"ServiceCame": {"What is asked of a service stands in the details.", nil, rewriteRows(`"name":"dns"`, `"name":"dns","hastate":"started"`), 0, []string{"GET /cluster/ha/groups", "GET /cluster/ha/resources"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			answers := cluster("8.4.1")
			answers["/cluster/tasks"] = taskRows(old)
			answers["/nodes/pmox01/qemu/101/config"] = data(`{"cores":1}`)
			for _, query := range []string{"?content=import", "?content=iso"} {
				answers["/nodes/pmox02/storage/cephfs/content"+query] = answers["/nodes/pmox01/storage/cephfs/content"+query]
			}
			if tc.before != nil {
				tc.before(answers)
			}
			f := follow(t, answers)
			_, first := f.refresh(t)
			f.pass(tc.pass)
			if tc.change != nil {
				f.stub.change(tc.change)
			}
			got, asked := f.refresh(t)
			want := append(slices.Clone(fourRequests), expand(tc.want, first)...)
			slices.Sort(want)
			if diff := cmp.Diff(want, asked); diff != "" {
				t.Errorf("%s\nrequests: -want, +got:\n%s", tc.reason, diff)
			}
			fresh, err := f.Reader.Snapshot(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(fresh, got, cmpopts.IgnoreFields(Snapshot{}, "TakenAt", "Sections")); diff != "" {
				t.Errorf("%s\n-whole reading, +refresh:\n%s", tc.reason, diff)
			}
		})
	}
}

func tasksAre(rows ...string) func(map[string]http.HandlerFunc) {
	return answer("/cluster/tasks", taskRows(rows...))
}

func answer(path string, h http.HandlerFunc) func(map[string]http.HandlerFunc) {
	return func(a map[string]http.HandlerFunc) { a[path] = h }
}

func rewriteRows(old, replacement string) func(map[string]http.HandlerFunc) {
	return func(a map[string]http.HandlerFunc) {
		a["/cluster/resources"] = rewritten(a["/cluster/resources"], old, replacement)
	}
}

func rewriteStatus(old, replacement string) func(map[string]http.HandlerFunc) {
	return func(a map[string]http.HandlerFunc) {
		a["/cluster/status"] = rewritten(a["/cluster/status"], old, replacement)
	}
}

// What cannot be read now is named, and what was read before is not shown in its place.
func TestRefreshShowsNothingOlder(t *testing.T) {
	f := follow(t, cluster("8.4.1"))
	first, _ := f.refresh(t)
	if len(first.VNets) == 0 {
		t.Fatal("the first reading has no vnet: the test shows nothing")
	}
	f.pass(5 * time.Minute)
	vnets := f.stub.answers["/cluster/sdn/vnets?running=1"]
	f.stub.change(answer("/cluster/sdn/vnets?running=1", refuse(http.StatusForbidden, "Permission check failed", "")))
	second, _ := f.refresh(t)
	section, _ := second.Section("sdn")
	if len(second.VNets) != 0 || section.Complete || !slices.Contains(second.Unknown, UnknownRef{What: "SDN", Reason: reasonDenied}) {
		t.Errorf("got vnets %v, section %+v, unknown %v; want none, incomplete, and SDN named", second.VNets, section, second.Unknown)
	}
	if len(first.VNets) == 0 || len(first.Unknown) >= len(second.Unknown) {
		t.Error("the first snapshot changed")
	}
	f.stub.change(answer("/cluster/sdn/vnets?running=1", vnets))
	f.pass(retryAfter - time.Millisecond)
	if third, asked := f.refresh(t); len(asked) != len(fourRequests) || len(third.VNets) != 0 {
		t.Errorf("what failed was asked again before its time: %v", asked)
	}
	f.pass(time.Millisecond)
	if fourth, asked := f.refresh(t); len(asked) != len(fourRequests)+3 || len(fourth.VNets) != 1 {
		t.Errorf("got %v, %d vnets; want SDN alone to be read again", asked, len(fourth.VNets))
	}
}

// A refresh that cannot read the state fails; there is no older snapshot in its place, and the next one is a refresh again.
func TestRefreshFails(t *testing.T) {
	fails := map[string]struct {
		reason string
		path   string
		answer http.HandlerFunc
		pass   time.Duration
		want   error
	}{
		"Resources":   {"Without the list there is no state.", "/cluster/resources", refuse(http.StatusForbidden, "x", ""), 0, ErrDenied},
		"Null":        {"Null is no empty cluster.", "/cluster/resources", data(`null`), 0, ErrAnswer},
		"Truncated":   {"Half a list is none.", "/cluster/resources", breakOff, 0, ErrUnreachable},
		"Revoked":     {"A token that is not accepted any more.", "/cluster/status", refuse(http.StatusUnauthorized, "x", ""), 0, ErrCredentials},
		"RevokedLate": {"The same while details are read.", "/pools", refuse(http.StatusUnauthorized, "x", ""), 5 * time.Minute, ErrCredentials},
		"Weakened":    {"Lists would be short from now on.", "/access/permissions", data(`{"/":{"VM.Audit":1}}`), 5 * time.Minute, ErrIncompleteAccess},
	}
	for name, tc := range fails {
		t.Run(name, func(t *testing.T) {
			f := follow(t, cluster("8.4.1"))
			f.refresh(t)
			f.pass(tc.pass)
			before := f.stub.answers[tc.path]
			f.stub.change(answer(tc.path, tc.answer))
			if tc.path == "/cluster/status" {
				f.stub.change(answer("/cluster/ha/status/current", tc.answer))
			}
			if s, err := f.Refresh(t.Context()); s != nil || !errors.Is(err, tc.want) {
				t.Errorf("%s\ngot a snapshot: %t, error %v; want %v", tc.reason, s != nil, err, tc.want)
			}
			f.stub.change(answer(tc.path, before))
			f.stub.change(answer("/cluster/ha/status/current", data(`[]`)))
			f.refresh(t)
		})
	}
}

// A token that lost privileges is shown shorter lists: that must not read as guests that are gone.
func TestRefreshSeesALostPrivilege(t *testing.T) {
	f := follow(t, cluster("8.4.1"))
	f.refresh(t)
	f.stub.change(rewriteRows(`"type":"qemu"`, `"type":"hidden"`))
	f.stub.change(answer("/access/permissions", data(`{"/":{"Sys.Audit":1,"SDN.Audit":1,"Pool.Audit":1,"Datastore.Audit":1}}`)))
	if s, err := f.Refresh(t.Context()); s != nil || !errors.Is(err, ErrIncompleteAccess) {
		t.Errorf("got a snapshot: %t, error %v; want %v", s != nil, err, ErrIncompleteAccess)
	}
}

// An upgrade changes what is asked for: rules in place of groups.
func TestRefreshAfterAnUpgrade(t *testing.T) {
	f := follow(t, cluster("8.4.1"))
	f.refresh(t)
	f.stub.change(func(a map[string]http.HandlerFunc) {
		maps.Copy(a, cluster("9.1.2"))
		rewriteRows(`"type":"lxc","vmid":103`, `"type":"other","vmid":103`)(a) // something went, so that the version is read
	})
	got, _ := f.refresh(t)
	if got.Version != "9.1.2" || len(got.HAGroups) != 0 || len(got.HARules) != 2 {
		t.Errorf("got version %s, %d groups, %d rules; want 9.1.2, none, 2", got.Version, len(got.HAGroups), len(got.HARules))
	}
}

// A snapshot that was handed out never changes, whatever the follower reads later.
func TestSnapshotsOfAFollowerDoNotChange(t *testing.T) {
	f := follow(t, cluster("8.4.1"))
	first, _ := f.refresh(t)
	want, err := first.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		f.pass(2 * time.Minute)
		f.stub.change(rewriteRows(`"uptime":60`, fmt.Sprintf(`"uptime":%d`, 100+i)))
		f.stub.change(answer("/pools", data(fmt.Sprintf(`[{"poolid":"prod","comment":"%d"}]`, i))))
		f.stub.change(answer("/cluster/ha/status/current", data(fmt.Sprintf(`[{"type":"service","sid":"vm:101","state":"s%d"}]`, i))))
		f.refresh(t)
	}
	got, err := first.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("-when it was read, +later:\n%s", diff)
	}
}

// Whoever waits for a reading that hangs is let go when its own time is up.
func TestRefreshWaitsForItsTurn(t *testing.T) {
	f := follow(t, cluster("8.4.1"))
	f.turn <- struct{}{} // somebody reads
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Refresh(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
	<-f.turn
	f.refresh(t)
}

func TestLastReading(t *testing.T) {
	f := follow(t, cluster("8.4.1"))
	if got := f.LastReading(); !got.Began.IsZero() {
		t.Errorf("before the first reading: %+v", got)
	}
	_, asked := f.refresh(t)
	first := f.LastReading()
	if first.Requests != len(asked) || first.Rows != 16 || first.Bytes == 0 || !slices.Contains(first.Sections, "volumes") {
		t.Errorf("got %+v, want %d requests and 16 rows", first, len(asked))
	}
	f.stub.change(rewriteRows(`"uptime":60`, `"uptime":61`))
	f.refresh(t)
	if got := f.LastReading(); got.Requests != 4 || got.Rows != 1 || len(got.Sections) != 0 || got.Bytes >= first.Bytes {
		t.Errorf("got %+v, want four requests and one row", got)
	}
}

// What changes without leaving a task, and what a plan goes wrong by, is not believed for minutes.
func TestBriefSections(t *testing.T) {
	f := follow(t, cluster("8.4.1"))
	f.briefAge = defaultBriefAge
	f.refresh(t)
	f.pass(29 * time.Second)
	if _, asked := f.refresh(t); len(asked) != 4 {
		t.Errorf("within their bound nothing is read anew, got %v", asked)
	}
	f.pass(2 * time.Second)
	f.refresh(t)
	if got := f.LastReading().Sections; !slices.Equal(got, []string{"ha_rules", "ceph"}) {
		t.Errorf("after half a minute: got %v, want HA rules and Ceph", got)
	}
}
