package collector_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/natstest"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
	provisov1 "proviso.dev/proto/proviso/v1"

	collector "proviso.dev/services/collector/unit"
)

// What was measured is asked for over the bus, read from the cluster, and stored; what is not there is said by a code.
//
// Shows: T-3.3.4-04
func TestHistoryOnTheBus(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	seed, err := twin.Lab(twin.S2)
	if err != nil {
		t.Fatal(err)
	}
	cluster, err := twin.New(seed, twin.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const secret = "5a1d1f0e-2f0a-4f3c-8a53-30f5e2c0aa11"
	cluster.AddToken(twin.Token{ID: "proviso@pve!reader", Secret: secret, Privileges: twin.AuditorPrivileges(8)})
	server, err := twin.Serve(ctx, cluster)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	s := natstest.Start(t, nil)
	analyser := envOf(t, s, bus.RoleAnalyser)
	if err := bus.Provision(ctx, analyser.JS, bus.TopologyOptions{}); err != nil {
		t.Fatal(err)
	}
	unit, err := collector.New(collector.Config{Endpoint: server.URL(), Token: "proviso@pve!reader=" + secret, CAPEM: server.CAPEM()})
	if err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- unit.Run(running, envOf(t, s, unit.Role())) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("unit ended with %v", err)
		}
	}()

	ask := func(q *provisov1.HistoryRequest) (*provisov1.HistoryResponse, error) {
		for {
			a, err := agent.Ask[*provisov1.HistoryResponse](ctx, analyser.NC, bus.RoleCollector, bus.VerbHistory, q)
			if !errors.Is(err, agent.ErrNobodyAnswers) { // the unit is starting; ctx bounds the wait
				return a, err
			}
		}
	}
	answer, err := ask(&provisov1.HistoryRequest{Nodes: []string{"pmox01", "pmox02"}, VmIds: []int32{101}, Storages: []string{"pmoxpool01"}})
	if err != nil {
		t.Fatal(err)
	}
	data, err := analyser.Artifacts.Get(ctx, answer.GetHistory())
	if err != nil {
		t.Fatal(err)
	}
	h, err := pve.DecodeHistory(data)
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Nodes) != 2 || h.Nodes["pmox01"].Known(pve.MetricCPU) == 0 {
		t.Errorf("nodes: got %d with %d points of CPU", len(h.Nodes), h.Nodes["pmox01"].Known(pve.MetricCPU))
	}
	if h.Guests[101].Known(pve.MetricMemoryTotal) == 0 {
		t.Error("the guest has no history")
	}
	if len(h.Storages) != 1 {
		t.Errorf("got the shared storage %d times, want it once", len(h.Storages))
	}
	if h.Timeframe != pve.TimeframeWeek {
		t.Errorf("got timeframe %q of release 8", h.Timeframe)
	}

	tests := map[string]struct {
		reason string
		ask    *provisov1.HistoryRequest
		code   string
	}{
		"Node":    {reason: "A node that is not there has no history.", ask: &provisov1.HistoryRequest{Nodes: []string{"pmox77"}}, code: "not_found"},
		"Guest":   {reason: "Nor has a guest.", ask: &provisov1.HistoryRequest{VmIds: []int32{9999}}, code: "not_found"},
		"Storage": {reason: "Nor has a storage.", ask: &provisov1.HistoryRequest{Storages: []string{"nowhere"}}, code: "not_found"},
		"Broken":  {reason: "What breaks the contract is told so.", ask: &provisov1.HistoryRequest{Nodes: make([]string, 300)}, code: agent.QueryInvalid},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := ask(tt.ask)
			var told *agent.QueryError
			if !errors.As(err, &told) || told.Code != tt.code || told.Message == "" {
				t.Errorf("%s: got %v, want code %s", tt.reason, err, tt.code)
			}
		})
	}
}
