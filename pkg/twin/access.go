package twin

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// access holds users, tokens, roles and the list of who may do what.
type access struct {
	users    map[string]*user
	tokens   map[string]Token
	roles    map[string]map[string]bool
	groups   map[string]string // name to comment
	acl      []aclEntry
	sessions map[string]session
}

type user struct {
	password string
	fields   map[string]string // comment, email, …
	groups   []string
	tokens   map[string]map[string]string // name to its fields
}

func newUser() *user {
	return &user{fields: map[string]string{}, tokens: map[string]map[string]string{}}
}

type session struct {
	user, csrf string
	since      time.Time
}

type aclEntry struct {
	path, role, kind, who string // kind: user, group or token
	propagate             bool
}

// privileges are all that a role can hold. VM.Monitor exists on 8 only, VM.GuestAgent.* and VM.Replicate on 9 only.
var privileges = strings.Fields(`Datastore.Allocate Datastore.AllocateSpace Datastore.AllocateTemplate Datastore.Audit Group.Allocate
	Mapping.Audit Mapping.Modify Mapping.Use Permissions.Modify Pool.Allocate Pool.Audit Realm.Allocate Realm.AllocateUser
	SDN.Allocate SDN.Audit SDN.Use Sys.AccessNetwork Sys.Audit Sys.Console Sys.Incoming Sys.Modify Sys.PowerMgmt Sys.Syslog
	User.Modify VM.Allocate VM.Audit VM.Backup VM.Clone VM.Config.CDROM VM.Config.CPU VM.Config.Cloudinit VM.Config.Disk
	VM.Config.HWType VM.Config.Memory VM.Config.Network VM.Config.Options VM.Console VM.Migrate VM.PowerMgmt VM.Snapshot
	VM.Snapshot.Rollback`)

var (
	privileges8 = []string{"VM.Monitor"}
	privileges9 = []string{"VM.GuestAgent.Audit", "VM.GuestAgent.FileRead", "VM.GuestAgent.FileSystemMgmt", "VM.GuestAgent.FileWrite", "VM.GuestAgent.Unrestricted", "VM.Replicate"}
)

// AuditorPrivileges are those of the built-in role PVEAuditor of a major version: what a reader needs.
func AuditorPrivileges(major int) []string {
	list := []string{"Datastore.Audit", "Mapping.Audit", "Pool.Audit", "SDN.Audit", "Sys.Audit", "VM.Audit"}
	if major >= 9 {
		list = append(list, "VM.GuestAgent.Audit")
	}
	return list
}

func (a *access) init(admin Token) {
	*a = access{
		users:    map[string]*user{"root@pam": newUser()},
		tokens:   map[string]Token{admin.ID: admin},
		groups:   map[string]string{},
		roles:    map[string]map[string]bool{},
		sessions: map[string]session{},
	}
	a.roles["Administrator"] = setOf(privileges)
	a.roles["PVEAuditor"] = setOf(AuditorPrivileges(8))
	a.roles["NoAccess"] = map[string]bool{}
}

func setOf(list []string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, e := range list {
		set[e] = true
	}
	return set
}

func (a *access) identityOf(t Token) identity {
	who := identity{name: t.ID, all: t.Privileges == nil}
	if !who.all {
		who.grants = []grant{{path: "/", propagate: true, privileges: setOf(t.Privileges)}}
	}
	for _, e := range a.acl {
		if e.kind == "token" && e.who == t.ID {
			who.grants = append(who.grants, grant{path: e.path, propagate: e.propagate, privileges: a.roles[e.role]})
		}
	}
	return who
}

func (a *access) identityOfUser(name string) identity {
	who := identity{name: name, all: name == "root@pam"}
	u := a.users[name]
	for _, e := range a.acl {
		if e.kind == "user" && e.who == name || e.kind == "group" && u != nil && slices.Contains(u.groups, e.who) {
			who.grants = append(who.grants, grant{path: e.path, propagate: e.propagate, privileges: a.roles[e.role]})
		}
	}
	return who
}

// permissions answers GET /access/permissions: every path with a grant, and the privileges there.
func (c *Cluster) permissions(r *request) (any, error) {
	answer := map[string]map[string]int{}
	if r.who.all {
		all := map[string]int{}
		for _, p := range c.allPrivileges() {
			all[p] = 1
		}
		for _, path := range []string{"/", "/access", "/nodes", "/pool", "/sdn", "/storage", "/vms"} {
			answer[path] = all
		}
	}
	for _, g := range r.who.grants {
		if answer[g.path] == nil {
			answer[g.path] = map[string]int{}
		}
		for p := range g.privileges {
			answer[g.path][p] = 1
		}
	}
	if path := r.text("path"); path != "" {
		held := map[string]int{}
		for _, p := range c.allPrivileges() {
			if r.who.has(path, p) {
				held[p] = 1
			}
		}
		answer = map[string]map[string]int{path: held}
	}
	return maps.Clone(answer), nil
}

func (c *Cluster) allPrivileges() []string {
	if c.major() >= 9 {
		return append(slices.Clone(privileges), privileges9...)
	}
	return append(slices.Clone(privileges), privileges8...)
}
