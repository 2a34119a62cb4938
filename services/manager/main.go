// Command manager runs the manager alone, against the bus that the environment names.
package main

import (
	"context"
	"fmt"
	"os"

	"proviso.dev/pkg/agent"
	manager "proviso.dev/services/manager/unit"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "manager:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	unit, err := manager.New(manager.Config{})
	if err != nil {
		return err
	}
	return agent.Main(ctx, unit)
}
