package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/natstest"
	"proviso.dev/pkg/observe"
	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
	gateway "proviso.dev/services/gateway/unit"
)

// patience bounds every wait of these tests.
const patience = 10 * time.Second

// now is the time that the gateway under test believes in.
var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// house is a gateway on a real bus, with nobody behind it but the test.
type house struct {
	t      *testing.T
	url    string
	server *server.Server
	nc     *nats.Conn
	js     jetstream.JetStream
	pub    *bus.Publisher
	art    *bus.Artifacts
	logs   *syncBuffer
	unit   *gateway.Unit
	stop   func()
}

// managerFn is a scripted manager: it is handed each message that the gateway publishes.
type managerFn func(subject string, data []byte)

func newHouse(t *testing.T, cfg gateway.Config) *house {
	t.Helper()
	s := natstest.Start(t, nil)
	h := &house{t: t, server: s, logs: &syncBuffer{}}
	h.nc = connect(t, s)
	var err error
	h.js, err = jetstream.New(h.nc)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := bus.Provision(ctx, h.js, bus.TopologyOptions{SizePercent: 2}); err != nil {
		t.Fatalf("provision: %v", err)
	}
	h.pub = bus.NewPublisher(h.js)
	h.art = bus.NewArtifacts(h.js, 1<<20)

	opened := make(chan net.Listener, 1)
	if cfg.Listen == nil {
		cfg.Listen = func(ctx context.Context, _ string) (net.Listener, error) {
			l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
			if err == nil {
				opened <- l
			}
			return l, err
		}
	}
	h.unit, err = gateway.New(cfg)
	if err != nil {
		t.Fatalf("new gateway: %v", err)
	}
	conn := connect(t, s)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	env := &agent.Env{
		Role: bus.RoleGateway, NC: conn, JS: js, Publish: bus.NewPublisher(js), Artifacts: bus.NewArtifacts(js, 1<<20),
		Log:     slog.New(slog.NewJSONHandler(h.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Metrics: observe.New(), Now: func() time.Time { return now },
	}
	running, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.unit.Run(running, env) }()
	h.stop = sync.OnceFunc(func() {
		http.DefaultClient.CloseIdleConnections() // one that was never used counts as busy for five seconds
		stop()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("gateway ended: %v", err)
			}
		case <-time.After(patience):
			t.Error("gateway did not stop")
		}
	})
	t.Cleanup(h.stop)
	select {
	case l := <-opened:
		h.url = "http://" + l.Addr().String()
	case err := <-ended:
		t.Fatalf("gateway ended: %v", err)
	case <-time.After(patience):
		t.Fatal("gateway does not listen")
	}
	return h
}

func connect(t *testing.T, s *server.Server) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect("", nats.InProcessServer(s), nats.MaxReconnects(-1))
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// manage consumes the manager's work until the test ends.
func (h *house) manage(manager managerFn) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	consumer, err := bus.Bind(ctx, h.js, bus.ConsumerManager)
	if err != nil {
		h.t.Fatalf("bind: %v", err)
	}
	consuming, err := consumer.Consume(func(m jetstream.Msg) {
		manager(m.Subject(), m.Data())
		_ = m.Ack()
	})
	if err != nil {
		h.t.Fatalf("consume: %v", err)
	}
	h.t.Cleanup(consuming.Stop)
}

// store writes a run as the manager would.
func (h *house) store(run *provisov1.Run) {
	h.t.Helper()
	if run.GetRequester() == nil {
		run.Requester = &provisov1.Requester{Door: "http", Publisher: "gateway"}
	}
	if run.GetCreatedAt() == nil {
		run.CreatedAt = timestamppb.New(now)
	}
	if run.GetUpdatedAt() == nil {
		run.UpdatedAt = timestamppb.New(now)
	}
	h.storeRecord(&provisov1.RunRecord{Run: run})
}

func (h *house) storeRecord(record *provisov1.RunRecord) {
	h.t.Helper()
	if err := wire.Validate(record); err != nil {
		h.t.Errorf("run is not valid: %v", err)
	}
	data, err := wire.Encode(record)
	if err != nil {
		h.t.Error(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	kv, err := h.js.KeyValue(ctx, bus.BucketRuns)
	if err != nil {
		h.t.Error(err)
		return
	}
	if _, err := kv.Put(ctx, bus.RunKey(record.GetRun().GetRunId()), data); err != nil {
		h.t.Error(err)
	}
}

// tell publishes an event about a run and returns its sequence.
func (h *house) tell(role bus.Role, kind, run, id string, m proto.Message) uint64 {
	h.t.Helper()
	body, err := wire.Encode(m)
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	subject := bus.EventSubject(role, kind, run)
	if err := h.pub.Publish(ctx, bus.Message{Subject: subject, ID: run + "." + id, Body: body, Type: wire.TypeName(m), RunID: run}); err != nil {
		h.t.Fatalf("publish: %v", err)
	}
	stream, err := h.js.Stream(ctx, bus.StreamEvents)
	if err != nil {
		h.t.Fatal(err)
	}
	last, err := stream.GetLastMsgForSubject(ctx, subject)
	if err != nil {
		h.t.Fatal(err)
	}
	return last.Sequence
}

// call sends a request; a header is given as "Name: value".
func (h *house) call(method, path, body string, headers ...string) *reply {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, h.url+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatalf("%s %s: %v", method, path, err)
	}
	return &reply{t: h.t, status: resp.StatusCode, header: resp.Header, body: data}
}

type reply struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

// field returns a member of a JSON object answer.
func (r *reply) field(name string) string {
	r.t.Helper()
	var object map[string]any
	if err := json.Unmarshal(r.body, &object); err != nil {
		r.t.Fatalf("answer %d is no JSON object: %v: %s", r.status, err, r.body)
	}
	s, _ := object[name].(string)
	return s
}

// syncBuffer is a log that may be read while it is written.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// receive waits for a value.
func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatal(errors.New("nothing came in time"))
		panic("unreachable")
	}
}
