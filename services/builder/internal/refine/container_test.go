package refine

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/builder/internal/fixture"
	"proviso.dev/services/builder/internal/review"
)

// TestGoodContainersAreAccepted: whatever a plan may decide about containers, its manifest passes its own review. A good
// manifest that is refused is a request that nobody gets.
func TestGoodContainersAreAccepted(t *testing.T) {
	v, err := review.New(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	s := fixture.Snapshot()
	cluster := review.Index(s)
	rapid.Check(t, func(t *rapid.T) {
		var cts []*provisov1.PlannedContainer
		for i := range rapid.IntRange(1, 5).Draw(t, "containers") {
			cts = append(cts, drawn(t, i))
		}
		plan := fixture.Mixed(fixture.Group("web", rapid.IntRange(0, 2).Draw(t, "machines"), 200), cts...)
		plan.Pools = []*provisov1.Pool{{Name: "infra"}}
		loop := New(v, plan, s, cluster)
		if end := loop.Run(); end != Satisfied {
			for _, f := range loop.Result.Open() {
				t.Errorf("%s %s: %s", f.Rule, f.Where(), f.Message("en"))
			}
			t.Fatalf("refinement of %v ended %q", plan.GetContainers(), end)
		}
	})
}

// drawn is a container as an analyser may plan it on the laboratory.
func drawn(t *rapid.T, i int) *provisov1.PlannedContainer {
	flag := func(name string) bool { return rapid.Bool().Draw(t, name) }
	ct := fixture.Container(fmt.Sprintf("ct-%d", i), int32(300+i))
	ct.Node = rapid.SampledFrom([]string{"pmox01", "pmox02", "pmox03"}).Draw(t, "node")
	ct.Cores = rapid.Int32Range(1, 20).Draw(t, "cores")
	ct.MemoryMib, ct.SwapMib = rapid.Int32Range(16, 1024).Draw(t, "memory"), rapid.Int32Range(0, 4096).Draw(t, "swap")
	ct.DiskGib = rapid.Int32Range(1, 40).Draw(t, "disk")
	ct.OsType = rapid.SampledFrom([]string{"debian", "ubuntu", "alpine", "unmanaged"}).Draw(t, "os")
	ct.Tags = rapid.SampledFrom([][]string{nil, {"a"}, {"a", "b"}, {"B", "a", "b"}}).Draw(t, "tags")
	ct.Pool = rapid.SampledFrom([]string{"", "infra", "Backup-vms-pool"}).Draw(t, "pool")
	ct.Description = rapid.SampledFrom([]string{"", "x", "two\nlines", "${var.x} %{if}"}).Draw(t, "description")
	ct.Started, ct.Protection, ct.Unprivileged = flag("started"), flag("protection"), flag("unprivileged")
	ct.Nesting = ct.GetUnprivileged() && flag("nesting")
	if ct.Ha = flag("ha"); ct.GetHa() {
		ct.HaGroup, ct.StartAtBoot = rapid.SampledFrom([]string{"", "mainHA"}).Draw(t, "group"), false
	}
	if flag("dhcp") {
		ct.Nics[0].Ipv4, ct.Nics[0].Gateway = "dhcp", ""
	}
	if flag("second device") {
		ct.Nics = append(ct.Nics, &provisov1.PlannedNIC{Bridge: "vmbr0", Vlan: rapid.Int32Range(0, 4094).Draw(t, "vlan"), Ipv4: "dhcp", Model: "veth"})
	}
	if flag("keys") {
		ct.SshKeys = []string{fixture.Key}
	}
	if flag("dns") {
		ct.DnsServers, ct.SearchDomain = []string{"9.9.9.9"}, "lab.local"
	}
	if flag("startup") {
		ct.Startup = &provisov1.Startup{Order: new(rapid.Int32Range(0, 9999).Draw(t, "order"))}
	}
	if flag("up delay") {
		ct.Startup = &provisov1.Startup{UpDelaySeconds: new(rapid.Int32Range(0, 3600).Draw(t, "delay"))}
	}
	return ct
}
