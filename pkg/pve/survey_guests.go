package pve

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// templates reads the configuration of templates, which plans copy from.
func (p *part) templates(ctx context.Context) {
	for _, g := range p.base.Guests {
		if !g.Template {
			continue
		}
		what := fmt.Sprintf("configuration of template %d", g.VMID)
		if node := p.node(g.Node); !node.Online() {
			p.unknown(what, whyAway(node))
			continue
		}
		p.run(what, func() error {
			config, err := p.r.GuestConfig(ctx, g.Node, g.Kind, g.VMID)
			p.with(func(snap *Snapshot) { snap.Guests = append(snap.Guests, Guest{VMID: g.VMID, Config: config}) })
			return err
		})
	}
}

// pools reads the comments of pools; their names are known.
func (p *part) pools(ctx context.Context) {
	if len(p.base.Pools) == 0 {
		return
	}
	p.run("comments of pools", func() error {
		rows, err := list[struct {
			Pool    text `json:"poolid"`
			Comment text `json:"comment"`
		}](ctx, p.r, "/pools")
		p.with(func(snap *Snapshot) {
			for _, row := range rows {
				snap.Pools = append(snap.Pools, Pool{Name: string(row.Pool), Comment: string(row.Comment)})
			}
		})
		return err
	})
}

// templatesOf names the templates and where they lie.
func templatesOf(overview *Snapshot) string {
	var b strings.Builder
	for _, g := range overview.Guests {
		if g.Template {
			fmt.Fprintf(&b, "%s/%d@%s,", g.Kind, g.VMID, g.Node)
		}
	}
	return b.String()
}

// joinTemplates adds the configurations of templates to the guests.
func joinTemplates(to, from *Snapshot) {
	for i := range to.Guests {
		if !to.Guests[i].Template {
			continue
		}
		if read, ok := from.Guest(to.Guests[i].VMID); ok {
			to.Guests[i].Config = read.Config
		}
	}
}

// poolsOf names the pools.
func poolsOf(overview *Snapshot) string {
	var b strings.Builder
	for _, p := range overview.Pools {
		b.WriteString(p.Name + ",")
	}
	return b.String()
}

// joinPools adds the comments to the pools.
func joinPools(to, from *Snapshot) {
	for i := range to.Pools {
		at, ok := slices.BinarySearchFunc(from.Pools, to.Pools[i].Name, func(p Pool, name string) int { return strings.Compare(p.Name, name) })
		if ok {
			to.Pools[i].Comment = from.Pools[at].Comment
		}
	}
}
