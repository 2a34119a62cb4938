package collector_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/natstest"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"

	collector "proviso.dev/services/collector/unit"
)

// Documents are searched over the bus while the unit runs: an operator's document is found with its source and its words, and a
// question that no document answers says so.
//
// Shows: T-3.3.5-123
func TestSearchOnTheBus(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s := natstest.Start(t, nil)
	connect := func(role bus.Role) *agent.Env { return envOf(t, s, role) }
	gateway := connect(bus.RoleGateway)
	if err := bus.Provision(ctx, gateway.JS, bus.TopologyOptions{}); err != nil {
		t.Fatal(err)
	}
	docs := t.TempDir()
	own := "# Naming\n\n## Hostnames\nThe name of a machine begins with the short code of its site, such as lyo or par.\n"
	if err := os.WriteFile(filepath.Join(docs, "naming.md"), []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	unit, err := collector.New(collector.Config{DocsDir: docs, Snapshots: collector.SnapshotsFunc(func(context.Context) (*pve.Snapshot, error) {
		return nil, &pve.UnreachableError{Host: "pmox01:8006", Reach: pve.ReachRefused}
	})})
	if err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- unit.Run(running, connect(unit.Role())) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("unit ended with %v", err)
		}
	}()

	ask := func(query string) *provisov1.SearchResponse {
		t.Helper()
		body, err := wire.Encode(&provisov1.SearchRequest{Query: query, Limit: 3})
		if err != nil {
			t.Fatal(err)
		}
		for {
			msg, err := gateway.NC.RequestWithContext(ctx, bus.RPCSubject(bus.RoleCollector, bus.VerbSearch), body)
			if errors.Is(err, nats.ErrNoResponders) {
				continue // the unit is starting; ctx bounds the wait
			}
			if err != nil {
				t.Fatal(err)
			}
			answer, err := wire.Decode[*provisov1.SearchResponse](msg.Data, wire.Strict)
			if err != nil {
				t.Fatal(err)
			}
			return answer
		}
	}
	found := ask("short code of the site in the hostname")
	if !found.GetAnswered() || len(found.GetResults()) == 0 {
		t.Fatal("the operator's document was not found")
	}
	if r := found.GetResults()[0]; r.GetSource() != "operators/naming.md#hostnames" || !strings.Contains(r.GetText(), "lyo") {
		t.Errorf("got %s: %q", r.GetSource(), r.GetText())
	}
	if nothing := ask("recipe for strawberry jam"); nothing.GetAnswered() || len(nothing.GetResults()) != 0 {
		t.Errorf("jam was answered with %v", nothing.GetResults())
	}
}
