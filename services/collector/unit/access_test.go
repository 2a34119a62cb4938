package collector

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/twin"
)

type rightsFunc func(context.Context) (pve.Access, error)

func (f rightsFunc) Check(ctx context.Context) (pve.Access, error) { return f(ctx) }

// The rights that a token has beyond reading are named at the start, whatever the log's level is below warn; asking for them is
// itself only reading, and the log never holds the secret.
//
// Shows: T-4.2.2-01
func TestExcessRightsAreNamedAtStart(t *testing.T) {
	const secret = "0b6f4a4e-2f39-4f5e-8c36-59e6c4d4c1aa"
	tests := map[string]struct {
		reason     string
		privileges []string
		warns      []string // must be in a warning
		quiet      bool     // no warning at all
	}{
		"Auditor":       {reason: "A token for reading is as it should be.", privileges: twin.AuditorPrivileges(8), quiet: true},
		"Allocate":      {reason: "It could create machines.", privileges: append(twin.AuditorPrivileges(8), "VM.Allocate"), warns: []string{"VM.Allocate", "PVEAuditor"}},
		"Administrator": {reason: "All privileges, as root's token has.", privileges: nil, warns: []string{"VM.Allocate", "Sys.Modify", "Permissions.Modify"}},
		"Blind":         {reason: "What is missing is named as well.", privileges: []string{"Sys.Audit"}, warns: []string{"VM.Audit"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			seed, err := twin.Lab(twin.S2)
			if err != nil {
				t.Fatal(err)
			}
			cluster, err := twin.New(seed, twin.Options{})
			if err != nil {
				t.Fatal(err)
			}
			cluster.AddToken(twin.Token{ID: "proviso@pve!reader", Secret: secret, Privileges: tc.privileges})
			server, err := twin.Serve(t.Context(), cluster)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = server.Close() })
			reader, err := pve.NewReader(pve.Config{Endpoint: server.URL(), Token: "proviso@pve!reader=" + secret, CAPEM: server.CAPEM()})
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			tellRights(t.Context(), reader, slog.New(slog.NewJSONHandler(&out, nil)), time.After)

			warnings := ""
			for line := range strings.Lines(out.String()) {
				var entry struct{ Level string }
				if err := json.Unmarshal([]byte(line), &entry); err != nil {
					t.Fatal(err)
				}
				if entry.Level == slog.LevelWarn.String() {
					warnings += line
				}
			}
			if (warnings == "") != tc.quiet {
				t.Errorf("%s\nwarnings: %q", tc.reason, warnings)
			}
			for _, want := range tc.warns {
				if !strings.Contains(warnings, want) {
					t.Errorf("%s\nno warning names %s: %s", tc.reason, want, warnings)
				}
			}
			if strings.Contains(out.String(), secret) {
				t.Errorf("%s\nthe log holds the secret", tc.reason)
			}
			requests := cluster.Requests()
			if len(requests) == 0 {
				t.Error("nothing was asked: the recorder is broken")
			}
			for _, r := range requests {
				if r.Method != http.MethodGet {
					t.Errorf("%s %s was sent; want GET alone", r.Method, r.Path)
				}
			}
		})
	}
}

// A cluster that is down when the collector starts is asked again, later each time, and the rights are told once.
func TestRightsAreToldOnceTheClusterAnswers(t *testing.T) {
	calls := 0
	r := rightsFunc(func(context.Context) (pve.Access, error) {
		if calls++; calls < 9 {
			return pve.Access{}, &pve.UnreachableError{Host: "pmox01:8006", Reach: pve.ReachRefused}
		}
		return pve.Access{Token: "a@pve!b", Excess: []string{"VM.Allocate"}}, nil
	})
	var waits []time.Duration
	after := func(d time.Duration) <-chan time.Time {
		waits = append(waits, d)
		c := make(chan time.Time, 1)
		c <- time.Time{}
		return c
	}
	var out bytes.Buffer
	tellRights(t.Context(), r, slog.New(slog.NewJSONHandler(&out, nil)), after)
	if got := strings.Count(out.String(), "VM.Allocate"); calls != 9 || got != 1 {
		t.Errorf("%d calls, told %d times; want 9 and once", calls, got)
	}
	if waits[0] != time.Second || waits[1] != 2*time.Second || waits[len(waits)-1] != time.Minute {
		t.Errorf("waits %v; want them to double from 1 s to 1 min", waits)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	never := rightsFunc(func(context.Context) (pve.Access, error) { return pve.Access{}, context.Canceled })
	tellRights(ctx, never, slog.New(slog.DiscardHandler), func(time.Duration) <-chan time.Time { return nil }) // must return
}
