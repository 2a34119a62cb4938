package prover

import (
	"context"
	"fmt"
	"testing"
	"time"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
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

// TestKeysComeLater: root's keys are written once, when the container is made. Somebody who fills the variable afterwards must
// not have the container replaced.
func TestKeysComeLater(t *testing.T) {
	found := tools(t)
	s := refined(t, fixture.Mixed(nil, fixture.Container("dns", 301)), fixture.Snapshot())
	cluster, err := newTwin(s)
	if err != nil {
		t.Fatal(err)
	}
	server, err := twin.Serve(t.Context(), cluster)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	box, err := newSandbox(found, s.Files, server.URL(), server.TokenID()+"="+server.TokenSecret(), server.CAPEM())
	if err != nil {
		t.Fatal(err)
	}
	defer box.remove()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	steps := [][]string{
		{"init", "-input=false", "-no-color"},
		{"apply", "-json", "-no-color", "-input=false", "-lock=false", "-auto-approve"},
		{"plan", "-json", "-no-color", "-input=false", "-lock=false", "-detailed-exitcode", `-var=ssh_public_keys=["` + fixture.Key + `"]`},
	}
	for _, args := range steps {
		out, err := box.run(ctx, args...)
		if err != nil {
			t.Fatal(err)
		}
		if out.code != 0 {
			t.Errorf("%s ended with %d; want 0: %s", args[0], out.code, out.stdout)
		}
	}
}

// TestContainerDiffers: what the twin has of a container and of a pool is compared, not only whether they are there.
func TestContainerDiffers(t *testing.T) {
	tools(t)
	ct := fixture.Container("dns", 301)
	ct.Pool, ct.Startup = "infra", &provisov1.Startup{Order: new(int32(2))}
	ct.Nics[0].Vlan = 30
	plan := fixture.Mixed(nil, ct)
	plan.Pools = []*provisov1.Pool{{Name: "infra", Comment: new("for all")}}
	good := refined(t, plan, fixture.Snapshot())
	// Every value that can differ without the apply failing is wrong at once; each is named.
	edits := map[string][2]string{
		"cores":          {"cores = 1", "cores = 2"},
		"memory":         {"dedicated = 512", "dedicated = 768"},
		"swap":           {"swap      = 512", "swap      = 0"},
		"rootfs.size":    {"size         = 8", "size         = 9"},
		"rootfs.storage": {"datastore_id = \"pmoxpool01\"", "datastore_id = \"local-lvm\""},
		"hostname":       {"hostname = \"dns\"", "hostname = \"dns2\""},
		"net0.ip":        {"192.168.20.52/16", "192.168.20.53/16"},
		"net0.gw":        {"gateway = \"192.168.0.1\"", "gateway = \"192.168.0.2\""},
		"net0.tag":       {"vlan_id = 30", "vlan_id = 31"},
		"net0.bridge":    {"bridge  = \"mainvnet\"", "bridge  = \"vmbr0\""},
		"net0.name":      {"name    = \"eth0\"", "name    = \"lan0\""},
		"tags":           {"[\"dns\"]", "[\"ns\"]"},
		"onboot":         {"start_on_boot = true", "start_on_boot = false"},
		"unprivileged":   {"unprivileged  = true", "unprivileged  = false"},
		"startup":        {"order = 2", "order = 3"},
		"ostype":         {"\"debian\"", "\"devuan\""},
		"comment":        {"\"for all\"", "\"for some\""},
	}
	wrong := good
	for _, e := range edits {
		wrong = edit(t, wrong, e[0], e[1])
	}
	told := map[string]bool{}
	for _, st := range prove(t, wrong) {
		if st.Name != StageApply {
			continue
		}
		for _, f := range st.Findings {
			told[fmt.Sprint(f.Args[3])] = f.Rule == "apply.differs"
		}
	}
	for field := range edits {
		if !told[field] {
			t.Errorf("%s differs and is not told", field)
		}
		delete(told, field)
	}
	if len(told) > 0 {
		t.Errorf("told beside: %v", told)
	}
}

// TestProtectedContainers are removed from the twin as an operator would: their protection is lifted first.
func TestProtectedContainers(t *testing.T) {
	tools(t)
	ct := fixture.Container("dns", 301)
	ct.Protection = true
	for _, st := range prove(t, refined(t, fixture.Mixed(nil, ct), fixture.Snapshot())) {
		if st.Outcome != review.Passed {
			t.Errorf("stage %s %s", st.Name, st.Outcome)
		}
	}
}
