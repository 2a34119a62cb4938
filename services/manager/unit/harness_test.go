package manager_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/audit"
	"proviso.dev/pkg/bus"
	"proviso.dev/pkg/natstest"
	"proviso.dev/pkg/observe"
	"proviso.dev/pkg/wire"
	manager "proviso.dev/services/manager/unit"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// patience bounds every wait of these tests.
const patience = 20 * time.Second

// lab is a NATS server of its own with the topology on it, and a connection for the test's own use.
type lab struct {
	t      testing.TB
	ctx    context.Context
	server *server.Server
	env    *agent.Env // the test's, as gateway
	// session that runs are asked for in; empty: none.
	session string
	// clock is added to the time of every manager that is started.
	clock atomic.Int64
}

func newLab(t testing.TB, ackWait time.Duration, sync bool) *lab {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	s := natstest.Start(t, func(o *server.Options) { o.SyncAlways = sync })
	l := &lab{t: t, ctx: ctx, server: s}
	l.env = l.connect(bus.RoleGateway)
	if err := bus.Provision(ctx, l.env.JS, bus.TopologyOptions{AckWait: ackWait}); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *lab) connect(role bus.Role) *agent.Env {
	l.t.Helper()
	nc, err := nats.Connect("", nats.InProcessServer(l.server), nats.Name(string(role)))
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(nc.Close)
	env, err := agent.NewEnv(role, nc, agent.Options{
		Log: slog.New(slog.DiscardHandler), Metrics: observe.New(),
		Now: func() time.Time { return time.Now().Add(time.Duration(l.clock.Load())) },
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return env
}

// serve runs a loop until the test ends; the returned function stops it earlier.
func (l *lab) serve(run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(l.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = run(ctx) // a loop whose connection was cut ends with an error
	}()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	l.t.Cleanup(stop)
	return stop
}

// manage starts a manager.
func (l *lab) manage(cfg manager.Config) (env *agent.Env, stop func()) {
	l.t.Helper()
	unit, err := manager.New(cfg)
	if err != nil {
		l.t.Fatal(err)
	}
	env = l.connect(bus.RoleManager)
	return env, l.serve(func(ctx context.Context) error { return unit.Run(ctx, env) })
}

// script answers the steps as workers would. A nil entry leaves the work lying.
type script map[string]agent.StepFunc

func (l *lab) work(s script) {
	l.t.Helper()
	for role, verbs := range map[bus.Role][]string{
		bus.RoleCollector: {bus.VerbUnderstand, bus.VerbCollect},
		bus.RoleAnalyser:  {bus.VerbAnalyse},
		bus.RoleBuilder:   {bus.VerbBuild},
	} {
		consumer := map[bus.Role]bus.Consumer{
			bus.RoleCollector: bus.ConsumerCollector, bus.RoleAnalyser: bus.ConsumerAnalyser, bus.RoleBuilder: bus.ConsumerBuilder,
		}[role]
		steps := map[string]agent.StepFunc{}
		for _, verb := range verbs {
			if f := s[verb]; f != nil {
				steps[verb] = f
			}
		}
		if len(steps) > 0 {
			env := l.connect(role)
			l.serve(func(ctx context.Context) error { return agent.ServeSteps(ctx, env, consumer, 8, steps) })
		}
	}
}

func reference(digit byte) *provisov1.Reference {
	digest := []byte("sha256-0000000000000000000000000000000000000000000000000000000000000000")
	digest[len(digest)-1] = digit
	return &provisov1.Reference{Digest: string(digest), Size: 2, MediaType: "application/json"}
}

func intent(id string) *provisov1.ProvisionIntent {
	return &provisov1.ProvisionIntent{
		IntentId: id, Language: "fr", Target: &provisov1.Target{Platform: "proxmox"},
		VirtualMachines: []*provisov1.VirtualMachine{{Name: new("web")}},
	}
}

// understand behaves like a collector that knows four words: it takes "oui" for a yes and nothing else for anything.
func understand(_ context.Context, w agent.Work) (*provisov1.StepSucceeded, error) {
	u, err := wire.Decode[*provisov1.UnderstandWork](w.Data, wire.Strict)
	if err != nil {
		return nil, err
	}
	out := &provisov1.Understanding{
		Language: "fr", Kind: "provision", Intent: u.GetIntent(),
		Interpretation: []*provisov1.InterpretationRow{{Path: "virtual_machines[0].name", Label: "Nom", Value: "web", Origin: "stated"}},
	}
	if out.GetIntent() == nil {
		out.Intent = intent(u.GetItem().GetRunId())
	}
	if n := len(u.GetTurns()); n > 0 && u.GetTurns()[n-1].GetQuestionId() == "confirm" && u.GetTurns()[n-1].GetText() == "oui" {
		out.Confirmation = new("yes")
	}
	return &provisov1.StepSucceeded{Result: &provisov1.StepSucceeded_Understanding{Understanding: out}}, nil
}

func collect(context.Context, agent.Work) (*provisov1.StepSucceeded, error) {
	return &provisov1.StepSucceeded{Result: &provisov1.StepSucceeded_Collected{
		Collected: &provisov1.Collected{Context: reference('1'), SnapshotTakenAt: timestamppb.Now()},
	}}, nil
}

func analyse(context.Context, agent.Work) (*provisov1.StepSucceeded, error) {
	return &provisov1.StepSucceeded{Result: &provisov1.StepSucceeded_Analysed{Analysed: &provisov1.Analysed{
		Plan: reference('2'), Placement: []*provisov1.PlacementDecision{{Guest: "web", Node: "pve1", Reason: "la moins chargée"}},
	}}}, nil
}

func build(context.Context, agent.Work) (*provisov1.StepSucceeded, error) {
	return &provisov1.StepSucceeded{Result: &provisov1.StepSucceeded_Built{
		Built: &provisov1.Built{Manifest: reference('3'), Proof: &provisov1.Proof{Status: "validated"}, Iterations: 1},
	}}, nil
}

// allWell is the script of agents that succeed at once.
func allWell() script {
	return script{
		bus.VerbUnderstand: understand, bus.VerbCollect: collect, bus.VerbAnalyse: analyse, bus.VerbBuild: build,
	}
}

// send publishes a message as a front door does.
func (l *lab) send(verb, id string, m proto.Message) {
	l.t.Helper()
	body, err := wire.Encode(m)
	if err != nil {
		l.t.Fatal(err)
	}
	err = l.env.Publish.Publish(l.ctx, bus.Message{
		Subject: bus.WorkSubject(bus.RoleManager, verb), ID: id, Type: wire.TypeName(m), Body: body,
	})
	if err != nil {
		l.t.Fatal(err)
	}
}

func startRun(run string, confirmed bool) *provisov1.StartRun {
	return &provisov1.StartRun{
		RunId: run, Requester: &provisov1.Requester{Door: "http", Publisher: "gateway"}, Text: "un serveur web",
		Confirmed: confirmed, At: timestamppb.Now(),
	}
}

func (l *lab) ask(run string, confirmed bool) {
	l.t.Helper()
	start := startRun(run, confirmed)
	if l.session != "" {
		start.SessionId = &l.session
	}
	l.send(bus.VerbStart, run+".start", start)
}

func (l *lab) answer(run, id, question, text string) {
	l.t.Helper()
	l.send(bus.VerbAnswer, id, &provisov1.AnswerRun{
		RunId: run, MessageId: id, Answers: []*provisov1.Answer{{Id: question, Text: text}}, At: timestamppb.Now(),
	})
}

func (l *lab) cancel(run string) {
	l.t.Helper()
	l.send(bus.VerbCancel, run+".cancel", &provisov1.CancelRun{RunId: run, MessageId: "c1", At: timestamppb.Now()})
}

// until watches a run's document until it is as wanted.
func (l *lab) until(run string, what string, ok func(*provisov1.RunRecord) bool) *provisov1.RunRecord {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.ctx, patience)
	defer cancel()
	kv, err := l.env.JS.KeyValue(ctx, bus.BucketRuns)
	if err != nil {
		l.t.Fatal(err)
	}
	watcher, err := kv.Watch(ctx, bus.RunKey(run))
	if err != nil {
		l.t.Fatal(err)
	}
	defer func() { _ = watcher.Stop() }()
	var last *provisov1.RunRecord
	for {
		select {
		case entry := <-watcher.Updates():
			if entry == nil {
				continue
			}
			if last, err = wire.Decode[*provisov1.RunRecord](entry.Value(), wire.Strict); err != nil {
				l.t.Fatalf("document of run %s: %v", run, err)
			}
			if ok(last) {
				return last
			}
		case <-ctx.Done():
			l.t.Fatalf("run %s is not %s: it is %s, steps %v", run, what, last.GetRun().GetState(), last.GetRun().GetSteps())
		}
	}
}

func (l *lab) untilState(run, state string) *provisov1.RunRecord {
	l.t.Helper()
	return l.until(run, state, func(r *provisov1.RunRecord) bool { return r.GetRun().GetState() == state })
}

// untilSettled waits until a run has ended or waits, everything that follows is published and no message is left that could
// still move it.
func (l *lab) untilSettled(run, state string) *provisov1.RunRecord {
	l.t.Helper()
	r := l.until(run, state+" and settled", func(r *provisov1.RunRecord) bool {
		return r.GetRun().GetState() == state && (isEnd(state) || len(r.GetOutbox()) == 0)
	})
	if isEnd(state) {
		l.untilUnmarked(run)
	}
	l.untilDrained()
	return r
}

func isEnd(state string) bool {
	return slices.Contains([]string{"delivered", "refused", "failed", "cancelled", "expired"}, state)
}

// untilDrained waits until the manager's consumers of work, events and intents have nothing left.
func (l *lab) untilDrained() {
	l.t.Helper()
	l.eventually("the manager's consumers are drained", func() (bool, error) {
		for _, c := range []bus.Consumer{bus.ConsumerManager, bus.ConsumerManagerEvents, bus.ConsumerManagerIntents} {
			consumer, err := l.env.JS.Consumer(l.ctx, c.Stream, c.Name)
			if err != nil {
				return false, err
			}
			info := consumer.CachedInfo()
			if info.NumPending > 0 || info.NumAckPending > 0 {
				return false, nil
			}
		}
		return true, nil
	})
}

// eventually asks again and again, since the server announces neither acknowledgements nor deletions.
func (l *lab) eventually(what string, ok func() (bool, error)) {
	l.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	timeout := time.After(patience)
	for {
		done, err := ok()
		if err != nil {
			l.t.Fatalf("%s: %v", what, err)
		}
		if done {
			return
		}
		select {
		case <-tick.C:
		case <-timeout:
			l.t.Fatalf("not in time: %s", what)
		}
	}
}

// stored returns the messages of a stream whose subject matches, oldest first.
func stored[T proto.Message](l *lab, stream, subject string) []T {
	l.t.Helper()
	s, err := l.env.JS.Stream(l.ctx, stream)
	if err != nil {
		l.t.Fatal(err)
	}
	var out []T
	for seq := uint64(1); ; {
		msg, err := s.GetMsg(l.ctx, seq, jetstream.WithGetMsgSubject(subject))
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			return out
		}
		if err != nil {
			l.t.Fatal(err)
		}
		m, err := wire.Decode[T](msg.Data, wire.Strict)
		if err != nil {
			l.t.Fatalf("%s/%d: %v", stream, msg.Sequence, err)
		}
		out, seq = append(out, m), msg.Sequence+1
	}
}

// states returns the states that a run announced, in order.
func (l *lab) states(run string) []string {
	l.t.Helper()
	var out []string
	for _, c := range stored[*provisov1.RunChanged](l, bus.StreamEvents, bus.EventSubject(bus.RoleManager, bus.KindState, run)) {
		out = append(out, c.GetState())
	}
	return out
}

// wantOneEnd checks what must hold of every run that ended: one result, one announcement of the end, no mark left.
func (l *lab) wantOneEnd(publisher, run, state string) {
	l.t.Helper()
	results := stored[*provisov1.RunResult](l, bus.StreamResults, bus.ResultSubject(publisher, run))
	if len(results) != 1 || results[0].GetState() != state {
		l.t.Errorf("run %s has the results %v, want one: %s", run, results, state)
	}
	ends := stored[*provisov1.RunChanged](l, bus.StreamEvents, bus.EventSubject(bus.RoleManager, bus.KindEnded, run))
	if len(ends) != 1 || ends[0].GetState() != state {
		l.t.Errorf("run %s announced the ends %v, want one: %s", run, ends, state)
	}
	l.untilUnmarked(run)
	l.wantWholeChain(run, state)
}

// wantWholeChain checks that the audit chain of a run that ended is whole, published once, and ends as the run did.
func (l *lab) wantWholeChain(run, state string) {
	l.t.Helper()
	chain := l.chain(run)
	if err := audit.Verify(chain, l.untilState(run, state).GetAudit()); err != nil {
		l.t.Error(err)
	}
	if len(chain) < 2 || chain[0].GetAct() != "asked" || chain[len(chain)-1].GetAct() != state {
		l.t.Errorf("audit chain %v, want it from asked to %s", chain, state)
	}
}

// chain returns every audit entry of a run in the order in which they were published.
func (l *lab) chain(run string) []*provisov1.AuditEntry {
	l.t.Helper()
	return stored[*provisov1.AuditEntry](l, bus.StreamAudit, bus.AuditOf(run))
}

// recordOfRun is a run as stored.
type recordOfRun = provisov1.RunRecord

// settled is closed once a result of the run is there.
func (l *lab) settled(run string) <-chan struct{} {
	l.t.Helper()
	done := make(chan struct{})
	once := sync.OnceFunc(func() { close(done) })
	sub, err := l.env.NC.Subscribe(bus.ResultSubject("gateway", run), func(*nats.Msg) { once() })
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { _ = sub.Unsubscribe() })
	return done
}

// untilUnmarked waits until a run is no longer marked as active.
func (l *lab) untilUnmarked(run string) {
	l.t.Helper()
	kv, err := l.env.JS.KeyValue(l.ctx, bus.BucketRuns)
	if err != nil {
		l.t.Fatal(err)
	}
	l.eventually("run "+run+" is not marked", func() (bool, error) {
		_, err := kv.Get(l.ctx, bus.ActiveKey(run))
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			return true, nil
		}
		return false, err
	})
}
