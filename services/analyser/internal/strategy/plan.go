package strategy

import (
	"cmp"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// maxRisks is what the contract takes.
const maxRisks = 64

// Plan completes the draft with one identity a machine, in the order of Wanted.
func (d *Draft) Plan(identities []Identity) (*provisov1.StrategicPlan, error) {
	if len(identities) != len(d.machines) {
		return nil, fmt.Errorf("complete plan: %d identities for %d machines", len(identities), len(d.machines))
	}
	payload, intent := d.in.Context, d.in.Context.GetIntent()
	d.warnOfCluster()
	p := &provisov1.StrategicPlan{
		RunId: payload.GetRunId(), Language: payload.GetLanguage(),
		Goal:            intent.GetGoal(),
		Dialect:         cmp.Or(intent.GetTarget().GetDialect(), "bpg"),
		PlatformVersion: cmp.Or(d.in.Snapshot.Version, payload.GetPlatform().GetVersion()),
		Snapshot:        proto.CloneOf(payload.GetInfrastructure().GetSnapshot()),
		SnapshotTakenAt: proto.CloneOf(payload.GetInfrastructure().GetTakenAt()),
		Effect:          d.effect(),
		Omissions:       cloneAll(intent.GetOmissions()),
		Facts:           cloneAll(intent.GetFacts()),
		Pools:           d.pools,
	}
	wanted := d.Wanted()
	for i, m := range d.machines {
		id, choice := identities[i], d.placed.Choices[i]
		if !wanted[i].Numbered && id.Name != wanted[i].Name {
			d.warn("renamed", "wanted", wanted[i].Name, "name", id.Name)
		}
		if m.ct != nil {
			p.Containers = append(p.Containers, d.container(m, id, choice.Node))
		} else {
			vm := d.machine(m, id, choice.Node)
			vm.Mappings = choice.Devices
			p.VirtualMachines = append(p.VirtualMachines, vm)
		}
		p.Placement = append(p.Placement, d.decision(id.Name, m, choice))
	}
	p.Downloads = d.downloads
	d.planAdoptions(p)
	d.complete(p)
	d.warnOfFindings(p)
	if len(d.risks) > maxRisks {
		d.risks = append(d.risks[:maxRisks-1:maxRisks-1], d.say("risk.more", "count", len(d.risks)-maxRisks+1))
	}
	p.Risks = d.risks
	return p, nil
}

// machine is the group's machine with what belongs to this one.
func (d *Draft) machine(m machine, id Identity, node string) *provisov1.PlannedVM {
	vm := proto.CloneOf(m.vm)
	vm.Name, vm.VmId, vm.Node = id.Name, int32(id.VMID), node
	if m.image != nil && m.image.volume == "" {
		vm.GetImage().Download = d.download(m.image, node)
	}
	vm.Nics = m.networks()
	return vm
}

// networks are the group's network devices with this one's addresses.
func (m machine) networks() []*provisov1.PlannedNIC {
	var nics []*provisov1.PlannedNIC
	for _, n := range m.nics {
		planned := &provisov1.PlannedNIC{Bridge: n.bridge, Vlan: n.vlan, Model: n.model, Ipv4: "dhcp", Gateway: n.gateway}
		if n.address.IsValid() {
			address, _ := n.at(m.ordinal)
			planned.Ipv4 = address.String()
		}
		nics = append(nics, planned)
	}
	return nics
}

// download returns the index of the image's download: one for a shared storage, one a node otherwise.
func (d *Draft) download(img *image, node string) int32 {
	i := slices.IndexFunc(d.downloads, func(have *provisov1.ImageDownload) bool {
		return have.GetStorage() == img.storage && have.GetUrl() == img.url && have.GetSha256() == img.sha256 && (img.shared || have.GetNode() == node)
	})
	if i >= 0 {
		return int32(i)
	}
	d.downloads = append(d.downloads, &provisov1.ImageDownload{
		Node: node, Storage: img.storage, Url: img.url, FileName: img.fileName, Sha256: img.sha256,
	})
	return int32(len(d.downloads) - 1)
}

func (d *Draft) effect() *provisov1.Effect {
	e := &provisov1.Effect{
		SurvivesNodeLoss:       d.placed.SurvivesLoss,
		SurvivedNodeLossBefore: d.placed.SurvivedLoss,
		MemoryReserveMib:       mib(d.placed.FreeBytes),
	}
	for i, before := range d.placed.Before {
		after := d.placed.After[i]
		e.Nodes = append(e.Nodes, &provisov1.NodeEffect{
			Node: before.Node, Cpus: int32(before.CPUs),
			VcpusBefore: int32(before.VCPUs), VcpusAfter: int32(after.VCPUs),
			MemoryMib:           mib(before.MemoryBytes),
			MemoryUsedBeforeMib: mib(before.UsedBytes), MemoryUsedAfterMib: mib(after.UsedBytes),
		})
	}
	return e
}

func mib(bytes int64) int32 { return int32(bytes >> 20) }

// warnOfCluster adds the risks that the cluster's state brings.
func (d *Draft) warnOfCluster() {
	var away []string
	online := 0
	for _, n := range d.in.Snapshot.Nodes {
		if n.Online() {
			online++
		} else {
			away = append(away, n.Name)
		}
	}
	if len(away) > 0 {
		d.warn("nodes_away", "nodes", d.list(away))
	}
	switch {
	case len(d.machines) == 0:
	case online == 1:
		d.warn("single_node")
	case !d.placed.SurvivedLoss:
		d.warn("loss_not_borne")
	case !d.placed.SurvivesLoss:
		d.warn("loss_given_up")
	}
}

// placed is a guest of a plan, of either kind.
type placed interface {
	GetName() string
	GetVmId() int32
	GetNode() string
}

// Summary is one sentence: which machine goes where.
func (d *Draft) Summary(p *provisov1.StrategicPlan) string {
	if len(d.adoptions) > 0 {
		return d.summaryOfAdoptions(p)
	}
	var guests []placed
	for _, vm := range p.GetVirtualMachines() {
		guests = append(guests, vm)
	}
	for _, ct := range p.GetContainers() {
		guests = append(guests, ct)
	}
	switch len(guests) {
	case 0:
		return d.say("summary.pools", "count", len(p.GetPools()))
	case 1:
		return d.say("summary.one", "name", guests[0].GetName(), "id", guests[0].GetVmId(), "node", guests[0].GetNode())
	default:
		var where []string
		for _, g := range guests {
			where = append(where, g.GetName()+" → "+g.GetNode())
		}
		return d.say("summary.many", "count", len(guests), "where", d.list(where))
	}
}

func cloneAll[T proto.Message](ms []T) []T {
	c := make([]T, len(ms))
	for i, m := range ms {
		c[i] = proto.CloneOf(m)
	}
	return c
}
