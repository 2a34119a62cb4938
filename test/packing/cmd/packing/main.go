// Command packing measures the packing search on published instances, one after another, and prints what came of them by class.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	var o options
	var data string
	flag.StringVar(&data, "data", os.Getenv("PROVISO_DATA"), "folder with vectorpack/SET.tsv and vectorpack/SET.tar.gz")
	flag.StringVar(&o.set, "set", "new", "set of instances: new or panigrahy")
	flag.Float64Var(&o.seconds, "seconds", 1, "for each instance")
	flag.IntVar(&o.sample, "sample", 1, "measure every so many instances only")
	flag.IntVar(&o.offset, "offset", 0, "instances to skip before the first")
	flag.Uint64Var(&o.seed, "seed", 1, "of the search")
	flag.BoolVar(&o.greedy, "greedy", false, "measure the greedy packing alone")
	flag.BoolVar(&o.processor, "processor", false, "count the search's processor time instead of the clock's, where others share the machine")
	flag.StringVar(&o.command, "command", "", "measure this proviso binary, with its start, instead of the package")
	flag.BoolVar(&o.verbose, "v", false, "print every instance that missed its optimum")
	flag.Parse()
	if data == "" {
		fmt.Println("packing: nothing is measured: PROVISO_DATA names no folder")
		return
	}
	o.folder = filepath.Join(data, "vectorpack")
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "packing:", err)
		os.Exit(1)
	}
}
