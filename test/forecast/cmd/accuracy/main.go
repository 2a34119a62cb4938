// Command accuracy back-tests the forecasters on public and synthetic series and prints the scores, and how long a forecast takes.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	data := flag.String("data", os.Getenv("PROVISO_DATA"), "folder with nab/ and bitbrains/; default PROVISO_DATA; empty: synthetic series only")
	halves := flag.Int("halves", 0, "show the spread of the scores over so many random halves of the series")
	worst := flag.Int("worst", 3, "how many of the worst series to show")
	flag.Parse()
	if err := run(os.Stdout, *data, *halves, *worst); err != nil {
		fmt.Fprintln(os.Stderr, "accuracy:", err)
		os.Exit(1)
	}
}
