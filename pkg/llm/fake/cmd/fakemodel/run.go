package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"proviso.dev/pkg/llm/fake"
)

// run serves until it is interrupted.
func run(args []string) error {
	flags := flag.NewFlagSet("fakemodel", flag.ContinueOnError)
	listen := flags.String("listen", "127.0.0.1:8471", "address to listen on")
	path := flags.String("script", "", "file with the script in JSON; none: every question gets an empty proposal")
	fault := flags.String("fault", "", "fault that befalls every question, without a script")
	if err := flags.Parse(args); err != nil {
		return err
	}
	script := fake.Script{Rules: []fake.Rule{{Fault: fake.Fault(*fault)}}}
	if *path != "" {
		f, err := os.Open(*path)
		if err != nil {
			return fmt.Errorf("open script: %w", err)
		}
		defer f.Close()
		if script, err = fake.ReadScript(f); err != nil {
			return err
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", *listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	fmt.Printf("PROVISO_LLM=openai PROVISO_LLM_MODEL=fake PROVISO_LLM_BASE_URL=http://%s/v1\n", listener.Addr())
	fmt.Printf("PROVISO_LLM=gemini PROVISO_LLM_MODEL=fake PROVISO_LLM_KEY=fake PROVISO_LLM_BASE_URL=http://%s/\n", listener.Addr())
	srv := &http.Server{Handler: fake.New(script), ReadHeaderTimeout: 5 * time.Second}
	go func() { <-ctx.Done(); _ = srv.Close() }()
	if err := srv.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}
