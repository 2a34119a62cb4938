package twin

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTaskTakesItsTime(t *testing.T) {
	clock := newClock()
	c := newLab(t, Options{Now: clock.now, TaskTime: func(kind string) time.Duration {
		if kind == "qmclone" {
			return 30 * time.Second
		}
		return 0
	}})
	var upid string
	c.must("POST /nodes/pmox01/qemu/100/clone", "newid=130&full=1", &upid)
	if got := c.exit(upid); got != "running" {
		t.Fatalf("at once: got %q, want running", got)
	}
	var status map[string]any
	c.must("GET /nodes/pmox01/qemu/130/status/current", "", &status)
	if status["lock"] != "clone" {
		t.Errorf("lock while cloning: got %v, want clone", status["lock"])
	}
	if got := c.do("PUT /nodes/pmox01/qemu/130/config", "cores=1"); got.Status != 500 || got.Message != "VM is locked (clone)\n" {
		t.Errorf("change while cloning: got %d %q, want VM is locked (clone)", got.Status, got.Message)
	}
	clock.advance(29 * time.Second)
	if got := c.exit(upid); got != "running" {
		t.Errorf("after 29 s: got %q, want running", got)
	}
	clock.advance(time.Second)
	if got := c.exit(upid); got != "OK" {
		t.Errorf("after 30 s: got %q, want OK", got)
	}
	status = nil
	c.must("GET /nodes/pmox01/qemu/130/status/current", "", &status)
	if status["lock"] != nil {
		t.Errorf("lock after the clone: got %v, want none", status["lock"])
	}
	if got := c.config("/nodes/pmox01/qemu/130")["scsi0"]; got != "pmoxpool01:vm-130-disk-0,size=32G" {
		t.Errorf("disk after the clone: got %v", got)
	}
}

func TestTaskFailsAndLeavesNothing(t *testing.T) {
	c := newLab(t, Options{})
	before := string(c.cluster.Dump())
	c.cluster.FailTask("qmclone", "clone failed: cfs-lock 'storage-pmoxpool01' error: got lock request timeout", 1)
	var upid string
	c.must("POST /nodes/pmox01/qemu/100/clone", "newid=130&full=1", &upid)
	if got, want := c.exit(upid), "clone failed: cfs-lock 'storage-pmoxpool01' error: got lock request timeout"; got != want {
		t.Errorf("exit: got %q, want %q", got, want)
	}
	if diff := cmp.Diff(before, string(c.cluster.Dump())); diff != "" {
		t.Errorf("a failed clone left something (-before +after):\n%s", diff)
	}
	if got := c.task("POST /nodes/pmox01/qemu/100/clone", "newid=130&full=1"); got != "OK" {
		t.Errorf("second attempt: got %q, want OK", got)
	}
}

func TestTaskWarnings(t *testing.T) {
	c := newLab(t, Options{})
	c.cluster.WarnTask("qmstart", 2, 0)
	c.must("POST /nodes/pmox01/qemu/100/clone", "newid=130&full=1", nil)
	var upid string
	c.must("POST /nodes/pmox01/qemu/130/status/start", "", &upid)
	if got := c.exit(upid); got != "WARNINGS: 2" {
		t.Errorf("exit: got %q, want WARNINGS: 2", got)
	}
	var lines []struct {
		N int
		T string
	}
	c.must("GET /nodes/pmox01/tasks/"+upid+"/log", "", &lines)
	if len(lines) != 3 || lines[0].N != 1 || lines[0].T != "WARN: warning 1 of the twin" {
		t.Errorf("log: got %v, want two warnings and an end", lines)
	}
}

func TestTaskLog(t *testing.T) {
	c := newLab(t, Options{})
	for range maxTasks + 10 {
		c.must("PUT /cluster/sdn", "", nil)
	}
	if got := len(c.cluster.tasks.all); got > maxTasks || got != len(c.cluster.tasks.order) {
		t.Errorf("log holds %d and %d tasks, want at most %d", got, len(c.cluster.tasks.order), maxTasks)
	}
}

// A managed guest is started and stopped by wishes.
func TestHAManagedPower(t *testing.T) {
	c := newLab(t, Options{})
	var upid string
	c.must("POST /nodes/pmox03/qemu/123/status/shutdown", "", &upid)
	if got, want := upid[28:], "hastop:123:root@pam!twin:"; len(got) < len(want) || got[len(got)-len(want):] != want {
		t.Errorf("task: got %q, want one of type hastop", upid)
	}
	var entry map[string]any
	c.must("GET /cluster/ha/resources/vm:123", "", &entry)
	if entry["state"] != "stopped" {
		t.Errorf("wish: got %v, want stopped", entry["state"])
	}
	for _, key := range []string{"max_restart", "max_relocate", "comment", "failback"} {
		if _, ok := entry[key]; ok {
			t.Errorf("%s was never set, but is shown", key)
		}
	}
	if got := c.task("POST /nodes/pmox03/qemu/123/migrate", "target=pmox02"); got != "OK" {
		t.Errorf("migrate: got %q", got)
	}
	var status map[string]any
	c.must("GET /nodes/pmox03/qemu/123/status/current", "", &status) // a stopped service stays where it is
	if status["status"] != "stopped" {
		t.Errorf("status: got %v, want stopped", status["status"])
	}
}
