package agent_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// A query is answered by its unit alone, with the contract's messages or a code and a sentence; what an answer breaks is
// never the requester's fault.
func TestServeQueries(t *testing.T) {
	s := startServer(t, nil)
	env := environment(t, s, bus.RoleCollector)
	stop, err := agent.ServeQueries(t.Context(), env, agent.NewQuery(bus.VerbSearch,
		func(_ context.Context, r *provisov1.SearchRequest) (*provisov1.SearchResponse, error) {
			switch r.GetQuery() {
			case "own":
				return nil, &agent.QueryError{Code: "closed", Message: "the library is closed"}
			case "failure":
				return nil, errors.New("a secret of ours")
			case "panic":
				panic("at the disco")
			case "bad answer":
				return &provisov1.SearchResponse{Results: []*provisov1.SearchResult{{}}}, nil
			}
			return &provisov1.SearchResponse{Answered: true, Results: []*provisov1.SearchResult{{Source: r.GetQuery()}}}, nil
		}))
	if err != nil {
		t.Fatal(err)
	}
	asker := environment(t, s, bus.RoleGateway)
	ask := func(body string) (*nats.Msg, error) {
		return asker.NC.Request(bus.RPCSubject(bus.RoleCollector, bus.VerbSearch), []byte(body), 5*time.Second)
	}

	tests := map[string]struct {
		reason string
		body   string
		want   string // source; empty: an error
		code   string
	}{
		"Answer":    {reason: "A valid question is answered.", body: `{"query":"disk"}`, want: "disk"},
		"NotJSON":   {reason: "What is no JSON is the requester's fault.", body: `disk`, code: agent.QueryInvalid},
		"Rule":      {reason: "What breaks a rule of the contract is, too.", body: `{"query":""}`, code: agent.QueryInvalid},
		"OwnCode":   {reason: "A function chooses its code.", body: `{"query":"own"}`, code: "closed"},
		"Failure":   {reason: "A failure is ours.", body: `{"query":"failure"}`, code: agent.QueryFailed},
		"Panic":     {reason: "A panic is a failure.", body: `{"query":"panic"}`, code: agent.QueryFailed},
		"BadAnswer": {reason: "An answer that breaks the contract is never sent.", body: `{"query":"bad answer"}`, code: agent.QueryFailed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			msg, err := ask(tt.body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.code, msg.Header.Get("Nats-Service-Error-Code")); diff != "" {
				t.Fatalf("%s (-want +got):\n%s", tt.reason, diff)
			}
			if tt.code != "" {
				if text := msg.Header.Get("Nats-Service-Error"); text == "" || tt.code == agent.QueryFailed && text != "the query could not be answered" {
					t.Errorf("sentence is %q", text)
				}
				return
			}
			got, err := wire.Decode[*provisov1.SearchResponse](msg.Data, wire.Strict)
			if err != nil {
				t.Fatal(err)
			}
			if source := got.GetResults()[0].GetSource(); source != tt.want {
				t.Errorf("%s want %s, got %s", tt.reason, tt.want, source)
			}
		})
	}

	stop()
	if _, err := ask(`{"query":"disk"}`); !errors.Is(err, nats.ErrNoResponders) {
		t.Errorf("after the unit has stopped: %v, want no responders", err)
	}
}
