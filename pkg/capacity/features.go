package capacity

import (
	"fmt"
	"slices"
	"strings"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// maxEvidence bounds the evidence of a feature, in bytes.
const maxEvidence = 512

// features says what the cluster can do and cannot.
func (d *diagnosis) features() {
	list := slices.Concat(
		[]*provisov1.Feature{
			d.ceph(), d.sdn(), d.ha(), d.haGroups(), d.haRules(), d.affinity(), d.cloudInit(), d.liveMigration(), d.localStorage(), d.replication(),
			d.backup(), d.backupStorage(), d.vlanBridge(),
		},
		d.mappings(), d.kubernetes(),
	)
	slices.SortFunc(list, func(a, b *provisov1.Feature) int { return strings.Compare(a.GetName(), b.GetName()) })
	d.out.Features = list
}

// feature makes one. The evidence is in English.
func feature(name, state string, of []string, evidence string, args ...any) *provisov1.Feature {
	return &provisov1.Feature{Name: name, State: state, Names: names(of), Evidence: clip(fmt.Sprintf(evidence, args...), maxEvidence)}
}

// found is available with names and absent without.
func found(name string, of []string, evidence string, args ...any) *provisov1.Feature {
	state := Absent
	if len(of) > 0 {
		state = Available
	}
	return feature(name, state, of, evidence, args...)
}

// missing returns the reason for which a part of the snapshot was not read; ok is false where it was.
func (d *diagnosis) missing(parts ...string) (reason string, ok bool) {
	for _, u := range d.s.Unknown {
		if slices.Contains(parts, u.What) {
			return u.What + ": " + u.Reason, true
		}
	}
	return "", false
}

func (d *diagnosis) ceph() *provisov1.Feature {
	var on []string
	for _, st := range d.s.Storages {
		if st.OnCeph() && st.Active {
			on = append(on, st.Name)
		}
	}
	on = names(on)
	c := d.s.Ceph
	switch {
	case c.Presence == pve.PresenceHere:
		return feature(FeatureCeph, Available, on, "GET /cluster/ceph/status: %s, %d of %d OSDs up", orUnknown(c.Health), c.OSDsUp, c.OSDs)
	case len(on) > 0:
		return feature(FeatureCeph, Available, on, "storages of type rbd or cephfs; a Ceph of its own: %s", map[pve.Presence]string{pve.PresenceNone: "none"}[c.Presence])
	case c.Presence == pve.PresenceNone:
		return feature(FeatureCeph, Absent, nil, "GET /cluster/ceph/status: no Ceph; no storage of type rbd or cephfs")
	}
	return feature(FeatureCeph, Unknown, nil, "the state of Ceph was not read; no storage of type rbd or cephfs")
}

func orUnknown(text string) string {
	if text == "" {
		return "state unknown"
	}
	return text
}

func (d *diagnosis) sdn() *provisov1.Feature {
	var vnets []string
	for _, v := range d.s.VNets {
		vnets = append(vnets, v.Name)
	}
	if reason, ok := d.missing("SDN", "sdn"); ok && len(vnets) == 0 {
		return feature(FeatureSDN, Unknown, nil, "%s", reason)
	}
	return found(FeatureSDN, vnets, "GET /cluster/sdn/vnets?running=1: %d vnets in %d zones", len(vnets), len(d.s.Zones))
}

// ha goes by votes: without a majority nothing is restarted. The vote of a QDevice is not part of a snapshot.
func (d *diagnosis) ha() *provisov1.Feature {
	n := len(d.s.Nodes)
	switch {
	case n >= 3:
		return feature(FeatureHA, Available, nil, "%d nodes: a majority is left when one is lost; %d guests are under HA", n, len(d.s.HAServices))
	case n == 2:
		return feature(FeatureHA, Unknown, nil, "2 nodes: without a QDevice, which the API does not show, one alone has no majority")
	}
	return feature(FeatureHA, Absent, nil, "1 node: there is no other to restart guests on")
}

func (d *diagnosis) haGroups() *provisov1.Feature {
	var groups []string
	for _, g := range d.s.HAGroups {
		groups = append(groups, g.Name)
	}
	reason, unread := d.missing("HA groups", "ha_rules")
	switch major := d.s.Major(); {
	case major >= 9 && len(groups) == 0:
		return feature(FeatureHAGroups, Absent, nil, "Proxmox VE %s has HA rules in their place", d.s.Version)
	case unread && len(groups) == 0:
		return feature(FeatureHAGroups, Unknown, nil, "%s", reason)
	}
	return feature(FeatureHAGroups, Available, groups, "Proxmox VE %s; GET /cluster/ha/groups: %d entries", d.s.Version, len(groups))
}

func (d *diagnosis) haRules() *provisov1.Feature {
	if d.s.Major() < 9 {
		return feature(FeatureHARules, Absent, nil, "Proxmox VE %s has HA groups in their place", d.s.Version)
	}
	var rules []string
	for _, r := range d.s.HARules {
		rules = append(rules, r.Name)
	}
	if reason, unread := d.missing("HA rules", "ha_rules"); unread && len(rules) == 0 {
		return feature(FeatureHARules, Unknown, nil, "%s", reason)
	}
	return feature(FeatureHARules, Available, rules, "Proxmox VE %s; GET /cluster/ha/rules: %d entries", d.s.Version, len(rules))
}

func (d *diagnosis) affinity() *provisov1.Feature {
	if d.s.Major() < 9 {
		return feature(FeatureResourceAffinity, Absent, nil, "Proxmox VE %s keeps guests neither together nor apart", d.s.Version)
	}
	var rules []string
	for _, r := range d.s.HARules {
		if r.Type == "resource-affinity" && !r.Disabled {
			rules = append(rules, r.Name)
		}
	}
	return feature(FeatureResourceAffinity, Available, rules, "Proxmox VE %s has rules of type resource-affinity", d.s.Version)
}

func (d *diagnosis) cloudInit() *provisov1.Feature {
	var templates []string
	total, unread := 0, 0
	for i := range d.s.Guests {
		switch g := &d.s.Guests[i]; {
		case !g.Template || g.Kind != pve.KindVM:
		case g.Config == nil:
			total, unread = total+1, unread+1
		case g.Config.CloudInit != "":
			templates = append(templates, g.Name)
			total++
		default:
			total++
		}
	}
	if len(templates) == 0 && unread > 0 {
		return feature(FeatureCloudInit, Unknown, nil, "the configuration of %d of %d templates was not read", unread, total)
	}
	return found(FeatureCloudInit, templates, "%d of %d templates of virtual machines have a cloud-init drive", len(templates), total)
}

// liveMigration needs disks that two nodes reach. That a guest with local disks can move too, by copying them, is not counted: it takes
// as long as the copy.
func (d *diagnosis) liveMigration() *provisov1.Feature {
	on := map[string]int{}
	for _, st := range d.s.Storages {
		if st.Shared && st.Active && st.Holds("images") {
			on[st.Name]++
		}
	}
	var reached []string
	for name, nodes := range on {
		if nodes > 1 {
			reached = append(reached, name)
		}
	}
	evidence := fmt.Sprintf("shared storages for disks of machines that two nodes or more can use: %d", len(reached))
	if models := d.s.CPUModels(); len(models) > 1 {
		evidence += fmt.Sprintf("; %d models of processor, so that CPU type host keeps a machine from moving", len(models))
	}
	return found(FeatureLiveMigration, reached, "%s", evidence)
}

func (d *diagnosis) localStorage() *provisov1.Feature {
	var local []string
	for _, st := range d.s.Storages {
		if !st.Shared && st.Active && (st.Holds("images") || st.Holds("rootdir")) {
			local = append(local, st.Name)
		}
	}
	local = names(local)
	return found(FeatureLocalStorage, local, "storages for disks that belong to one node: %d", len(local))
}

// replication needs a pool of ZFS of one name on two nodes.
func (d *diagnosis) replication() *provisov1.Feature {
	on := map[string]int{}
	for _, st := range d.s.Storages {
		if st.Type == "zfspool" && st.Active {
			on[st.Name]++
		}
	}
	var pools []string
	for name, nodes := range on {
		if nodes > 1 {
			pools = append(pools, name)
		}
	}
	return found(FeatureReplication, pools, "storages of type zfspool on two nodes or more: %d; GET /cluster/replication: %d jobs", len(pools), len(d.s.Replications))
}

func (d *diagnosis) backup() *provisov1.Feature {
	if !d.s.Backup.JobsRead {
		return feature(FeatureBackup, Unknown, nil, "the jobs were not read")
	}
	var jobs []string
	for _, j := range d.s.Backup.Jobs {
		if j.Enabled {
			jobs = append(jobs, j.ID)
		}
	}
	return found(FeatureBackup, jobs, "GET /cluster/backup: %d jobs, %d of them switched on", len(d.s.Backup.Jobs), len(jobs))
}

func (d *diagnosis) backupStorage() *provisov1.Feature {
	var on []string
	for _, st := range d.s.Storages {
		if st.Active && st.Holds("backup") {
			on = append(on, st.Name)
		}
	}
	on = names(on)
	return found(FeatureBackupStorage, on, "storages with content backup: %d", len(on))
}

func (d *diagnosis) vlanBridge() *provisov1.Feature {
	var aware []string
	for _, b := range d.s.Bridges {
		if b.VLANAware && b.Active {
			aware = append(aware, b.Name)
		}
	}
	aware = names(aware)
	if len(aware) == 0 {
		for _, u := range d.s.Unknown {
			if strings.HasPrefix(u.What, "network of ") {
				return feature(FeatureVLANBridge, Unknown, nil, "%s: %s", u.What, u.Reason)
			}
		}
	}
	return found(FeatureVLANBridge, aware, "bridges that know VLANs: %d", len(aware))
}

// mappings are the names of devices, and which of them are GPUs. One whose only nodes are away is of no use now.
func (d *diagnosis) mappings() []*provisov1.Feature {
	var out []*provisov1.Feature
	for _, kind := range []struct {
		name string
		kind pve.MappingKind
		gpu  bool
	}{{FeatureGPUMapping, pve.MappingPCI, true}, {FeaturePCIMapping, pve.MappingPCI, false}, {FeatureUSBMapping, pve.MappingUSB, false}} {
		var here, away []string
		var use strings.Builder
		all := 0
		for _, m := range d.s.Mappings {
			if m.Kind != kind.kind {
				continue
			}
			if all++; kind.gpu && !m.GPU() {
				continue
			}
			if !slices.ContainsFunc(m.Nodes(), d.isOnline) {
				away = append(away, m.Name)
				continue
			}
			here = append(here, m.Name)
			use.WriteString(d.use(m))
		}
		evidence := fmt.Sprintf("GET /cluster/mapping/%s: %d entries, of them %d that count here and have a device on a node that is online", kind.kind, all, len(here))
		if len(away) > 0 {
			evidence += "; only on nodes that are not: " + strings.Join(names(away), ", ")
		}
		f := found(kind.name, here, "%s%s", evidence, use.String())
		if f.GetState() == Absent && !d.s.MappingsKnown(kind.kind) {
			f.State = Unknown
			f.Evidence = "the " + string(kind.kind) + " mappings were not read, or not all of them"
		}
		out = append(out, f)
	}
	return out
}

// use says who has a mapping, as far as configurations were read.
func (d *diagnosis) use(m pve.Mapping) string {
	users, complete := d.s.MappingUsers(m)
	var text strings.Builder
	for _, vmid := range users {
		fmt.Fprintf(&text, "; %s is in the configuration of guest %d", m.Name, vmid)
	}
	if !complete {
		fmt.Fprintf(&text, "; whether further guests use %s is not known", m.Name)
	}
	return text.String()
}

func (d *diagnosis) isOnline(node string) bool {
	i, ok := d.at[node]
	return ok && d.hosts[i].Node.Online()
}
