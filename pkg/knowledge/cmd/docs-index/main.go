// Command docs-index packs the pinned provider's own documentation, from its Go module, into the file that pkg/knowledge
// embeds. It commits nothing and needs the module cache or the module proxy.
package main

import (
	"flag"
	"fmt"
	"os"

	"proviso.dev/pkg/knowledge"
)

func main() {
	prover := flag.String("prover", "deploy/prover", "folder of the module that pins the provider")
	out := flag.String("out", "pkg/knowledge/provider/"+knowledge.Archive, "file to write")
	flag.Parse()
	if err := run(*prover, *out); err != nil {
		// A build without the module proxy goes on: what is built then answers from its own notes alone, and says so.
		fmt.Fprintf(os.Stderr, "docs-index: the provider's documentation is not indexed, since its Go module is not at hand: %v\n", err)
	}
}
