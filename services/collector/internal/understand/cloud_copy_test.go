package understand

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// Of an operating system that lies there as a cloud image and, copied, among the ISO images, the cloud image is taken, and the reason is
// told. Which of several different images is meant is asked.
func TestCloudImageBeforeItsCopy(t *testing.T) {
	const noble = "cephfs:import/noble-server-cloudimg-amd64.qcow2"
	iso := func(name string) pve.Volume {
		return pve.Volume{ID: "local:iso/" + name, Storage: "local", Node: "pmox01", Content: "iso", Format: "iso", SizeBytes: 600 << 20}
	}
	imported := func(name string) pve.Volume {
		return pve.Volume{ID: "cephfs:import/" + name, Storage: "cephfs", Node: "pmox01", Content: "import", Format: "qcow2", SizeBytes: 600 << 20}
	}
	tests := map[string]struct {
		add  []pve.Volume
		want string
	}{
		"Alone":      {nil, "name=docs01 src=" + noble},
		"Copy":       {[]pve.Volume{iso("noble-server-cloudimg-amd64.img")}, "name=docs01 src=" + noble},
		"OtherImage": {[]pve.Volume{imported("ubuntu-24.04-minimal.qcow2")}, "name=docs01 ?vm1.source"},
		"Installer":  {[]pve.Volume{iso("ubuntu-24.04-live-server-amd64.iso")}, "name=docs01 ?vm1.source"},
	}
	r := New(proxmox())
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			snap := lab()
			snap.Volumes = append(snap.Volumes, tc.add...)
			for _, text := range []string{"deploy an Ubuntu 24.04 VM named docs01", "déploie une VM Ubuntu 24.04 nommée docs01"} {
				u := r.Understand(Request{ID: "r", Text: text}, snap)
				if diff := cmp.Diff(tc.want, summary(u)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", text, diff)
				}
				if name != "Copy" {
					continue
				}
				told := slices.ContainsFunc(u.GetIntent().GetFacts(), func(f *provisov1.Fact) bool {
					return f.GetPath() == "virtual_machines[0].source" && f.GetOrigin() == "derived" && strings.Contains(f.GetReason(), "cephfs")
				})
				if !told {
					t.Errorf("%s: no derived source with its reason in %v", text, u.GetIntent().GetFacts())
				}
			}
		})
	}
}
