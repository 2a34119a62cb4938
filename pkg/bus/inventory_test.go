package bus_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"proviso.dev/pkg/bus"
)

var update = flag.Bool("update", false, "write docs/architecture/nats-resources.md")

const inventoryFile = "../../docs/architecture/nats-resources.md"

// TestInventory keeps the document what the code is.
func TestInventory(t *testing.T) {
	want := inventory(t)
	if *update {
		if err := os.WriteFile(inventoryFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(inventoryFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("the inventory is not what the code is; run go test ./bus -run TestInventory -update (-code +document):\n%s", diff)
	}
}

func inventory(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# Resources on NATS")
	line("")
	line("Generated from `pkg/bus` (`go test ./bus -run TestInventory -update` in `pkg`); do not edit. Sizes are the defaults;")
	line("`TopologyOptions` scales them. Every stream, consumer and bucket carries the metadata `contract: %s`.", bus.Contract)
	line("")
	line("## Streams")
	line("")
	line("| stream | subjects | purpose | kept | when full | ids remembered | limit |")
	line("|---|---|---|---|---|---|---|")
	for _, s := range bus.Streams() {
		kept := "until acknowledged"
		if !s.WorkQueue {
			kept = age(s.MaxAge)
		}
		if s.AppendOnly {
			kept += ", cannot be deleted or purged"
		}
		if s.Schedules {
			kept += ", scheduled messages"
		}
		full := "oldest go"
		if s.RefuseWhenFull {
			full = "refuses"
		}
		line("| %s | `%s` | %s | %s | %s | %s | %d MiB |", s.Name, strings.Join(s.Subjects, "`, `"), s.Purpose, kept, full, age(s.Duplicates), s.MaxBytes>>20)
	}
	line("")
	line("## Consumers")
	line("")
	line("Durable, pull, explicit acknowledgement, everything delivered, shared by all replicas of the role. Each outside publisher")
	line("`<p>` has one more on RESULTS: `<p>-v1`, filter `%s`.", bus.ResultsOf("<p>"))
	line("")
	line("| stream | consumer | role | filters | deliveries | unacknowledged | ack wait |")
	line("|---|---|---|---|---|---|---|")
	for _, c := range bus.Consumers() {
		deliveries := fmt.Sprint(c.MaxDeliver)
		if c.MaxDeliver < 0 {
			deliveries = "unlimited"
		}
		line("| %s | %s | %s | `%s` | %s | %d | %s |", c.Stream, c.Name, c.Role, strings.Join(c.Filters, "`, `"), deliveries, c.MaxAckPending, age(c.AckWait))
	}
	line("")
	line("## Key-value buckets")
	line("")
	line("| bucket | keys | purpose | history | kept since last write | limit |")
	line("|---|---|---|---|---|---|")
	for _, k := range bus.Buckets() {
		line("| %s | %s | %s | %d | %s | %d MiB |", k.Name, k.Keys, k.Purpose, k.History, age(k.TTL), k.MaxBytes>>20)
	}
	line("")
	line("## Object stores")
	line("")
	line("| store | purpose | kept | limit |")
	line("|---|---|---|---|")
	for _, o := range bus.Objects() {
		line("| %s | %s | %s | %d MiB |", o.Name, o.Purpose, age(o.TTL), o.MaxBytes>>20)
	}
	line("")
	line("## Queries")
	line("")
	line("Core request and reply, through the micro framework; an error is a code in `Nats-Service-Error-Code` and a sentence in")
	line("`Nats-Service-Error`. They belong to no stream and change nothing.")
	line("")
	line("| subject | question | answer | purpose |")
	line("|---|---|---|---|")
	for _, q := range bus.Queries() {
		line("| `%s` | `%s` | `%s` | %s |", q.Subject(), q.Request, q.Answer, q.Purpose)
	}
	line("")
	line("## Rights")
	line("")
	line("What each role may publish; it may subscribe to its own inbox and, where it answers queries, to `proviso.v1.rpc.<role>.>`")
	line("and `$SRV.>`. Everything else is denied.")
	for _, role := range append(bus.Roles(), bus.RoleProvisioner) {
		r, err := bus.Permissions(role)
		if err != nil {
			t.Fatal(err)
		}
		line("")
		line("### %s", role)
		line("")
		for _, s := range r.Publish {
			line("* `%s`", s)
		}
		for _, s := range r.DenyPublish {
			line("* denied: `%s`", s)
		}
	}
	return b.String()
}

func age(d time.Duration) string {
	switch {
	case d == 0:
		return "no age"
	case d%(24*time.Hour) == 0:
		return fmt.Sprintf("%d d", d/(24*time.Hour))
	case d%time.Hour == 0:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%d min", d/time.Minute)
	default:
		return d.String()
	}
}
