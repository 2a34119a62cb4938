package pve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"
)

// resources is the answer of a cluster with so many nodes and guests.
func resources(nodes, guests int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"data":[`)
	for n := range nodes {
		fmt.Fprintf(&b, `{"cgroup-mode":2,"cpu":0.13,"disk":9193062400,"id":"node/pmox%03d","level":"","maxcpu":64,"maxdisk":100861726720,"maxmem":540000000000,`+
			`"mem":270000000000,"node":"pmox%03d","status":"online","type":"node","uptime":4000000},`, n, n)
		fmt.Fprintf(&b, `{"content":"images,rootdir","disk":1,"id":"storage/pmox%03d/rbd","maxdisk":90000000000000,"node":"pmox%03d","plugintype":"rbd",`+
			`"shared":1,"status":"available","storage":"rbd","type":"storage"},`, n, n)
	}
	for g := range guests {
		fmt.Fprintf(&b, `{"cpu":0.0123456789,"disk":0,"diskread":3131323123,"diskwrite":98989123123,"id":"qemu/%d","maxcpu":4,"maxdisk":34359738368,`+
			`"maxmem":4294967296,"mem":2147483648,"name":"guest-%05d","netin":123123123,"netout":32132132,"node":"pmox%03d","pool":"prod","status":"running",`+
			`"tags":"linux;prod;web","template":0,"type":"qemu","uptime":%d,"vmid":%d},`, 100+g, g, g%nodes, 1000+g, 100+g)
	}
	b.Truncate(b.Len() - 1)
	b.WriteString(`]}`)
	return b.Bytes()
}

// A cluster of 32 nodes and 5,000 guests must not cost more than 300 ms of processor time to read. The bound here is far above what
// decoding takes, so that only a change of order breaks it.
func TestFiveThousandGuests(t *testing.T) {
	answers := cluster("8.4.1")
	body := resources(32, 5000)
	answers["/cluster/resources"] = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }
	answers["/cluster/status"] = data(`[{"type":"cluster","quorate":1}]`)
	for n := range 32 {
		answers[fmt.Sprintf("/nodes/pmox%03d/network", n)] = data(`[{"iface":"vmbr0","type":"bridge","active":1}]`)
		answers[fmt.Sprintf("/nodes/pmox%03d/status", n)] = data(`{"pveversion":"pve-manager/8.4.1/x","cpuinfo":{"model":"Xeon","cpus":64}}`)
		answers[fmt.Sprintf("/nodes/pmox%03d/disks/list", n)] = data(`[]`)
		answers[fmt.Sprintf("/nodes/pmox%03d/ceph/pool", n)] = data(`[]`)
	}
	srv := newStub(t, answers)
	r := srv.reader(t, nil)
	start := time.Now()
	s, err := r.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(start)
	if len(s.Guests) != 5000 || len(s.Nodes) != 32 || len(s.Bridges) != 32 || len(s.Unknown) != 0 {
		t.Errorf("got %d guests, %d nodes, %d bridges, unknown %v; want 5000, 32, 32 and nothing", len(s.Guests), len(s.Nodes), len(s.Bridges), s.Unknown)
	}
	if g, ok := s.Guest(5099); !ok || g.Name != "guest-04999" || g.UptimeSeconds != 5999 || len(g.Tags) != 3 {
		t.Errorf("guest 5099 is %+v", g)
	}
	if got := len(srv.requests()); got > 3*32+20 {
		t.Errorf("the reader sent %d requests for 32 nodes, want 116 at most", got)
	}
	t.Logf("%d bytes, %d requests, %v", len(body), len(srv.requests()), took)
}

func BenchmarkDecodeResources(b *testing.B) {
	body := resources(32, 5000)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		list, ok := scanRows(body, nil)
		if !ok {
			b.Fatal("the plain form is not recognised")
		}
		new(Snapshot).fill(list.rows, nil)
	}
}

// BenchmarkDecodeAgain reads a list of which so many rows changed.
func BenchmarkDecodeAgain(b *testing.B) {
	body := resources(32, 5000)
	last, ok := scanRows(body, nil)
	if !ok {
		b.Fatal("the plain form is not recognised")
	}
	for _, rows := range []int{0, 50, 500, 5000} {
		changed := bytes.Clone(body)
		for i := range rows {
			name := fmt.Appendf(nil, `"name":"guest-%05d"`, i*5000/rows)
			copy(changed[bytes.Index(changed, name):], `"name":"other`)
		}
		b.Run(fmt.Sprintf("changed=%d", rows), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				list, ok := scanRows(changed, last)
				if !ok || list.read != rows {
					b.Fatalf("%d rows were read, want %d", list.read, rows)
				}
				new(Snapshot).fill(list.rows, nil)
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	var answer struct {
		Data []*resourceRow `json:"data"`
	}
	if err := json.Unmarshal(resources(32, 5000), &answer); err != nil {
		b.Fatal(err)
	}
	s := &Snapshot{Version: "8.4.1"}
	s.fill(answer.Data, nil)
	for b.Loop() {
		if _, err := s.Encode(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeSnapshot(b *testing.B) {
	var answer struct {
		Data []*resourceRow `json:"data"`
	}
	if err := json.Unmarshal(resources(32, 5000), &answer); err != nil {
		b.Fatal(err)
	}
	s := &Snapshot{Version: "8.4.1"}
	s.fill(answer.Data, nil)
	data, err := s.Encode()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := DecodeSnapshot(data); err != nil {
			b.Fatal(err)
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// BenchmarkReadResources is the whole way of the list, without the network.
func BenchmarkReadResources(b *testing.B) {
	body := resources(32, 5000)
	r, err := NewReader(Config{Endpoint: "https://pmox01:8006", Token: testToken})
	if err != nil {
		b.Fatal(err)
	}
	r.client.Transport = &getOnly{secret: testSecret, base: roundTrip(func(req *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Status: "200 OK", ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body)), Request: req}, nil
	})}
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := r.resources(b.Context(), nil); err != nil {
			b.Fatal(err)
		}
	}
}
