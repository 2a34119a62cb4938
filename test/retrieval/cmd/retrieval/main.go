// Command retrieval scores the documentation search and prints the figures by kind and language.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	questions := flag.String("questions", "test/retrieval/questions/*.jsonl", "files of questions")
	index := flag.String("index", "", "file with the provider's documentation; empty: what this command was built with")
	out := flag.String("out", "", "file for what came of each question, one JSON object a line")
	verbose := flag.Bool("v", false, "print the questions that fell short")
	flag.Parse()
	if err := run(*questions, *index, *out, *verbose); err != nil {
		fmt.Fprintln(os.Stderr, "retrieval:", err)
		os.Exit(1)
	}
}
