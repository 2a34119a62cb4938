package review

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

func migrationGuards(s *subject, report reportFunc) {
	if s.cluster != nil && len(s.cluster.Nodes) == 1 {
		return
	}
	for _, g := range s.guests {
		if !g.migrates && !g.ignoresNode && !g.unknown["migrate"] {
			report(g.address, g.at)
		}
	}
}

func haTriggers(s *subject, report reportFunc) {
	for _, r := range s.resources {
		if kind(r.typ) != typeHAResource || r.data || !slices.ContainsFunc(sortedKeys(r.uses), func(a string) bool {
			return strings.HasPrefix(a, typeVM+".") || strings.HasPrefix(a, typeContainer+".")
		}) {
			continue
		}
		if !slices.ContainsFunc(r.block.Body.Blocks, func(b *hclsyntax.Block) bool {
			return b.Type == "lifecycle" && b.Body.Attributes["replace_triggered_by"] != nil
		}) {
			report(r.address(), r.block.DefRange())
		}
	}
}

func bootUnderHA(s *subject, report reportFunc) {
	for _, g := range s.everyone {
		if on, _ := g.flag(g.onBootName()); g.ha != nil && (on || g.child("startup") != nil) {
			report(g.address+"."+g.onBootName(), g.where(g.onBootName()))
		}
	}
}

func twoControllers(s *subject, report reportFunc) {
	for _, g := range s.everyone {
		if g.ha != nil && (g.haState == "started") != g.started {
			report(g.ha.address+".state", g.ha.where("state"), "name", g.name)
		}
	}
}
