// Command inventory writes the tables of docs/architecture that can be read off the code.
package main

import (
	"flag"
	"log"
	"os"
	"path/filepath"

	"proviso.dev/pkg/observe"
	"proviso.dev/test/inventory"
)

func main() {
	log.SetFlags(0)
	root := flag.String("root", ".", "the repository's root")
	flag.Parse()
	pkgs, err := inventory.Packages(*root)
	if err != nil {
		log.Fatal(err)
	}
	for page, content := range map[string][]byte{
		inventory.PackagesPage: inventory.PackageTable(pkgs),
		inventory.MetricsPage:  inventory.MetricTable(observe.Table()),
	} {
		if err := os.WriteFile(filepath.Join(*root, page), content, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
