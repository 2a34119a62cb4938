package twin

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// highAvailability is what the HA manager knows. Its manager acts at once and only on started and stopped: it moves nothing
// by itself, neither by group nor by rule nor when a node fails.
type highAvailability struct {
	groups    map[string]url.Values // PVE 8
	rules     map[string]url.Values // PVE 9
	resources map[string]url.Values // by "vm:101"
}

const migrated = "ha groups have been migrated to rules"

func (c *Cluster) plantHA(seed Seed) {
	c.ha = highAvailability{groups: map[string]url.Values{}, rules: map[string]url.Values{}, resources: map[string]url.Values{}}
	members := map[string][]string{}
	for _, s := range seed.HAServices {
		v := url.Values{"sid": {s.SID}, "type": {strings.SplitN(s.SID, ":", 2)[0]}, "state": {s.State}}
		if s.Group != "" {
			members[s.Group] = append(members[s.Group], s.SID)
			if c.major() < 9 {
				v.Set("group", s.Group)
			}
		}
		c.ha.resources[s.SID] = v
	}
	for _, g := range seed.HAGroups {
		nodes := nodeList(g.Nodes)
		if c.major() < 9 {
			c.ha.groups[g.Name] = url.Values{"group": {g.Name}, "type": {"group"}, "nodes": {nodes}, "restricted": {fmt.Sprint(flagOf(g.Restricted))}, "nofailback": {fmt.Sprint(flagOf(g.NoFailback))}}
		} else if len(members[g.Name]) > 0 {
			// The upgrade to 9 turns a group into a rule for the resources that were in it.
			c.ha.rules["ha-group-"+g.Name] = url.Values{"rule": {"ha-group-" + g.Name}, "type": {"node-affinity"}, "nodes": {nodes}, "resources": {strings.Join(members[g.Name], ",")}, "strict": {fmt.Sprint(flagOf(g.Restricted))}}
		}
	}
	for _, rule := range seed.HARules {
		v := url.Values{"rule": {rule.Name}, "type": {rule.Type}, "resources": {strings.Join(rule.Resources, ",")}}
		if rule.Type == "node-affinity" {
			v.Set("nodes", nodeList(rule.Nodes))
			v.Set("strict", fmt.Sprint(flagOf(rule.Strict)))
		} else {
			v.Set("affinity", rule.Affinity)
		}
		if rule.Disabled {
			v.Set("disable", "1")
		}
		c.ha.rules[rule.Name] = v
	}
}

// nodeList writes "pmox01,pmox02:2".
func nodeList(nodes map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(nodes)) {
		if nodes[name] != 0 {
			name += ":" + strconv.Itoa(nodes[name])
		}
		parts = append(parts, name)
	}
	return strings.Join(parts, ",")
}

func sidOf(g *guest) string {
	if g.container() {
		return "ct:" + strconv.Itoa(g.id)
	}
	return "vm:" + strconv.Itoa(g.id)
}

// fullSID accepts the short form, a guest's number alone.
func (c *Cluster) fullSID(text string) string {
	if id, err := strconv.Atoi(text); err == nil {
		if g := c.guests[id]; g != nil {
			return sidOf(g)
		}
		return "vm:" + text
	}
	return text
}

func (c *Cluster) guestOfSID(sid string) *guest {
	_, number, _ := strings.Cut(sid, ":")
	id, err := strconv.Atoi(number)
	if err != nil {
		return nil
	}
	return c.guests[id]
}

func (h *highAvailability) stateOf(g *guest) string {
	if len(h.resources) == 0 {
		return ""
	}
	v, ok := h.resources[sidOf(g)]
	if !ok {
		return ""
	}
	return v.Get("state")
}

func (h *highAvailability) manages(g *guest) bool {
	_, ok := h.resources[sidOf(g)]
	return ok
}

// haRow shows an entry: numbers as numbers, and nothing that was never set.
func haRow(v url.Values) object {
	flat := map[string]string{}
	for key := range v {
		flat[key] = v.Get(key)
	}
	row := object{"digest": digestOf(flat)}
	for key, value := range flat {
		switch key {
		case "nofailback", "restricted", "max_restart", "max_relocate", "failback", "strict", "disable":
			row[key] = intOr(value)
		default:
			row[key] = value
		}
	}
	return row
}

func haRows(all map[string]url.Values, keep func(url.Values) bool) []object {
	rows := []object{}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if keep(all[key]) {
			rows = append(rows, haRow(all[key]))
		}
	}
	return rows
}

func (c *Cluster) haGroups(deed string) error {
	if c.major() >= 9 {
		return die("cannot %s: %s", deed, migrated)
	}
	return nil
}

func (c *Cluster) listHAGroups(r *request) (any, error) {
	if err := c.haGroups("index groups"); err != nil {
		return nil, err
	}
	return haRows(c.ha.groups, func(url.Values) bool { return true }), nil
}

func (c *Cluster) readHAGroup(r *request) (any, error) {
	if err := c.haGroups("read group"); err != nil {
		return nil, err
	}
	g, ok := c.ha.groups[r.text("group")]
	if !ok {
		return nil, die("no such ha group '%s'", r.text("group"))
	}
	return haRow(g), nil
}

func (c *Cluster) createHAGroup(r *request) (any, error) {
	if err := c.haGroups("create group"); err != nil {
		return nil, err
	}
	name := r.text("group")
	if _, ok := c.ha.groups[name]; ok {
		return nil, die("create ha group failed: ha group ID '%s' already defined", name)
	}
	v := url.Values{"type": {"group"}, "nofailback": {"0"}, "restricted": {"0"}}
	merge(v, r.values)
	c.ha.groups[name] = v
	return nil, nil
}

func (c *Cluster) updateHAGroup(r *request) (any, error) {
	if err := c.haGroups("update group"); err != nil {
		return nil, err
	}
	g, ok := c.ha.groups[r.text("group")]
	if !ok {
		return nil, die("no such ha group '%s'", r.text("group"))
	}
	merge(g, r.values)
	return nil, nil
}

func (c *Cluster) deleteHAGroup(r *request) (any, error) {
	if err := c.haGroups("delete group"); err != nil {
		return nil, err
	}
	name := r.text("group")
	if _, ok := c.ha.groups[name]; !ok {
		return nil, die("delete group failed: no such ha group '%s'", name)
	}
	for sid, v := range c.ha.resources {
		if v.Get("group") == name {
			return nil, die("delete group failed: ha group '%s' is used by service '%s'", name, sid)
		}
	}
	delete(c.ha.groups, name)
	return nil, nil
}

// merge writes the parameters of a request into an entry and deletes what it names under delete.
func merge(into, values url.Values) {
	for key, all := range values {
		switch key {
		case "delete", "digest", "node", "purge":
		default:
			into[key] = slices.Clone(all)
		}
	}
	for _, key := range splitList(values.Get("delete")) {
		into.Del(key)
	}
}

func (c *Cluster) listHAResources(r *request) (any, error) {
	return haRows(c.ha.resources, func(v url.Values) bool { return !r.has("type") || r.text("type") == v.Get("type") }), nil
}

func (c *Cluster) haResource(r *request) (string, url.Values, error) {
	sid := c.fullSID(r.text("sid"))
	v, ok := c.ha.resources[sid]
	if !ok {
		return sid, nil, die("no such resource '%s'", sid)
	}
	return sid, v, nil
}

func (c *Cluster) readHAResource(r *request) (any, error) {
	_, v, err := c.haResource(r)
	if err != nil {
		return nil, err
	}
	return haRow(v), nil
}

func (c *Cluster) checkHAGroupOf(r *request) error {
	if !r.has("group") {
		return nil
	}
	if c.major() >= 9 {
		return die("invalid parameter 'group': %s", migrated)
	}
	if _, ok := c.ha.groups[r.text("group")]; !ok {
		return die("no such ha group '%s'", r.text("group"))
	}
	return nil
}

func (c *Cluster) createHAResource(r *request) (any, error) {
	sid := c.fullSID(r.text("sid"))
	if _, ok := c.ha.resources[sid]; ok {
		return nil, die("create resource failed: resource ID '%s' already defined", sid)
	}
	g := c.guestOfSID(sid)
	if g == nil {
		return nil, die("create resource failed: unable to find vm '%s' in config", strings.TrimPrefix(sid, "vm:"))
	}
	if err := c.checkHAGroupOf(r); err != nil {
		return nil, err
	}
	v := url.Values{"type": {strings.SplitN(sid, ":", 2)[0]}, "state": {"started"}}
	merge(v, r.values)
	v.Set("sid", sid)
	c.ha.resources[sid] = v
	c.enforce(g, v.Get("state"))
	return nil, nil
}

func (c *Cluster) updateHAResource(r *request) (any, error) {
	sid, v, err := c.haResource(r)
	if err != nil {
		return nil, err
	}
	if err := c.checkHAGroupOf(r); err != nil {
		return nil, err
	}
	merge(v, r.values)
	v.Set("sid", sid)
	if g := c.guestOfSID(sid); g != nil {
		c.enforce(g, v.Get("state"))
	}
	return nil, nil
}

func (c *Cluster) deleteHAResource(r *request) (any, error) {
	sid, _, err := c.haResource(r)
	if err != nil {
		return nil, die("cannot delete service '%s', not HA managed!", sid)
	}
	c.forgetHA(sid)
	return nil, nil
}

// forgetHA takes a guest out of HA, its rules included.
func (c *Cluster) forgetHA(sid string) {
	delete(c.ha.resources, sid)
	for name, rule := range c.ha.rules {
		left := slices.DeleteFunc(splitList(rule.Get("resources")), func(s string) bool { return s == sid })
		if len(left) == 0 {
			delete(c.ha.rules, name)
			continue
		}
		rule.Set("resources", strings.Join(left, ","))
	}
	if g := c.guestOfSID(sid); g != nil {
		g.changed()
	}
}

// enforce brings a guest into the state that HA wants.
func (c *Cluster) enforce(g *guest, state string) {
	g.changed()
	switch state {
	case "started", "enabled":
		if !g.running && !c.nodes[g.node].offline {
			c.powerOn(g)
		}
	case "stopped", "disabled":
		if g.running {
			c.powerOff(g)
		}
	}
}

func (c *Cluster) migrateHA(r *request) (any, error) {
	sid, _, err := c.haResource(r)
	if err != nil {
		return nil, err
	}
	target := r.text("node")
	if c.nodes[target] == nil || c.nodes[target].offline {
		return nil, die("node '%s' does not exist or is not online", target)
	}
	g := c.guestOfSID(sid)
	if g == nil {
		return nil, die("no such VM '%s'", sid)
	}
	if g.running { // a stopped service only notes the wish
		c.relocate(g, target, "")
	}
	return object{"sid": sid, "requested-node": target}, nil
}

// haStatus answers GET /cluster/ha/status/current.
func (c *Cluster) haStatus(r *request) (any, error) {
	here, now := c.first(), c.now()
	quorum := object{"id": "quorum", "type": "quorum", "node": here, "status": "OK", "quorate": flagOf(c.quorate())}
	if !c.quorate() {
		quorum["status"] = fmt.Sprintf("No quorum on node '%s'!", here)
	}
	rows := []object{quorum}
	if len(c.ha.resources) == 0 {
		return rows, nil // nobody ever wanted HA: there is no master and no node is watched
	}
	stamp := func(row object, node, state string, at time.Time) {
		row["node"], row["timestamp"] = node, at.Unix()
		row["status"] = fmt.Sprintf("%s (%s, %s)", node, state, at.UTC().Format(time.ANSIC))
		rows = append(rows, row)
	}
	state, at := "active", now
	if !c.quorate() { // nobody may write the status any more
		state, at = "old timestamp - dead?", now.Add(-5*time.Minute)
	}
	stamp(object{"id": "master", "type": "master"}, here, state, at)
	for _, name := range c.order {
		row := object{"id": "lrm:" + name, "type": "lrm"}
		switch {
		case c.nodes[name].offline || !c.quorate():
			stamp(row, name, "old timestamp - dead?", now.Add(-5*time.Minute))
		case c.serves(name):
			stamp(row, name, "active", now)
		default:
			stamp(row, name, "idle", now)
		}
	}
	for _, sid := range slices.Sorted(maps.Keys(c.ha.resources)) {
		v := c.ha.resources[sid]
		g := c.guestOfSID(sid)
		if g == nil {
			continue
		}
		state := v.Get("state")
		row := object{"id": "service:" + sid, "type": "service", "sid": sid, "node": g.node, "state": state, "crm_state": state, "request_state": state, "status": fmt.Sprintf("%s (%s, %s)", sid, g.node, state)}
		if v.Get("group") != "" {
			row["group"] = v.Get("group")
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// serves reports whether a guest under HA is on the node.
func (c *Cluster) serves(node string) bool {
	for sid := range c.ha.resources {
		if g := c.guestOfSID(sid); g != nil && g.node == node {
			return true
		}
	}
	return false
}

func (c *Cluster) haManagerStatus(r *request) (any, error) {
	quorum := object{"node": c.first(), "quorate": fmt.Sprint(flagOf(c.quorate()))}
	if len(c.ha.resources) == 0 {
		return object{"manager_status": object{}, "quorum": quorum}, nil
	}
	nodes, services, locals := object{}, object{}, object{}
	for _, name := range c.order {
		locals[name] = object{"mode": "active", "state": map[bool]string{true: "active", false: "wait_for_agent_lock"}[c.serves(name)], "timestamp": c.now().Unix(), "results": object{}}
		nodes[name] = map[bool]string{true: "unknown", false: "online"}[c.nodes[name].offline]
	}
	for sid, v := range c.ha.resources {
		if g := c.guestOfSID(sid); g != nil {
			services[sid] = object{"node": g.node, "state": v.Get("state"), "running": flagOf(g.running)}
		}
	}
	return object{
		"manager_status": object{"master_node": c.first(), "node_status": nodes, "service_status": services, "timestamp": c.now().Unix()},
		"quorum":         quorum,
		"lrm_status":     locals,
	}, nil
}
