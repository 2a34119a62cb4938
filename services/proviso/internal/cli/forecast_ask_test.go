package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// A system is asked with what the flags say; what it answers is drawn in the reader's units and language, or handed on as it is.
func TestForecastOfASystem(t *testing.T) {
	const gib = 1 << 30
	f := &provisov1.Forecast{
		Subject: "storage ceph01", Metric: "disk", Unit: "bytes", Method: "mixture", Direction: "rising", Explanation: []string{"It rests on a history."},
	}
	for i := range 24 {
		at := time.Date(2026, 11, 22, i, 0, 0, 0, time.UTC)
		f.Points = append(f.Points, &provisov1.ForecastPoint{At: timestamppb.New(at), P05: 100 * gib, P50: float64(110+i%2) * gib, P95: 120 * gib})
	}
	body, err := wire.Encode(f)
	if err != nil {
		t.Fatal(err)
	}
	var asked, accept string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, accept = r.URL.RequestURI(), r.Header.Get("Accept-Language")
		if r.URL.Query().Get("node") == "gone" {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"title":"Nothing of that name","detail":"There is no such node.","status":404,"code":"subject_unknown"}`)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	}))
	defer server.Close()
	env := map[string]string{"PROVISO_SERVER": server.URL}

	c := run(t, env, nil, "forecast", "--storage", "ceph01", "--metric", "disk", "--cluster", "lab", "--step", "1h", "--horizon", "24", "--lang", "fr")
	if c.code != 0 || c.stderr != "" {
		t.Fatalf("code %d, %s", c.code, c.stderr)
	}
	if want := "/v1/forecast?cluster=lab&horizon=24h0m0s&metric=disk&storage=ceph01"; asked != want || accept != "fr" {
		t.Errorf("asked %s in %q, want %s in fr", asked, accept, want)
	}
	// Twelve rows of two hours: between them the mean of 110 and 111.
	for _, want := range []string{"stockage ceph01", "2026-11-22 01:00", "110,5 Gio", "120 Gio", "It rests on a history."} {
		if !strings.Contains(c.stdout, want) {
			t.Errorf("no %q in\n%s", want, c.stdout)
		}
	}
	c = run(t, env, nil, "forecast", "--guest", "118", "--json")
	var got struct{ Points []struct{ P50 float64 } }
	if err := json.Unmarshal([]byte(c.stdout), &got); err != nil || len(got.Points) != 24 || c.code != 0 || !strings.Contains(asked, "vm_id=118") {
		t.Errorf("code %d, asked %s, got %.80s", c.code, asked, c.stdout)
	}
	for name, tt := range map[string]struct {
		reason string
		args   []string
		code   int
		says   string
	}{
		"Both":    {"A file or a system.", []string{"--node", "pmox01", "--csv", "x.csv"}, exitUsage, "one of --node"},
		"Two":     {"One thing at a time.", []string{"--node", "pmox01", "--guest", "118"}, exitUsage, "one of --node"},
		"Nothing": {"Something has to be said.", nil, exitUsage, "--csv"},
		"TooFar":  {"A week is the most.", []string{"--node", "pmox01", "--horizon", "400"}, exitUsage, "seven days"},
		"Gone":    {"What the system says is said.", []string{"--node", "gone"}, exitFailed, "There is no such node."},
	} {
		t.Run(name, func(t *testing.T) {
			c := run(t, env, nil, append([]string{"forecast"}, tt.args...)...)
			if c.code != tt.code || !strings.Contains(c.stderr, tt.says) {
				t.Errorf("%s code %d, want %d: %s", tt.reason, c.code, tt.code, c.stderr)
			}
		})
	}
}
