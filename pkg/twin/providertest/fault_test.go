package providertest

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
)

// What goes wrong on the twin goes wrong for the provider as it would on a real cluster.
func TestFaultsReachTheProvider(t *testing.T) {
	tests := map[string]struct {
		reason   string
		cause    func(*twin.Cluster)
		manifest string
		fails    bool
		holds    string
	}{
		"LateTask":   {reason: "a task that is not there yet is asked for again", cause: func(c *twin.Cluster) { c.LateTasks(1) }, manifest: plainClone, holds: "1 added"},
		"Warnings":   {reason: "a start with warnings is a start", cause: func(c *twin.Cluster) { c.WarnTask("qmstart", 1, 0) }, manifest: plainClone, holds: "warning 1 of the twin"},
		"PhraseOnly": {reason: "older releases tell errors in the phrase only", cause: (*twin.Cluster).PhraseOnly, manifest: cloneVM, holds: "1 added"},
		"BodyOnly":   {reason: "some proxies rewrite the phrase", cause: (*twin.Cluster).BodyOnly, manifest: cloneVM, holds: "1 added"},
		"SilentAgent": {reason: "a silent agent delays and warns, but does not fail", cause: func(c *twin.Cluster) {
			c.Inject(twin.Fault{Path: "*/agent/*", Status: 500, Phrase: "QEMU guest agent is not running"})
		}, manifest: change(cloneVM, `"30s"`, `"2s"`), holds: "1 added"},
		"FailedClone":  {reason: "the error of a task is told", cause: func(c *twin.Cluster) { c.FailTask("qmclone", "clone failed: no space left", 0) }, manifest: plainClone, fails: true, holds: "clone failed: no space left"},
		"UnknownNet":   {reason: "a bridge that no node has is found at the start", cause: func(*twin.Cluster) {}, manifest: change(cloneVM, `bridge = "mainvnet"`, `bridge = "vmbr7"`), fails: true, holds: "bridge 'vmbr7' does not exist"},
		"WrongStorage": {reason: "a storage that holds no disks", cause: func(*twin.Cluster) {}, manifest: change(cloneVM, "datastore_id = \"pmoxpool01\"\n    interface    = \"ide2\"", "datastore_id = \"cephfs\"\n    interface    = \"ide2\""), fails: true, holds: "does not support vm images"},
		"NoPool":       {reason: "a pool that is not there", cause: func(*twin.Cluster) {}, manifest: change(cloneVM, `"Backup-vms-pool"`, `"nowhere"`), fails: true, holds: "pool 'nowhere' does not exist"},
		"TakenID":      {reason: "an id that somebody has", cause: func(*twin.Cluster) {}, manifest: change(cloneVM, "vm_id     = 125", "vm_id     = 101"), fails: true, holds: "already exists"},
		"OfflineNode":  {reason: "a node that does not answer", cause: func(*twin.Cluster) {}, manifest: change(plainClone, `node_name = "pmox01"`, `node_name = "pmox04"`), fails: true, holds: "595"},
		"WeakToken": {reason: "a method that the token may not call", cause: func(c *twin.Cluster) {
			c.Inject(twin.Fault{Method: "POST", Path: "*/clone", Status: 403, Phrase: "Permission check failed (/vms/100, VM.Clone)"})
		}, manifest: plainClone, fails: true, holds: "VM.Clone"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, lab(t), twin.Options{})
			tc.cause(b.cluster)
			b.file("main.tf", tc.manifest)
			b.must("init", "-no-color")
			out, code := b.run("apply", "-auto-approve", "-no-color")
			if (code != 0) != tc.fails || !strings.Contains(out, tc.holds) {
				t.Errorf("%s: exit code %d, want failure %t and %q in the output:\n%s\nrequests:\n%s", tc.reason, code, tc.fails, tc.holds, out, b.lastRequests(15))
			}
		})
	}
}

// A person logs in with a password: the provider takes a ticket and the CSRF token with it.
func TestPassword(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab(t), twin.Options{})
	b.cluster.SetPassword("root@pam", "correct horse")
	for i, v := range b.env {
		if strings.HasPrefix(v, "PROXMOX_VE_API_TOKEN=") {
			b.env[i] = "PROXMOX_VE_USERNAME=root@pam"
		}
	}
	b.env = append(b.env, "PROXMOX_VE_PASSWORD=correct horse")
	b.must("init", "-no-color")
	b.apply(plainClone)
	b.must("destroy", "-auto-approve", "-no-color")
}

// With tasks that take their time nothing is different but the time.
func TestSlowTasks(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab(t), twin.Options{TaskTime: func(string) time.Duration { return 300 * time.Millisecond }})
	before := b.cluster.Dump()
	b.must("init", "-no-color")
	b.apply(cloneVM)
	b.must("destroy", "-auto-approve", "-no-color")
	if diff := cmp.Diff(string(before), string(b.cluster.Dump())); diff != "" {
		t.Errorf("the twin after destroy (-before +after):\n%s", diff)
	}
}

// The way of a proof: a cluster is read by the GET-only reader, its snapshot becomes a twin, and the manifest is applied to that.
//
// Shows: T-2.4.2-01
func TestTwinOfSnapshot(t *testing.T) {
	t.Parallel()
	original, err := twin.New(lab(t), twin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server, err := twin.Serve(t.Context(), original)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	reader, err := pve.NewReader(pve.Config{Endpoint: server.URL(), Token: server.TokenID() + "=" + server.TokenSecret(), CAPEM: server.CAPEM(), Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	untouched := original.Dump()
	snapshot, err := reader.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	b := newBench(t, twin.FromSnapshot(snapshot), twin.Options{})
	before := b.cluster.Dump()
	b.must("init", "-no-color")
	b.apply(haGroup)
	b.must("destroy", "-auto-approve", "-no-color")
	if diff := cmp.Diff(string(before), string(b.cluster.Dump())); diff != "" {
		t.Errorf("the twin after destroy (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(string(untouched), string(original.Dump())); diff != "" {
		t.Errorf("the original was changed:\n%s", diff)
	}
}

// The provider reads the list of all guests for each machine and refresh, so a large cluster must not be slow to answer.
func TestLargeCluster(t *testing.T) {
	t.Parallel()
	b := newBench(t, twin.Generated(32, 5000, 1), twin.Options{})
	before := b.cluster.Dump()
	b.must("init", "-no-color")
	began := time.Now()
	b.apply(`
resource "proxmox_virtual_environment_vm" "many" {
  count     = 20
  name      = "many-${count.index}"
  node_name = "node0${count.index % 9 + 1}"
  clone {
    vm_id     = 100
    node_name = "node01"
  }
}
`)
	b.must("destroy", "-auto-approve", "-no-color")
	took := time.Since(began)
	t.Logf("20 machines on 32 nodes with 5,000 guests: %v", took.Round(time.Millisecond))
	if took > time.Minute {
		t.Errorf("took %v, want less than a minute", took)
	}
	if diff := cmp.Diff(string(before), string(b.cluster.Dump())); diff != "" {
		t.Errorf("the twin after destroy (-before +after):\n%s", diff)
	}
}
