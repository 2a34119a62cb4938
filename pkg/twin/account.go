package twin

import (
	"maps"
	"slices"
	"strings"
)

// userFields are the parameters of a user that are stored as they come.
var userFields = []string{"comment", "email", "enable", "expire", "firstname", "lastname", "keys"}

func userRow(u *user) object {
	row := object{"enable": 1, "expire": 0}
	for key, value := range u.fields {
		if key == "enable" || key == "expire" {
			row[key] = intOr(value)
			continue
		}
		row[key] = value
	}
	return row
}

func (c *Cluster) listUsers(r *request) (any, error) {
	rows := []object{}
	for _, name := range slices.Sorted(maps.Keys(c.access.users)) {
		row := userRow(c.access.users[name])
		row["userid"] = name
		_, row["realm-type"], _ = strings.Cut(name, "@")
		rows = append(rows, row)
	}
	return rows, nil
}

func (c *Cluster) userOf(r *request) (*user, error) {
	u := c.access.users[r.text("userid")]
	if u == nil {
		return nil, die("no such user ('%s')", r.text("userid"))
	}
	return u, nil
}

func (c *Cluster) readUser(r *request) (any, error) {
	u, err := c.userOf(r)
	if err != nil {
		return nil, err
	}
	row := userRow(u)
	row["groups"] = append([]string{}, u.groups...)
	tokens := object{}
	for name, t := range u.tokens {
		tokens[name] = tokenRow(t)
	}
	row["tokens"] = tokens
	return row, nil
}

func (c *Cluster) writeUser(r *request, u *user) error {
	for _, key := range userFields {
		if r.has(key) {
			u.fields[key] = r.text(key)
		}
	}
	if r.has("password") {
		u.password = r.text("password")
	}
	if !r.has("groups") {
		return nil
	}
	groups := r.list("groups")
	for _, g := range groups {
		if _, ok := c.access.groups[g]; !ok {
			return die("group '%s' does not exist", g)
		}
	}
	if r.flag("append") {
		groups = append(groups, u.groups...)
	}
	slices.Sort(groups)
	u.groups = slices.Compact(groups)
	return nil
}

func (c *Cluster) createUser(r *request) (any, error) {
	name := r.text("userid")
	if c.access.users[name] != nil {
		return nil, die("create user failed: user '%s' already exists", name)
	}
	u := newUser()
	if err := c.writeUser(r, u); err != nil {
		return nil, err
	}
	c.access.users[name] = u
	return nil, nil
}

func (c *Cluster) updateUser(r *request) (any, error) {
	u, err := c.userOf(r)
	if err != nil {
		return nil, err
	}
	return nil, c.writeUser(r, u)
}

func (c *Cluster) deleteUser(r *request) (any, error) {
	if _, err := c.userOf(r); err != nil {
		return nil, err
	}
	name := r.text("userid")
	delete(c.access.users, name)
	maps.DeleteFunc(c.access.tokens, func(id string, _ Token) bool { return strings.HasPrefix(id, name+"!") })
	c.access.revoke(func(e aclEntry) bool {
		return e.kind == "user" && e.who == name || e.kind == "token" && strings.HasPrefix(e.who, name+"!")
	})
	return nil, nil
}

func (a *access) revoke(gone func(aclEntry) bool) { a.acl = slices.DeleteFunc(a.acl, gone) }

func tokenRow(t map[string]string) object {
	row := object{"privsep": 1, "expire": 0}
	for key, value := range t {
		if key == "comment" {
			row[key] = value
		} else {
			row[key] = intOr(value)
		}
	}
	return row
}

func (c *Cluster) listTokens(r *request) (any, error) {
	u, err := c.userOf(r)
	if err != nil {
		return nil, err
	}
	rows := []object{}
	for _, name := range slices.Sorted(maps.Keys(u.tokens)) {
		row := tokenRow(u.tokens[name])
		row["tokenid"] = name
		rows = append(rows, row)
	}
	return rows, nil
}

func (c *Cluster) tokenOf(r *request) (*user, map[string]string, error) {
	u, err := c.userOf(r)
	if err != nil {
		return nil, nil, err
	}
	t, ok := u.tokens[r.text("tokenid")]
	if !ok {
		return nil, nil, die("no such token '%s' for user '%s'", r.text("tokenid"), r.text("userid"))
	}
	return u, t, nil
}

func (c *Cluster) readToken(r *request) (any, error) {
	_, t, err := c.tokenOf(r)
	if err != nil {
		return nil, err
	}
	return tokenRow(t), nil
}

func writeToken(r *request, t map[string]string) {
	for _, key := range []string{"comment", "expire", "privsep"} {
		if r.has(key) {
			t[key] = r.text(key)
		}
	}
}

// createToken answers the only time that a token's secret is told.
func (c *Cluster) createToken(r *request) (any, error) {
	u, err := c.userOf(r)
	if err != nil {
		return nil, err
	}
	name := r.text("tokenid")
	if _, ok := u.tokens[name]; ok {
		return nil, reject("tokenid", "Token already exists.")
	}
	t := map[string]string{}
	writeToken(r, t)
	u.tokens[name] = t
	id := r.text("userid") + "!" + name
	token := Token{ID: id, Secret: uuid(nil), Privileges: []string{}}
	if r.has("privsep") && !r.flag("privsep") && r.text("userid") == "root@pam" {
		token.Privileges = nil
	}
	c.access.tokens[id] = token
	return object{"full-tokenid": id, "value": token.Secret, "info": tokenRow(t)}, nil
}

func (c *Cluster) updateToken(r *request) (any, error) {
	_, t, err := c.tokenOf(r)
	if err != nil {
		return nil, err
	}
	writeToken(r, t)
	return tokenRow(t), nil
}

func (c *Cluster) deleteToken(r *request) (any, error) {
	u, _, err := c.tokenOf(r)
	if err != nil {
		return nil, err
	}
	id := r.text("userid") + "!" + r.text("tokenid")
	delete(u.tokens, r.text("tokenid"))
	delete(c.access.tokens, id)
	c.access.revoke(func(e aclEntry) bool { return e.kind == "token" && e.who == id })
	return nil, nil
}

func (c *Cluster) listGroups(r *request) (any, error) {
	rows := []object{}
	for _, name := range slices.Sorted(maps.Keys(c.access.groups)) {
		row := object{"groupid": name, "users": strings.Join(c.access.members(name), ",")}
		if comment := c.access.groups[name]; comment != "" {
			row["comment"] = comment
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (a *access) members(group string) []string {
	members := []string{}
	for name, u := range a.users {
		if slices.Contains(u.groups, group) {
			members = append(members, name)
		}
	}
	slices.Sort(members)
	return members
}

func (c *Cluster) readGroup(r *request) (any, error) {
	comment, ok := c.access.groups[r.text("groupid")]
	if !ok {
		return nil, die("group '%s' does not exist", r.text("groupid"))
	}
	row := object{"members": c.access.members(r.text("groupid"))}
	if comment != "" {
		row["comment"] = comment
	}
	return row, nil
}

func (c *Cluster) createGroup(r *request) (any, error) {
	if _, ok := c.access.groups[r.text("groupid")]; ok {
		return nil, die("create group failed: group '%s' already exists", r.text("groupid"))
	}
	c.access.groups[r.text("groupid")] = r.text("comment")
	return nil, nil
}

func (c *Cluster) updateGroup(r *request) (any, error) {
	if _, ok := c.access.groups[r.text("groupid")]; !ok {
		return nil, die("group '%s' does not exist", r.text("groupid"))
	}
	if r.has("comment") {
		c.access.groups[r.text("groupid")] = r.text("comment")
	}
	return nil, nil
}

func (c *Cluster) deleteGroup(r *request) (any, error) {
	name := r.text("groupid")
	if _, ok := c.access.groups[name]; !ok {
		return nil, die("group '%s' does not exist", name)
	}
	delete(c.access.groups, name)
	for _, u := range c.access.users {
		u.groups = slices.DeleteFunc(u.groups, func(g string) bool { return g == name })
	}
	c.access.revoke(func(e aclEntry) bool { return e.kind == "group" && e.who == name })
	return nil, nil
}

func (c *Cluster) listRoles(r *request) (any, error) {
	rows := []object{}
	for _, name := range slices.Sorted(maps.Keys(c.access.roles)) {
		row := object{"roleid": name, "privs": strings.Join(slices.Sorted(maps.Keys(c.access.roles[name])), ",")}
		if slices.Contains(builtinRoles, name) {
			row["special"] = 1
		}
		rows = append(rows, row)
	}
	return rows, nil
}

var builtinRoles = []string{"Administrator", "NoAccess", "PVEAuditor"}

// readRole holds nothing but privileges: the provider cannot read anything else there.
func (c *Cluster) readRole(r *request) (any, error) {
	role, ok := c.access.roles[r.text("roleid")]
	if !ok {
		return nil, die("role '%s' does not exist", r.text("roleid"))
	}
	row := object{}
	for p := range role {
		row[p] = 1
	}
	return row, nil
}

func (c *Cluster) rolePrivileges(r *request) (map[string]bool, error) {
	known := c.allPrivileges()
	for _, p := range r.list("privs") {
		if !slices.Contains(known, p) {
			return nil, reject("privs", "invalid format - invalid privilege '%s'", p)
		}
	}
	return setOf(r.list("privs")), nil
}

func (c *Cluster) createRole(r *request) (any, error) {
	if _, ok := c.access.roles[r.text("roleid")]; ok {
		return nil, die("create role failed: role '%s' already exists", r.text("roleid"))
	}
	set, err := c.rolePrivileges(r)
	if err != nil {
		return nil, err
	}
	c.access.roles[r.text("roleid")] = set
	return nil, nil
}

func (c *Cluster) updateRole(r *request) (any, error) {
	old, ok := c.access.roles[r.text("roleid")]
	if !ok || slices.Contains(builtinRoles, r.text("roleid")) {
		return nil, die("role '%s' does not exist or is auto-generated and may not be modified", r.text("roleid"))
	}
	set, err := c.rolePrivileges(r)
	if err != nil {
		return nil, err
	}
	if r.flag("append") {
		maps.Copy(set, old)
	}
	c.access.roles[r.text("roleid")] = set
	return nil, nil
}

func (c *Cluster) deleteRole(r *request) (any, error) {
	name := r.text("roleid")
	if _, ok := c.access.roles[name]; !ok || slices.Contains(builtinRoles, name) {
		return nil, die("role '%s' does not exist or is auto-generated and may not be deleted", name)
	}
	delete(c.access.roles, name)
	c.access.revoke(func(e aclEntry) bool { return e.role == name })
	return nil, nil
}

func (c *Cluster) readACL(r *request) (any, error) {
	rows := []object{}
	for _, e := range c.access.acl {
		rows = append(rows, object{"path": e.path, "roleid": e.role, "type": e.kind, "ugid": e.who, "propagate": flagOf(e.propagate)})
	}
	return rows, nil
}

// updateACL gives or takes roles on a path to users, groups and tokens.
func (c *Cluster) updateACL(r *request) (any, error) {
	for _, role := range r.list("roles") {
		if _, ok := c.access.roles[role]; !ok {
			return nil, die("role '%s' does not exist", role)
		}
		for _, kind := range []string{"user", "group", "token"} {
			for _, who := range r.list(kind + "s") {
				if !c.access.knows(kind, who) {
					return nil, die("%s '%s' does not exist", kind, who)
				}
				e := aclEntry{path: r.text("path"), role: role, kind: kind, who: who, propagate: r.flagOr("propagate", true)}
				c.access.revoke(func(old aclEntry) bool {
					return old.path == e.path && old.role == e.role && old.kind == e.kind && old.who == e.who
				})
				if !r.flag("delete") {
					c.access.acl = append(c.access.acl, e)
				}
			}
		}
	}
	return nil, nil
}

func (a *access) knows(kind, who string) bool {
	switch kind {
	case "user":
		return a.users[who] != nil
	case "group":
		_, ok := a.groups[who]
		return ok
	default:
		_, ok := a.tokens[who]
		return ok
	}
}

func (c *Cluster) listDomains(r *request) (any, error) {
	return []object{
		{"realm": "pam", "type": "pam", "comment": "Linux PAM standard authentication"},
		{"realm": "pve", "type": "pve", "comment": "Proxmox VE authentication server"},
	}, nil
}
