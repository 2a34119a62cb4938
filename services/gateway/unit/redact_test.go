package gateway_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
	gateway "proviso.dev/services/gateway/unit"
)

// canary is a secret that nothing behind the door may ever see.
const canary = "Tr0ub4dor&3xyz"

// What comes through the door is clean before it is on the bus, wherever in the request a secret stood, and the requester is
// told in their language. Nothing else is touched.
//
// Shows: T-3.3.5-103
func TestSecretsStayAtTheDoor(t *testing.T) {
	tests := map[string]struct {
		reason string
		body   string
		want   *provisov1.StartRun
	}{
		"Clean": {
			"A request without a secret comes through as it is.",
			`{"prompt":"crée un serveur web"}`,
			&provisov1.StartRun{Text: "crée un serveur web"},
		},
		"Prompt": {
			"The words.",
			`{"prompt":"crée un serveur web, mot de passe: ` + canary + `","session_id":"lab"}`,
			&provisov1.StartRun{
				Text: "crée un serveur web, mot de passe: [secret-1]", SessionId: new("lab"),
				Notices: []string{"Un secret a été retiré de votre texte (mot de passe). Proviso n'en a pas besoin et ne l'a pas conservé."},
			},
		},
		"Answer": {
			"An answer given beforehand; an equal secret gets an equal placeholder.",
			`{"prompt":"create a web server with password: ` + canary + `","answers":[{"id":"vm1.user","text":"admin, password: ` + canary + `"}]}`,
			&provisov1.StartRun{
				Text:    "create a web server with password: [secret-1]",
				Answers: []*provisov1.Answer{{Id: "vm1.user", Text: "admin, password: [secret-1]"}},
				Notices: []string{"A secret was removed from what you wrote (password). Proviso needs none and has not kept it."},
			},
		},
		"Intent": {
			"A typed intent, in the language that it names.",
			`{"intent":{"intent_id":"o","language":"fr","target":{"platform":"proxmox"},"pools":[{"name":"p"}],"goal":"mot de passe: ` + canary + `"}}`,
			&provisov1.StartRun{
				Intent: &provisov1.ProvisionIntent{
					IntentId: "o", Language: "fr", Target: &provisov1.Target{Platform: "proxmox"}, Pools: []*provisov1.Pool{{Name: "p"}},
					Goal: new("mot de passe: [secret-1]"),
				},
				Notices: []string{"Un secret a été retiré de votre texte (mot de passe). Proviso n'en a pas besoin et ne l'a pas conservé."},
			},
		},
	}
	h := newHouse(t, gateway.Config{})
	starts := make(chan *provisov1.StartRun, len(tests))
	h.manage(func(subject string, data []byte) {
		if strings.Contains(string(data), canary) {
			t.Errorf("%s carries the secret", subject)
		}
		if m, err := wire.Decode[*provisov1.StartRun](data, wire.Strict); err == nil {
			starts <- m
		}
	})
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			h.t = t
			created := h.call("POST", "/v1/runs", tc.body, "Idempotency-Key: "+name)
			if created.status != http.StatusAccepted {
				t.Fatalf("%d %s", created.status, created.body)
			}
			id := created.field("run_id")
			tc.want.RunId, tc.want.At = id, timestamppb.New(now)
			tc.want.Requester = &provisov1.Requester{Door: "http", Publisher: "gateway"}
			if diff := cmp.Diff(tc.want, receive(t, starts), protocmp.Transform()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
			// The door shows what it accepted before the manager has it.
			if got := h.call("GET", "/v1/runs/"+id, ""); strings.Contains(string(got.body), canary) {
				t.Errorf("the run shows the secret: %s", got.body)
			}
		})
	}
	h.t = t
	if strings.Contains(h.logs.String(), canary) {
		t.Error("the log holds the secret")
	}
	h.wantNowhere(canary)
}

// An answer is cleaned in the language of its run, and who gave it is told to the manager.
func TestAnswersAreCleaned(t *testing.T) {
	h := newHouse(t, gateway.Config{})
	answers := make(chan *provisov1.AnswerRun, 2)
	h.manage(func(_ string, data []byte) {
		m, err := wire.Decode[*provisov1.AnswerRun](data, wire.Strict)
		if err != nil {
			t.Errorf("answer: %v", err)
		}
		answers <- m
	})
	h.store(&provisov1.Run{RunId: "asking", State: "confirming", Language: "fr", UpdatedAt: timestamppb.New(now.Add(time.Second))})
	for _, call := range []struct{ path, body string }{
		{"answers", `{"answers":[{"id":"vm1.user","text":"admin, mot de passe: ` + canary + `"}]}`},
		{"confirm", `{"answer":"oui, mais mot de passe: ` + canary + `"}`},
	} {
		if got := h.call("POST", "/v1/runs/asking/"+call.path, call.body, "Proviso-Door: cli"); got.status != http.StatusAccepted {
			t.Fatalf("%d %s", got.status, got.body)
		}
		m := receive(t, answers)
		if text := m.GetAnswers()[0].GetText(); strings.Contains(text, canary) || !strings.Contains(text, "[secret-1]") {
			t.Errorf("%s: %q", call.path, text)
		}
		if n := m.GetNotices(); len(n) != 1 || !strings.Contains(n[0], "Un secret a été retiré") {
			t.Errorf("%s: notices %q", call.path, n)
		}
		if r := m.GetRequester(); r.GetDoor() != "cli" || r.GetPublisher() != "gateway" {
			t.Errorf("%s: requester %v", call.path, r)
		}
	}
	h.wantNowhere(canary)
}

// wantNowhere looks for a text in every message of every stream and bucket.
func (h *house) wantNowhere(text string) {
	h.t.Helper()
	seen := 0
	names := h.js.StreamNames(h.t.Context())
	for name := range names.Name() {
		stream, err := h.js.Stream(h.t.Context(), name)
		if err != nil {
			h.t.Fatal(err)
		}
		for seq := uint64(1); seq <= stream.CachedInfo().State.LastSeq; seq++ {
			msg, err := stream.GetMsg(h.t.Context(), seq)
			if err != nil {
				continue // acknowledged meanwhile
			}
			seen++
			if strings.Contains(fmt.Sprint(msg.Subject, msg.Header, string(msg.Data)), text) {
				h.t.Errorf("%s holds it on %s", name, msg.Subject)
			}
		}
	}
	if err := names.Err(); err != nil || seen == 0 {
		h.t.Errorf("%d messages were looked at: %v", seen, err)
	}
}
