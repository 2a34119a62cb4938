package providertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"proviso.dev/pkg/twin"
)

// runLimit bounds one run of OpenTofu; the slowest case takes a few seconds alone on a core.
const runLimit = 2 * time.Minute

// slots keeps the number of runs at once to that of a small machine's cores: each run is OpenTofu and a provider.
var slots = make(chan struct{}, 2)

// findTofu returns the binary and the mirror of plugins beside it.
func findTofu(t *testing.T) (tofu, plugins string) {
	t.Helper()
	if testing.Short() {
		t.Skip("runs of OpenTofu take a minute on two cores")
	}
	if path := os.Getenv("PROVISO_TOFU"); path != "" {
		return path, filepath.Join(filepath.Dir(path), "plugins")
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		path := filepath.Join(dir, "bin", "tofu")
		if _, err := os.Stat(path); err == nil {
			return path, filepath.Join(dir, "bin", "plugins")
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Skip("bin/tofu is not there: run `make prover`, or set PROVISO_TOFU")
		}
		dir = parent
	}
}

// bench is a directory with a manifest, and a twin that it is applied to.
type bench struct {
	t       *testing.T
	dir     string
	tofu    string
	env     []string
	cluster *twin.Cluster
	token   string // id=secret
}

func newBench(t *testing.T, seed twin.Seed, options twin.Options) *bench {
	t.Helper()
	tofu, plugins := findTofu(t)
	cluster, err := twin.New(seed, options)
	if err != nil {
		t.Fatal(err)
	}
	server, err := twin.Serve(t.Context(), cluster)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	b := &bench{t: t, dir: t.TempDir(), tofu: tofu, cluster: cluster, token: server.TokenID() + "=" + server.TokenSecret()}
	b.file("tofu.rc", fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path    = %q\n    include = [\"registry.opentofu.org/bpg/proxmox\"]\n  }\n}\n", plugins))
	b.file("ca.pem", string(server.CAPEM()))
	b.file("providers.tf", `terraform {
  required_providers {
    proxmox = {
      source  = "bpg/proxmox"
      version = "0.111.1"
    }
  }
}

provider "proxmox" {}
`)
	b.file("image.iso", strings.Repeat("image", 1000)) // for manifests that upload something
	tmp := filepath.Join(b.dir, "tmp")
	if err := os.Mkdir(tmp, 0o700); err != nil {
		t.Fatal(err)
	}
	b.env = []string{
		"HOME=" + b.dir, "PATH=" + os.Getenv("PATH"),
		"TF_CLI_CONFIG_FILE=" + filepath.Join(b.dir, "tofu.rc"), "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0",
		"TMPDIR=" + tmp, // the provider keeps its lock for ids there
		"SSL_CERT_FILE=" + filepath.Join(b.dir, "ca.pem"),
		"PROXMOX_VE_ENDPOINT=" + server.URL(), "PROXMOX_VE_API_TOKEN=" + b.token,
	}
	return b
}

func (b *bench) file(name, text string) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// run runs OpenTofu and returns its output and exit code.
func (b *bench) run(args ...string) (string, int) {
	b.t.Helper()
	slots <- struct{}{}
	defer func() { <-slots }()
	ctx, cancel := context.WithTimeout(b.t.Context(), runLimit)
	defer cancel()
	command := exec.CommandContext(ctx, b.tofu, append([]string{"-chdir=" + b.dir}, args...)...)
	command.Env = b.env
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	command.WaitDelay = 5 * time.Second
	err := command.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return out.String(), 0
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return out.String(), exit.ExitCode()
	}
	b.t.Fatalf("tofu %s: %v\n%s", strings.Join(args, " "), err, out.String())
	return "", 0
}

// must runs OpenTofu and wants success.
func (b *bench) must(args ...string) string {
	b.t.Helper()
	out, code := b.run(args...)
	if code != 0 {
		b.t.Fatalf("tofu %s: exit code %d\n%s\nrequests:\n%s", strings.Join(args, " "), code, out, b.lastRequests(40))
	}
	return out
}

// apply writes the manifest, applies it, and wants nothing to change when it is planned again.
func (b *bench) apply(manifest string) string {
	b.t.Helper()
	b.file("main.tf", manifest)
	out := b.must("apply", "-auto-approve", "-no-color")
	plan, code := b.run("plan", "-detailed-exitcode", "-no-color")
	if code != 0 {
		b.t.Fatalf("second plan: exit code %d, want no changes\n%s\nrequests:\n%s", code, plan, b.lastRequests(40))
	}
	return out
}

// lastRequests helps to find out what the provider asked before it failed.
func (b *bench) lastRequests(n int) string {
	all := b.cluster.Requests()
	var lines strings.Builder
	for _, r := range all[max(len(all)-n, 0):] {
		fmt.Fprintf(&lines, "%3d %-6s %s\n", r.Status, r.Method, r.Path)
	}
	return lines.String()
}

func lab(t *testing.T) twin.Seed {
	t.Helper()
	seed, err := twin.Lab(twin.S2)
	if err != nil {
		t.Fatal(err)
	}
	return seed
}
