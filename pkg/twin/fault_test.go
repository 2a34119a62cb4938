package twin

import (
	"encoding/json"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

func TestFaults(t *testing.T) {
	tests := map[string]struct {
		reason string
		cause  func(*Cluster)
		call   string
		form   string
		want   []int // statuses of the same call, one after the other
	}{
		"Status":       {reason: "one path, twice", cause: func(c *Cluster) { c.Inject(Fault{Path: "/pools", Status: 403, Phrase: "no", Times: 2}) }, call: "GET /pools", want: []int{403, 403, 200}},
		"OtherPath":    {reason: "other paths are as ever", cause: func(c *Cluster) { c.Inject(Fault{Path: "/pools", Status: 403}) }, call: "GET /nodes", want: []int{200}},
		"Unauthorized": {reason: "a revoked token", cause: func(c *Cluster) { c.Inject(Unauthorized) }, call: "GET /version", want: []int{401}},
		"SlowNode":     {reason: "the proxy gives up", cause: func(c *Cluster) { f := GatewayTimeout; f.Node, f.Delay = "pmox02", time.Millisecond; c.Inject(f) }, call: "GET /nodes/pmox02/status", want: []int{596}},
		"OtherNode":    {reason: "and only there", cause: func(c *Cluster) { f := GatewayTimeout; f.Node = "pmox02"; c.Inject(f) }, call: "GET /nodes/pmox01/status", want: []int{200}},
		"Offline":      {reason: "a node goes down", cause: func(c *Cluster) { _ = c.SetOffline("pmox02", true) }, call: "GET /nodes/pmox02/network", want: []int{595}},
		"Back":         {reason: "and comes back", cause: func(c *Cluster) { _ = c.SetOffline("pmox04", false) }, call: "GET /nodes/pmox04/status", want: []int{200}},
		"Lock":         {reason: "somebody holds the lock file", cause: func(c *Cluster) { c.HoldLock(123, true) }, call: "PUT /nodes/pmox03/qemu/123/config", form: "onboot=0", want: []int{500, 500}},
		"Race":         {reason: "somebody takes the id first", cause: (*Cluster).RaceVMID, call: "POST /nodes/pmox01/qemu/100/clone", form: "newid=130", want: []int{500, 500}},
		"Full":         {reason: "no space", cause: func(c *Cluster) { c.FillStorage("local-lvm", true) }, call: "PUT /nodes/pmox01/qemu/100/config", form: "scsi1=local-lvm:4", want: []int{500}},
		"AgentSilent":  {reason: "an agent that is not there", cause: func(c *Cluster) { c.SetAgent(123, AgentSilent) }, call: "GET /nodes/pmox03/qemu/123/agent/network-get-interfaces", want: []int{500}},
		"AgentDenied":  {reason: "an agent that may not be asked", cause: func(c *Cluster) { c.SetAgent(123, AgentForbidden) }, call: "GET /nodes/pmox03/qemu/123/agent/network-get-interfaces", want: []int{403}},
		"AgentFine":    {reason: "and one that answers", cause: func(*Cluster) {}, call: "GET /nodes/pmox03/qemu/123/agent/network-get-interfaces", want: []int{200}},
		"NoWorker": {reason: "any message on any method", cause: func(c *Cluster) {
			c.Inject(Fault{Method: "POST", Path: "*/clone", Status: 500, Phrase: "got no worker upid", Times: 1})
		}, call: "POST /nodes/pmox01/qemu/100/clone", form: "newid=130", want: []int{500, 200}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := newLab(t, Options{})
			tc.cause(c.cluster)
			for i, want := range tc.want {
				if got := c.do(tc.call, tc.form); got.Status != want {
					t.Errorf("%s: call %d: got %d %q, want %d", tc.reason, i+1, got.Status, got.Message, want)
				}
			}
		})
	}
}

// Null for data is success without an answer, as naive clients take for an empty list.
func TestNullAnswer(t *testing.T) {
	c := newLab(t, Options{})
	c.cluster.Inject(Fault{Path: "/pools", Null: true, Times: 1})
	for i, want := range []bool{true, false} {
		got := c.do("GET /pools", "")
		if null := string(got.Data) == "null"; got.Status != http.StatusOK || null != want {
			t.Errorf("call %d: got %d with %s, want null: %t", i+1, got.Status, got.Data, want)
		}
	}
}

// The waits of a real cluster: a refused login, and a node that does not answer its proxy.
func TestDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newLab(t, Options{LoginDelay: 3 * time.Second})
		slow := GatewayTimeout
		slow.Node, slow.Delay = "pmox02", 30*time.Second
		c.cluster.Inject(slow)
		began := time.Now()
		if got := c.anonymous("GET", "/version", "", nil); got.Status != http.StatusUnauthorized || time.Since(began) != 3*time.Second {
			t.Errorf("refused login: got %d after %v, want 401 after 3s", got.Status, time.Since(began))
		}
		began = time.Now()
		if got := c.do("GET /nodes/pmox02/status", ""); got.Status != 596 || time.Since(began) != 30*time.Second {
			t.Errorf("slow node: got %d after %v, want 596 after 30s", got.Status, time.Since(began))
		}
		began = time.Now()
		if got := c.do("GET /nodes/pmox01/status", ""); got.Status != http.StatusOK || time.Since(began) != 0 {
			t.Errorf("other node: got %d after %v, want 200 at once", got.Status, time.Since(began))
		}
	})
}

func TestLateTask(t *testing.T) {
	c := newLab(t, Options{})
	var upid string
	c.must("PUT /cluster/sdn", "", &upid)
	c.cluster.LateTasks(2)
	for i, want := range []int{400, 400, 200} {
		if got := c.do("GET /nodes/pmox01/tasks/"+upid+"/status", ""); got.Status != want {
			t.Errorf("question %d: got %d, want %d", i+1, got.Status, want)
		}
	}
}

// The guests of a node that does not answer are unknown, and their figures are not there.
func TestOfflineNodeRows(t *testing.T) {
	c := newLab(t, Options{})
	c.must("GET /cluster/resources", "", nil) // fills the cache
	if err := c.cluster.SetOffline("pmox03", true); err != nil {
		t.Fatal(err)
	}
	var rows []map[string]any
	c.must("GET /cluster/resources", "", &rows)
	seen := 0
	for _, row := range rows {
		if row["node"] != "pmox03" {
			continue
		}
		seen++
		want := map[any]any{"qemu": "unknown", "node": "offline", "storage": "unknown", "sdn": "unknown"}[row["type"]]
		_, figures := row["maxmem"]
		if row["status"] != want || figures {
			t.Errorf("%v: status %v, figures %t; want %v without", row["id"], row["status"], figures, want)
		}
	}
	if seen < 4 {
		t.Errorf("%d rows of pmox03, want its guests, storages, zones and itself", seen)
	}
	var status []map[string]any
	c.must("GET /cluster/status", "", &status)
	if status[0]["quorate"] != 0.0 {
		t.Errorf("two of four nodes: quorate %v, want 0", status[0]["quorate"])
	}
	if err := c.cluster.SetOffline("none", true); err == nil {
		t.Error("an unknown node went down")
	}
}

func TestTypeVariants(t *testing.T) {
	c := newLab(t, Options{})
	c.cluster.LooseTypes(true)
	var rows []map[string]json.RawMessage
	c.must("GET /cluster/resources", "type=vm", &rows)
	if got := string(rows[0]["vmid"]); got != `"100"` {
		t.Errorf("vmid: got %s, want text", got)
	}
	if got := string(rows[0]["netin"]); got != "null" {
		t.Errorf("netin: got %s, want null", got)
	}
	c.cluster.LooseTypes(false)
	c.must("GET /cluster/resources", "type=vm", &rows)
	if got := string(rows[0]["vmid"]); got != "100" {
		t.Errorf("vmid afterwards: got %s, want a number", got)
	}
}

func TestHistory(t *testing.T) {
	tests := map[string]struct {
		version, timeframe string
		points             int
		step               float64
	}{
		"Hour8": {version: "8.4.1", timeframe: "hour", points: 70, step: 60},
		"Week8": {version: "8.4.1", timeframe: "week", points: 70, step: 3 * 3600},
		"Day9":  {version: "9.1.1", timeframe: "day", points: 1440, step: 60},
		"Week9": {version: "9.1.1", timeframe: "week", points: 336, step: 1800},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := newLab(t, Options{Version: tc.version, Now: newClock().now})
			c.cluster.RRDGaps(true)
			for _, path := range []string{"/nodes/pmox01/rrddata", "/nodes/pmox03/qemu/123/rrddata", "/nodes/pmox01/storage/cephfs/rrddata"} {
				var rows []map[string]float64
				c.must("GET "+path, "cf=AVERAGE&timeframe="+tc.timeframe, &rows)
				if len(rows) != tc.points || rows[1]["time"]-rows[0]["time"] != tc.step {
					t.Errorf("%s: got %d points %v s apart, want %d and %v", path, len(rows), rows[1]["time"]-rows[0]["time"], tc.points, tc.step)
				}
				gaps := 0
				for _, row := range rows {
					if len(row) == 1 {
						gaps++
					}
				}
				if gaps == 0 || gaps > len(rows)/4 {
					t.Errorf("%s: %d gaps in %d points", path, gaps, len(rows))
				}
			}
		})
	}
}

// What nobody asked for does not happen: the recorder is what "nothing but GET" tests rest on.
func TestRecorder(t *testing.T) {
	c := newLab(t, Options{})
	c.cluster.ForgetRequests()
	c.must("GET /nodes/pmox01/status", "", nil)
	c.do("POST /nothing", "")
	want := []Request{
		{Method: "GET", Path: "/nodes/pmox01/status", Template: "/nodes/{node}/status", Status: http.StatusOK},
		{Method: "POST", Path: "/nothing", Template: "/nothing", Status: http.StatusNotImplemented},
	}
	got := c.cluster.Requests()
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
