package twin

import (
	"net/url"
	"slices"
	"strconv"
)

// firewall is what is configured for a guest. The twin filters nothing.
type firewall struct {
	options url.Values
	rules   []url.Values // in order of position
}

func firewallRoutes(base string) map[string]handler {
	return map[string]handler{
		"GET " + base + "/firewall/options":        (*Cluster).firewallOptions,
		"PUT " + base + "/firewall/options":        (*Cluster).setFirewallOptions,
		"GET " + base + "/firewall/rules":          (*Cluster).firewallRules,
		"POST " + base + "/firewall/rules":         (*Cluster).addFirewallRule,
		"GET " + base + "/firewall/rules/{pos}":    (*Cluster).firewallRule,
		"PUT " + base + "/firewall/rules/{pos}":    (*Cluster).setFirewallRule,
		"DELETE " + base + "/firewall/rules/{pos}": (*Cluster).dropFirewallRule,
	}
}

func (c *Cluster) firewallOf(r *request) (*firewall, error) {
	g, err := c.anyGuest(r)
	if err != nil {
		return nil, err
	}
	key := string(g.kind) + "/" + strconv.Itoa(g.id)
	f := c.firewall[key]
	if f == nil {
		f = &firewall{options: url.Values{}}
		c.firewall[key] = f
	}
	return f, nil
}

func (c *Cluster) firewallOptions(r *request) (any, error) {
	f, err := c.firewallOf(r)
	if err != nil {
		return nil, err
	}
	return firewallRow(f.options), nil
}

func firewallRow(v url.Values) object {
	row := object{}
	for key := range v {
		switch key {
		case "enable", "dhcp", "ndp", "radv", "macfilter", "ipfilter":
			row[key] = intOr(v.Get(key))
		case "vmid":
		default:
			row[key] = v.Get(key)
		}
	}
	return row
}

func (c *Cluster) setFirewallOptions(r *request) (any, error) {
	f, err := c.firewallOf(r)
	if err != nil {
		return nil, err
	}
	merge(f.options, r.values)
	return nil, nil
}

func (c *Cluster) firewallRules(r *request) (any, error) {
	f, err := c.firewallOf(r)
	if err != nil {
		return nil, err
	}
	rows := []object{}
	for i, rule := range f.rules {
		row := firewallRow(rule)
		row["pos"] = i
		rows = append(rows, row)
	}
	return rows, nil
}

// addFirewallRule puts a rule in front, as Proxmox VE does, or at its position.
func (c *Cluster) addFirewallRule(r *request) (any, error) {
	f, err := c.firewallOf(r)
	if err != nil {
		return nil, err
	}
	rule := url.Values{}
	merge(rule, r.values)
	rule.Del("pos")
	at := min(int(r.number("pos")), len(f.rules))
	f.rules = slices.Insert(f.rules, at, rule)
	return nil, nil
}

// ruleAt finds the rule that a path names.
func (c *Cluster) ruleAt(r *request) (*firewall, int, error) {
	f, err := c.firewallOf(r)
	if err != nil {
		return nil, 0, err
	}
	at := int(r.number("pos"))
	if at < 0 || at >= len(f.rules) {
		return nil, 0, die("no rule at position %d", at)
	}
	return f, at, nil
}

func (c *Cluster) firewallRule(r *request) (any, error) {
	f, at, err := c.ruleAt(r)
	if err != nil {
		return nil, err
	}
	row := firewallRow(f.rules[at])
	row["pos"] = strconv.Itoa(at) // a number in lists, text here
	return row, nil
}

func (c *Cluster) setFirewallRule(r *request) (any, error) {
	f, at, err := c.ruleAt(r)
	if err != nil {
		return nil, err
	}
	merge(f.rules[at], r.values)
	f.rules[at].Del("pos")
	if r.has("moveto") {
		f.rules[at].Del("moveto")
		rule := f.rules[at]
		f.rules = slices.Delete(f.rules, at, at+1)
		f.rules = slices.Insert(f.rules, min(int(r.number("moveto")), len(f.rules)), rule)
	}
	return nil, nil
}

func (c *Cluster) dropFirewallRule(r *request) (any, error) {
	f, at, err := c.ruleAt(r)
	if err != nil {
		return nil, err
	}
	f.rules = slices.Delete(f.rules, at, at+1)
	return nil, nil
}
