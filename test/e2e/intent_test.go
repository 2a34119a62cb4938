package e2e

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/wire"
	"proviso.dev/proto"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// intent is written by hand from the schema, as a publisher in another language would write it.
const intent = `{
  "intent_id": "order-4711",
  "language": "en",
  "target": {"platform": "proxmox"},
  "confirmed": true,
  "virtual_machines": [{
    "name": "shop",
    "count": 2,
    "cores": 2,
    "memory_mib": 2048,
    "source": {"template": {"vm_id": 100}},
    "networks": [{"bridge": "mainvnet", "ipv4": "dhcp"}],
    "tags": ["shop"],
    "placement": {"grouping": "apart"}
  }]
}`

// TestIntentFromTheSchemaAlone publishes plain JSON that was checked against nothing but the committed schema, twice, and
// wants one result.
//
// Shows: T-3.3.4-09, T-3.3.5-06, T-3.3.5-104
func TestIntentFromTheSchemaAlone(t *testing.T) {
	const schemaFile = "schema/proviso.v1.ProvisionIntent.schema.strict.bundle.json"
	data, err := proto.Schemas.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	// The generated $id is a bare file name; a resolver needs a base.
	if err := compiler.AddResource("https://proviso.dev/"+schemaFile, document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("https://proviso.dev/" + schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(intent)))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(instance); err != nil {
		t.Fatalf("the schema refuses the intent: %v", err)
	}

	d := newDeployment(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	nc, err := nats.Connect(d.natsURL)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	for range 2 {
		msg := &nats.Msg{Subject: bus.IntentSubject("shop"), Data: []byte(intent), Header: nats.Header{}}
		msg.Header.Set("Content-Type", "application/json; proto=proviso.v1.ProvisionIntent")
		if _, err := d.js.PublishMsg(ctx, msg); err != nil {
			t.Fatal(err)
		}
	}
	results, err := d.js.OrderedConsumer(ctx, "RESULTS", jetstream.OrderedConsumerConfig{FilterSubjects: []string{bus.ResultsOf("shop")}})
	if err != nil {
		t.Fatal(err)
	}
	msg, err := results.Next(jetstream.FetchMaxWait(30 * time.Second))
	if err != nil {
		t.Fatalf("no result: %v", err)
	}
	result, err := wire.Decode[*provisov1.RunResult](msg.Data(), wire.OwnServices)
	if err != nil {
		t.Fatal(err)
	}
	if result.GetState() != "delivered" || result.GetIntentId() != "order-4711" || len(result.GetPlacement()) != 2 {
		t.Errorf("want order-4711 delivered with two placements, got %v", result)
	}
	if p := result.GetPlacement(); len(p) == 2 && p[0].GetNode() == p[1].GetNode() {
		t.Errorf("the machines are to be apart, both are on %s", p[0].GetNode())
	}
	if msg, err := results.Next(jetstream.FetchMaxWait(2 * time.Second)); err == nil {
		t.Errorf("a second result: %s", msg.Data())
	}
}
