package strategy

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/pkg/placement"
)

// Defaults of a container where the intent says nothing: what Proxmox VE's own dialogue offers.
const (
	defaultContainerCores = 1
	defaultContainerMiB   = 512
	defaultSwapMiB        = 512
	defaultRootGiB        = 8
)

// An identityWish is what guests of either kind may be asked to be known by.
type identityWish interface {
	GetName() string
	GetNames() []string
	GetRole() string
	GetVmId() int32
}

// A wish is what machines and containers may both be asked for.
type wish interface {
	identityWish
	GetNetworks() []*provisov1.NetworkInterface
	GetTags() []string
	GetPool() string
	GetStartAtBoot() bool
	GetDescription() string
	GetProtection() bool
	GetPlacement() *provisov1.Placement
	GetHa() *provisov1.HighAvailability
	GetStartup() *provisov1.Startup
}

// containers is what only a group of containers has.
type containers struct {
	intent *provisov1.Container
	plan   *provisov1.PlannedContainer
}

// resolveContainers decides everything about a group of containers but its nodes. What they have in common with machines
// is decided by the same steps.
func (d *Draft) resolveContainers(i int, ct *provisov1.Container) (*group, error) {
	g := &group{
		index: i, wish: ct, count: max(1, int(ct.GetCount()), len(ct.GetNames())),
		ct: &containers{intent: ct, plan: &provisov1.PlannedContainer{Group: int32(i)}},
		vm: &provisov1.PlannedVM{Started: ct.Started == nil || ct.GetStarted()},
		// The groups of machines have the numbers before.
		demand: placement.Demand{Group: len(d.in.Context.GetIntent().GetVirtualMachines()) + i},
	}
	for _, step := range []func(*group) error{
		d.checkVMID, d.resolveContainerTemplate, d.resolveContainerHardware, d.resolveWishes, d.resolveHA, d.resolveRootDisk,
		d.resolveNetworks, d.resolveRoot, d.checkTags, d.resolvePolicies,
	} {
		if err := step(g); err != nil {
			return nil, err
		}
	}
	g.demand.VCPUs = int(g.ct.plan.GetCores())
	g.demand.MemoryBytes = int64(g.ct.plan.GetMemoryMib()) << 20
	if g.vm.GetHa() {
		d.warn("ha_container")
	}
	return g, nil
}

// resolveContainerTemplate finds the template among the volumes that were read. One on a node's own storage ties the
// container to that node.
func (d *Draft) resolveContainerTemplate(g *group) error {
	id := g.ct.intent.GetTemplateVolume()
	if id == "" {
		return d.refuse(CodeIncomplete, "no_container_template", "templates", d.list(d.containerTemplates()))
	}
	storage, nodes := "", []string(nil)
	for _, v := range d.in.Snapshot.Volumes {
		if v.ID != id {
			continue
		}
		if v.Content != "vztmpl" {
			return d.refuse(CodeContainerImage, "container_template_content", "volume", id, "content", v.Content, "templates", d.list(d.containerTemplates()))
		}
		storage, nodes = v.Storage, append(nodes, v.Node)
	}
	if storage == "" {
		return d.refuse(CodeContainerImage, "container_template_unknown", "volume", id, "templates", d.list(d.containerTemplates()))
	}
	g.demand.Source.Storages = []string{storage}
	if st, ok := d.in.Snapshot.StorageOn(storage, nodes[0]); !ok || !st.Shared {
		g.demand.Source.Nodes = nodes
	}
	g.ct.plan.TemplateVolume, g.ct.plan.OsType = id, d.osType(id)
	return nil
}

// containerTemplates are the templates of the cluster, each once.
func (d *Draft) containerTemplates() []string {
	var ids []string
	for _, v := range d.in.Snapshot.Volumes {
		if v.Content == "vztmpl" && !slices.Contains(ids, v.ID) {
			ids = append(ids, v.ID)
		}
	}
	return ids
}

// osTypes are the distributions that Proxmox VE sets up, by the first word of a template's name. Rebuilds of Red Hat's are
// centos to it.
var osTypes = map[string]string{
	"alpine": "alpine", "archlinux": "archlinux", "centos": "centos", "debian": "debian", "devuan": "devuan", "fedora": "fedora",
	"gentoo": "gentoo", "nixos": "nixos", "opensuse": "opensuse", "ubuntu": "ubuntu",
	"almalinux": "centos", "rockylinux": "centos", "proxmox": "debian", "turnkey": "debian",
}

// osType reads the distribution off a template's name: "debian-12-standard_12.7-1_amd64.tar.zst".
func (d *Draft) osType(volume string) string {
	name := strings.ToLower(path.Base(volume))
	word := strings.TrimRight(strings.FieldsFunc(name+"-", func(r rune) bool { return r == '-' || r == '_' || r == '.' })[0], "0123456789")
	if os, ok := osTypes[word]; ok {
		return os
	}
	d.warn("container_os_unknown", "template", volume)
	return "unmanaged"
}

// systemd are the distributions whose present releases complain without nesting: systemd sets up namespaces of its own for
// services, which Proxmox VE says in the task's log.
var systemd = []string{"archlinux", "centos", "debian", "fedora", "opensuse", "ubuntu"}

func (d *Draft) resolveContainerHardware(g *group) error {
	in, plan := g.ct.intent, g.ct.plan
	plan.Cores = cmp.Or(in.GetCores(), defaultContainerCores)
	plan.MemoryMib = cmp.Or(in.GetMemoryMib(), defaultContainerMiB)
	plan.SwapMib = defaultSwapMiB
	if in.SwapMib != nil {
		plan.SwapMib = in.GetSwapMib()
	}
	plan.Unprivileged = in.Unprivileged == nil || in.GetUnprivileged()
	plan.Nesting = in.GetNesting()
	switch {
	case !plan.GetUnprivileged() && plan.GetNesting():
		return d.refuse(CodePrivileged, "privileged_nesting")
	case !plan.GetUnprivileged():
		d.warn("privileged")
	case in.Nesting == nil && slices.Contains(systemd, plan.GetOsType()):
		d.warn("nesting_off", "os", plan.GetOsType())
	}
	return nil
}

func (d *Draft) resolveRootDisk(g *group) error {
	wished := g.ct.intent.GetDisk()
	size := cmp.Or(wished.GetSizeGib(), defaultRootGiB)
	bytes := int64(size) * gib
	chosen, err := d.storage(g, wished.GetStorage(), nil, bytes*int64(g.count))
	if err != nil {
		return err
	}
	d.noteStorage(g, "rootfs", chosen, wished.GetStorage() != "", nil)
	g.ct.plan.DiskStorage, g.ct.plan.DiskGib = chosen.Name, size
	g.demand.Disks = []placement.Disk{{Storage: chosen.Name, Bytes: bytes, Content: placement.RootDirs}}
	return nil
}

// resolveRoot decides how root gets in, and how the container resolves names. A container has no other user at first.
func (d *Draft) resolveRoot(g *group) error {
	wished := g.ct.intent.GetInitialization()
	if user := wished.GetUser(); user != "" && user != "root" {
		d.warn("container_user", "user", user)
	}
	g.ct.plan.SshKeys = wished.GetSshKeys()
	g.ct.plan.DnsServers, g.ct.plan.SearchDomain = wished.GetDnsServers(), wished.GetSearchDomain()
	return nil
}

// tagForm is what Proxmox VE takes; the contract checks it of machines only.
var tagForm = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.+-]*$`)

func (d *Draft) checkTags(g *group) error {
	for _, tag := range g.wish.GetTags() {
		if !tagForm.MatchString(tag) {
			return d.refuse(CodeTag, "tag_invalid", "tag", tag)
		}
	}
	return nil
}

// resolveStartup carries the place in the start order over, for guests of either kind.
func (d *Draft) resolveStartup(g *group) {
	s := g.wish.GetStartup()
	if s == nil || s.Order == nil && s.UpDelaySeconds == nil {
		return
	}
	g.vm.Startup = proto.CloneOf(s)
	d.warn("startup_right")
	switch {
	case g.vm.GetHa():
		d.warn("startup_ha")
	case !g.vm.GetStartAtBoot():
		d.warn("startup_without_boot")
	}
}

// container is the group's container with what belongs to this one.
func (d *Draft) container(m machine, id Identity, node string) *provisov1.PlannedContainer {
	ct := proto.CloneOf(m.ct.plan)
	ct.Name, ct.VmId, ct.Node = id.Name, int32(id.VMID), node
	ct.Nics = m.networks()
	ct.Tags, ct.Pool, ct.Description = slices.Clone(m.vm.GetTags()), m.vm.GetPool(), m.vm.GetDescription()
	ct.Ha, ct.HaGroup = m.vm.GetHa(), m.vm.GetHaGroup()
	ct.StartAtBoot, ct.Started, ct.Protection = m.vm.GetStartAtBoot(), m.vm.GetStarted(), m.vm.GetProtection()
	ct.Startup = proto.CloneOf(m.vm.GetStartup())
	return ct
}

// path is where a value of the group stands in the intent.
func (g *group) path(field string) string {
	list := "virtual_machines"
	if g.ct != nil {
		list = "containers"
	}
	return fmt.Sprintf("%s[%d].%s", list, g.index, field)
}

// mark tells containers from machines in what a run's guests are told apart by.
func (g *group) mark() string {
	if g.ct != nil {
		return "ct"
	}
	return ""
}

// called is the name of a guest that has none.
func (g *group) called() string { return cmp.Or(g.mark(), "vm") }

// content is the kind of disk that the guests have.
func (g *group) content() placement.Content {
	if g.ct != nil {
		return placement.RootDirs
	}
	return placement.Images
}

// contentName is Proxmox VE's word for it.
func (g *group) contentName() string { return cmp.Or(string(g.content()), "images") }

// nicModel is the device model where nothing else is said; a container's is not chosen.
func (g *group) nicModel() string {
	if g.ct != nil {
		return "veth"
	}
	return "virtio"
}

// text is the catalogue's key for the kind of guest, where both have their own sentence.
func (g *group) text(key string) string {
	if g.ct != nil {
		return key + "_ct"
	}
	return key
}

// wishedTemplate is the template that the requester named.
func (g *group) wishedTemplate() string { return g.ct.intent.GetTemplateVolume() }
