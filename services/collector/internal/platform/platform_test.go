package platform_test

import (
	"context"
	"strings"
	"testing"

	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/platform"
	"proviso.dev/services/collector/internal/understand"
)

// adapter is a platform's adapter for tests.
type adapter struct{ name string }

func (a adapter) Name() string { return a.name }
func (a adapter) Snapshot(context.Context) (*pve.Snapshot, error) {
	return &pve.Snapshot{Version: "1"}, nil
}

// A second platform is one row. With it, what was refused by name passes the check of the platform.
//
// Shows: T-3.3.5-05, T-C.2-03
func TestSecondPlatform(t *testing.T) {
	proxmox := platform.Row{Name: platform.Proxmox, Title: "Proxmox VE", Adapter: adapter{"pve"}}
	one := platform.New(proxmox)
	two := platform.New(proxmox, platform.Row{Name: "openstack", Title: "OpenStack", Adapter: adapter{"nova"}})
	const text = "three web servers on OpenStack"
	refused := understand.New(one).Understand(understand.Request{ID: "r", Text: text}, nil)
	if got := refused.GetRefusal(); got.GetCode() != "platform_unsupported" || !strings.Contains(got.GetMessage(), "OpenStack") || !strings.Contains(got.GetMessage(), "Proxmox VE") {
		t.Errorf("without the row: got %v", got)
	}
	served := understand.New(two).Understand(understand.Request{ID: "r", Text: text}, nil)
	if served.GetRefusal() != nil || served.GetChecks()[1].GetOutcome() != "valid" {
		t.Errorf("with the row: got %v, %v", served.GetRefusal(), served.GetChecks())
	}
	row, ok := two.Find("openstack")
	if !ok || row.Adapter.Name() != "nova" {
		t.Errorf("got %v, %t", row, ok)
	}
	if _, err := row.Adapter.Snapshot(t.Context()); err != nil {
		t.Error(err)
	}
	if got := strings.Join(two.Titles(), ", "); got != "Proxmox VE, OpenStack" {
		t.Errorf("supported: got %s", got)
	}
}
