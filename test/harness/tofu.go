package harness

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// Tofu is real OpenTofu with the real provider in one folder, against one endpoint, as an operator would run it.
type Tofu struct {
	dir string
	bin string
	env []string
}

// NewTofu prepares OpenTofu in dir. The endpoint's certificate is verified against caPEM; token is what the operator would
// put into terraform.tfvars. The test fails when `make prover` has not been run.
func NewTofu(t testing.TB, dir, endpoint, token string, caPEM []byte) *Tofu {
	t.Helper()
	root := Root(t)
	bin := filepath.Join(root, "bin", "tofu")
	plugins := filepath.Join(root, "bin", "plugins")
	if _, err := os.Stat(bin); err != nil {
		t.Fatalf("%s is missing: run make prover", bin)
	}
	tmp := t.TempDir()
	rc := filepath.Join(tmp, "tofu.rc")
	ca := filepath.Join(tmp, "ca.pem")
	config := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path    = %q\n    include = [\"registry.opentofu.org/bpg/proxmox\"]\n  }\n}\n", plugins)
	for path, content := range map[string][]byte{rc: []byte(config), ca: caPEM} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &Tofu{dir: dir, bin: bin, env: []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + tmp,
		// The provider keeps its VM-id lock in TMPDIR, shared by all runs that share the folder.
		"TMPDIR=" + tmp,
		"TF_CLI_CONFIG_FILE=" + rc, "TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1",
		"SSL_CERT_FILE=" + ca,
		"TF_VAR_proxmox_endpoint=" + endpoint, "TF_VAR_proxmox_api_token=" + token,
	}}
}

// Init runs tofu init.
func (t *Tofu) Init(ctx context.Context) error {
	_, err := t.run(ctx, "init", "-no-color", "-input=false")
	return err
}

// Apply runs tofu apply and returns what it printed.
func (t *Tofu) Apply(ctx context.Context) (string, error) {
	return t.run(ctx, "apply", "-no-color", "-input=false", "-auto-approve")
}

// Empty reports whether a plan finds nothing to do, and what it printed.
func (t *Tofu) Empty(ctx context.Context) (bool, string, error) {
	out, err := t.run(ctx, "plan", "-no-color", "-input=false", "-detailed-exitcode")
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 2 {
		return false, out, nil
	}
	return err == nil, out, err
}

// Destroy runs tofu destroy.
func (t *Tofu) Destroy(ctx context.Context) (string, error) {
	return t.run(ctx, "destroy", "-no-color", "-input=false", "-auto-approve")
}

func (t *Tofu) run(ctx context.Context, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, t.bin, args...)
	cmd.Dir, cmd.Env = t.dir, t.env
	// A killed tofu must take the provider with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("tofu %s on %s/%s: %w\n%s", args[0], runtime.GOOS, runtime.GOARCH, err, out)
	}
	return string(out), nil
}
