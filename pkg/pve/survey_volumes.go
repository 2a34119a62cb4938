package pve

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// readable are the kinds of content whose volumes a snapshot lists.
var readable = []string{"import", "iso", "snippets", "vztmpl"}

// volumes reads the content of the storages that hold something to install from.
func (p *part) volumes(ctx context.Context) {
	read := map[string]bool{}
	seen := map[string]string{}          // shared storages that hold content, to why they were not read
	for _, st := range p.base.Storages { // sorted: the first usable row of a shared storage speaks for it
		if !slices.ContainsFunc(readable, st.Holds) {
			continue
		}
		node := p.node(st.Node)
		what := "content of " + st.Name
		if !st.Shared {
			what += " on " + st.Node
		}
		reason := reasonStorage
		if !node.Online() {
			reason = whyAway(node)
		}
		switch {
		case st.Shared && read[st.Name]:
		case st.Active:
			read[st.Name] = true
			p.content(ctx, what, st)
		case st.Shared:
			seen[what] = reason
		default:
			p.unknown(what, reason)
		}
	}
	for what, reason := range seen {
		if !read[strings.TrimPrefix(what, "content of ")] {
			p.unknown(what, reason)
		}
	}
}

// content reads the volumes of one storage. A storage that also holds disks is asked for each kind apart: the whole list would
// name every disk, and a directory has to open each of its images to tell their sizes.
func (p *part) content(ctx context.Context, what string, st Storage) {
	path := fmt.Sprintf("/nodes/%s/storage/%s/content", url.PathEscape(st.Node), url.PathEscape(st.Name))
	queries := []string{""}
	if st.Holds("images") || st.Holds("rootdir") {
		queries = queries[:0]
		for _, kind := range readable {
			if st.Holds(kind) {
				queries = append(queries, "?content="+kind)
			}
		}
	}
	p.run(what, func() error {
		var failed error
		for _, query := range queries {
			rows, err := list[struct {
				VolID   text   `json:"volid"`
				Content text   `json:"content"`
				Format  text   `json:"format"`
				Size    number `json:"size"`
			}](ctx, p.r, path+query)
			failed = cmp.Or(failed, err)
			p.with(func(snap *Snapshot) {
				for _, row := range rows {
					if slices.Contains(readable, string(row.Content)) {
						snap.Volumes = append(snap.Volumes, Volume{
							ID: string(row.VolID), Storage: st.Name, Node: st.Node, Content: string(row.Content),
							Format: string(row.Format), SizeBytes: row.Size.bytes(),
						})
					}
				}
			})
		}
		return failed
	})
}

// storagesOf names the storages with something to install from, and where they can be read.
func storagesOf(overview *Snapshot) string {
	var b strings.Builder
	for _, st := range overview.Storages {
		if slices.ContainsFunc(readable, st.Holds) {
			fmt.Fprintf(&b, "%s/%s %t %t %v,", st.Node, st.Name, st.Active, st.Shared, st.Content)
		}
	}
	return b.String()
}
