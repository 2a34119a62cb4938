package pve

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// narrowed stands before the path of a tree in which the token holds less than on /.
const narrowed = "objects under "

// needed are the privileges without which a list is silently short, with the part of the tree that each one opens.
var needed = map[string]string{
	"Datastore.Audit": "/storage",
	"Pool.Audit":      "/pool",
	"SDN.Audit":       "/sdn",
	"Sys.Audit":       "/nodes",
	"VM.Audit":        "/vms",
}

// Mappings are listed by privilege, too, but few requests are about them: a token without this one is good enough, and the snapshot
// says that they may be hidden.
const (
	mappingAudit = "Mapping.Audit"
	mappingTree  = "/mapping"
)

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
	// Which privileges PVEAuditor holds depends on the version.
	perms, err := r.permissions(ctx)
	if err != nil {
		return Access{}, err
	}
	return judge(r.tokenID, version, perms), nil
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

// access reads the version and the privileges. Nothing can be read without them, so that any failure is fatal.
func (p *part) access(ctx context.Context) {
	var (
		wg                 sync.WaitGroup
		version            string
		perms              map[string]map[string]number
		noVersion, noPerms error
	)
	wg.Go(func() { version, noVersion = p.r.version(ctx) })
	wg.Go(func() { perms, noPerms = p.r.permissions(ctx) })
	wg.Wait()
	if p.fatal = cmp.Or(noVersion, noPerms); p.fatal != nil {
		return
	}
	held := judge(p.r.tokenID, version, perms)
	p.fatal = held.Err()
	p.snap.Version = version
	if slices.Contains(held.Missing, mappingAudit) {
		p.unknown(narrowed+mappingTree, reasonDenied)
	}
	for _, path := range held.Narrowed {
		p.unknown(narrowed+path, reasonNarrow)
	}
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
	auditor := append(slices.Sorted(maps.Keys(needed)), mappingAudit)
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
	trees := maps.Clone(needed)
	trees[mappingAudit] = mappingTree
	for path, held := range perms {
		for privilege := range held {
			if !strings.HasSuffix(privilege, ".Audit") {
				a.Excess = append(a.Excess, privilege)
			}
		}
		for privilege, tree := range trees {
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
