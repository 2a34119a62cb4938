// Command collector runs the collector as a service of its own.
package main

import (
	"context"
	"fmt"
	"os"

	"proviso.dev/pkg/agent"

	collector "proviso.dev/services/collector/unit"
)

func main() {
	if code, ok := collector.RepositoryReader(os.Args); ok {
		os.Exit(code)
	}
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "collector:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	cfg, err := collector.LoadConfig(os.LookupEnv)
	if err != nil {
		return err
	}
	unit, err := collector.New(cfg)
	if err != nil {
		return err
	}
	return agent.Main(ctx, unit)
}
