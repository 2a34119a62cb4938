package natsruntime_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"proviso.dev/pkg/bus"
	"proviso.dev/services/proviso/internal/natsruntime"
)

// What was confirmed is there after the server was stopped and started on the same folder.
func TestRestartKeepsMessages(t *testing.T) {
	opt := natsruntime.Options{StoreDir: t.TempDir(), SyncAlways: true, Log: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	withStore(ctx, t, opt, func(kv jetstream.KeyValue) {
		if _, err := kv.PutString(ctx, "key", "value"); err != nil {
			t.Fatal(err)
		}
	})
	withStore(ctx, t, opt, func(kv jetstream.KeyValue) {
		entry, err := kv.Get(ctx, "key")
		if err != nil || string(entry.Value()) != "value" {
			t.Errorf("got %v, %v", entry, err)
		}
	})
}

func withStore(ctx context.Context, t *testing.T, opt natsruntime.Options, use func(jetstream.KeyValue)) {
	t.Helper()
	s, err := natsruntime.Start(opt)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	nc, err := s.Connect(bus.RoleManager)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	kv, err := js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: "test"})
	if err != nil {
		t.Fatal(err)
	}
	use(kv)
}
