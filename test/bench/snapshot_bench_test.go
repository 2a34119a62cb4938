package bench

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"proviso.dev/pkg/pve"
	"proviso.dev/test/harness"
)

// Goals of DESIGN.md for the state of a cluster of 32 nodes and 5,000 guests.
const (
	goalRequests    = 32 + 5
	goalSnapshotCPU = 300 * time.Millisecond
	goalRefresh     = 50 * time.Millisecond
)

// readings per measurement.
const readings = 60

// BenchmarkSnapshot reads a cluster of 32 nodes and 5,000 guests whose twin is a process of its own. CPU and allocations are those of
// the reading process; wall time holds the twin's share too. The twin's statistics change every ten seconds, as a real cluster's do:
// readings that met such a moment are counted apart.
func BenchmarkSnapshot(b *testing.B) {
	t := startTwin(b)
	b.Run("overview", func(b *testing.B) {
		for b.Loop() {
			var all samples
			for range readings {
				r := t.reader(b) // without connections: they are part of a first reading
				all.take(b, func() (pve.Reading, error) {
					ctx, meter := pve.WithMeter(b.Context())
					_, err := r.Overview(ctx)
					return pve.Reading{Requests: meter.Requests(), Rows: meter.Rows()}, err
				})
			}
			all.report(b)
		}
		b.Logf("goals: %d requests, %v of CPU", goalRequests, goalSnapshotCPU)
	})
	b.Run("complete", func(b *testing.B) {
		for b.Loop() {
			var all samples
			for range readings {
				f := pve.NewFollower(t.reader(b), pve.FollowerConfig{})
				all.take(b, func() (pve.Reading, error) { _, err := f.Refresh(b.Context()); return f.LastReading(), err })
			}
			all.report(b)
		}
	})
	f := pve.NewFollower(t.reader(b), pve.FollowerConfig{DetailAge: time.Hour})
	if _, err := f.Refresh(b.Context()); err != nil {
		b.Fatal(err)
	}
	var moments samples // at which every row had changed
	for _, changed := range []int{0, 50, 500} {
		b.Run(fmt.Sprintf("refresh/changed=%d", changed), func(b *testing.B) {
			for b.Loop() {
				var all samples
				for range readings {
					t.rename(b, changed)
					one := take(b, func() (pve.Reading, error) { _, err := f.Refresh(b.Context()); return f.LastReading(), err })
					if one.Rows > changed+100 { // those of nodes change every second
						moments = append(moments, one)
						continue
					}
					all = append(all, one)
				}
				all.report(b)
			}
			b.Logf("goal: %v, the twin's share included", goalRefresh)
		})
	}
	b.Run("refresh/changed=all", func(b *testing.B) {
		for b.Loop() {
			for len(moments) < 3 {
				one := take(b, func() (pve.Reading, error) { _, err := f.Refresh(b.Context()); return f.LastReading(), err })
				if one.Rows > 2500 {
					moments = append(moments, one)
				}
			}
			moments.report(b)
		}
	})
}

// A sample is what one reading cost.
type sample struct {
	pve.Reading
	wall, cpu time.Duration
	allocated uint64
}

type samples []sample

func (s *samples) take(b *testing.B, read func() (pve.Reading, error)) {
	*s = append(*s, take(b, read))
}

func take(b *testing.B, read func() (pve.Reading, error)) sample {
	b.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, start := cpuTime(b), time.Now()
	reading, err := read()
	wall := time.Since(start)
	used := cpuTime(b) - cpu
	runtime.ReadMemStats(&after)
	if err != nil {
		b.Fatal(err)
	}
	return sample{Reading: reading, wall: wall, cpu: used, allocated: after.TotalAlloc - before.TotalAlloc}
}

func (s samples) report(b *testing.B) {
	b.Helper()
	if len(s) == 0 {
		b.Skip("no reading of this kind")
	}
	var walls, cpus []time.Duration
	var allocated uint64
	requests, rows := 0, 0
	for _, one := range s {
		walls, cpus = append(walls, one.wall), append(cpus, one.cpu)
		allocated += one.allocated
		requests, rows = max(requests, one.Requests), max(rows, one.Rows)
	}
	b.ReportMetric(float64(requests), "requests")
	b.ReportMetric(float64(rows), "rows-read")
	b.ReportMetric(float64(quantile(walls, 0.50).Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(quantile(walls, 0.99).Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(quantile(cpus, 0.50).Microseconds())/1000, "cpu-ms")
	b.ReportMetric(float64(quantile(cpus, 0.99).Microseconds())/1000, "cpu-p99-ms")
	b.ReportMetric(float64(allocated)/float64(len(s))/1e6, "alloc-MB")
	b.ReportMetric(float64(len(s)), "readings")
	b.ReportMetric(0, "ns/op") // the loop holds more than what is measured
}

// cpuTime is what this process has used of the processors so far.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// A twinProcess is a twin in a process of its own.
type twinProcess struct {
	endpoint, token string
	ca              []byte
	client          *http.Client
	serial          atomic.Int64
}

func startTwin(b *testing.B) *twinProcess {
	b.Helper()
	p := harness.Start(b, harness.Environ(), harness.Binary(b, "./pkg/twin/cmd/twin"), "-seed", "generated:32x5000", "-listen", "127.0.0.1:0")
	const end = "-----END CERTIFICATE-----"
	deadline := time.Now().Add(30 * time.Second)
	for !strings.Contains(p.Output(), end) {
		if time.Now().After(deadline) {
			b.Fatalf("the twin did not come up:\n%s", p.Output())
		}
		time.Sleep(10 * time.Millisecond)
	}
	head, ca, _ := bytes.Cut([]byte(p.Output()), []byte("-----BEGIN"))
	t := &twinProcess{ca: append([]byte("-----BEGIN"), ca...)}
	if _, err := fmt.Sscanf(string(head), "endpoint %s\ntoken %s", &t.endpoint, &t.token); err != nil {
		b.Fatalf("read what the twin says: %v\n%s", err, head)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(t.ca)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13}, MaxIdleConnsPerHost: 4}
	b.Cleanup(transport.CloseIdleConnections)
	t.client = &http.Client{Transport: transport, Timeout: 10 * time.Second}
	return t
}

func (t *twinProcess) reader(b *testing.B) *pve.Reader {
	b.Helper()
	r, err := pve.NewReader(pve.Config{Endpoint: t.endpoint, Token: t.token, CAPEM: t.ca})
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// rename gives so many guests, spread over the cluster, another name: their rows change.
func (t *twinProcess) rename(b *testing.B, guests int) {
	b.Helper()
	if guests == 0 {
		return
	}
	ids := make(chan int)
	var wg sync.WaitGroup
	errs := make(chan error, 4)
	for range 4 {
		wg.Go(func() {
			for id := range ids {
				if err := t.renameOne(b.Context(), id); err != nil {
					select {
					case errs <- err:
					default:
					}
				}
			}
		})
	}
	for i := range guests {
		ids <- 1000 + i*4000/guests
	}
	close(ids)
	wg.Wait()
	select {
	case err := <-errs:
		b.Fatal(err)
	default:
	}
}

func (t *twinProcess) renameOne(ctx context.Context, vmid int) error {
	path := fmt.Sprintf("%s/api2/json/nodes/node%02d/%%s/%d/config", t.endpoint, (vmid-100)%32+1, vmid)
	for kind, key := range map[string]string{"qemu": "name", "lxc": "hostname"} {
		form := url.Values{key: {fmt.Sprintf("renamed-%d-%d", vmid, t.serial.Add(1))}}
		req, err := http.NewRequestWithContext(ctx, http.MethodPut, fmt.Sprintf(path, kind), strings.NewReader(form.Encode()))
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "PVEAPIToken="+t.token)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := t.client.Do(req)
		if err != nil {
			return err
		}
		_ = res.Body.Close()
		if res.StatusCode == http.StatusOK {
			return nil
		}
	}
	return fmt.Errorf("guest %d could not be renamed", vmid)
}
