package prover

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"proviso.dev/services/builder/internal/bpg"
)

// Limits of one run of OpenTofu.
const (
	// memoryLimit is where the garbage collectors of OpenTofu and provider begin to work hard.
	memoryLimit = "512MiB"
	// lineLimit bounds one line of OpenTofu's output, which can hold a whole plan.
	lineLimit = 16 << 20
	// killDelay is how long OpenTofu may take to stop its provider after it was asked to.
	killDelay = 3 * time.Second
)

// A sandbox is a directory with a manifest, in which OpenTofu runs with nothing of the surroundings.
type sandbox struct {
	dir  string
	tofu string
	env  []string
}

// newSandbox lays out the directories. The caller removes sandbox.dir.
func newSandbox(tools Tools, files []bpg.File, endpoint, token string, ca []byte) (*sandbox, error) {
	dir, err := os.MkdirTemp("", "proviso-proof-")
	if err != nil {
		return nil, fmt.Errorf("make sandbox: %w", err)
	}
	s := &sandbox{dir: dir, tofu: tools.Tofu}
	if err := s.fill(tools, files, ca); err != nil {
		os.RemoveAll(dir)
		return nil, fmt.Errorf("fill sandbox: %w", err)
	}
	s.env = []string{
		"HOME=" + s.path("home"), "TMPDIR=" + s.path("tmp"), "TF_DATA_DIR=" + s.path("data"), "TF_CLI_CONFIG_FILE=" + s.path("tofurc"),
		"PATH=", "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0", "GOMEMLIMIT=" + memoryLimit,
		"SSL_CERT_FILE=" + s.path("ca.pem"), "SSL_CERT_DIR=" + s.path("home"), "NO_PROXY=*",
		"PROXMOX_VE_ENDPOINT=" + endpoint, "PROXMOX_VE_API_TOKEN=" + token,
		"TF_VAR_proxmox_endpoint=" + endpoint, "TF_VAR_proxmox_api_token=" + token,
	}
	return s, nil
}

func (s *sandbox) path(name string) string { return filepath.Join(s.dir, name) }

func (s *sandbox) fill(tools Tools, files []bpg.File, ca []byte) error {
	// The provider's lock and sequence files lie in TMPDIR, and would be shared by every run on the machine.
	for _, d := range []string{"home", "tmp", "data", "work"} {
		if err := os.Mkdir(s.path(d), 0o700); err != nil {
			return err
		}
	}
	rc := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", tools.Mirror)
	if err := os.WriteFile(s.path("tofurc"), []byte(rc), 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(s.path("ca.pem"), ca, 0o600); err != nil {
		return err
	}
	for _, f := range files {
		if !filepath.IsLocal(f.Path) || strings.ContainsRune(f.Path, filepath.Separator) || !strings.HasSuffix(f.Path, ".tf") {
			continue
		}
		if err := os.WriteFile(filepath.Join(s.path("work"), f.Path), []byte(f.Content), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (s *sandbox) remove() { os.RemoveAll(s.dir) }

// An output is what OpenTofu said and how it ended.
type output struct {
	code   int
	stdout []byte
	stderr string
}

// run runs OpenTofu. An error means that it could not be run or was ended; a code other than 0 is no error.
func (s *sandbox) run(ctx context.Context, args ...string) (output, error) {
	cmd := exec.CommandContext(ctx, s.tofu, args...)
	cmd.Dir, cmd.Env = s.path("work"), s.env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	// The provider is a child of OpenTofu: the group is ended as a whole, or a cancelled proof would leave it behind.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = killDelay
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return output{}, fmt.Errorf("run tofu %s: %w", args[0], context.Cause(ctx))
	case err != nil && !errors.As(err, &exit):
		return output{}, fmt.Errorf("run tofu %s: %w", args[0], err)
	}
	return output{code: cmd.ProcessState.ExitCode(), stdout: stdout.Bytes(), stderr: stderr.String()}, nil
}

// A diagnostic is an error or warning of OpenTofu.
type diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Address  string `json:"address"`
	Range    *struct {
		Filename string `json:"filename"`
		Start    struct {
			Line int `json:"line"`
		} `json:"start"`
	} `json:"range"`
}

// A message is one line of OpenTofu's JSON output, as far as it is read here.
type message struct {
	Type       string      `json:"type"`
	Diagnostic *diagnostic `json:"diagnostic"`
	Changes    *counts     `json:"changes"`
	Change     *struct {
		Resource struct {
			Addr string `json:"addr"`
		} `json:"resource"`
		Action string `json:"action"`
	} `json:"change"`
}

// counts are what a plan or an apply does.
type counts struct {
	Add       int    `json:"add"`
	Change    int    `json:"change"`
	Remove    int    `json:"remove"`
	Import    int    `json:"import"`
	Operation string `json:"operation"`
}

// A report is OpenTofu's JSON output.
type report struct {
	counts
	errors   []diagnostic
	warnings []diagnostic
	changes  []string // "update proxmox_virtual_environment_vm.web"
}

// read takes the lines that are JSON; what is none is not for programs.
func read(out output) report {
	var r report
	lines := bufio.NewScanner(bytes.NewReader(out.stdout))
	lines.Buffer(make([]byte, 64<<10), lineLimit)
	for lines.Scan() {
		var m message
		if json.Unmarshal(lines.Bytes(), &m) != nil {
			continue
		}
		switch {
		case m.Type == "diagnostic" && m.Diagnostic != nil && m.Diagnostic.Severity == "error":
			r.errors = append(r.errors, *m.Diagnostic)
		case m.Type == "diagnostic" && m.Diagnostic != nil:
			r.warnings = append(r.warnings, *m.Diagnostic)
		case m.Type == "change_summary" && m.Changes != nil:
			r.counts = *m.Changes
		case m.Type == "planned_change" && m.Change != nil && m.Change.Action != "noop":
			r.changes = append(r.changes, m.Change.Action+" "+m.Change.Resource.Addr)
		}
	}
	if out.code != 0 && len(r.errors) == 0 && out.code != exitChanges {
		r.errors = append(r.errors, diagnostic{Severity: "error", Summary: firstLines(out.stderr)})
	}
	return r
}

// exitChanges is the exit code of a plan that is not empty, with -detailed-exitcode.
const exitChanges = 2

// firstLines shortens what a program wrote to its first lines, without colours.
func firstLines(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return "no message"
	}
	const limit = 600
	if len(s) > limit {
		s = s[:limit]
	}
	return strings.ToValidUTF8(s, "")
}
