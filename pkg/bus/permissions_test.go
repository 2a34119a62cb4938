package bus_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"
	"proviso.dev/pkg/bus"
)

// estate is a server on which every role and one outside publisher has a user with exactly its rights.
type estate struct {
	server *server.Server
	keys   map[string]nkeys.KeyPair

	mu     sync.Mutex
	denied []string // asynchronous permission errors
}

func newEstate(t *testing.T) *estate {
	t.Helper()
	e := &estate{keys: map[string]nkeys.KeyPair{}}
	var users []*server.NkeyUser
	add := func(name string, r bus.Rights, err error) {
		if err != nil {
			t.Fatal(err)
		}
		key, err := nkeys.CreateUser()
		if err != nil {
			t.Fatal(err)
		}
		public, err := key.PublicKey()
		if err != nil {
			t.Fatal(err)
		}
		e.keys[name] = key
		p := &server.Permissions{
			Publish:   &server.SubjectPermission{Allow: r.Publish, Deny: r.DenyPublish},
			Subscribe: &server.SubjectPermission{Allow: r.Subscribe},
		}
		if r.Respond {
			p.Response = &server.ResponsePermission{MaxMsgs: 1, Expires: 5 * time.Minute}
		}
		users = append(users, &server.NkeyUser{Nkey: public, Permissions: p})
	}
	for _, role := range append(bus.Roles(), bus.RoleProvisioner) {
		r, err := bus.Permissions(role)
		add(string(role), r, err)
	}
	r, err := bus.PublisherPermissions("shop")
	add("shop", r, err)
	e.server = startServer(t, func(o *server.Options) { o.Nkeys = users })

	ctx := within(t, 20*time.Second)
	if err := bus.Provision(ctx, e.as(t, "provisioner"), bus.TopologyOptions{Publishers: []string{"shop"}}); err != nil {
		t.Fatalf("provision under its own rights: %v", err)
	}
	return e
}

func (e *estate) as(t *testing.T, name string) jetstream.JetStream {
	t.Helper()
	key := e.keys[name]
	public, err := key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return connect(t, e.server,
		nats.Nkey(public, key.Sign), nats.CustomInboxPrefix("_INBOX_"+name), nats.PermissionErrOnSubscribe(true),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.denied = append(e.denied, name+": "+err.Error())
		}))
}

// TestChainUnderRights walks one run through every role, each with its own user, and wants no permission error.
//
// Shows: T-3.2-02
func TestChainUnderRights(t *testing.T) {
	e := newEstate(t)
	ctx := within(t, 30*time.Second)
	const run = "run-1"
	publish := func(js jetstream.JetStream, m bus.Message) {
		t.Helper()
		m.Body, m.RunID = []byte(`{"x":1}`), run
		if err := bus.NewPublisher(js).Publish(ctx, m); err != nil {
			t.Fatal(err)
		}
	}
	take := func(js jetstream.JetStream, c bus.Consumer, want string) jetstream.Msg {
		t.Helper()
		bound, err := bus.Bind(ctx, js, c)
		if err != nil {
			t.Fatal(err)
		}
		it, err := bound.Messages(jetstream.PullMaxMessages(1))
		if err != nil {
			t.Fatal(err)
		}
		defer it.Stop()
		m, err := it.Next(jetstream.NextMaxWait(5 * time.Second))
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		if m.Subject() != want {
			t.Errorf("%s: got %s, want %s", c.Name, m.Subject(), want)
		}
		if err := m.InProgress(); err != nil {
			t.Fatal(err)
		}
		if err := m.DoubleAck(ctx); err != nil {
			t.Fatalf("%s: ack: %v", c.Name, err)
		}
		return m
	}
	gateway, manager := e.as(t, "gateway"), e.as(t, "manager")

	// The gateway remembers the request's key and starts a run.
	idem, err := gateway.KeyValue(ctx, bus.BucketIdem)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := idem.Create(ctx, "http.key", []byte(run)); err != nil {
		t.Fatal(err)
	}
	start := bus.WorkSubject(bus.RoleManager, bus.VerbStart)
	publish(gateway, bus.Message{Subject: start, ID: run + ".start"})
	take(manager, bus.ConsumerManager, start)

	// The manager keeps the run and hands out work.
	runs, err := manager.KeyValue(ctx, bus.BucketRuns)
	if err != nil {
		t.Fatal(err)
	}
	rev, err := runs.Create(ctx, bus.RunKey(run), []byte("1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := runs.Update(ctx, bus.RunKey(run), []byte("2"), rev); err != nil {
		t.Fatal(err)
	}
	if _, err := runs.Put(ctx, bus.ActiveKey(run), nil); err != nil {
		t.Fatal(err)
	}
	publish(manager, bus.Message{Subject: bus.AuditSubject(bus.RoleManager, run, 1), ID: run + ".audit.1", FirstOnly: true})
	sessions, err := manager.KeyValue(ctx, bus.BucketSessions)
	if err != nil {
		t.Fatal(err)
	}
	rev, err = sessions.Create(ctx, bus.SessionKey("gateway", "alice", "lab"), []byte("1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sessions.Update(ctx, bus.SessionKey("gateway", "alice", "lab"), []byte("2"), rev); err != nil {
		t.Fatal(err)
	}
	for role, verb := range map[bus.Role]string{bus.RoleCollector: bus.VerbCollect, bus.RoleAnalyser: bus.VerbAnalyse, bus.RoleBuilder: bus.VerbBuild} {
		work := bus.WorkSubject(role, verb)
		publish(manager, bus.Message{Subject: work, ID: bus.StepID(run, verb, 1, "work"), Attempt: 1})
		js := e.as(t, string(role))
		consumer := map[bus.Role]bus.Consumer{bus.RoleCollector: bus.ConsumerCollector, bus.RoleAnalyser: bus.ConsumerAnalyser, bus.RoleBuilder: bus.ConsumerBuilder}[role]
		take(js, consumer, work)
		artifacts := bus.NewArtifacts(js, 0)
		ref, err := artifacts.Put(ctx, "text/plain", []byte("made by "+string(role)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := artifacts.Get(ctx, ref); err != nil {
			t.Fatal(err)
		}
		if _, err := bus.NewArtifacts(gateway, 0).Get(ctx, ref); err != nil {
			t.Fatalf("gateway reads an artefact: %v", err)
		}
		event := bus.EventSubject(role, bus.KindStepSucceeded, run)
		publish(js, bus.Message{Subject: event, ID: bus.StepID(run, verb, 1, "succeeded"), Attempt: 1})
		take(manager, bus.ConsumerManagerEvents, event)
		publish(js, bus.Message{Subject: bus.DLQSubject(role, verb), ID: "WORK." + verb})
	}

	// Timers: set, fired by the server, taken; cancelled.
	publish(manager, bus.Message{Subject: bus.TimerSet(run, "deadline"), ID: run + ".deadline", At: time.Now().Add(-time.Second)})
	take(manager, bus.ConsumerManagerTimers, bus.TimerDue(run, "deadline"))
	if err := bus.NewPublisher(manager).CancelTimers(ctx, run); err != nil {
		t.Fatal(err)
	}

	// Intents and results.
	shop := e.as(t, "shop")
	publish(shop, bus.Message{Subject: bus.IntentSubject("shop"), ID: "intent-1"})
	take(manager, bus.ConsumerManagerIntents, bus.IntentSubject("shop"))
	result := bus.ResultSubject("shop", run)
	publish(manager, bus.Message{Subject: result, ID: run + ".result", FirstOnly: true})
	take(shop, bus.PublisherConsumer("shop"), result)
	publish(manager, bus.Message{Subject: bus.EventSubject(bus.RoleManager, bus.KindEnded, run), ID: run + ".ended", FirstOnly: true})

	// The gateway follows a run by its events and by its record.
	follow, err := gateway.OrderedConsumer(ctx, bus.StreamEvents, jetstream.OrderedConsumerConfig{FilterSubjects: []string{bus.EventsOf(run)}})
	if err != nil {
		t.Fatalf("gateway follows events: %v", err)
	}
	if m, err := follow.Next(jetstream.FetchMaxWait(5 * time.Second)); err != nil || !strings.HasSuffix(m.Subject(), run) {
		t.Fatalf("gateway follows events: %v", err)
	}
	seen, err := gateway.KeyValue(ctx, bus.BucketRuns)
	if err != nil {
		t.Fatal(err)
	}
	watch, err := seen.Watch(ctx, bus.RunKey(run))
	if err != nil {
		t.Fatal(err)
	}
	select {
	case entry := <-watch.Updates():
		if entry == nil || string(entry.Value()) != "2" {
			t.Errorf("watch: got %v", entry)
		}
	case <-ctx.Done():
		t.Fatal("watch: nothing came")
	}
	if err := watch.Stop(); err != nil {
		t.Fatal(err)
	}

	// The manager as the mover of dead letters and as reconciler.
	publish(manager, bus.Message{Subject: bus.WorkSubject(bus.RoleBuilder, bus.VerbBuild), ID: run + ".lost"})
	stream, err := manager.Stream(ctx, bus.StreamWork)
	if err != nil {
		t.Fatal(err)
	}
	info := stream.CachedInfo()
	if _, err := stream.GetMsg(ctx, info.State.LastSeq); err != nil {
		t.Fatal(err)
	}
	if err := stream.DeleteMsg(ctx, info.State.LastSeq); err != nil {
		t.Fatal(err)
	}
	active, err := runs.ListKeysFiltered(ctx, bus.ActiveKeys)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for key := range active.Keys() {
		keys = append(keys, key)
	}
	if len(keys) != 1 || keys[0] != bus.ActiveKey(run) {
		t.Errorf("active runs: got %q", keys)
	}

	// Short queries, by request and reply.
	builder := e.as(t, "builder")
	_, err = builder.Conn().Subscribe(bus.RPCSubject(bus.RoleBuilder, "validate"), func(m *nats.Msg) { _ = m.Respond([]byte("ok")) })
	if err != nil {
		t.Fatal(err)
	}
	if err := builder.Conn().Flush(); err != nil {
		t.Fatal(err)
	}
	if _, err := gateway.Conn().RequestWithContext(ctx, bus.RPCSubject(bus.RoleBuilder, "validate"), nil); err != nil {
		t.Errorf("query: %v", err)
	}

	e.mu.Lock()
	defer e.mu.Unlock()
	for _, d := range e.denied {
		t.Errorf("denied on the way: %s", d)
	}
}

// raw is a connection whose permission errors go to the channel.
func (e *estate) raw(t *testing.T, name string) (*nats.Conn, <-chan error) {
	t.Helper()
	violation := make(chan error, 8)
	key := e.keys[name]
	public, err := key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	nc, err := nats.Connect("", nats.InProcessServer(e.server), nats.Nkey(public, key.Sign), nats.CustomInboxPrefix("_INBOX_"+name),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { violation <- err }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc, violation
}

func wantViolation(t *testing.T, nc *nats.Conn, violation <-chan error) {
	t.Helper()
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-violation:
		if !errors.Is(err, nats.ErrPermissionViolation) {
			t.Errorf("got %v, want a permission violation", err)
		}
	case <-time.After(2 * time.Second):
		t.Error("it was allowed")
	}
}

// TestDenied tries what each user must not be able to do.
func TestDenied(t *testing.T) {
	e := newEstate(t)
	tests := map[string]struct {
		user    string
		subject string
		body    string
	}{
		"BuilderForgesAnalyser":      {"builder", bus.EventSubject(bus.RoleAnalyser, bus.KindStepSucceeded, "r"), ""},
		"BuilderEndsRun":             {"builder", bus.EventSubject(bus.RoleManager, bus.KindEnded, "r"), ""},
		"BuilderMakesWork":           {"builder", bus.WorkSubject(bus.RoleCollector, bus.VerbCollect), ""},
		"BuilderForgesResult":        {"builder", bus.ResultSubject("shop", "r"), ""},
		"BuilderWritesRun":           {"builder", "$KV.runs.run.r", ""},
		"BuilderTakesAnalysersWork":  {"builder", "$JS.API.CONSUMER.MSG.NEXT.WORK.analyser-v1", ""},
		"BuilderAcksAnalysersWork":   {"builder", "$JS.ACK.WORK.analyser-v1.1.1.1.1.1", "+ACK"},
		"BuilderDeletesWork":         {"builder", "$JS.API.STREAM.MSG.DELETE.WORK", `{"seq":1}`},
		"AnalyserDeletesConsumer":    {"analyser", "$JS.API.CONSUMER.DELETE.WORK.analyser-v1", ""},
		"CollectorCreatesConsumer":   {"collector", "$JS.API.CONSUMER.CREATE.WORK.x.proviso.v1.work.>", "{}"},
		"CollectorReadsReservations": {"collector", "$JS.API.DIRECT.GET.KV_reservations.$KV.reservations.x", ""},
		"GatewayTakesStepResults":    {"gateway", "$JS.API.CONSUMER.MSG.NEXT.EVENTS.manager-events-v1", ""},
		"GatewayDeletesDurable":      {"gateway", "$JS.API.CONSUMER.DELETE.EVENTS.manager-events-v1", ""},
		"GatewayReplacesDurable":     {"gateway", "$JS.API.CONSUMER.CREATE.EVENTS.manager-events-v1.proviso.v1.event.>", "{}"},
		"GatewayWritesRun":           {"gateway", "$KV.runs.run.r", ""},
		"GatewayMakesWork":           {"gateway", bus.WorkSubject(bus.RoleBuilder, bus.VerbBuild), ""},
		"GatewayForgesEvent":         {"gateway", bus.EventSubject(bus.RoleManager, bus.KindState, "r"), ""},
		"GatewayWritesArtefact":      {"gateway", "$O.artifacts.M.x", ""},
		"ManagerForgesDue":           {"manager", bus.TimerDue("r", "deadline"), ""},
		"ManagerPurgesEvents":        {"manager", "$JS.API.STREAM.PURGE.EVENTS", ""},
		"ManagerDeletesAudit":        {"manager", "$JS.API.STREAM.DELETE.AUDIT", ""},
		"GatewayForgesAudit":         {"gateway", bus.AuditSubject(bus.RoleManager, "run-1", 1), ""},
		"CollectorReadsSessions":     {"collector", "$JS.API.DIRECT.GET.KV_sessions.$KV.sessions.x", ""},
		"ManagerForgesGatewayAudit":  {"manager", bus.AuditSubject(bus.RoleGateway, "run-1", 1), ""},
		"ProvisionerDeletesStream":   {"provisioner", "$JS.API.STREAM.DELETE.WORK", ""},
		"ProvisionerPurges":          {"provisioner", "$JS.API.STREAM.PURGE.WORK", ""},
		"ProvisionerMakesWork":       {"provisioner", bus.WorkSubject(bus.RoleBuilder, bus.VerbBuild), ""},
		"ShopAsOther":                {"shop", bus.IntentSubject("other"), ""},
		"ShopMakesWork":              {"shop", bus.WorkSubject(bus.RoleManager, bus.VerbStart), ""},
		"ShopReadsStreams":           {"shop", "$JS.API.STREAM.NAMES", ""},
		"ShopReadsEvents":            {"shop", "$JS.API.CONSUMER.CREATE.EVENTS.x.proviso.v1.event.>", "{}"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			nc, violation := e.raw(t, tc.user)
			if err := nc.PublishRequest(tc.subject, nc.NewInbox(), []byte(tc.body)); err != nil {
				t.Fatal(err)
			}
			wantViolation(t, nc, violation)
		})
	}
}

// TestDeniedSubscriptions: nobody reads along.
func TestDeniedSubscriptions(t *testing.T) {
	e := newEstate(t)
	for user, subjects := range map[string][]string{
		"builder": {"proviso.v1.>", "_INBOX_gateway.>", "_INBOX.>", "$JS.EVENT.>", "$KV.>"},
		"gateway": {"proviso.v1.event.>", "_INBOX_manager.>"},
		"manager": {"proviso.v1.intent.>", "_INBOX_gateway.*"},
		"shop":    {"proviso.v1.result.other.>", "proviso.v1.result.>"},
	} {
		for _, subject := range subjects {
			t.Run(fmt.Sprint(user, " ", subject), func(t *testing.T) {
				nc, violation := e.raw(t, user)
				if _, err := nc.SubscribeSync(subject); err != nil {
					t.Fatal(err)
				}
				wantViolation(t, nc, violation)
			})
		}
	}
}

func TestPermissionsRefuseUnknownNames(t *testing.T) {
	if r, err := bus.Permissions("root"); err == nil {
		t.Errorf("an unknown role got %v", r)
	}
	for _, name := range []string{"", "*", ">", "a.b"} {
		if r, err := bus.PublisherPermissions(name); err == nil {
			t.Errorf("publisher %q got %v", name, r)
		}
	}
}
