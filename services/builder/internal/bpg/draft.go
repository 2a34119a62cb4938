package bpg

import (
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// A Draft is what Render writes: the plan, and the practices that are followed beyond what the plan demands. The
// refinement loop starts with a plain draft and repairs it until the reviewer is content.
type Draft struct {
	// Plan says what to create. Render does not change it.
	Plan *provisov1.StrategicPlan
	// Practices that the manifest follows; zero: none of them.
	Practices Practices
	// Rules are the HA rules of the cluster (PVE 9) that guests of the plan are to follow, by name.
	Rules map[string]pve.HARule
}

// Practices are what a good manifest does beyond what was asked for. Each is argued by a lint rule, which the refiner
// names when it turns the practice on.
type Practices struct {
	CPUType        bool // write cpu.type (PMX037)
	OSType         bool // write operating_system (PMX057)
	Ballooning     bool // write memory.floating (PMX089)
	Discard        bool // write the disks' discard (PMX055)
	DiskTuning     bool // write the disks' iothread and ssd (intent.disk_tuning)
	SCSIHardware   bool // write scsi_hardware (PMX052)
	AgentTimeout   bool // bound the wait for the guest agent (PMX021)
	StopOnDestroy  bool // do not wait for a guest that ignores shutdown (PMX025)
	MigrationGuard bool // a guest on another node is not replaced (PMX027)
	HATrigger      bool // HA entries follow a replaced guest (PMX029)
	CloneRetries   bool // try a clone again when its storage is locked (PMX076)
}

// Plain returns the first draft of a plan: what was asked for and nothing else. The plan is copied, so that repairs do
// not reach the plan that the result is compared with. Of the cluster it takes the HA rules that the plan names.
func Plain(plan *provisov1.StrategicPlan, snapshot *pve.Snapshot) Draft {
	d := Draft{Plan: proto.CloneOf(plan), Rules: map[string]pve.HARule{}}
	var groups []string
	for _, vm := range plan.GetVirtualMachines() {
		groups = append(groups, vm.GetHaGroup())
	}
	for _, ct := range plan.GetContainers() {
		groups = append(groups, ct.GetHaGroup())
	}
	for _, rule := range snapshot.HARules {
		if slices.Contains(groups, rule.Name) {
			d.Rules[rule.Name] = rule
		}
	}
	return d
}

// Major returns the major version of Proxmox VE that the plan is for, 0 when the plan does not say.
func (d Draft) Major() int {
	major, _, _ := strings.Cut(d.Plan.GetPlatformVersion(), ".")
	n, err := strconv.Atoi(major)
	if err != nil {
		return 0
	}
	return n
}

// A File is one file of the bundle.
type File struct {
	Path    string
	Content string
}
