package twin

import (
	"fmt"
	"hash/fnv"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
)

// macPrefix is what GET /cluster/options names for new network devices.
const macPrefix = "BC:24:11"

func itoa(n int) string { return strconv.Itoa(n) }

// limits are the number of slots of each indexed key; the schema gives none.
var limits = map[pve.GuestKind]map[string]int{
	pve.KindVM: {
		"net": 32, "scsi": 31, "virtio": 16, "sata": 6, "ide": 4, "unused": 256, "hostpci": 16, "usb": 14, "serial": 4, "parallel": 3,
		"numa": 8, "virtiofs": 10, "ipconfig": 32, "efidisk": 1, "tpmstate": 1,
	},
	pve.KindContainer: {"mp": 256, "net": 32, "dev": 256, "unused": 256},
}

// isIndexed reports whether key is stem followed by a number.
func isIndexed(key, stem string) bool {
	number, ok := strings.CutPrefix(key, stem)
	_, err := strconv.Atoi(number)
	return ok && err == nil
}

func stemOf(key string) string { return strings.TrimRight(key, "0123456789") }

// isDisk reports whether a key of the configuration names a volume.
func isDisk(g *guest, key string) bool {
	if key == "scsihw" {
		return false
	}
	if g.container() {
		return key == "rootfs" || isIndexed(key, "mp") || isIndexed(key, "unused")
	}
	switch stemOf(key) {
	case "scsi", "virtio", "sata", "ide", "efidisk", "tpmstate", "unused":
		return stemOf(key) != key
	}
	return false
}

// checkSlots refuses an index that the kind of guest does not have.
func checkSlots(kind pve.GuestKind, values url.Values) error {
	faults := map[string]string{}
	for key := range values {
		stem := stemOf(key)
		limit, ok := limits[kind][stem]
		if !ok || stem == key {
			continue
		}
		if n, err := strconv.Atoi(key[len(stem):]); err != nil || n >= limit {
			faults[key] = "property is not defined in schema and the schema does not allow additional properties"
		}
	}
	if len(faults) > 0 {
		return rejectAll(faults)
	}
	return nil
}

// nic writes a network device as Proxmox VE stores it. An address is made where neither the value nor previous has one.
func (c *Cluster) nic(g *guest, key, value, previous string) string {
	p := parseProperty(value)
	if g.container() {
		if p.values["hwaddr"] == "" {
			p.set("hwaddr", addressOf(previous, c.newMAC(g.id, key)))
		}
		if p.values["type"] == "" {
			p.set("type", "veth")
		}
		p.values["hwaddr"] = strings.ToUpper(p.values["hwaddr"])
		dropZero(&p)
		return p.String()
	}
	model, mac := p.values["model"], p.values["macaddr"]
	if p.head != "" {
		model = p.head
	}
	for _, k := range slices.Clone(p.keys) {
		if slices.Contains(nicModels, k) {
			model, mac = k, p.values[k]
			p.remove(k)
		}
	}
	if mac == "" {
		mac = addressOf(previous, c.newMAC(g.id, key))
	}
	p.remove("model", "macaddr")
	dropZero(&p)
	out := property{keys: []string{model}, values: map[string]string{model: strings.ToUpper(mac)}}
	for _, k := range p.keys {
		out.set(k, p.values[k])
	}
	return out.String()
}

// dropZero leaves out what Proxmox VE does not write when it is off.
func dropZero(p *property) {
	for _, key := range []string{"firewall", "link_down"} {
		if p.values[key] == "0" {
			p.remove(key)
		}
	}
}

var nicModels = []string{"e1000", "e1000-82540em", "e1000-82544gc", "e1000-82545em", "e1000e", "i82551", "i82557b", "i82559er", "ne2k_isa", "ne2k_pci", "pcnet", "rtl8139", "virtio", "vmxnet3"}

// addressOf is the hardware address in a stored device, or otherwise.
func addressOf(device, otherwise string) string {
	for key, value := range parseProperty(device).values {
		if key == "hwaddr" || slices.Contains(nicModels, key) {
			return value
		}
	}
	return otherwise
}

// newMAC follows from the guest and the slot, so that equal runs give equal addresses.
func (c *Cluster) newMAC(vmid int, slot string) string {
	h := fnv.New32a()
	_, _ = fmt.Fprintf(h, "%d/%s", vmid, slot)
	n := h.Sum32()
	return fmt.Sprintf("%s:%02X:%02X:%02X", macPrefix, byte(n>>16), byte(n>>8), byte(n))
}

// tags are sorted, in lower case, without repeats.
func normalTags(text string) string {
	tags := splitList(strings.ToLower(text))
	slices.Sort(tags)
	return strings.Join(slices.Compact(tags), ";")
}

// hotKeys change a running machine at once; everything else waits for its next start.
var hotKeys = []string{
	"name", "description", "tags", "onboot", "protection", "startup", "lock", "hookscript", "shares", "cpuunits", "cpulimit", "balloon",
	"affinity", "autostart", "template", "digest", "vmgenid", "migrate_speed", "migrate_downtime", "hotplug", "vmstatestorage", "hostname",
}

func (g *guest) hot(key string) bool {
	if slices.Contains(hotKeys, key) {
		return true
	}
	if g.container() {
		return key == "memory" || key == "swap" || key == "cores" || key == "cpulimit" || isDisk(g, key) || strings.HasPrefix(key, "net") ||
			key == "nameserver" || key == "searchdomain"
	}
	features := g.conf["hotplug"]
	if features == "" || features == "1" {
		features = "network,disk,usb"
	}
	has := func(feature string) bool { return slices.Contains(splitList(features), feature) }
	switch stemOf(key) {
	case "net":
		return has("network")
	case "scsi", "virtio", "unused":
		return has("disk")
	case "usb":
		return has("usb")
	case "ide", "sata":
		return true // only media can change, which is hot
	}
	return false
}

// put writes one key, now or for the next start. An empty value deletes it.
func (g *guest) put(key, value string) {
	delete(g.pending, key)
	if g.running && !g.hot(key) && g.conf[key] != value {
		if g.pending == nil {
			g.pending = map[string]string{}
		}
		g.pending[key] = value
		return
	}
	if value == "" {
		delete(g.conf, key)
	} else {
		g.conf[key] = value
	}
}

// settlePending makes pending changes active, at a stop or a start.
func (g *guest) settlePending() {
	for key, value := range g.pending {
		if value == "" {
			delete(g.conf, key)
		} else {
			g.conf[key] = value
		}
	}
	g.pending = nil
}

// shown is the configuration as an answer: numbers where the schema says so, secrets hidden.
func (c *Cluster) shown(r *request, g *guest, conf map[string]string) object {
	row := object{"digest": digestOf(conf)}
	for key, value := range conf {
		row[key] = c.typed(g, key, value)
	}
	if g.lock != "" {
		row["lock"] = g.lock
	}
	return row
}

// typed gives a stored value its JSON type. A real cluster sends memory and cpulimit of machines as strings.
func (c *Cluster) typed(g *guest, key, value string) any {
	switch {
	case key == "cipassword":
		return "**********"
	case key == "memory" && !g.container():
		return value
	case key == "description" && g.container():
		return value + "\n" // comments of the file, one line each; those of machines are trimmed
	}
	path := "/nodes/{node}/" + string(g.kind) + "/{vmid}/config"
	endpoint, _, err := c.api.Route("PUT", strings.NewReplacer("{node}", "n", "{vmid}", "100").Replace(path))
	if err != nil {
		return value
	}
	p, ok := endpoint.Param(key)
	if key == "template" || key == "unprivileged" {
		return intOr(value)
	}
	if ok && (p.Type == "integer" || p.Type == "boolean") {
		return intOr(value)
	}
	return value
}

func readConfig(kind pve.GuestKind) handler {
	return func(c *Cluster, r *request) (any, error) {
		g, err := c.find(r, kind)
		if err != nil {
			return nil, err
		}
		if r.flag("current") {
			return c.shown(r, g, c.config(g)), nil
		}
		return c.shown(r, g, c.effective(g)), nil
	}
}

func (c *Cluster) readPending(r *request) (any, error) {
	g, err := c.anyGuest(r)
	if err != nil {
		return nil, err
	}
	conf := c.config(g)
	keys := maps.Clone(conf)
	maps.Copy(keys, g.pending)
	rows := []object{}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		row := object{"key": key}
		if value, ok := conf[key]; ok {
			row["value"] = c.typed(g, key, value)
		}
		if value, ok := g.pending[key]; ok {
			if value == "" {
				row["delete"] = 1
			} else {
				row["pending"] = c.typed(g, key, value)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// anyGuest finds the guest of a path that both kinds share a handler for.
func (c *Cluster) anyGuest(r *request) (*guest, error) {
	kind := pve.KindVM
	if strings.Contains(r.endpoint.Path, "/lxc/") {
		kind = pve.KindContainer
	}
	return c.find(r, kind)
}
