package pve

import "testing"

// The names of a cluster's things are no labels of metrics.
func TestPattern(t *testing.T) {
	for path, want := range map[string]string{
		"/cluster/resources":                             "/cluster/resources",
		"/nodes/pmox01/network":                          "/nodes/{node}/network",
		"/nodes/network/qemu/104/config":                 "/nodes/{node}/qemu/{id}/config",
		"/nodes/a/storage/local-lvm/content?content=iso": "/nodes/{node}/storage/{id}/content",
		"/cluster/sdn/vnets/web/subnets?running=1":       "/cluster/sdn/vnets/{id}/subnets",
		"/nodes/a/qemu/104/rrddata?timeframe=week":       "/nodes/{node}/qemu/{id}/rrddata",
	} {
		if got := pattern(path); got != want {
			t.Errorf("%s: want %s, got %s", path, want, got)
		}
	}
}
