package prover

import (
	"testing"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/builder/internal/fixture"
	"proviso.dev/services/builder/internal/review"
)

// TestContainersProven: containers and machines of one manifest are applied as planned, a second plan is empty, and
// destroying leaves nothing.
// Shows: T-3.3.5-302
func TestContainersProven(t *testing.T) {
	tools(t)
	tests := map[string]struct {
		reason   string
		snapshot func(*pve.Snapshot)
		plan     func() *provisov1.StrategicPlan
	}{
		"Mixed": {
			reason: "Two alike containers with addresses, tags and a pool of the plan's own, beside one machine.",
			plan: func() *provisov1.StrategicPlan {
				one, two := fixture.Container("dns-1", 301), fixture.Container("dns-2", 302)
				two.Node = "pmox03"
				for _, ct := range []*provisov1.PlannedContainer{one, two} {
					ct.Pool, ct.Tags = "infra", []string{"dns", "prod"}
				}
				vm := fixture.VM("webserver", 125)
				vm.Pool = "infra"
				vm.Startup = &provisov1.Startup{Order: new(int32(2)), UpDelaySeconds: new(int32(30))}
				p := fixture.Mixed([]*provisov1.PlannedVM{vm}, one, two)
				p.Pools = []*provisov1.Pool{{Name: "infra", Comment: new("what everybody needs")}}
				return p
			},
		},
		"Everything": {
			reason: "Text of people, a VLAN, two devices, keys, DNS, nesting, start order, protection.",
			plan: func() *provisov1.StrategicPlan {
				ct := fixture.Container("ci-1", 310)
				ct.Description = "say \"hi\" to ${var.x} and %{if}\nsecond line \u05d0"
				ct.Nesting, ct.Protection, ct.SshKeys = true, true, []string{fixture.Key}
				ct.DnsServers, ct.SearchDomain = []string{"9.9.9.9", "1.1.1.1"}, "lab.local"
				ct.Nics = append(ct.Nics, &provisov1.PlannedNIC{Bridge: "vmbr0", Vlan: 30, Ipv4: "172.25.5.60/24", Model: "veth"})
				ct.Startup = &provisov1.Startup{Order: new(int32(0)), UpDelaySeconds: new(int32(15))}
				ct.SwapMib = 0
				return fixture.Mixed(nil, ct)
			},
		},
		"StoppedPrivilegedDHCP": {
			reason: "Nothing runs, nothing is asked of the network, and the template lies on the node's own storage.",
			plan: func() *provisov1.StrategicPlan {
				ct := fixture.Container("files", 320)
				ct.TemplateVolume, ct.OsType, ct.DiskStorage = fixture.LocalTemplate, "ubuntu", "local-lvm"
				ct.Started, ct.StartAtBoot, ct.Unprivileged, ct.Tags = false, false, false, nil
				ct.Nics[0].Ipv4, ct.Nics[0].Gateway = "dhcp", ""
				return fixture.Mixed(nil, ct)
			},
		},
		"RunningDHCP": {
			reason: "The address comes from a server that the twin does not have.",
			plan: func() *provisov1.StrategicPlan {
				ct := fixture.Container("cache", 325)
				ct.Nics[0].Ipv4, ct.Nics[0].Gateway = "dhcp", ""
				return fixture.Mixed(nil, ct)
			},
		},
		"UnderHA": {
			reason: "Alike containers are one resource over a map, each with its HA entry in a group of PVE 8.",
			plan: func() *provisov1.StrategicPlan {
				one, two := fixture.Container("dns-1", 331), fixture.Container("dns-2", 332)
				for _, ct := range []*provisov1.PlannedContainer{one, two} {
					ct.Ha, ct.HaGroup, ct.StartAtBoot = true, "mainHA", false
				}
				return fixture.Mixed(nil, one, two)
			},
		},
		"RuleOfNine": {
			reason: "On PVE 9 a container follows a node-affinity rule through a rule of its own.",
			snapshot: func(s *pve.Snapshot) {
				s.Version, s.HAGroups = "9.1.1", nil
				s.HARules = []pve.HARule{{Name: "prefer-3", Type: "node-affinity", Resources: []string{"vm:101"}, Nodes: map[string]int{"pmox03": 2, "pmox01": 0}}}
				s.HAServices = []pve.HAService{{SID: "vm:101", State: "started"}}
			},
			plan: func() *provisov1.StrategicPlan {
				ct := fixture.Container("ha9", 340)
				ct.Ha, ct.HaGroup, ct.Node = true, "prefer-3", "pmox03"
				p := fixture.Mixed(nil, ct)
				p.PlatformVersion = "9.1.1"
				return p
			},
		},
		"PoolAlone": {
			reason: "A pool is something to ask for without a guest.",
			plan: func() *provisov1.StrategicPlan {
				p := fixture.Mixed(nil)
				p.Pools = []*provisov1.Pool{{Name: "team-a", Comment: new("équipe A")}, {Name: "team-b"}}
				return p
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := fixture.Snapshot()
			if tc.snapshot != nil {
				tc.snapshot(s)
			}
			subject := refined(t, tc.plan(), s)
			for _, st := range prove(t, subject) {
				if st.Outcome != review.Passed {
					t.Errorf("%s\nstage %s %s", tc.reason, st.Name, st.Outcome)
				}
			}
			if t.Failed() {
				for _, f := range subject.Files {
					if f.Path == "main.tf" {
						t.Log(f.Content)
					}
				}
			}
		})
	}
}
