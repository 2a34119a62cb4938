package main

import (
	"context"
	"fmt"
	"io"

	"proviso.dev/pkg/twin"
)

// run serves until ctx ends. It tells out where, and with which token and authority.
func run(ctx context.Context, args []string, out io.Writer) error {
	cfg, err := parse(args)
	if err != nil {
		return err
	}
	cluster, err := twin.New(cfg.seed, twin.Options{Version: cfg.version, TokenSecret: cfg.secret})
	if err != nil {
		return err
	}
	server, err := twin.ServeOn(ctx, cluster, cfg.listen)
	if err != nil {
		return err
	}
	defer func() { _ = server.Close() }()
	if _, err := fmt.Fprintf(out, "endpoint %s\ntoken    %s=%s\n%s", server.URL(), server.TokenID(), server.TokenSecret(), server.CAPEM()); err != nil {
		return fmt.Errorf("tell the endpoint: %w", err)
	}
	<-ctx.Done()
	return nil
}
