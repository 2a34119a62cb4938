// Eval runs the cases of test/eval through a whole system and prints the scores. It ends with 1 when a figure dropped
// significantly below the committed baseline, and with 2 when it could not measure.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	var o options
	flag.StringVar(&o.Class, "class", "", "run this class only; \"attack\" is the hostile corpus")
	flag.StringVar(&o.Lang, "lang", "", "run this language only: en or fr")
	flag.StringVar(&o.Case, "case", "", "run the cases whose key holds this text only")
	flag.StringVar(&o.Out, "out", ".build/eval", "folder for results.jsonl and failures.txt")
	flag.BoolVar(&o.Update, "update", false, "make what is seen the committed results and the baseline")
	flag.BoolVar(&o.Verbose, "v", false, "print every failure")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, o)
	stop()
	switch {
	case errors.Is(err, errDropped):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
