// Command requirements prints which requirements of the thesis tests show; -write makes docs/requirements.md anew.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"

	"proviso.dev/test/requirements"
)

func main() {
	log.SetFlags(0)
	write := flag.Bool("write", false, "write "+requirements.Page)
	root := flag.String("root", ".", "the repository's root")
	flag.Parse()

	reqs, err := requirements.Load(*root)
	if err != nil {
		log.Fatal(err)
	}
	if *write {
		if err := os.WriteFile(*root+"/"+requirements.Page, requirements.Markdown(reqs), 0o644); err != nil {
			log.Fatal(err)
		}
	}
	for _, r := range reqs {
		if r.Must && len(r.Tests) == 0 {
			fmt.Printf("open  %-12s %-5s %.100s\n", r.ID, r.Section, r.Text)
		}
	}
	covered, open := requirements.Count(reqs)
	fmt.Printf("MUST: %d shown, %d open\n", covered, open)
}
