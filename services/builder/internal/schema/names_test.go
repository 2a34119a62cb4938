package schema

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the names of the schema anew")

// searched holds the names of the schema for the documentation search, which may not import this package.
const searched = "../../../../pkg/knowledge/schema.txt"

// The search must know every name of the pinned provider, also where its pages are not at hand.
func TestNamesForSearch(t *testing.T) {
	p, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	list := func(dir string, names []string, block func(string) *Block) {
		for _, name := range names {
			if b := block(name); !b.Deprecated {
				all := map[string]bool{}
				collectNames(b, all)
				fmt.Fprintf(&want, "%s/%s: %s\n", dir, strings.TrimPrefix(name, "proxmox_"), strings.Join(slices.Sorted(maps.Keys(all)), " "))
			}
		}
	}
	list("resources", slices.Sorted(maps.Keys(p.document.Resources)), p.Resource)
	list("data-sources", slices.Sorted(maps.Keys(p.document.Data)), p.DataSource)
	if *update {
		if err := os.WriteFile(searched, []byte(want.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(searched)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.String(), string(got)); diff != "" {
		t.Errorf("%s is not the schema's (-want +got); write it with go test -run NamesForSearch -update:\n%s", searched, diff)
	}
}

func collectNames(b *Block, into map[string]bool) {
	for name := range b.Attributes {
		into[name] = true
	}
	for name, n := range b.Blocks {
		into[name] = true
		collectNames(&n.Block, into)
	}
}
