package twin

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

func (c *Cluster) listHARules(r *request) (any, error) {
	return haRows(c.ha.rules, func(v url.Values) bool {
		return (!r.has("type") || r.text("type") == v.Get("type")) &&
			(!r.has("resource") || slices.Contains(splitList(v.Get("resources")), c.fullSID(r.text("resource"))))
	}), nil
}

func (c *Cluster) readHARule(r *request) (any, error) {
	v, ok := c.ha.rules[r.text("rule")]
	if !ok {
		return nil, die("no such ha rule '%s'", r.text("rule"))
	}
	return haRow(v), nil
}

// checkHARule is the check of feasibility that PVE 9 does before it writes a rule.
func (c *Cluster) checkHARule(v url.Values) error {
	for _, sid := range splitList(v.Get("resources")) {
		if c.guestOfSID(c.fullSID(sid)) == nil {
			return die("cannot use resource '%s' in rule: no such guest", sid)
		}
	}
	if v.Get("type") == "resource-affinity" && len(splitList(v.Get("resources"))) < 2 {
		return rejectAll(map[string]string{"resources": "rule defines less than two resources"})
	}
	for _, entry := range splitList(v.Get("nodes")) {
		name, _, _ := strings.Cut(entry, ":")
		if c.nodes[name] == nil {
			return reject("nodes", "node '%s' does not exist", name)
		}
	}
	return nil
}

func (c *Cluster) createHARule(r *request) (any, error) {
	name := r.text("rule")
	if _, ok := c.ha.rules[name]; ok {
		return nil, die("create ha rule failed: HA rule '%s' already defined", name)
	}
	v := url.Values{}
	merge(v, r.values)
	if err := c.checkHARule(v); err != nil {
		return nil, err
	}
	c.ha.rules[name] = v
	return nil, nil
}

func (c *Cluster) updateHARule(r *request) (any, error) {
	old, ok := c.ha.rules[r.text("rule")]
	if !ok {
		return nil, die("update ha rule failed: HA rule '%s' does not exist", r.text("rule"))
	}
	v := maps.Clone(old)
	merge(v, r.values)
	if err := c.checkHARule(v); err != nil {
		return nil, err
	}
	c.ha.rules[r.text("rule")] = v
	return nil, nil
}

func (c *Cluster) deleteHARule(r *request) (any, error) {
	if _, ok := c.ha.rules[r.text("rule")]; !ok {
		return nil, die("no such ha rule '%s'", r.text("rule"))
	}
	delete(c.ha.rules, r.text("rule"))
	return nil, nil
}
