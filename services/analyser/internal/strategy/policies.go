package strategy

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/pkg/placement"
)

// The decisions about a policy.
const (
	applied     = "applied"
	inherited   = "inherited"
	recommended = "recommended"
	notNeeded   = "not_needed"
)

// alike is the size of a group from which on its first guest speaks for all.
const alike = 8

// manyGuests is the number of guests of a plan from which on that holds for every group, so that a plan stays within its contract.
const manyGuests = 256

// maxReason is what the contract takes of a reason, in characters.
const maxReason = 1024

// policies are those of every new guest, and what protects the ones that are taken over. "Applied" is what the manifest writes,
// nothing else.
func (d *Draft) policies(p *provisov1.StrategicPlan) []*provisov1.TargetPolicy {
	var all []*provisov1.TargetPolicy
	spoken := map[*group]bool{}
	most := alike
	if len(d.machines) > manyGuests {
		most = 1
	}
	for _, g := range d.guests(p) {
		if g.count > most && spoken[g.group] {
			continue
		}
		spoken[g.group] = true
		w := policyWriter{Draft: d, guest: g, plan: p}
		for _, decide := range []func(*policyWriter){
			(*policyWriter).ha, (*policyWriter).backup, (*policyWriter).startOrder, (*policyWriter).affinity, (*policyWriter).access, (*policyWriter).secret,
			(*policyWriter).monitoring, (*policyWriter).scaling, (*policyWriter).disruption, (*policyWriter).storageClass, (*policyWriter).security,
		} {
			decide(&w)
		}
		if g.count > most {
			for _, policy := range w.out {
				alikeToo := " " + d.say("policy.alike", "count", g.count)
				policy.Reason = clipped(policy.GetReason(), maxReason-len(alikeToo)) + alikeToo
			}
		}
		all = append(all, w.out...)
	}
	return append(all, d.adoptedBackups(p)...)
}

// A policyWriter collects the policies of one guest.
type policyWriter struct {
	*Draft
	guest
	plan *provisov1.StrategicPlan
	out  []*provisov1.TargetPolicy
}

func (w *policyWriter) add(kind, decision, setting, key string, args ...any) *provisov1.TargetPolicy {
	p := &provisov1.TargetPolicy{
		Subject: w.GetName(), Kind: kind, Decision: decision, Setting: clipped(setting, 512),
		Reason: clipped(w.say("policy."+key, append(args, "name", w.GetName(), "node", w.GetNode())...), maxReason),
	}
	w.out = append(w.out, p)
	return p
}

func (w *policyWriter) ha() {
	n, vm := w.nature(w.group), w.vm
	group, setting := "", "ha"
	if groups := haGroups(w.in.Snapshot); len(groups) == 1 {
		for name := range groups {
			group = name
		}
		setting = "group=" + group
	}
	online := len(onlineNames(w.in.Snapshot))
	local := slices.IndexFunc(w.storages, func(s storageChoice) bool { return !s.shared })
	switch {
	case vm.GetHa():
		setting = "ha"
		if vm.GetHaGroup() != "" {
			setting = "group=" + vm.GetHaGroup()
		}
		w.add("ha", applied, setting, "ha_applied", "online", online)
	case len(w.demand.Devices) > 0:
		w.add("ha", notNeeded, "", "ha_device", "mappings", w.list(w.Draft.placed.Choices[w.index].Devices))
	case local >= 0:
		w.add("ha", notNeeded, "", "ha_local", "storage", w.storages[local].storage)
	case len(w.in.Snapshot.Nodes) < leastHANodes || online < 2:
		w.add("ha", notNeeded, "", "ha_few", "online", online, "nodes", len(w.in.Snapshot.Nodes))
	case w.count > 1 && w.demand.Grouping == placement.Apart && !n.stateful:
		w.add("ha", notNeeded, "", "ha_replicas", "others", w.count-1)
	case n.stateful && w.count > 1:
		w.add("ha", recommended, setting, "ha_stateful_group", "online", online)
	case n.stateful:
		w.add("ha", recommended, setting, "ha_stateful", "online", online)
	case n.critical:
		w.add("ha", recommended, setting, "ha_critical", "online", online)
	case n.exposure == "public":
		w.add("ha", recommended, setting, "ha_public", "online", online)
	default:
		w.add("ha", notNeeded, "", "ha_unasked")
	}
}

// leastHANodes keep a majority when one is lost.
const leastHANodes = 3

// backup finds the job that takes the guest once it is there; a job of the whole cluster or of its pool does.
func (w *policyWriter) backup() {
	kind := pve.KindVM
	if w.ct != nil {
		kind = pve.KindContainer
	}
	as := pve.Guest{VMID: int(w.GetVmId()), Name: w.GetName(), Kind: kind, Node: w.GetNode(), Pool: w.vm.GetPool()}
	b := w.in.Snapshot.Backup
	stateful := w.nature(w.group).stateful
	for _, job := range b.Jobs {
		if job.Enabled && job.Takes(as) {
			w.add("backup", inherited, "job="+job.ID, "backup_job", "job", job.ID, "schedule", job.Schedule, "storage", job.Storage)
			return
		}
	}
	pool := slices.IndexFunc(b.Jobs, func(j pve.BackupJob) bool { return j.Enabled && j.Pool != "" })
	switch {
	case !b.JobsRead:
		w.add("backup", recommended, "", "backup_unread")
	case pool >= 0:
		w.add("backup", recommended, "pool="+b.Jobs[pool].Pool, "backup_pool", "pool", b.Jobs[pool].Pool, "job", b.Jobs[pool].ID, "schedule", b.Jobs[pool].Schedule)
	case stateful:
		w.add("backup", recommended, fmt.Sprintf("vmid=%d", w.GetVmId()), "backup_data", "id", w.GetVmId(), "jobs", len(b.Jobs))
	default:
		w.add("backup", recommended, fmt.Sprintf("vmid=%d", w.GetVmId()), "backup_none", "id", w.GetVmId(), "jobs", len(b.Jobs))
	}
}

// startOrder says when the guest starts among those of its node: what others need comes first.
func (w *policyWriter) startOrder() {
	rank := w.nature(w.group).rank
	before := w.ranked(func(r int) bool { return r > 0 && r < rank })
	after := w.ranked(func(r int) bool { return r > rank })
	switch s := w.vm.GetStartup(); {
	case s != nil:
		setting := fmt.Sprintf("order=%d", s.GetOrder())
		if s.UpDelaySeconds != nil {
			setting += fmt.Sprintf(" up=%d", s.GetUpDelaySeconds())
		}
		w.add("start_order", applied, setting, "start_applied")
	case w.workloads != nil && w.wish.GetRole() == roleWorker:
		w.add("start_order", notNeeded, "", "start_worker")
	case rank > 0 && len(before) > 0:
		w.add("start_order", recommended, fmt.Sprintf("order=%d", rank), "start_after", "order", rank, "before", w.list(before))
	case rank > 0 && len(after) > 0:
		w.add("start_order", recommended, fmt.Sprintf("order=%d", rank), "start_before", "order", rank, "after", w.list(after))
	default:
		w.add("start_order", notNeeded, "", "start_none")
	}
}

// ranked are the guests of the plan whose rank is meant.
func (w *policyWriter) ranked(meant func(int) bool) []string {
	var names []string
	for _, g := range w.guests(w.plan) {
		if meant(w.nature(g.group).rank) {
			names = append(names, g.GetName())
		}
	}
	return names
}

// affinity says how the guests of a group lie to one another. The plan puts them there; what keeps them there is a rule that the
// manifest does not have.
func (w *policyWriter) affinity() {
	if w.count < 2 {
		return
	}
	guests := w.guestsOf(w.plan, w.group)
	nodes := nodesOf(guests)
	args := []any{"count", w.count, "nodes", w.list(nodes), "hosts", len(nodes), "names", w.list(namesOf(guests))}
	setting := "nodes=" + strings.Join(nodes, ",")
	switch w.demand.Grouping {
	case placement.Apart:
		w.add("anti_affinity", applied, setting, "apart_applied", args...)
		if w.in.Snapshot.Major() >= 9 && w.vm.GetHa() {
			w.add("anti_affinity", recommended, "resource-affinity=negative", "apart_rule", args...)
		} else {
			w.add("anti_affinity", recommended, "", "apart_no_rule", args...)
		}
	case placement.Together:
		w.add("affinity", applied, setting, "together", args...)
	default:
		if len(nodes) == w.count {
			w.add("anti_affinity", recommended, "apart", "apart_happens", args...)
		} else {
			w.add("anti_affinity", recommended, "apart", "apart_good", args...)
		}
	}
}

// access says who reaches which port. The manifest sets no firewall, so that all of it is recommended.
func (w *policyWriter) access() {
	n, c := w.nature(w.group), w.component(w.group)
	local := w.localNetwork()
	var froms []string
	switch n.exposure {
	case "public":
		froms = []string{"any"}
	case "application":
		froms = w.ranked(func(r int) bool { return r > n.rank })
		fallthrough
	default:
		if len(froms) == 0 {
			froms = []string{local}
		}
	}
	for _, port := range c.GetPorts() {
		for _, from := range froms[:min(len(froms), maxListed)] {
			w.add("access", recommended, fmt.Sprintf("%s/%d from %s", port.GetProtocol(), port.GetNumber(), from), "access_port", "port", port.GetNumber(), "protocol", port.GetProtocol(), "from", w.whom(from)).
				Access = &provisov1.AccessRule{Port: port.GetNumber(), Protocol: port.GetProtocol(), From: from}
		}
	}
	const ssh = 22
	setting := fmt.Sprintf("policy_in=DROP; tcp/%d from %s", ssh, local)
	key := "firewall"
	if len(c.GetPorts()) == 0 {
		key = "firewall_unknown"
	}
	w.add("firewall", recommended, setting, key, "port", ssh, "from", w.whom(local)).Access = &provisov1.AccessRule{Port: ssh, Protocol: "tcp", From: local}
}

// whom names those who are let in.
func (w *policyWriter) whom(from string) string {
	if from == "any" {
		return w.say("policy.everybody")
	}
	return from
}

// localNetwork is the subnet of the guest's first network, "any" where none is known.
func (w *policyWriter) localNetwork() string {
	for _, n := range w.nics {
		if n.address.IsValid() {
			return n.address.Masked().String()
		}
		for _, s := range w.subnets(n.bridge) {
			if p, err := netip.ParsePrefix(s.CIDR); err == nil {
				return p.Masked().String()
			}
		}
	}
	return "any"
}

func (w *policyWriter) secret() {
	keys, asked := 0, false
	switch {
	case w.ct != nil:
		keys, asked = len(w.ct.plan.GetSshKeys()), true
	case w.vm.GetInitialization() != nil:
		keys, asked = len(w.vm.GetInitialization().GetSshKeys()), true
	}
	switch {
	case asked && keys == 0:
		w.add("secret", applied, "variable", "secret_variable")
	case asked:
		w.add("secret", notNeeded, "", "secret_keys", "count", keys)
	default:
		w.add("secret", notNeeded, "", "secret_none")
	}
	if w.nature(w.group).role == "database" {
		w.add("secret", recommended, "", "secret_database")
	}
}

func (w *policyWriter) monitoring() {
	if tags := w.vm.GetTags(); len(tags) > 0 {
		w.add("monitoring", applied, "tags="+strings.Join(tags, ","), "tags_applied", "tags", w.list(tags))
		return
	}
	tag := w.wish.GetRole()
	if tag == "" {
		tag = stemOf(w.GetName())
	}
	w.add("monitoring", recommended, "tags="+tag, "tags_recommended", "tag", tag)
}

func (w *policyWriter) disruption() {
	if w.count < 2 {
		return
	}
	nodes := nodesOf(w.guestsOf(w.plan, w.group))
	w.add("disruption", recommended, "one at a time", "disruption", "count", w.count, "nodes", w.list(nodes))
}

func (w *policyWriter) storageClass() {
	for _, note := range w.storages {
		w.out = append(w.out, &provisov1.TargetPolicy{
			Subject: w.GetName(), Kind: "storage_class", Decision: applied, Setting: note.slot + "=" + note.storage, Reason: clipped(w.storageReason(w.group, note), maxReason),
		})
	}
}

func (w *policyWriter) security() {
	switch {
	case w.ct != nil && w.ct.plan.GetUnprivileged():
		w.add("security", applied, "unprivileged=1", "unprivileged")
	case w.ct != nil:
		w.add("security", recommended, "unprivileged=1", "privileged")
	case w.vm.GetInitialization().GetUser() != "":
		w.add("security", applied, "login=key", "key_login", "user", w.vm.GetInitialization().GetUser())
	case w.vm.GetInitialization() != nil:
		w.add("security", applied, "login=key", "key_login_own")
	default:
		w.add("security", recommended, "login=key", "login_unknown")
	}
	if w.vm.GetProtection() {
		w.add("security", applied, "protection=1", "protection")
	}
}

// adoptedBackups says which guests that are taken over are saved.
func (d *Draft) adoptedBackups(p *provisov1.StrategicPlan) []*provisov1.TargetPolicy {
	var all []*provisov1.TargetPolicy
	for _, a := range p.GetAdoptions() {
		name, id := a.GetVirtualMachine().GetName(), a.GetVirtualMachine().GetVmId()
		if ct := a.GetContainer(); ct != nil {
			name, id = ct.GetName(), ct.GetVmId()
		}
		covered, known := d.in.Snapshot.BackedUp(int(id))
		decision, key := recommended, "policy.adopted_unsaved"
		switch {
		case covered:
			decision, key = inherited, "policy.adopted_saved"
		case !known:
			key = "policy.adopted_unknown"
		}
		all = append(all, &provisov1.TargetPolicy{Subject: name, Kind: "backup", Decision: decision, Reason: d.say(key, "name", name, "id", id)})
	}
	return all
}
