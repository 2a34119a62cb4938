package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"proviso.dev/pkg/twin"
	"proviso.dev/test/harness"
)

// answer is the JSON that `proviso ask --json` prints; its shape is a contract with scripts.
type answer struct {
	RunID     string          `json:"run_id"`
	State     string          `json:"state"`
	Language  string          `json:"language"`
	Intent    json.RawMessage `json:"intent"`
	Questions []struct {
		ID       string            `json:"id"`
		Text     string            `json:"text"`
		Options  []json.RawMessage `json:"options"`
		Required bool              `json:"required"`
	} `json:"questions"`
	Refusal *struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"refusal"`
	Manifest *struct {
		Platform string `json:"platform"`
		Dialect  string `json:"dialect"`
		Files    []struct {
			Path    string `json:"path"`
			Content string `json:"content"`
		} `json:"files"`
		Iterations int `json:"iterations"`
	} `json:"manifest"`
	Validation *struct {
		Stages []struct {
			Name       string            `json:"name"`
			Status     string            `json:"status"`
			DurationMS *float64          `json:"duration_ms"`
			Findings   []json.RawMessage `json:"findings"`
		} `json:"stages"`
	} `json:"validation"`
	Placement []struct {
		Guest  string `json:"guest"`
		Node   string `json:"node"`
		Reason string `json:"reason"`
	} `json:"placement"`
	Reply *struct {
		Text     string   `json:"text"`
		Commands []string `json:"commands"`
	} `json:"reply"`
	Steps []struct {
		Step    string `json:"step"`
		Agent   string `json:"agent"`
		Summary string `json:"summary"`
	} `json:"steps"`
}

// outcome is what a call of the command line came to.
type outcome struct {
	code           int
	stdout, stderr string
	answer         answer // with --json
}

// ask runs the command line as a script does: no terminal, bounded in time.
func ask(t *testing.T, env []string, args ...string) outcome {
	t.Helper()
	cmd := exec.Command(harness.Binary(t, "./services/proviso"), append([]string{"ask"}, args...)...)
	cmd.Env = harness.Environ(append([]string{"PROVISO_PROOF=validated"}, env...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(2*time.Minute, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	o := outcome{code: cmd.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String()}
	if slices.Contains(args, "--json") && o.code != 2 {
		dec := json.NewDecoder(strings.NewReader(o.stdout))
		if err := dec.Decode(&o.answer); err != nil {
			t.Fatalf("stdout is not one JSON object: %v\n%s\n%s", err, o.stdout, o.stderr)
		}
		if dec.More() {
			t.Errorf("stdout holds more than one JSON object:\n%s", o.stdout)
		}
	}
	for _, trace := range []string{"goroutine ", "panic:", ".go:"} {
		if strings.Contains(o.stdout+o.stderr, trace) {
			t.Errorf("output holds a stack trace (%q):\n%s%s", trace, o.stdout, o.stderr)
		}
	}
	return o
}

// Shows: T-C.2-01, T-4.6.3-01, T-3.3.5-114
func TestAskInTwoCalls(t *testing.T) {
	first := ask(t, nil, "--json", "crée une vm webserver")
	if first.code != 3 || first.answer.State != "needs_input" {
		t.Fatalf("want exit 3 and needs_input, got %d and %q\n%s", first.code, first.answer.State, first.stderr)
	}
	ids := questionIDs(first.answer)
	if !slices.Contains(ids, "vm1.source") {
		t.Fatalf("want a question for the source, got %v", ids)
	}
	if again := questionIDs(ask(t, nil, "--json", "crée une vm webserver").answer); !slices.Equal(ids, again) {
		t.Errorf("question ids are not stable: %v, then %v", ids, again)
	}

	second := ask(t, nil, "--json", "--answer", "vm1.source=100", "crée une vm webserver")
	if second.code != 3 || !slices.Equal(questionIDs(second.answer), []string{"confirm"}) {
		t.Fatalf("want exit 3 and the question to confirm, got %d and %v", second.code, questionIDs(second.answer))
	}

	third := ask(t, nil, "--json", "--answer", "vm1.source=100", "--answer", "confirm=oui", "crée une vm webserver")
	if third.code != 0 || third.answer.State != "delivered" {
		t.Fatalf("want exit 0 and delivered, got %d and %q\n%s\n%s", third.code, third.answer.State, third.stdout, third.stderr)
	}
}

func TestAskDelivers(t *testing.T) {
	o := ask(t, nil, "--json", "--yes", "create a web server based on the vm template id 100")
	if o.code != 0 || o.answer.State != "delivered" || o.answer.Language != "en" || o.answer.RunID == "" {
		t.Fatalf("want delivered in en with exit 0, got %d %+v\n%s", o.code, o.answer, o.stderr)
	}
	var paths []string
	for _, f := range o.answer.Manifest.Files {
		paths = append(paths, f.Path)
	}
	for _, want := range []string{"versions.tf", "providers.tf", "variables.tf", "main.tf", "outputs.tf", "terraform.tfvars.example"} {
		if !slices.Contains(paths, want) {
			t.Errorf("%s is not among %v", want, paths)
		}
	}
	if o.answer.Manifest.Platform != "proxmox" || o.answer.Manifest.Dialect != "bpg" || o.answer.Manifest.Iterations < 1 {
		t.Errorf("want proxmox in bpg after at least one turn, got %+v", o.answer.Manifest)
	}
	stages := make(map[string]string)
	for _, s := range o.answer.Validation.Stages {
		stages[s.Name] = s.Status
		if s.DurationMS == nil || s.Findings == nil {
			t.Errorf("stage %s lacks duration_ms or findings", s.Name)
		}
	}
	for _, name := range []string{"parse", "schema", "references", "state", "intent"} {
		if stages[name] != "passed" {
			t.Errorf("stage %s: want passed, got %q", name, stages[name])
		}
	}
	if len(o.answer.Placement) != 1 || o.answer.Placement[0].Node != "pmox03" || o.answer.Placement[0].Reason == "" {
		t.Errorf("want one placement on pmox03 with a reason, got %+v", o.answer.Placement)
	}
}

// Shows: T-0-02
func TestLanguagesAreEquals(t *testing.T) {
	pairs := map[string][2]string{
		"Thesis": {"créer un serveur web nommé web01 basé sur le template vm id 100",
			"create a web server named web01 based on the vm template id 100"},
		"Sizes": {"crée une VM nommée app01 depuis le template 100 avec 4 cœurs, 8 Go de RAM et un disque de 50 Go sur pmox02",
			"create a VM named app01 from template 100 with 4 cores, 8 GB of RAM and a 50 GB disk on pmox02"},
		"Several": {"crée trois VM nommées node depuis le template 100 sur le réseau mainvnet en haute disponibilité",
			"create three VMs named node from template 100 on network mainvnet with high availability"},
	}
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			fr, en := ask(t, nil, "--json", "--yes", pair[0]), ask(t, nil, "--json", "--yes", pair[1])
			if fr.answer.Language != "fr" || en.answer.Language != "en" {
				t.Fatalf("languages: got %q and %q", fr.answer.Language, en.answer.Language)
			}
			for i, f := range fr.answer.Manifest.Files {
				if strings.HasSuffix(f.Path, ".tf") && f != en.answer.Manifest.Files[i] {
					t.Errorf("%s differs between the languages:\n%s\n%s", f.Path, f.Content, en.answer.Manifest.Files[i].Content)
				}
			}
		})
	}
}

// Shows: T-AI-10
func TestBadRequests(t *testing.T) {
	tests := map[string]struct {
		reason string
		args   []string
		code   int
		state  string
		refuse string // code of the refusal; empty: any
		say    string // part of what the user reads
	}{
		"Empty":     {reason: "Nothing was asked.", args: []string{"--json", "--yes", " "}, code: 4, state: "refused"},
		"Huge":      {reason: "100 KB is no sentence.", args: []string{"--json", "--yes", strings.Repeat("créer ", 17000)}, code: 4, state: "refused"},
		"Binary":    {reason: "Bytes that are no text.", args: []string{"--json", "--yes", "cr\xff\xfe\x01er"}, code: 4, state: "refused"},
		"OffTopic":  {reason: "Not about infrastructure.", args: []string{"--json", "--yes", "quelle est la capitale de l'Australie ?"}, code: 4, state: "refused"},
		"Platform":  {reason: "Another platform is refused by name.", args: []string{"--json", "--yes", "create an EC2 instance on AWS"}, code: 4, state: "refused", say: "AWS"},
		"Vague":     {reason: "Too little to act on is asked back.", args: []string{"--json", "--yes", "fais quelque chose"}, code: 3, state: "needs_input"},
		"NoPrompt":  {reason: "Usage.", args: nil, code: 2},
		"BadAnswer": {reason: "Usage: --answer wants ID=TEXT.", args: []string{"--json", "--answer", "oui", "crée une vm"}, code: 2},
		"TooLarge":  {reason: "No node has a terabyte of memory.", args: []string{"--json", "--yes", "create a VM named huge from template 100 with 1024 GB of RAM"}, code: 4, state: "refused"},
		"Missing":   {reason: "A template that is not there never reaches the analyser.", args: []string{"--json", "--yes", "create a VM named x from template 4711"}, code: 3, state: "needs_input", say: "4711"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			o := ask(t, nil, tc.args...)
			if o.code != tc.code || o.answer.State != tc.state {
				t.Errorf("%s\nwant exit %d and %q, got %d and %q\n%s\n%s", tc.reason, tc.code, tc.state, o.code, o.answer.State, o.stdout, o.stderr)
			}
			if tc.state == "refused" && (o.answer.Refusal == nil || o.answer.Refusal.Code == "" || o.answer.Refusal.Message == "") {
				t.Errorf("%s\nno refusal with code and message: %s", tc.reason, o.stdout)
			}
			if !strings.Contains(o.stdout+o.stderr, tc.say) {
				t.Errorf("%s\nnothing says %q: %s%s", tc.reason, tc.say, o.stdout, o.stderr)
			}
		})
	}
}

// Shows: T-0-04, T-P-02, T-3.3.5-126
func TestBadEndpoint(t *testing.T) {
	l := newLab(t)
	l.cluster.AddToken(twin.Token{ID: "weak@pve!blind", Secret: "0b6f4a4e-2f39-4f5e-8c36-59e6c4d4c1aa", Privileges: []string{}})
	endpoint := func(url, token, ca string) []string {
		env := []string{"PROVISO_PVE_ENDPOINT=" + url, "PROVISO_PVE_TOKEN=" + token}
		if ca != "" {
			env = append(env, "PROVISO_PVE_CA_FILE="+ca)
		}
		return env
	}
	good := readerID + "=" + readerSecret
	tests := map[string]struct {
		reason string
		env    []string
		secret string
	}{
		"Down": {reason: "Nobody listens there.", secret: readerSecret,
			env: endpoint(fmt.Sprintf("https://127.0.0.1:%d", harness.FreePort(t)), good, l.caFile)},
		"Certificate": {reason: "The certificate is signed by nobody we trust; insecure is never the default.", secret: readerSecret,
			env: endpoint(l.url(), good, "")},
		"Credentials": {reason: "The secret is wrong.", secret: "00000000-0000-0000-0000-00000000beef",
			env: endpoint(l.url(), readerID+"=00000000-0000-0000-0000-00000000beef", l.caFile)},
		"MayNotRead": {reason: "A token without rights sees short lists, which are no facts.", secret: "0b6f4a4e-2f39-4f5e-8c36-59e6c4d4c1aa",
			env: endpoint(l.url(), "weak@pve!blind=0b6f4a4e-2f39-4f5e-8c36-59e6c4d4c1aa", l.caFile)},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			messages := make(map[string]string)
			for lang, prompt := range map[string]string{
				"fr": "créer un serveur web basé sur le template vm id 100",
				"en": "create a web server based on the vm template id 100",
			} {
				o := ask(t, tc.env, "--json", "--yes", prompt)
				if o.code != 1 || o.answer.State != "failed" {
					t.Errorf("%s\nwant exit 1 and failed, got %d and %q\n%s\n%s", tc.reason, o.code, o.answer.State, o.stdout, o.stderr)
				}
				if o.answer.Refusal == nil || o.answer.Refusal.Message == "" {
					t.Errorf("%s\nno sentence for the user: %s", tc.reason, o.stdout)
					continue
				}
				messages[lang] = o.answer.Refusal.Message
				if strings.Contains(o.stdout+o.stderr, tc.secret) {
					t.Errorf("%s\nthe token's secret is in the output", tc.reason)
				}
			}
			if messages["fr"] == messages["en"] {
				t.Errorf("%s\nthe same sentence in both languages: %q", tc.reason, messages["fr"])
			}
		})
	}
}

func questionIDs(a answer) []string {
	var ids []string
	for _, q := range a.Questions {
		ids = append(ids, q.ID)
	}
	return ids
}
