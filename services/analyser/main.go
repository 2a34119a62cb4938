// Command analyser runs the analyser as a service of its own.
package main

import (
	"context"
	"fmt"
	"os"

	"proviso.dev/pkg/agent"

	analyser "proviso.dev/services/analyser/unit"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "analyser:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	cfg, err := analyser.LoadConfig(os.LookupEnv)
	if err != nil {
		return err
	}
	unit, err := analyser.New(cfg)
	if err != nil {
		return err
	}
	return agent.Main(ctx, unit)
}
