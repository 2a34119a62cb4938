package bus_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go/jetstream"
	"proviso.dev/pkg/bus"
)

// configs is everything that exists on the server, as the server describes it.
func configs(t *testing.T, js jetstream.JetStream) map[string]string {
	t.Helper()
	ctx := within(t, 10*time.Second)
	out := map[string]string{}
	add := func(name string, v any) {
		data, err := json.MarshalIndent(v, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(data)
	}
	streams := js.ListStreams(ctx)
	for info := range streams.Info() {
		add(info.Config.Name, info.Config)
		stream, err := js.Stream(ctx, info.Config.Name)
		if err != nil {
			t.Fatal(err)
		}
		consumers := stream.ListConsumers(ctx)
		for c := range consumers.Info() {
			add(info.Config.Name+"/"+c.Name, c.Config)
		}
		if consumers.Err() != nil {
			t.Fatal(consumers.Err())
		}
	}
	if streams.Err() != nil {
		t.Fatal(streams.Err())
	}
	return out
}

func TestProvisionTwiceChangesNothing(t *testing.T) {
	opt := bus.TopologyOptions{Publishers: []string{"shop"}}
	js := provisioned(t, opt)
	before := configs(t, js)
	want := len(bus.Streams()) + len(bus.Consumers()) + len(opt.Publishers) + len(bus.Buckets()) + len(bus.Objects())
	if len(before) != want {
		t.Errorf("got %d objects on the server, want %d", len(before), want)
	}
	if err := bus.Provision(within(t, 20*time.Second), js, opt); err != nil {
		t.Fatalf("second run: %v", err)
	}
	if diff := cmp.Diff(before, configs(t, js)); diff != "" {
		t.Errorf("second run changed the server (-first +second):\n%s", diff)
	}
}

func TestProvisionKeepsWhatIsStored(t *testing.T) {
	js := provisioned(t, bus.TopologyOptions{})
	ctx := within(t, 10*time.Second)
	if err := bus.NewPublisher(js).Publish(ctx, bus.Message{Subject: bus.WorkSubject(bus.RoleBuilder, bus.VerbBuild), ID: "r.build.1.work", Body: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	if err := bus.Provision(ctx, js, bus.TopologyOptions{SizePercent: 200, AckWait: time.Minute}); err != nil {
		t.Fatalf("growing must be possible: %v", err)
	}
	stream, err := js.Stream(ctx, bus.StreamWork)
	if err != nil {
		t.Fatal(err)
	}
	info := stream.CachedInfo()
	if info.State.Msgs != 1 {
		t.Errorf("got %d messages after growing, want 1", info.State.Msgs)
	}
	if want := int64(256 << 20); info.Config.MaxBytes != want {
		t.Errorf("got MaxBytes %d, want %d", info.Config.MaxBytes, want)
	}
}

func TestProvisionRefuses(t *testing.T) {
	tests := map[string]struct {
		reason string
		before func(t *testing.T, js jetstream.JetStream)
		opt    bus.TopologyOptions
		object string
		field  string
	}{
		"OtherFilter": {
			reason: "Another filter under the same durable silently re-routes work.",
			before: func(t *testing.T, js jetstream.JetStream) {
				c, err := js.Consumer(t.Context(), bus.StreamWork, "builder-v1")
				if err != nil {
					t.Fatal(err)
				}
				cfg := c.CachedInfo().Config
				cfg.FilterSubject = bus.WorkSubject(bus.RoleBuilder, "other")
				if _, err := js.UpdateConsumer(t.Context(), bus.StreamWork, cfg); err != nil {
					t.Fatal(err)
				}
			},
			object: "consumer WORK/builder-v1", field: "filters",
		},
		"OtherRetention": {
			reason: "A work queue that keeps its messages is another stream.",
			before: func(t *testing.T, js jetstream.JetStream) {
				if err := js.DeleteStream(t.Context(), bus.StreamWork); err != nil {
					t.Fatal(err)
				}
				if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{
					Name: bus.StreamWork, Subjects: []string{"proviso.v1.work.*.*"}, Metadata: map[string]string{"contract": bus.Contract},
				}); err != nil {
					t.Fatal(err)
				}
			},
			object: "stream WORK", field: "retention",
		},
		"SubjectLess": {
			reason: "Messages on a subject that the stream loses could not be consumed any more.",
			before: func(t *testing.T, js jetstream.JetStream) {
				s, err := js.Stream(t.Context(), bus.StreamDLQ)
				if err != nil {
					t.Fatal(err)
				}
				cfg := s.CachedInfo().Config
				cfg.Subjects = append(cfg.Subjects, "proviso.v1.more")
				if _, err := js.UpdateStream(t.Context(), cfg); err != nil {
					t.Fatal(err)
				}
				if _, err := js.Publish(t.Context(), "proviso.v1.more", nil); err != nil {
					t.Fatal(err)
				}
			},
			object: "stream DLQ", field: "subjects",
		},
		"SmallerThanStored": {
			reason: "A limit below what is stored deletes events that the manager has not read.",
			before: func(t *testing.T, js jetstream.JetStream) {
				p := bus.NewPublisher(js)
				body := make([]byte, 200<<10)
				for i := range 30 { // 6 MB; 1 % of the default is 5.1 MB
					run := "run-" + strings.Repeat("x", i+1)
					if err := p.Publish(t.Context(), bus.Message{Subject: bus.EventSubject(bus.RoleBuilder, bus.KindProgress, run), ID: run, Body: body}); err != nil {
						t.Fatal(err)
					}
				}
			},
			opt: bus.TopologyOptions{SizePercent: 1}, object: "stream EVENTS", field: "bytes",
		},
		"OtherStorage": {
			reason: "Storage cannot be changed without moving the data.",
			before: func(*testing.T, jetstream.JetStream) {},
			opt:    bus.TopologyOptions{Storage: jetstream.MemoryStorage}, object: "stream INTENTS", field: "storage",
		},
		"SomebodyElses": {
			reason: "What Proviso did not create is not Proviso's to change.",
			before: func(t *testing.T, js jetstream.JetStream) {
				if err := js.DeleteStream(t.Context(), "KV_"+bus.BucketIdem); err != nil {
					t.Fatal(err)
				}
				if _, err := js.CreateKeyValue(t.Context(), jetstream.KeyValueConfig{Bucket: bus.BucketIdem}); err != nil {
					t.Fatal(err)
				}
			},
			object: "bucket idem", field: "contract",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			js := provisioned(t, bus.TopologyOptions{})
			tc.before(t, js)
			before := configs(t, js)
			err := bus.Provision(within(t, 20*time.Second), js, tc.opt)
			var mismatch *bus.MismatchError
			if !errors.As(err, &mismatch) {
				t.Fatalf("got %v, want a mismatch; %s", err, tc.reason)
			}
			if mismatch.Object != tc.object {
				t.Errorf("got object %q, want %q", mismatch.Object, tc.object)
			}
			if !slices.ContainsFunc(mismatch.Differences, func(d string) bool { return strings.HasPrefix(d, tc.field+":") }) {
				t.Errorf("got differences %q, want one of %q", mismatch.Differences, tc.field)
			}
			after := configs(t, js)
			key := strings.NewReplacer("consumer ", "", "stream ", "", "bucket ", "KV_").Replace(tc.object)
			if diff := cmp.Diff(before[key], after[key]); diff != "" {
				t.Errorf("%s was changed although it was refused (-before +after):\n%s", key, diff)
			}
		})
	}
}

func TestBindRefusesAnotherFilter(t *testing.T) {
	js := provisioned(t, bus.TopologyOptions{})
	ctx := within(t, 10*time.Second)
	if _, err := bus.Bind(ctx, js, bus.ConsumerBuilder); err != nil {
		t.Fatalf("as provisioned: %v", err)
	}
	changed := bus.ConsumerBuilder
	changed.Filters = []string{bus.WorkOf(bus.RoleAnalyser)}
	var mismatch *bus.MismatchError
	if _, err := bus.Bind(ctx, js, changed); !errors.As(err, &mismatch) {
		t.Errorf("another filter: got %v, want a mismatch", err)
	}
	missing := bus.ConsumerBuilder
	missing.Name = "builder-v2"
	if _, err := bus.Bind(ctx, js, missing); !errors.Is(err, jetstream.ErrConsumerNotFound) {
		t.Errorf("not provisioned: got %v, want %v; binding creates nothing", err, jetstream.ErrConsumerNotFound)
	}
}

func TestTopologyKeepsItsOwnRules(t *testing.T) {
	for _, s := range bus.Streams() {
		if (s.Name == bus.StreamWork || s.Name == bus.StreamTimers) && s.MaxAge != 0 {
			t.Errorf("%s has an age: it would silently delete live work", s.Name)
		}
		if s.Schedules && s.RefuseWhenFull {
			t.Errorf("%s: the server refuses schedules in a stream that refuses when full", s.Name)
		}
		if s.Name == bus.StreamDLQ && s.WorkQueue {
			t.Error("a dead letter queue that is a work queue cannot be looked at")
		}
		if s.MaxBytes <= 0 || s.Duplicates <= 0 {
			t.Errorf("%s: limits are missing", s.Name)
		}
	}
	seen := map[string]bool{}
	for _, c := range bus.Consumers() {
		if len(c.Name) >= 32 || seen[c.Name] || !strings.Contains(c.Name, "-v") {
			t.Errorf("consumer %q: names are unique, versioned and below 32 characters", c.Name)
		}
		seen[c.Name] = true
	}
}

// The subjects of a stream that holds nothing may change: an upgrade of a bus that never used it must not need a person.
func TestSubjectsOfAnEmptyStreamMayChange(t *testing.T) {
	opt := bus.TopologyOptions{}
	js := provisioned(t, opt)
	stream, err := js.Stream(t.Context(), bus.StreamAudit)
	if err != nil {
		t.Fatal(err)
	}
	want := stream.CachedInfo().Config
	old := want
	old.Subjects = []string{"proviso.v1.audit.*.*"}
	if _, err := js.UpdateStream(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	if err := bus.Provision(within(t, 20*time.Second), js, opt); err != nil {
		t.Fatal(err)
	}
	if stream, err = js.Stream(t.Context(), bus.StreamAudit); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Subjects, stream.CachedInfo().Config.Subjects); diff != "" {
		t.Errorf("subjects (-want +got):\n%s", diff)
	}
}
