package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	provisov1 "proviso.dev/proto/proviso/v1"
)

const prompt = "créer un serveur web basé sur le template vm id 100"

var rows = []*provisov1.InterpretationRow{
	{Path: "virtual_machines[0].name", Label: "Nom", Value: "webserver", Origin: "stated", Reason: "« serveur web »"},
	{Path: "virtual_machines[0].cores", Label: "Cœurs", Value: "2", Origin: "assumed", Reason: "comme le template"},
}

func TestAskJSONDelivered(t *testing.T) {
	s := newScript(t, (*script).deliver, nil)
	folder := filepath.Join(t.TempDir(), "out")
	got := run(t, map[string]string{"PROVISO_SERVER": s.url}, nil, "ask", "--json", "--yes", "--answer", "vm1.name=a=b", "--out", folder, prompt)
	want := `{
  "run_id": "r-1",
  "state": "delivered",
  "language": "fr",
  "intent": {"intent_id":"i","language":"fr","target":{"platform":"proxmox"},"virtual_machines":[],"containers":[],"pools":[{"name":"p"}],"facts":[],"not_understood":[],"omissions":[],"changes":[],"imports":[],"workloads":[],"repositories":[]},
  "questions": [],
  "refusal": null,
  "manifest": {"platform":"proxmox","dialect":"bpg","files":[{"path":"main.tf","content":"resource \"x\" \"y\" {}\n"}],"iterations":1},
  "validation": {"stages":[
    {"name":"parse","status":"passed","duration_ms":1.5,"findings":[],"summary":"6 fichiers"},
    {"name":"plan","status":"skipped","duration_ms":0,"findings":[],"summary":"tofu n'est pas là"}]},
  "placement": [{"guest":"webserver","node":"pmox03","reason":"le plus de mémoire libre"}],
  "steps": [{"step":"collect","agent":"collector","outcome":"succeeded","worked_ms":2.5,"summary":"Le cluster a été lu : 4 nœuds."}],
  "reply": null,
  "notices": [],
  "snapshot_age_ms": 0,
  "unknown": [],
  "model_use": null
}`
	if diff := cmp.Diff(squeeze(want), squeeze(got.stdout)); diff != "" || got.code != exitDelivered || got.stderr != "" {
		t.Errorf("exit %d, stderr %q, stdout (-want +got):\n%s", got.code, got.stderr, diff)
	}
	begun := `/v1/runs {"prompt":"` + prompt + `","confirmed":true,"answers":[{"id":"vm1.name","text":"a=b"}]}`
	if diff := cmp.Diff([]string{begun}, s.posts()); diff != "" {
		t.Errorf("posted (-want +got):\n%s", diff)
	}
	data, err := os.ReadFile(filepath.Join(folder, "main.tf"))
	if err != nil || string(data) != "resource \"x\" \"y\" {}\n" {
		t.Errorf("--out: %q, %v", data, err)
	}
}

// squeeze removes white space between the tokens of JSON, as far as these tests need.
func squeeze(s string) string {
	var b strings.Builder
	inString := false
	for i, r := range s {
		if r == '"' && (i == 0 || s[i-1] != '\\') {
			inString = !inString
		}
		if inString || !strings.ContainsRune(" \n", r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// A script is never asked anything: it gets the questions, and the run is not left open.
func TestAskJSONNeedsInput(t *testing.T) {
	s := newScript(t, func(s *script) { s.confirming(rows...) }, nil)
	got := run(t, map[string]string{"PROVISO_SERVER": s.url}, strings.NewReader("oui\n"), "ask", "--json", prompt)
	want := `"questions":[{"id":"confirm","text":"Est-ce correct ? (oui / non / corriger)","options":[{"value":"oui","label":""},{"value":"non","label":""}],"required":true}]`
	if got.code != exitNeedsInput || !strings.Contains(squeeze(got.stdout), want) || !strings.Contains(got.stdout, `"needs_input"`) {
		t.Errorf("got exit %d, %s%s", got.code, got.stdout, got.stderr)
	}
	if posts := s.posts(); len(posts) != 2 || !strings.HasPrefix(posts[1], "/v1/runs/r-1/cancel") {
		t.Errorf("want the run cancelled, posted %q", posts)
	}
}

func TestDialogue(t *testing.T) {
	var answered []string
	s := newScript(t, func(s *script) { s.confirming(rows...) }, func(s *script, answers map[string]string) {
		answered = append(answered, answers["confirm"])
		if answers["confirm"] == "oui" {
			s.deliver()
			return
		}
		s.enter("understanding")
		s.confirming(rows[0], &provisov1.InterpretationRow{Label: "Cœurs", Value: "4", Origin: "corrected"})
	})
	got := run(t, map[string]string{"PROVISO_SERVER": s.url}, strings.NewReader("\ncorriger\n4 cœurs\noui\n"), "ask", prompt)
	if diff := cmp.Diff([]string{"4 cœurs", "oui"}, answered); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	if got.code != exitDelivered {
		t.Errorf("exit %d: %s", got.code, got.stderr)
	}
	for _, want := range []string{
		"│ Cœurs     │ 2         │ * supposé : comme le template │", // marked and explained
		"│ Cœurs     │ 4         │ corrigé               │",
		"webserver → pmox03", "│ pmox04 │ écarté   │", "10,5 Gio",
		"resource \"x\" \"y\" {}", "réussi", "non fait", "tofu apply",
	} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("stdout lacks %q:\n%s", want, got.stdout)
		}
	}
	for _, want := range []string{"oui / non / corriger", "Que faut-il corriger", "collecteur : lire le cluster", "12 ms", "4 nœuds lus"} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("stderr lacks %q:\n%s", want, got.stderr)
		}
	}
	if strings.Contains(got.stdout+got.stderr, "\x1b") {
		t.Error("colours without a terminal")
	}
}

func TestDialogueOptions(t *testing.T) {
	options := []*provisov1.Option{{Value: "100", Label: "k3s-template (100)"}, {Value: "2", Label: "two"}, {Value: "900"}}
	for typed, want := range map[string]string{"1": "100", "2": "2", "3": "900", "4": "4", "100": "100", "k3s": "k3s"} {
		if got := choose(options, typed); got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}

// Without a terminal the questions are printed, with the call that answers them.
func TestNoTerminalNeverPrompts(t *testing.T) {
	s := newScript(t, func(s *script) {
		s.run.Questions = []*provisov1.Clarification{{
			Id: "vm1.source", Kind: "value", Text: "À partir de quel template ?", Required: true,
			Options: []*provisov1.Option{{Value: "100", Label: "k3s-template (100)"}},
		}}
		s.enter("clarifying")
	}, nil)
	got := run(t, map[string]string{"PROVISO_SERVER": s.url}, nil, "ask", "crée une vm d'essai")
	if got.code != exitNeedsInput {
		t.Errorf("exit %d", got.code)
	}
	for _, want := range []string{"vm1.source : À partir de quel template ?", "k3s-template (100)", `proviso ask --answer vm1.source=100 'crée une vm d'\''essai'`} {
		if !strings.Contains(got.stdout, want) {
			t.Errorf("stdout lacks %q:\n%s", want, got.stdout)
		}
	}
}

func TestEndOfInputIsNoAnswer(t *testing.T) {
	s := newScript(t, func(s *script) { s.confirming(rows...) }, func(*script, map[string]string) { t.Error("silence was taken for an answer") })
	if got := run(t, map[string]string{"PROVISO_SERVER": s.url}, strings.NewReader(""), "ask", prompt); got.code != exitNeedsInput {
		t.Errorf("exit %d: %s", got.code, got.stderr)
	}
}

func TestInterrupt(t *testing.T) {
	s := newScript(t, func(s *script) { s.confirming(rows...) }, nil)
	ctx, interrupt := context.WithCancel(t.Context())
	typed, _ := io.Pipe() // nobody types
	done := make(chan call, 1)
	go func() {
		var stdout bytes.Buffer
		stderr := &asked{prompted: interrupt}
		code := Run(ctx, Process{
			Args: []string{"ask", prompt}, Getenv: func(name string) string { return map[string]string{"PROVISO_SERVER": s.url}[name] },
			Stdin: typed, Stdout: &stdout, Stderr: stderr, Interactive: true, Columns: 80,
		})
		done <- call{code: code, stdout: stdout.String(), stderr: stderr.text.String()}
	}()
	select {
	case got := <-done:
		if got.code != exitFailed || !strings.Contains(got.stderr, "Interrompu") {
			t.Errorf("exit %d: %s", got.code, got.stderr)
		}
	case <-time.After(patience):
		t.Fatal("an interrupt does not end the dialogue")
	}
	if posts := s.posts(); len(posts) != 2 || !strings.HasPrefix(posts[1], "/v1/runs/r-1/cancel") {
		t.Errorf("want the run cancelled, posted %q", posts)
	}
}

// asked is a terminal that calls a function when it is prompted.
type asked struct {
	text     bytes.Buffer
	prompted func()
}

func (a *asked) Write(p []byte) (int, error) {
	if string(p) == "> " {
		a.prompted()
	}
	return a.text.Write(p)
}

func TestRefusedAndFailed(t *testing.T) {
	tests := map[string]struct {
		state string
		end   func(s *script)
		code  int
	}{
		"Refused": {"refused", func(s *script) {
			s.run.Refusal = &provisov1.Refusal{Code: "off_topic", Message: "Je ne construis que de l'infrastructure."}
			s.enter("refused")
		}, exitRefused},
		"Failed": {"failed", func(s *script) {
			s.run.Failure = &provisov1.Refusal{Code: "timeout", Message: "Un agent n'a pas répondu."}
			s.enter("failed")
		}, exitFailed},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s := newScript(t, tc.end, nil)
			env := map[string]string{"PROVISO_SERVER": s.url}
			got := run(t, env, nil, "ask", "--json", "--yes", "quelle heure est-il ?")
			if got.code != tc.code || !strings.Contains(got.stdout, `"state": "`+tc.state+`"`) || !strings.Contains(got.stdout, `"code": "`) {
				t.Errorf("--json: exit %d, %s", got.code, got.stdout)
			}
			got = run(t, env, nil, "ask", "--yes", "quelle heure est-il ?")
			if got.code != tc.code || !strings.HasPrefix(got.stderr, "proviso: ") || strings.Count(got.stderr, "\n") != 1 {
				t.Errorf("plain: exit %d, want one sentence, got %q", got.code, got.stderr)
			}
		})
	}
}

func TestBadCalls(t *testing.T) {
	foreign := t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, "letter.txt"), []byte("dear"), 0o600); err != nil {
		t.Fatal(err)
	}
	fr := map[string]string{"LANG": "fr_FR.UTF-8"}
	tests := map[string]struct {
		reason string
		env    map[string]string
		args   []string
		code   int
		say    string
	}{
		"NoPrompt":      {"Nothing to ask.", fr, []string{"ask"}, exitUsage, "Dites ce qu'il faut créer"},
		"NoPromptEN":    {"English unless the locale says otherwise.", nil, []string{"ask"}, exitUsage, "Say what to create"},
		"LocaleOrder":   {"LC_ALL goes before LANG.", map[string]string{"LC_ALL": "C", "LANG": "fr_FR"}, []string{"ask"}, exitUsage, "Say what"},
		"Answer":        {"An answer has an id.", fr, []string{"ask", "--answer", "oui", "x"}, exitUsage, "« oui »"},
		"AnswerID":      {"An id is no sentence.", fr, []string{"ask", "--answer", "A B=c", "x"}, exitUsage, "« A B=c »"},
		"AnswerEmpty":   {"Silence does not answer.", fr, []string{"ask", "--answer", "confirm=", "x"}, exitUsage, "confirm="},
		"Flag":          {"Unknown flags are not guessed.", fr, []string{"ask", "--frob", "x"}, exitUsage, "--frob"},
		"Command":       {"Nor are unknown commands.", fr, []string{"frob"}, exitUsage, "frob"},
		"Binary":        {"JSON would hide the bytes.", fr, []string{"ask", "cr\xff\xfe"}, exitRefused, "UTF-8"},
		"ForeignFolder": {"Before anything runs.", nil, []string{"ask", "--out", foreign, "create a vm"}, exitUsage, foreign},
		"Server":        {"A misspelt address.", map[string]string{"PROVISO_SERVER": "localhost:8470"}, []string{"ask", "create a vm"}, exitUsage, "PROVISO_SERVER"},
		"Unreachable":   {"Nobody listens there.", map[string]string{"PROVISO_SERVER": "http://127.0.0.1:1"}, []string{"ask", "crée une vm"}, exitFailed, "http://127.0.0.1:1"},
		"TokenFile":     {"A file that is not there.", map[string]string{"PROVISO_SERVER": "http://127.0.0.1:1", "PROVISO_TOKEN_FILE": "/nonexistent"}, []string{"runs"}, exitFailed, "/nonexistent"},
		"LogLevel":      {"A level that does not exist.", map[string]string{"PROVISO_LOG_LEVEL": "loud"}, []string{"ask", "create a vm"}, exitUsage, "PROVISO_LOG_LEVEL"},
		"OpenToNetwork": {"No login, no network.", map[string]string{"HOME": t.TempDir()}, []string{"serve", "--listen", "0.0.0.0:0"}, exitUsage, "--token-file"},
		"RunsLimit":     {"A list has an end.", fr, []string{"runs", "--limit", "0"}, exitUsage, "--limit"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := run(t, tc.env, nil, tc.args...)
			if got.code != tc.code || !strings.Contains(got.stderr, tc.say) || strings.Count(got.stderr, "\n") != 1 || got.stdout != "" {
				t.Errorf("%s\nwant exit %d and one sentence with %q, got %d, %q and %q", tc.reason, tc.code, tc.say, got.code, got.stderr, got.stdout)
			}
		})
	}
}

// Standard input as prompt leaves nothing to answer with.
func TestPromptFromStandardInput(t *testing.T) {
	s := newScript(t, func(s *script) { s.confirming(rows...) }, func(*script, map[string]string) { t.Error("the prompt was taken for an answer") })
	got := run(t, map[string]string{"PROVISO_SERVER": s.url}, strings.NewReader("créer un serveur web\noui\n"), "ask", "-")
	if got.code != exitNeedsInput {
		t.Errorf("exit %d: %s", got.code, got.stderr)
	}
	if want := `/v1/runs {"prompt":"créer un serveur web\noui","confirmed":false}`; s.posts()[0] != want {
		t.Errorf("posted %s, want %s", s.posts()[0], want)
	}
}
