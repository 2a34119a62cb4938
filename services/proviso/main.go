// Command proviso turns a request in words into a proven Terraform manifest: on the command line, or as a service.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	collector "proviso.dev/services/collector/unit"

	"proviso.dev/services/proviso/internal/cli"
)

func main() {
	if code, ok := collector.RepositoryReader(os.Args); ok {
		os.Exit(code)
	}
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, restore) // a second signal ends the process at once
	os.Exit(cli.Run(ctx, cli.FromOS()))
}
