package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// reply ends the run with an answer in place of a manifest; there is no manifest to ask for.
func (s *script) reply() {
	s.run.Reply = &provisov1.Reply{
		Text:     "pmox03 a la place pour 32 Gio.",
		Rows:     []*provisov1.ReplyRow{{Label: "pmox02", Value: "41 Gio libres"}, {Label: "pmox03", Value: "10 Gio libres", Reason: "moins chargé"}},
		Commands: []string{"qm list", "qm migrate 104 pmox03 --online"},
	}
	s.run.Notices = []string{"Un secret a été retiré de votre texte (mot de passe)."}
	s.run.ModelUse = &provisov1.ModelUse{Calls: 2, InputTokens: 1800, OutputTokens: 90, Models: []string{"gemini"}, PromptVersion: "intent/1"}
	s.enter("delivered")
}

func TestAskJSONReply(t *testing.T) {
	s := newScript(t, (*script).reply, nil)
	got := run(t, map[string]string{"PROVISO_SERVER": s.url}, nil, "ask", "--json", "--out", t.TempDir()+"/out", "quel nœud a de la place ?")
	want := `{
  "run_id": "r-1", "state": "delivered", "language": "fr", "intent": null, "questions": [], "refusal": null,
  "manifest": null, "validation": {"stages":[]}, "placement": [], "steps": [],
  "reply": {"text":"pmox03 a la place pour 32 Gio.",
    "rows":[{"label":"pmox02","value":"41 Gio libres","reason":""},{"label":"pmox03","value":"10 Gio libres","reason":"moins chargé"}],
    "commands":["qm list","qm migrate 104 pmox03 --online"]},
  "notices": ["Un secret a été retiré de votre texte (mot de passe)."],
  "snapshot_age_ms": 0,
  "unknown": [],
  "model_use": {"calls":2,"input_tokens":1800,"output_tokens":90,"models":["gemini"],"prompt_version":"intent/1","out":false}
}`
	if diff := cmp.Diff(squeeze(want), squeeze(got.stdout)); diff != "" || got.code != exitDelivered || got.stderr != "" {
		t.Errorf("exit %d, stderr %q, stdout (-want +got):\n%s", got.code, got.stderr, diff)
	}
}

// A person reads the sentence, the figures and commands that can be copied line by line, and no trace of a manifest.
func TestAskReply(t *testing.T) {
	s := newScript(t, (*script).reply, nil)
	got := run(t, map[string]string{"PROVISO_SERVER": s.url}, strings.NewReader(""), "ask", "quel nœud a de la place ?")
	if got.code != exitDelivered {
		t.Errorf("exit %d, want %d: %s", got.code, exitDelivered, got.stderr)
	}
	for _, want := range []string{
		"Réponse\npmox03 a la place pour 32 Gio.\n", "41 Gio libres", "moins chargé",
		"\n  qm list\n  qm migrate 104 pmox03 --online\n", "Proviso n'en exécute aucune",
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("stdout lacks %q:\n%s", want, got.stdout)
		}
	}
	for _, want := range []string{"Un secret a été retiré", "Modèle : gemini ; appels : 2 ; jetons : 1800 envoyés, 90 reçus."} {
		if strings.Count(got.stderr, want) != 1 {
			t.Errorf("stderr has %q %d times, want once:\n%s", want, strings.Count(got.stderr, want), got.stderr)
		}
	}
	if strings.Contains(got.stdout, "tofu") || strings.Contains(got.stdout, "Manifeste") {
		t.Errorf("a reply speaks of a manifest:\n%s", got.stdout)
	}
}

// What was understood of a request that cannot be served is shown before the reason.
func TestAskRefusedWithInterpretation(t *testing.T) {
	s := newScript(t, func(s *script) {
		s.run.Interpretation = rows
		s.run.Refusal = &provisov1.Refusal{Code: "workload_unsupported", Message: "Pas encore de charges Kubernetes."}
		s.enter("refused")
	}, nil)
	got := run(t, map[string]string{"PROVISO_SERVER": s.url}, strings.NewReader(""), "ask", "déploie nginx")
	if got.code != exitRefused || !strings.Contains(got.stdout, "Ce que j'ai compris") || !strings.Contains(got.stdout, "webserver") ||
		!strings.Contains(got.stderr, "Pas encore de charges Kubernetes.") {
		t.Errorf("exit %d\n%s%s", got.code, got.stdout, got.stderr)
	}
}

func TestAskSession(t *testing.T) {
	tests := map[string]struct {
		reason string
		env    string
		args   []string
		want   string // in what is posted; empty: nothing is posted
		code   int
	}{
		"None":        {"Without a name nothing is remembered.", "", nil, `{"prompt":"x","confirmed":false}`, exitDelivered},
		"Flag":        {"The flag names it.", "", []string{"--session", "lab"}, `{"prompt":"x","confirmed":false,"session_id":"lab"}`, exitDelivered},
		"Environment": {"So does the environment.", "lab", nil, `{"prompt":"x","confirmed":false,"session_id":"lab"}`, exitDelivered},
		"FlagFirst":   {"Flags go before the environment.", "other", []string{"--session", "lab"}, `{"prompt":"x","confirmed":false,"session_id":"lab"}`, exitDelivered},
		"BadName":     {"A name that the contract refuses is refused before anything starts.", "", []string{"--session", "à moi"}, "", exitUsage},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := newScript(t, (*script).reply, nil)
			got := run(t, map[string]string{"PROVISO_SERVER": s.url, "PROVISO_SESSION": tc.env}, nil, append(append([]string{"ask", "--json"}, tc.args...), "x")...)
			posted := s.posts()
			if tc.want == "" && len(posted) > 0 || tc.want != "" && (len(posted) != 1 || posted[0] != "/v1/runs "+tc.want) {
				t.Errorf("%s Posted %q, want %q", tc.reason, posted, tc.want)
			}
			if got.code != tc.code {
				t.Errorf("%s Exit %d, want %d: %s", tc.reason, got.code, tc.code, got.stdout)
			}
		})
	}
}

// A run that was a question can be looked at afterwards.
func TestRunsShowsReply(t *testing.T) {
	s := newScript(t, nil, nil)
	s.reply()
	got := run(t, map[string]string{"PROVISO_SERVER": s.url}, nil, "runs", "r-1")
	if got.code != exitDelivered || !strings.Contains(got.stdout, "pmox03 a la place pour 32 Gio.") || !strings.Contains(got.stdout, "  qm list\n") ||
		!strings.Contains(got.stderr, "Un secret a été retiré") {
		t.Errorf("exit %d\n%s%s", got.code, got.stdout, got.stderr)
	}
}

// The command that is offered for the next call repeats the request without the secrets that were in it.
func TestOfferedCommandHasNoSecret(t *testing.T) {
	s := newScript(t, func(s *script) { s.confirming(rows...) }, nil)
	got := run(t, map[string]string{"PROVISO_SERVER": s.url}, nil, "ask", "--session", "lab", "--answer", "vm1.user=password: Tr0ub4dor&3", "serveur, mot de passe: Tr0ub4dor&3")
	if got.code != exitNeedsInput || strings.Contains(got.stdout+got.stderr, "Tr0ub4dor") {
		t.Errorf("exit %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	want := `proviso ask --session lab --answer 'vm1.user=password: [secret-1]' --answer confirm=oui 'serveur, mot de passe: [secret-1]'`
	if !strings.Contains(got.stdout, want) {
		t.Errorf("stdout lacks %s:\n%s", want, got.stdout)
	}
}
