// Command gateway serves Proviso's HTTP door as a process of its own.
package main

import (
	"context"
	"fmt"
	"os"

	"proviso.dev/pkg/agent"
	gateway "proviso.dev/services/gateway/unit"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "gateway:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	unit, err := gateway.New(gateway.LoadConfig(os.LookupEnv))
	if err != nil {
		return err
	}
	return agent.Main(ctx, unit)
}
