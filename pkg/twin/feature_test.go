package twin

import (
	"net/http"
	"strings"
	"testing"
)

// Features of containers are root@pam's own, but for nesting: a manifest that passes on the twin with a token must pass on a
// cluster with one.
func TestContainerFeatures(t *testing.T) {
	const form = "hostname=ct&ostemplate=cephfs:vztmpl/ubuntu-24.04-standard_24.04-2_amd64.tar.zst&storage=local-lvm&rootfs=local-lvm:4&vmid="
	tests := map[string]struct {
		reason string
		make   string // of container 300, beside the rest
		change string // of it afterwards; empty: none
		text   string // of the refusal of the last call; empty: none
	}{
		"Nesting":           {reason: "a token may", make: "unprivileged=1&features=nesting=1"},
		"Keyctl":            {reason: "a token may not", make: "unprivileged=1&features=nesting=1,keyctl=1", text: "(except nesting) is only allowed for root@pam"},
		"PrivilegedNesting": {reason: "nor may it here", make: "unprivileged=0&features=nesting=1", text: "for privileged container is only allowed for root@pam"},
		"PrivilegedNothing": {reason: "what is off stays off", make: "unprivileged=0&features=nesting=0"},
		"Later":             {reason: "changing is as making", make: "unprivileged=1", change: "features=fuse=1", text: "(except nesting)"},
		"LaterNesting":      {reason: "nesting may come later", make: "unprivileged=1", change: "features=nesting=1"},
		"Unchanged":         {reason: "what is there may be written again", make: "unprivileged=1&features=nesting=1", change: "features=nesting=1&memory=768"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := newLab(t, Options{})
			got := c.do("POST /nodes/pmox01/lxc", form+"300&"+tc.make)
			if tc.change != "" {
				got = c.do("PUT /nodes/pmox01/lxc/300/config", tc.change)
			}
			want := http.StatusOK
			if tc.text != "" {
				want = http.StatusForbidden
			}
			if got.Status != want || !strings.Contains(got.Message, tc.text) {
				t.Errorf("%s: got %d %q, want %d %q", tc.reason, got.Status, got.Message, want, tc.text)
			}
		})
	}
}

// Root disks of containers need a storage for them: the task does not end well, and nothing is left.
func TestContainerRootDisk(t *testing.T) {
	c := newLab(t, Options{})
	before := string(c.cluster.Dump())
	end := c.task("POST /nodes/pmox01/lxc", "vmid=300&hostname=ct&ostemplate=cephfs:vztmpl/ubuntu-24.04-standard_24.04-2_amd64.tar.zst&rootfs=cephfs:4")
	if end == "OK" {
		t.Errorf("a root disk on cephfs, which takes none, ended %q", end)
	}
	if after := string(c.cluster.Dump()); after != before {
		t.Error("a container that could not be made left something behind")
	}
}
