package twin

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"proviso.dev/pkg/pve"
)

// guest is a virtual machine or a container.
type guest struct {
	id      int
	kind    pve.GuestKind
	node    string
	running bool
	lock    string
	pool    string
	agent   AgentMode
	since   time.Time // of the start, while it runs

	// conf is nil until somebody asks for a planted guest's configuration; then it is what Cluster.config made of seed.
	conf map[string]string
	seed *SeedGuest
	// touched is set when somebody may have changed the configuration.
	touched bool
	// pending are changes that wait for the next start; an empty value deletes the key.
	pending map[string]string

	cpuUsage float64 // fraction of its CPUs
	memUsed  int64   // bytes, while it runs
	uptime0  int64   // seconds that it ran before the twin was made

	row   []byte // of cluster/resources; nil when it has to be written again
	rowAt time.Time
}

func (g *guest) container() bool { return g.kind == pve.KindContainer }

// changed forgets the cached row.
func (g *guest) changed() { g.row = nil }

// plantGuest fills in one guest of the seed.
func (c *Cluster) plantGuest(g *guest, s *SeedGuest) {
	kind := s.Kind
	if kind == "" {
		kind = pve.KindVM
	}
	*g = guest{
		id: s.VMID, kind: kind, node: s.Node, running: s.Running, pool: s.Pool, agent: s.Agent, since: c.booted, seed: s,
		cpuUsage: s.CPUUsage, memUsed: s.MemoryUsedBytes, uptime0: s.UptimeSeconds,
	}
	if g.uptime0 == 0 {
		g.uptime0 = 3600
	}
	c.guests[s.VMID] = g
	if s.Config != nil {
		// Volumes of a written configuration must be there before a clone counts free names; others follow on demand.
		c.config(g)
	}
}

// config returns the stored configuration, without pending changes. It builds that of a planted guest on first use.
func (c *Cluster) config(g *guest) map[string]string {
	if g.conf != nil {
		return g.conf
	}
	g.conf = c.planted(g)
	c.plantDisks(g)
	return g.conf
}

// planted is the configuration that a guest of the seed began with.
func (c *Cluster) planted(g *guest) map[string]string {
	s := g.seed
	conf := maps.Clone(s.Config)
	if conf == nil {
		conf = c.plainConfig(g)
	}
	if s.Template {
		conf["template"] = "1"
	}
	if len(s.Tags) > 0 && conf["tags"] == "" {
		conf["tags"] = normalTags(strings.Join(s.Tags, ";"))
	}
	c.complete(g, conf)
	return conf
}

// plainConfig is the configuration of a guest of which only the figures are known.
func (c *Cluster) plainConfig(g *guest) map[string]string {
	s := g.seed
	size := formatSize(max(s.DiskBytes, 1<<30) &^ (1<<20 - 1))
	content, bridge := "images", c.someBridge(g.node)
	conf := map[string]string{"memory": strconv.FormatInt(max(s.MemoryBytes>>20, 16), 10)}
	if g.container() {
		content = "rootdir"
		conf["hostname"], conf["arch"], conf["ostype"], conf["swap"] = s.Name, "amd64", "unmanaged", "512"
		conf["cores"] = strconv.Itoa(max(int(s.CPUs+0.5), 1))
		if s.CPUs > 0 && s.CPUs != float64(int(s.CPUs)) {
			conf["cpulimit"] = strconv.FormatFloat(s.CPUs, 'f', -1, 64)
		}
		conf["net0"] = "name=eth0,bridge=" + bridge + ",ip=dhcp"
	} else {
		conf["name"], conf["cores"], conf["sockets"] = s.Name, strconv.Itoa(max(int(s.CPUs), 1)), "1"
		conf["scsihw"], conf["ostype"], conf["boot"] = "virtio-scsi-single", "l26", "order=scsi0;net0"
		conf["net0"] = "virtio,bridge=" + bridge
	}
	for _, name := range c.sortedStorages() {
		st := c.storages[name]
		if !st.holds(content) || !st.on(g.node) || st.disabled {
			continue
		}
		id := st.volumeID(g.id, fmt.Sprintf("vm-%d-disk-0", g.id), "raw", "", "disk")
		if g.container() {
			conf["rootfs"] = id + ",size=" + size
		} else {
			conf["scsi0"] = id + ",size=" + size
		}
		break
	}
	return conf
}

func (c *Cluster) someBridge(node string) string {
	for _, name := range slices.Sorted(maps.Keys(c.nodes[node].ifaces)) {
		if strings.HasSuffix(strings.ToLower(c.nodes[node].ifaces[name]["type"]), "bridge") {
			return name
		}
	}
	return "vmbr0"
}

// complete adds what Proxmox VE gives every guest: addresses and identities, which here follow from the id alone.
func (c *Cluster) complete(g *guest, conf map[string]string) {
	for key, value := range conf {
		if isIndexed(key, "net") {
			conf[key] = c.nic(g, key, value, "")
		}
	}
	if g.container() {
		return
	}
	if conf["vmgenid"] == "" {
		conf["vmgenid"] = fixedUUID(g.id, "vmgenid")
	}
	if conf["smbios1"] == "" {
		conf["smbios1"] = "uuid=" + fixedUUID(g.id, "smbios1")
	}
	if conf["meta"] == "" {
		conf["meta"] = fmt.Sprintf("creation-qemu=9.0.2,ctime=%d", 1_700_000_000+g.id)
	}
}

func fixedUUID(vmid int, what string) string {
	h := fnv.New128a()
	_, _ = fmt.Fprintf(h, "%d/%s", vmid, what)
	s := hex.EncodeToString(h.Sum(nil))
	return s[:8] + "-" + s[8:12] + "-4" + s[13:16] + "-8" + s[17:20] + "-" + s[20:]
}

// plantDisks makes the volumes that a planted configuration names.
func (c *Cluster) plantDisks(g *guest) {
	for key, value := range g.conf {
		if !isDisk(g, key) {
			continue
		}
		p := parseProperty(value, "file", "volume")
		name, file := splitVolume(p.head)
		s := c.storages[name]
		if file == "" || s == nil {
			continue
		}
		k := volumeKey{node: s.key(g.node), storage: name, id: p.head}
		if c.volumes[k] != nil {
			continue
		}
		size, ok := parseSize(p.values["size"])
		if !ok {
			size = 4 << 20
		}
		content := "images"
		if g.container() {
			content = "rootdir"
		}
		format := "raw"
		if !s.block() {
			format = formatOf("", file)
		}
		parent := ""
		if base, _, linked := strings.Cut(file, "/vm-"); linked && strings.Contains(base, "base-") {
			parent = name + ":" + base
		}
		c.volumes[k] = &volume{id: p.head, content: content, format: format, size: size, vmid: g.id, parent: parent, ctime: c.booted.Unix()}
	}
}

// materialiseOn makes sure that the volumes of planted guests on a storage are there.
func (c *Cluster) materialiseOn(s *storage, node string) {
	for _, g := range c.guests {
		if g.conf == nil && (s.shared || g.node == node) {
			c.config(g)
		}
	}
}

// effective is the configuration with pending changes, which is what GET config shows.
func (c *Cluster) effective(g *guest) map[string]string {
	conf := c.config(g)
	if len(g.pending) == 0 {
		return conf
	}
	merged := maps.Clone(conf)
	for k, v := range g.pending {
		if v == "" {
			delete(merged, k)
		} else {
			merged[k] = v
		}
	}
	return merged
}

func (g *guest) name() string {
	key := "name"
	if g.container() {
		key = "hostname"
	}
	switch {
	case g.conf == nil:
		return g.seed.Name
	case g.conf[key] != "":
		return g.conf[key]
	case g.container():
		return fmt.Sprintf("CT%d", g.id)
	default:
		return fmt.Sprintf("VM %d", g.id)
	}
}

func (g *guest) template() bool {
	if g.conf == nil {
		return g.seed.Template
	}
	return g.conf["template"] == "1"
}

func (g *guest) tags() string {
	if g.conf == nil {
		return strings.Join(g.seed.Tags, ";")
	}
	return g.conf["tags"]
}

// cpus is the number of CPUs; a container's limit may be a fraction.
func (g *guest) cpus() float64 {
	if g.conf == nil {
		return g.seed.CPUs
	}
	if g.container() {
		if limit, err := strconv.ParseFloat(g.conf["cpulimit"], 64); err == nil && limit > 0 {
			return limit
		}
		return float64(intOf(g.conf["cores"], 1))
	}
	if v := intOf(g.conf["vcpus"], 0); v > 0 {
		return float64(v)
	}
	return float64(intOf(g.conf["cores"], 1) * intOf(g.conf["sockets"], 1))
}

// memory is the configured maximum in bytes.
func (g *guest) memory() int64 {
	if g.conf == nil {
		return g.seed.MemoryBytes
	}
	text, _, _ := strings.Cut(strings.TrimPrefix(g.conf["memory"], "current="), ",")
	return int64(intOf(text, 512)) << 20
}

// usedMemory is what a running guest uses: as planted, or a quarter of its memory where nothing is known.
func (g *guest) usedMemory() int64 {
	if !g.running {
		return 0
	}
	if g.memUsed > 0 {
		return min(g.memUsed, g.memory())
	}
	return g.memory() / 4
}

// disk is the size of the boot disk in bytes.
func (g *guest) disk() int64 {
	if g.conf == nil {
		return g.seed.DiskBytes
	}
	for _, key := range append(bootOrder(g.conf["boot"]), "rootfs", "scsi0", "virtio0", "sata0", "ide0") {
		p := parseProperty(g.conf[key], "file", "volume")
		if size, ok := parseSize(p.values["size"]); ok && p.values["media"] == "" && g.conf[key] != "" {
			return size
		}
	}
	return 0
}

func bootOrder(boot string) []string {
	return splitList(strings.TrimPrefix(boot, "order="))
}

func (g *guest) status() string {
	if g.running {
		return "running"
	}
	return "stopped"
}

func (c *Cluster) guestUptime(g *guest) int64 {
	if !g.running {
		return 0
	}
	return g.uptime0 + int64(c.now().Sub(g.since).Seconds())
}

func intOf(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return otherwise
}

// intOr is the number in text, or text where there is none.
func intOr(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	return text
}

// digestOf is the checksum by which Proxmox VE notices concurrent changes.
func digestOf(conf map[string]string) string {
	h := sha1.New()
	for _, k := range slices.Sorted(maps.Keys(conf)) {
		_, _ = fmt.Fprintf(h, "%s: %s\n", k, conf[k])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// find returns the guest that a path names. A guest of the other kind, or of another node, is not there.
func (c *Cluster) find(r *request, kind pve.GuestKind) (*guest, error) {
	g, ok := c.guests[r.vmid()]
	if !ok || g.kind != kind || g.node != r.node() {
		place := "qemu-server"
		if kind == pve.KindContainer {
			place = "lxc"
		}
		return nil, die("Configuration file 'nodes/%s/%s/%d.conf' does not exist", r.node(), place, r.vmid())
	}
	return g, nil
}

// claim is find for a change: it takes the guest's lock.
func (c *Cluster) claim(r *request, kind pve.GuestKind) (*guest, error) {
	g, err := c.find(r, kind)
	if err != nil {
		return nil, err
	}
	if c.faults.isLocked(g.id) {
		return nil, die("can't lock file '/var/lock/%s/lock-%d.conf' - got timeout", lockPlace(kind), g.id)
	}
	if g.lock != "" && !r.flag("skiplock") {
		return nil, die("%s is locked (%s)", kindName(g), g.lock)
	}
	g.changed()
	g.touched = true
	return g, nil
}

func lockPlace(kind pve.GuestKind) string {
	if kind == pve.KindContainer {
		return "lxc"
	}
	return "qemu-server"
}

func kindName(g *guest) string {
	if g.container() {
		return "CT"
	}
	return "VM"
}

// remove takes a guest and its volumes out of the cluster.
func (c *Cluster) remove(g *guest) {
	for key, value := range c.config(g) {
		if isDisk(g, key) {
			if p := parseProperty(value, "file", "volume"); c.owns(g, p.head) {
				c.free(g.node, p.head)
			}
		}
	}
	delete(c.guests, g.id)
	delete(c.firewall, fmt.Sprintf("%s/%d", g.kind, g.id))
}

// owns reports whether a volume is the guest's own disk, not an image that it only reads.
func (c *Cluster) owns(g *guest, id string) bool {
	v, ok := c.volumeOn(g.node, id)
	return ok && v.vmid == g.id
}
