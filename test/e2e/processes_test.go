package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"proviso.dev/pkg/bus"
	"proviso.dev/test/harness"
)

// services in the order in which a person would start them; none depends on it.
var services = []string{"collector", "analyser", "builder", "manager", "gateway"}

// A deployment is five services as five processes against a real nats-server.
type deployment struct {
	t       *testing.T // whose end is the processes' end, also of those that a subtest started
	lab     *lab
	nats    *harness.Process
	natsURL string
	store   string
	port    int // of nats-server
	gateway int // port of the gateway
	client  *harness.Client
	js      jetstream.JetStream
	running map[string]*harness.Process
}

// ackWait is short because the tests wait for redelivery; operators have 30 s.
const ackWait = time.Second

func newDeployment(t *testing.T) *deployment { return newDeploymentIn(t, newLab(t)) }

// newDeploymentIn reads the given laboratory.
func newDeploymentIn(t *testing.T, l *lab) *deployment {
	t.Helper()
	d := &deployment{t: t, lab: l, store: t.TempDir(), port: harness.FreePort(t), gateway: harness.FreePort(t),
		running: make(map[string]*harness.Process)}
	d.natsURL = fmt.Sprintf("nats://127.0.0.1:%d", d.port)
	d.client = &harness.Client{URL: fmt.Sprintf("http://127.0.0.1:%d", d.gateway)}
	d.startNATS(t)
	nc, err := nats.Connect(d.natsURL, nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	if d.js, err = jetstream.New(nc); err != nil {
		t.Fatal(err)
	}
	if err := bus.Provision(t.Context(), d.js, bus.TopologyOptions{AckWait: ackWait, Publishers: []string{"shop"}}); err != nil {
		t.Fatal(err)
	}
	for _, name := range services {
		d.start(t, name)
	}
	harness.WaitReady(t, d.running["gateway"], d.client.URL+"/readyz", 20*time.Second)
	return d
}

func (d *deployment) startNATS(t *testing.T) {
	t.Helper()
	conf := filepath.Join(d.store, "nats.conf")
	text := fmt.Sprintf("listen: 127.0.0.1:%d\njetstream { store_dir: %q, sync_interval: always }\n", d.port, filepath.Join(d.store, "js"))
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	d.nats = harness.Start(d.t, harness.Environ(), harness.Binary(t, "github.com/nats-io/nats-server/v2"), "-c", conf)
	for deadline := time.Now().Add(10 * time.Second); ; {
		nc, err := nats.Connect(d.natsURL)
		if err == nil {
			nc.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("nats-server is not up: %v\n%s", err, d.nats.Output())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// start runs one service; env is added to its environment.
func (d *deployment) start(t *testing.T, name string, env ...string) *harness.Process {
	t.Helper()
	all := append(d.lab.environ(), "PROVISO_NATS_URL="+d.natsURL, "PROVISO_PROOF=validated", "PROVISO_LOG_LEVEL=warn",
		fmt.Sprintf("PROVISO_GATEWAY_ADDR=127.0.0.1:%d", d.gateway))
	env = append(all, env...) // the last one of a name counts
	p := harness.Start(d.t, harness.Environ(env...), harness.Binary(d.t, "./services/"+name))
	d.running[name] = p
	return p
}

// results counts what was published for a run: results and ends.
func (d *deployment) results(t *testing.T, ctx context.Context, run string) (results, ends int) {
	t.Helper()
	return d.count(t, ctx, "RESULTS", bus.ResultSubject("gateway", run)),
		d.count(t, ctx, "EVENTS", bus.EventSubject(bus.RoleManager, bus.KindEnded, run))
}

func (d *deployment) count(t *testing.T, ctx context.Context, stream, subject string) int {
	t.Helper()
	s, err := d.js.Stream(ctx, stream)
	if err != nil {
		t.Fatal(err)
	}
	info, err := s.Info(ctx, jetstream.WithSubjectFilter(subject))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range info.State.Subjects {
		n += int(c)
	}
	return n
}
