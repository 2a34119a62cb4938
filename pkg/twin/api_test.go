package twin

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

const secret = "00000000-0000-4000-8000-000000000001"

// clock is a clock that only a test moves.
type clock struct{ at time.Time }

func newClock() *clock { return &clock{at: time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time          { return c.at }
func (c *clock) advance(d time.Duration) { c.at = c.at.Add(d) }

// caller calls the API of a cluster in process, as one token.
type caller struct {
	t       *testing.T
	cluster *Cluster
	token   string
}

// reply is an answer. The reason phrase is not in it: server_test.go has the tests that need it.
type reply struct {
	Status  int               `json:"-"`
	Data    json.RawMessage   `json:"data"`
	Message string            `json:"message"`
	Errors  map[string]string `json:"errors"`
}

func newLab(t *testing.T, options Options) caller {
	t.Helper()
	seed, err := Lab(S2)
	if err != nil {
		t.Fatal(err)
	}
	return newCaller(t, seed, options)
}

func newCaller(t *testing.T, seed Seed, options Options) caller {
	t.Helper()
	options.TokenSecret = secret
	c, err := New(seed, options)
	if err != nil {
		t.Fatal(err)
	}
	return caller{t: t, cluster: c, token: "root@pam!twin=" + secret}
}

// do calls "METHOD /path" with a form written as a query.
func (c caller) do(call, form string) reply {
	c.t.Helper()
	method, path, _ := strings.Cut(call, " ")
	var r *http.Request
	if method == http.MethodGet || method == http.MethodDelete {
		r = httptest.NewRequest(method, prefix+path+"?"+form, nil)
	} else {
		r = httptest.NewRequest(method, prefix+path, strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Authorization", "PVEAPIToken="+c.token)
	w := httptest.NewRecorder()
	c.cluster.Handler().ServeHTTP(w, r)
	answer := reply{Status: w.Code}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		c.t.Fatalf("%s: body %q: %v", call, w.Body, err)
	}
	return answer
}

// must wants success and decodes the data into v, which may be nil.
func (c caller) must(call, form string, v any) {
	c.t.Helper()
	answer := c.do(call, form)
	if answer.Status != http.StatusOK {
		c.t.Fatalf("%s %s: %d %s %v", call, form, answer.Status, answer.Message, answer.Errors)
	}
	if v == nil {
		return
	}
	if err := json.Unmarshal(answer.Data, v); err != nil {
		c.t.Fatalf("%s: data %s: %v", call, answer.Data, err)
	}
}

// task runs a call that answers a task, and returns how the task ended.
func (c caller) task(call, form string) string {
	c.t.Helper()
	var upid string
	c.must(call, form, &upid)
	return c.exit(upid)
}

func (c caller) exit(upid string) string {
	c.t.Helper()
	var status struct{ Status, Exitstatus string }
	c.must("GET /nodes/"+strings.Split(upid, ":")[1]+"/tasks/"+url.PathEscape(upid)+"/status", "", &status)
	if status.Status == "running" {
		return "running"
	}
	return status.Exitstatus
}

func (c caller) config(path string) map[string]any {
	c.t.Helper()
	var conf map[string]any
	c.must("GET "+path+"/config", "", &conf)
	return conf
}
