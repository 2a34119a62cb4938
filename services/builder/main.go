// Command builder runs the builder as a service of its own.
package main

import (
	"context"
	"fmt"
	"os"

	"proviso.dev/pkg/agent"

	builder "proviso.dev/services/builder/unit"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "builder:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	cfg, err := builder.LoadConfig(os.LookupEnv)
	if err != nil {
		return err
	}
	unit, err := builder.New(cfg)
	if err != nil {
		return err
	}
	return agent.Main(ctx, unit)
}
