package twin

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"proviso.dev/pkg/twin/apifacts"
)

// has reports whether the identity holds a privilege on a path such as "/vms/101".
func (who identity) has(path, privilege string) bool {
	if who.all {
		return true
	}
	for _, g := range who.grants {
		if g.path == path || g.propagate && (g.path == "/" || strings.HasPrefix(path, g.path+"/")) {
			if g.privileges[privilege] {
				return true
			}
		}
	}
	return false
}

func (who identity) hasAny(path string, privileges ...string) bool {
	return slices.ContainsFunc(privileges, func(p string) bool { return who.has(path, p) })
}

// authorise checks the method's own permission expression. Where a method is for everybody, its handler filters.
func (c *Cluster) authorise(who identity, endpoint *apifacts.Endpoint, values url.Values) error {
	if who.all {
		return nil
	}
	p := endpoint.Permissions()
	if p == nil {
		return forbid("/", []string{"root@pam"})
	}
	if p.User != "" {
		return nil
	}
	var check []any
	if err := json.Unmarshal(p.Check, &check); err != nil {
		return die("permission expression of %s %s: %v", endpoint.Method, endpoint.Path, err)
	}
	if failed, ok := c.holds(who, check, values); !ok {
		return forbid(failed.path, failed.privileges)
	}
	return nil
}

// failedCheck names the first privilege that was missing.
type failedCheck struct {
	path       string
	privileges []string
}

// holds evaluates an expression of the schema: ["perm", path, [privileges], "any", 1], ["and", …], ["or", …] and so on.
func (c *Cluster) holds(who identity, check []any, values url.Values) (failedCheck, bool) {
	none := failedCheck{path: "/"}
	if len(check) == 0 {
		return none, false
	}
	switch check[0] {
	case "and", "or":
		first := none
		for i, part := range check[1:] {
			sub, _ := part.([]any)
			failed, ok := c.holds(who, sub, values)
			if ok && check[0] == "or" {
				return none, true
			}
			if !ok && check[0] == "and" {
				return failed, false
			}
			if i == 0 {
				first = failed
			}
		}
		return first, check[0] == "and"
	case "perm":
		return who.holdsPerm(check, values)
	case "userid-param":
		return none, values.Get("userid") == strings.SplitN(who.name, "!", 2)[0]
	case "userid-group":
		var privileges []string
		if len(check) > 1 {
			privileges = texts(check[1])
		}
		return failedCheck{path: "/access/groups", privileges: privileges}, who.hasAny("/access/groups", privileges...)
	case "perm-modify":
		return failedCheck{path: "/", privileges: []string{"Permissions.Modify"}}, who.has("/", "Permissions.Modify")
	}
	return none, false
}

func (who identity) holdsPerm(check []any, values url.Values) (failedCheck, bool) {
	if len(check) < 3 {
		return failedCheck{path: "/"}, false
	}
	template, _ := check[1].(string)
	var path []string
	for part := range strings.SplitSeq(template, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			part = values.Get(strings.TrimSuffix(name, "}"))
		}
		path = append(path, part)
	}
	privileges := texts(check[2])
	failed := failedCheck{path: strings.Join(path, "/"), privileges: privileges}
	anyOf := false
	for i := 3; i+1 < len(check); i += 2 {
		switch check[i] {
		case "any":
			anyOf = true
		case "require_param":
			if name, _ := check[i+1].(string); !values.Has(name) {
				return failed, false
			}
		}
	}
	if anyOf {
		return failed, who.hasAny(failed.path, privileges...)
	}
	for _, p := range privileges {
		if !who.has(failed.path, p) {
			return failed, false
		}
	}
	return failed, true
}

func texts(v any) []string {
	list, _ := v.([]any)
	out := make([]string, 0, len(list))
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
