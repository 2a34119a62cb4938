package twin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// rowLife is how fresh cluster/resources is on a real cluster.
const rowLife = 10 * time.Second

// guestRow is a guest in cluster/resources.
type guestRow struct {
	ID        string  `json:"id"`
	Type      string  `json:"type"`
	VMID      int     `json:"vmid"`
	Node      string  `json:"node"`
	Status    string  `json:"status"`
	Name      string  `json:"name,omitempty"`
	Template  int     `json:"template"`
	Uptime    int64   `json:"uptime"`
	MaxCPU    float64 `json:"maxcpu"`
	CPU       float64 `json:"cpu"`
	MaxMem    int64   `json:"maxmem"`
	Mem       int64   `json:"mem"`
	MaxDisk   int64   `json:"maxdisk"`
	Disk      int64   `json:"disk"`
	NetIn     int64   `json:"netin"`
	NetOut    int64   `json:"netout"`
	DiskRead  int64   `json:"diskread"`
	DiskWrite int64   `json:"diskwrite"`
	MemHost   int64   `json:"memhost,omitempty"` // PVE 9
	Pool      string  `json:"pool,omitempty"`
	Lock      string  `json:"lock,omitempty"`
	Tags      string  `json:"tags,omitempty"`
	HAState   string  `json:"hastate,omitempty"`
}

func (c *Cluster) rowOf(g *guest) guestRow {
	row := guestRow{
		ID: string(g.kind) + "/" + strconv.Itoa(g.id), Type: string(g.kind), VMID: g.id, Node: g.node, Status: g.status(), Name: g.name(),
		Template: flagOf(g.template()), Uptime: c.guestUptime(g), MaxCPU: g.cpus(), MaxMem: g.memory(), MaxDisk: g.disk(),
		Pool: g.pool, Lock: g.lock, Tags: g.tags(), HAState: c.ha.stateOf(g),
	}
	if g.running {
		row.CPU, row.Mem = g.cpuUsage, g.usedMemory()
		row.NetIn, row.NetOut = row.Uptime*int64(100+g.id%900), row.Uptime*int64(80+g.id%700)
		row.DiskRead, row.DiskWrite = row.Uptime*int64(50+g.id%500), row.Uptime*int64(200+g.id%1500)
		if c.major() >= 9 {
			row.MemHost = row.Mem + 64<<20
		}
	}
	if g.container() && g.running {
		row.Disk = row.MaxDisk / 4
	}
	return row
}

// unknownRow is what remains of a guest whose node does not answer.
type unknownRow struct {
	ID       string `json:"id"`
	Type     string `json:"type"`
	VMID     int    `json:"vmid"`
	Node     string `json:"node"`
	Status   string `json:"status"`
	Name     string `json:"name,omitempty"`
	Template int    `json:"template"`
	Pool     string `json:"pool,omitempty"`
	Tags     string `json:"tags,omitempty"`
	HAState  string `json:"hastate,omitempty"`
}

// guestJSON is the guest's row, written when it changed or has become stale.
func (c *Cluster) guestJSON(g *guest, loose bool) []byte {
	now := c.now()
	if g.row != nil && !loose && now.Sub(g.rowAt) < rowLife {
		return g.row
	}
	var row any = c.rowOf(g)
	if c.nodes[g.node].offline {
		full := c.rowOf(g)
		row = unknownRow{ID: full.ID, Type: full.Type, VMID: full.VMID, Node: full.Node, Status: "unknown", Name: full.Name, Template: full.Template, Pool: full.Pool, Tags: full.Tags, HAState: full.HAState}
	}
	text, err := json.Marshal(row)
	if err != nil {
		text = []byte(fmt.Sprintf(`{"id":%q}`, string(g.kind)+"/"+strconv.Itoa(g.id))) // NaN is the only cause; usage is bounded
	}
	if loose {
		return loosen(text)
	}
	g.row, g.rowAt = text, now
	return text
}

// loosen rewrites a row with the variants of types that were seen in the field.
func loosen(text []byte) []byte {
	var row object
	if json.Unmarshal(text, &row) != nil {
		return text
	}
	for _, key := range []string{"vmid", "maxdisk", "maxmem"} {
		if v, ok := row[key].(float64); ok {
			row[key] = strconv.FormatFloat(v, 'f', -1, 64)
		}
	}
	row["netin"] = nil
	loose, err := json.Marshal(row)
	if err != nil {
		return text
	}
	return loose
}

func (c *Cluster) guestIDs() []int { return slices.Sorted(maps.Keys(c.guests)) }

// guestList is the answer to GET /cluster/resources?type=vm for a caller who may see all. A refresh asks for it once per
// guest; it is good until something changes or it is stale.
type guestList struct {
	text []byte
	at   time.Time
}

// resources answers GET /cluster/resources.
func (c *Cluster) resources(r *request) (any, error) {
	kind := r.text("type")
	loose, _ := c.faults.variant()
	cached := kind == "vm" && r.who.all && !loose
	if cached && c.list.text != nil && c.now().Sub(c.list.at) < rowLife {
		return encoded(c.list.text), nil
	}
	out := bytes.NewBuffer(make([]byte, 0, 64+len(c.guests)*400))
	add := func(row []byte) {
		if out.Len() > 0 {
			out.WriteByte(',')
		}
		out.Write(row)
	}
	if kind == "" || kind == "vm" {
		for _, id := range c.guestIDs() {
			if r.who.has("/vms/"+strconv.Itoa(id), "VM.Audit") {
				add(c.guestJSON(c.guests[id], loose))
			}
		}
	}
	for _, row := range c.otherRows(r.who, kind) {
		text, err := json.Marshal(row)
		if err != nil {
			return nil, fmt.Errorf("encode resource: %w", err)
		}
		add(text)
	}
	answer := append(append([]byte{'['}, out.Bytes()...), ']')
	if cached {
		c.list = guestList{text: answer, at: c.now()}
	}
	return encoded(answer), nil
}

// otherRows are everything but guests; an empty kind means all of it.
func (c *Cluster) otherRows(who identity, kind string) []object {
	var rows []object
	if kind == "" || kind == "node" {
		rows = append(rows, c.nodeRows(who)...)
	}
	if kind == "" || kind == "storage" {
		rows = append(rows, c.storageRows(who)...)
	}
	if kind == "" || kind == "sdn" {
		rows = append(rows, c.zoneRows(who)...)
	}
	if kind == "" {
		rows = append(rows, c.poolRows(who)...)
	}
	return rows
}

func (c *Cluster) nodeRows(who identity) []object {
	cpu, memory := c.useAll()
	var rows []object
	for _, name := range c.order {
		n := c.nodes[name]
		row := object{"id": "node/" + name, "type": "node", "node": name, "status": n.status(), "level": ""}
		if !n.offline && who.has("/nodes/"+name, "Sys.Audit") {
			maps.Copy(row, object{
				"uptime": c.uptime(n), "cpu": cpu[name], "maxcpu": n.CPUs, "mem": memory[name], "maxmem": n.MemoryBytes,
				"disk": n.RootUsedBytes, "maxdisk": n.RootBytes, "cgroup-mode": 2,
			})
		}
		rows = append(rows, row)
	}
	return rows
}

func (c *Cluster) storageRows(who identity) []object {
	var rows []object
	for _, name := range c.sortedStorages() {
		s := c.storages[name]
		if !c.mayUse(who, name) || s.disabled {
			continue
		}
		for _, node := range c.order {
			if !s.on(node) {
				continue
			}
			content := slices.Clone(s.content)
			slices.Sort(content)
			row := object{
				"id": "storage/" + node + "/" + name, "type": "storage", "storage": name, "node": node, "plugintype": s.kind,
				"status": "unknown", "shared": flagOf(s.shared), "content": strings.Join(content, ","),
			}
			if !c.nodes[node].offline {
				total, used := s.figures(node)
				row["status"], row["maxdisk"], row["disk"] = "available", total, used
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func (c *Cluster) zoneRows(who identity) []object {
	var rows []object
	for _, node := range c.order {
		for _, zone := range append([]string{"localnetwork"}, slices.Sorted(maps.Keys(c.sdn.running.zones))...) {
			if zone != "localnetwork" && (!who.has("/sdn/zones/"+zone, "SDN.Audit") || !c.sdn.zoneOn(zone, node)) {
				continue
			}
			status := "ok"
			if c.nodes[node].offline {
				status = "unknown"
			}
			if c.major() >= 9 {
				rows = append(rows, object{"id": "network/" + node + "/zone/" + zone, "type": "network", "network": zone, "network-type": "zone", "node": node, "status": status, "zone-type": c.sdn.running.zones[zone].Get("type")})
				continue
			}
			rows = append(rows, object{"id": "sdn/" + node + "/" + zone, "type": "sdn", "sdn": zone, "node": node, "status": status})
		}
	}
	return rows
}

func (c *Cluster) poolRows(who identity) []object {
	var rows []object
	for _, name := range slices.Sorted(maps.Keys(c.pools)) {
		if who.has("/pool/"+name, "Pool.Audit") {
			rows = append(rows, object{"id": "/pool/" + name, "type": "pool", "pool": name})
		}
	}
	return rows
}

func (c *Cluster) nextID(r *request) (any, error) {
	if r.has("vmid") {
		if _, taken := c.guests[r.vmid()]; taken {
			return nil, reject("vmid", "VM %d already exists", r.vmid())
		}
		return r.text("vmid"), nil
	}
	for id := 100; ; id++ {
		if _, taken := c.guests[id]; !taken {
			return strconv.Itoa(id), nil
		}
	}
}
