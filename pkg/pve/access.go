package pve

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// needed are the privileges without which a list is silently short, with the part of the tree that each one opens.
var needed = map[string]string{
	"Datastore.Audit": "/storage",
	"Pool.Audit":      "/pool",
	"SDN.Audit":       "/sdn",
	"Sys.Audit":       "/nodes",
	"VM.Audit":        "/vms",
}

// An Access is what the token may read.
type Access struct {
	// Token is the token's name, user@realm!id.
	Token string
	// Version of Proxmox VE, for example "8.3.0".
	Version string
	// Held are the privileges held on / and below it, sorted.
	Held []string
	// Missing are the privileges of the role PVEAuditor that are not held so, sorted. Some of them can be done without: see
	// Err.
	Missing []string
	// Excess are privileges held anywhere that reading never needs, sorted: a token for reading should hold none.
	Excess []string
	// Narrowed names paths at which the token holds less than on /: what lies there may be left out of lists. Sorted.
	Narrowed []string
}

// Err returns an [IncompleteAccessError] when a snapshot would be silently short, else nil.
func (a Access) Err() error {
	lacking := slices.DeleteFunc(slices.Clone(a.Missing), func(p string) bool { return needed[p] == "" })
	if len(lacking) == 0 {
		return nil
	}
	return &IncompleteAccessError{Token: a.Token, Missing: lacking}
}

// Check reads the version and the token's privileges. Missing privileges are no error here: see [Access.Err].
func (r *Reader) Check(ctx context.Context) (Access, error) {
	version, err := r.version(ctx)
	if err != nil {
		return Access{}, err
	}
	return r.access(ctx, version)
}

func (r *Reader) version(ctx context.Context) (string, error) {
	var row struct {
		Version text `json:"version"`
	}
	if err := r.get(ctx, "/version", &row); err != nil {
		return "", fmt.Errorf("read version: %w", err)
	}
	if row.Version == "" {
		return "", fmt.Errorf("read version: %w: it names none", ErrAnswer)
	}
	return string(row.Version), nil
}

// access reads the privileges; which ones PVEAuditor holds depends on the version.
func (r *Reader) access(ctx context.Context, version string) (Access, error) {
	perms, err := r.permissions(ctx)
	if err != nil {
		return Access{}, err
	}
	return judge(r.tokenID, version, perms), nil
}

// permissions returns path to privilege to whether it is passed on to what lies below.
func (r *Reader) permissions(ctx context.Context) (map[string]map[string]number, error) {
	var perms map[string]map[string]number
	if err := r.get(ctx, "/access/permissions", &perms); err != nil {
		return nil, fmt.Errorf("read permissions: %w", err)
	}
	if perms == nil {
		return nil, fmt.Errorf("read permissions: %w: it holds no data", ErrAnswer)
	}
	return perms, nil
}

func judge(token, version string, perms map[string]map[string]number) Access {
	a := Access{Token: token, Version: version}
	auditor := append(slices.Sorted(maps.Keys(needed)), "Mapping.Audit")
	if majorOf(version) >= 9 {
		auditor = append(auditor, "VM.GuestAgent.Audit")
	}
	// A privilege that is not passed on opens / alone, and nothing that a snapshot holds lies at / itself.
	passedOn := func(path, privilege string) bool { return perms[path][privilege].truth() }
	for privilege := range perms["/"] {
		if passedOn("/", privilege) {
			a.Held = append(a.Held, privilege)
		}
	}
	for _, privilege := range auditor {
		if !passedOn("/", privilege) {
			a.Missing = append(a.Missing, privilege)
		}
	}
	for path, held := range perms {
		for privilege := range held {
			if !strings.HasSuffix(privilege, ".Audit") {
				a.Excess = append(a.Excess, privilege)
			}
		}
		for privilege, tree := range needed {
			below := path == tree || strings.HasPrefix(path, tree+"/")
			if _, ok := held[privilege]; below && !ok && passedOn("/", privilege) {
				a.Narrowed = append(a.Narrowed, path)
			}
		}
	}
	slices.Sort(a.Held)
	slices.Sort(a.Missing)
	slices.Sort(a.Excess)
	a.Excess = slices.Compact(a.Excess)
	slices.Sort(a.Narrowed)
	return a
}
