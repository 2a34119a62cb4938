package cli

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// patience bounds every wait of these tests.
const patience = 10 * time.Second

var now = timestamppb.New(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC))

// script is a gateway with one run whose life the test writes.
type script struct {
	t   *testing.T
	url string

	mu       sync.Mutex // guards everything below
	changed  *sync.Cond
	run      *provisov1.Run
	manifest *provisov1.Manifest
	events   []string
	posted   []string // method, path and body of each POST
	answer   answerFn
}

// answerFn is what happens when answers arrive; it is called with the lock held.
type answerFn func(s *script, answers map[string]string)

func newScript(t *testing.T, begin func(s *script), answer answerFn) *script {
	t.Helper()
	s := &script{t: t, answer: answer}
	s.changed = sync.NewCond(&s.mu)
	s.run = &provisov1.Run{
		RunId: "r-1", State: "received", Language: "fr", CreatedAt: now, UpdatedAt: now,
		Requester: &provisov1.Requester{Door: "cli", Publisher: "gateway"},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/runs", func(w http.ResponseWriter, r *http.Request) {
		s.note(r)
		s.mu.Lock()
		defer s.mu.Unlock()
		begin(s)
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintln(w, `{"run_id":"r-1","state":"received"}`)
	})
	mux.HandleFunc("GET /v1/runs/{id}", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.send(w, s.run)
	})
	mux.HandleFunc("GET /v1/runs/{id}/manifest", func(w http.ResponseWriter, _ *http.Request) { s.send(w, s.manifest) })
	mux.HandleFunc("GET /v1/runs/{id}/bundle.zip", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(s.bundle()) })
	mux.HandleFunc("POST /v1/runs/{id}/answers", func(w http.ResponseWriter, r *http.Request) {
		body := s.note(r)
		var given struct{ Answers []struct{ ID, Text string } }
		if err := json.Unmarshal(body, &given); err != nil {
			t.Errorf("answers: %v", err)
		}
		answers := map[string]string{}
		for _, a := range given.Answers {
			answers[a.ID] = a.Text
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.answer(s, answers)
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintln(w, `{"run_id":"r-1","state":"confirming"}`)
	})
	mux.HandleFunc("POST /v1/runs/{id}/cancel", func(w http.ResponseWriter, r *http.Request) {
		s.note(r)
		w.WriteHeader(http.StatusAccepted)
	})
	mux.HandleFunc("GET /v1/runs/{id}/events", s.stream)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *script) note(r *http.Request) []byte {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Errorf("read body: %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posted = append(s.posted, r.URL.Path+" "+string(body))
	return body
}

func (s *script) send(w http.ResponseWriter, m proto.Message) {
	data, err := wire.Encode(m)
	if err != nil {
		s.t.Errorf("encode: %v", err)
	}
	sum := sha256.Sum256(data)
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:4])+`"`)
	_, _ = w.Write(data)
}

func (s *script) stream(w http.ResponseWriter, r *http.Request) {
	defer context.AfterFunc(r.Context(), s.changed.Broadcast)()
	s.mu.Lock()
	defer s.mu.Unlock()
	for next := 0; r.Context().Err() == nil; {
		for ; next < len(s.events); next++ {
			fmt.Fprintf(w, "id: %d\n%s\n", next+1, s.events[next])
			_ = http.NewResponseController(w).Flush()
			if strings.HasPrefix(s.events[next], "event: ended") {
				return
			}
		}
		s.changed.Wait()
	}
}

// tell adds an event; the lock is held.
func (s *script) tell(kind string, m proto.Message) {
	if err := wire.Validate(m); err != nil {
		s.t.Errorf("event is not valid: %v", err)
	}
	data, err := wire.Encode(m)
	if err != nil {
		s.t.Errorf("encode: %v", err)
	}
	s.events = append(s.events, fmt.Sprintf("event: %s\ndata: %s\n", kind, data))
	s.changed.Broadcast()
}

// enter puts the run into a state and tells it; the lock is held.
func (s *script) enter(state string) {
	s.run.State = state
	kind := "state"
	switch state {
	case "delivered", "refused", "failed":
		kind = "ended"
	}
	s.tell(kind, &provisov1.RunChanged{RunId: "r-1", State: state, At: now, Language: &s.run.Language})
}

// confirming lets the run ask whether its interpretation is right.
func (s *script) confirming(rows ...*provisov1.InterpretationRow) {
	s.run.Interpretation = rows
	s.run.Questions = []*provisov1.Clarification{{
		Id: "confirm", Kind: "confirm", Text: "Est-ce correct ? (oui / non / corriger)", Required: true,
		Options: []*provisov1.Option{{Value: "oui"}, {Value: "non"}},
	}}
	s.enter("confirming")
}

// deliver ends the run well.
func (s *script) deliver() {
	s.run.Questions = nil
	s.enter("collecting")
	s.tell("step_succeeded", &provisov1.StepSucceeded{RunId: "r-1", Step: "collect", Attempt: 1, At: now, WorkedMs: 12,
		Result: &provisov1.StepSucceeded_Collected{Collected: &provisov1.Collected{
			Context: &provisov1.Reference{Digest: "sha256-" + strings.Repeat("0", 64), MediaType: "x"}, SnapshotTakenAt: now, Summary: "4 nœuds lus",
		}}})
	proof := &provisov1.Proof{Status: "validated", Stages: []*provisov1.Stage{
		{Name: "parse", Status: "passed", DurationMs: 1.5, Summary: "6 fichiers"},
		{Name: "plan", Status: "skipped", Summary: "tofu n'est pas là"},
	}}
	content := "resource \"x\" \"y\" {}\n"
	sum := sha256.Sum256([]byte(content))
	s.manifest = &provisov1.Manifest{
		RunId: "r-1", Platform: "proxmox", Dialect: "bpg", CreatedAt: now, Proof: proof,
		Files:      []*provisov1.File{{Path: "main.tf", Content: content, Sha256: hex.EncodeToString(sum[:])}},
		Iterations: []*provisov1.Iteration{{Number: 1, ExitLoop: true}},
	}
	s.run.Manifest = &provisov1.Reference{Digest: "sha256-" + strings.Repeat("1", 64), MediaType: "x"}
	s.run.Proof = proof
	s.run.Steps = []*provisov1.StepRecord{{
		Step: "collect", Role: "collector", Attempt: 1, Outcome: "succeeded", WorkedMs: 2.5, Summary: "Le cluster a été lu : 4 nœuds.",
	}}
	s.run.Intent = &provisov1.ProvisionIntent{IntentId: "i", Language: s.run.GetLanguage(), Target: &provisov1.Target{Platform: "proxmox"},
		Pools: []*provisov1.Pool{{Name: "p"}}}
	s.run.Placement = []*provisov1.PlacementDecision{{
		Guest: "webserver", Node: "pmox03", Reason: "le plus de mémoire libre", Nodes: []*provisov1.NodeAssessment{
			{Node: "pmox01", Outcome: "possible", Reason: "moins de mémoire", LoadPercent: 50, MemoryFreeMib: 1024},
			{Node: "pmox03", Outcome: "chosen", LoadPercent: 12, MemoryFreeMib: 10752},
			{Node: "pmox04", Outcome: "rejected", Reason: "hors ligne"},
		},
	}}
	s.enter("delivered")
}

func (s *script) bundle() []byte {
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	sums := ""
	for _, f := range s.manifest.GetFiles() {
		sums += f.GetSha256() + "  " + f.GetPath() + "\n"
	}
	for name, content := range map[string]string{"main.tf": s.manifest.GetFiles()[0].GetContent(), "SHA256SUMS": sums} {
		w, err := archive.Create(name)
		if err != nil {
			s.t.Error(err)
			return nil
		}
		_, _ = io.WriteString(w, content)
	}
	if err := archive.Close(); err != nil {
		s.t.Error(err)
	}
	return out.Bytes()
}

// posts returns what was posted so far.
func (s *script) posts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.posted...)
}

// call is one command and what it printed.
type call struct {
	code           int
	stdout, stderr string
}

// run runs a command against a script; interactive when there is something to type.
func run(t *testing.T, env map[string]string, typed io.Reader, args ...string) call {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return runIn(ctx, env, typed, args...)
}

func runIn(ctx context.Context, env map[string]string, typed io.Reader, args ...string) call {
	var stdout, stderr bytes.Buffer
	p := Process{
		Args: args, Getenv: func(name string) string { return env[name] },
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Columns: 80,
	}
	if typed != nil {
		p.Stdin, p.Interactive = typed, true
	}
	return call{code: Run(ctx, p), stdout: stdout.String(), stderr: stderr.String()}
}
