// Package system starts Proviso for the evaluation: five services as five processes on a nats-server of their own, reading
// a twin, and asks it as a requester would, over HTTP.
//
// It owns processes, the dialogue's mechanics and what is seen of a run. It does not know what a right answer is. Streams are
// in memory and nothing but rules is configured: what is measured is understanding, not the disk.
package system

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
)

// startTimeout bounds the start of a system.
const startTimeout = 30 * time.Second

// The reader's token may look at everything and change nothing.
const (
	readerID     = "proviso@pve!reader"
	readerSecret = "7c1d3a52-55f5-4c66-9f0e-3d3f2f6e8a11"
)

// Options of a system.
type Options struct {
	// MaxAge is how old the state of the cluster may be that a run relies on; zero: an hour, since only an attack changes it.
	MaxAge time.Duration
}

// A System is Proviso in front of one cluster. Its methods are for one caller at a time.
type System struct {
	seed      twin.Seed
	url       string
	cluster   *twin.Cluster
	server    *twin.Server
	nc        *nats.Conn
	js        jetstream.JetStream
	processes map[string]*process
	bin, dir  string
	env       []string // of every service
}

// Start starts a system from the programs in bin on a cluster made from seed. Close ends it.
func Start(ctx context.Context, bin string, seed twin.Seed, opt Options) (_ *System, err error) {
	s := &System{seed: seed, bin: bin, processes: map[string]*process{}}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("start system: %w", err), s.Close())
		}
	}()
	if s.dir, err = os.MkdirTemp("", "proviso-eval-"); err != nil {
		return nil, err
	}
	if s.cluster, err = twin.New(seed, twin.Options{}); err != nil {
		return nil, err
	}
	s.cluster.AddToken(twin.Token{ID: readerID, Secret: readerSecret, Privileges: twin.AuditorPrivileges(8)})
	if s.server, err = twin.Serve(context.WithoutCancel(ctx), s.cluster); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	broker, err := s.startBroker(ctx)
	if err != nil {
		return nil, err
	}
	if err := bus.Provision(ctx, s.js, bus.TopologyOptions{Storage: jetstream.MemoryStorage}); err != nil {
		return nil, err
	}
	return s, s.startServices(ctx, broker, opt)
}

func (s *System) startBroker(ctx context.Context) (string, error) {
	port, err := freePort(ctx)
	if err != nil {
		return "", err
	}
	conf := filepath.Join(s.dir, "nats.conf")
	text := fmt.Sprintf("listen: 127.0.0.1:%d\njetstream { store_dir: %q, max_mem: 8G, max_file: 64G }\n", port, filepath.Join(s.dir, "js"))
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("write configuration of nats-server: %w", err)
	}
	if err := s.start("nats-server", nil, "-c", conf); err != nil {
		return "", err
	}
	address := fmt.Sprintf("nats://127.0.0.1:%d", port)
	err = s.processes["nats-server"].await(ctx, func() (err error) {
		s.nc, err = nats.Connect(address)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("wait for nats-server: %w", err)
	}
	s.js, err = jetstream.New(s.nc)
	return address, err
}

func (s *System) startServices(ctx context.Context, broker string, opt Options) error {
	port, err := freePort(ctx)
	if err != nil {
		return err
	}
	s.url = fmt.Sprintf("http://127.0.0.1:%d", port)
	ca := filepath.Join(s.dir, "ca.pem")
	if err := os.WriteFile(ca, s.server.CAPEM(), 0o600); err != nil {
		return fmt.Errorf("write certificate: %w", err)
	}
	s.env = []string{
		"PROVISO_NATS_URL=" + broker, "PROVISO_PROOF=validated", "PROVISO_LOG_LEVEL=warn",
		fmt.Sprintf("PROVISO_GATEWAY_ADDR=127.0.0.1:%d", port),
		"PROVISO_PVE_ENDPOINT=" + s.server.URL(), "PROVISO_PVE_TOKEN=" + readerID + "=" + readerSecret, "PROVISO_PVE_CA_FILE=" + ca,
		"PROVISO_PVE_MAX_AGE=" + cmp.Or(opt.MaxAge, time.Hour).String(), "PROVISO_PVE_DETAIL_AGE=" + cmp.Or(opt.MaxAge, time.Hour).String(),
	}
	for _, name := range []string{"collector", analyser, "builder", "manager", "gateway"} {
		if err := s.start(name, s.env); err != nil {
			return err
		}
	}
	if err := s.processes["gateway"].await(ctx, func() error { return answers(ctx, s.url+"/readyz") }); err != nil {
		return fmt.Errorf("wait for gateway: %w", err)
	}
	return nil
}

// analyser is the service that keeps what it reserved in memory, too.
const analyser = "analyser"

func (s *System) start(name string, env []string, args ...string) error {
	p, err := start(filepath.Join(s.bin, name), env, args...)
	if err == nil {
		s.processes[name] = p
	}
	return err
}

// Close ends every process and removes what they kept.
func (s *System) Close() error {
	if s.nc != nil {
		s.nc.Close()
	}
	for _, p := range s.processes {
		p.kill()
	}
	if s.server != nil {
		s.server.Close()
	}
	if err := os.RemoveAll(s.dir); err != nil {
		return fmt.Errorf("remove folder of system: %w", err)
	}
	return nil
}

// Forget gives back the ids and names that earlier runs reserved, so that each case finds the cluster as its fixture has it.
// The analyser remembers reservations beside the bucket, so it is started anew; work that comes meanwhile waits for it.
func (s *System) Forget(ctx context.Context) error {
	kv, err := s.js.KeyValue(ctx, bus.BucketReservations)
	if err != nil {
		return fmt.Errorf("open reservations: %w", err)
	}
	keys, err := kv.Keys(ctx)
	if errors.Is(err, jetstream.ErrNoKeysFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("list reservations: %w", err)
	}
	for _, k := range keys {
		if err := kv.Delete(ctx, k); err != nil {
			return fmt.Errorf("delete reservation %s: %w", k, err)
		}
	}
	s.processes[analyser].kill()
	return s.start(analyser, s.env)
}

// Configure sets one key of a guest's configuration on the cluster, as an operator would; an empty value removes it.
func (s *System) Configure(ctx context.Context, id int, key, value string) error {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(s.server.CAPEM())
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13}, DisableKeepAlives: true}}
	at := slices.IndexFunc(s.seed.Guests, func(g twin.SeedGuest) bool { return g.VMID == id })
	if at < 0 {
		return fmt.Errorf("configure guest %d: %w", id, errNoGuest)
	}
	node, kind := s.seed.Guests[at].Node, cmp.Or(s.seed.Guests[at].Kind, pve.KindVM)
	form := url.Values{key: {value}}
	if value == "" {
		form = url.Values{"delete": {key}}
	}
	address := fmt.Sprintf("%s/api2/json/nodes/%s/%s/%d/config", s.server.URL(), node, kind, id)
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, address, strings.NewReader(form.Encode()))
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "PVEAPIToken="+s.server.TokenID()+"="+s.server.TokenSecret())
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("configure guest %d: %w", id, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		var body bytes.Buffer
		_, _ = body.ReadFrom(resp.Body)
		return fmt.Errorf("configure guest %d: %w: %s", id, statusError(resp.StatusCode), body.String())
	}
	return nil
}

// Configured is a key of a guest's configuration as the fixture has it.
func (s *System) Configured(id int, key string) string {
	at := slices.IndexFunc(s.seed.Guests, func(g twin.SeedGuest) bool { return g.VMID == id })
	if at < 0 {
		return ""
	}
	return s.seed.Guests[at].Config[key]
}
