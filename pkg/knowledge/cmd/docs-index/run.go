package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"proviso.dev/pkg/knowledge"
)

// provider is the module whose documentation is packed; its version is pinned in the module that builds the prover.
const provider = "github.com/bpg/terraform-provider-proxmox"

func run(prover, out string) error {
	dir, err := moduleFolder(prover)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o750); err != nil {
		return err
	}
	// Written beside and renamed: a build that runs at the same time must never embed half a file.
	file, err := os.CreateTemp(filepath.Dir(out), ".documents-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // it is gone when it was renamed
	pages, err := knowledge.WriteArchive(file, os.DirFS(filepath.Join(dir, "docs")))
	if err := errors.Join(err, file.Chmod(0o644), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), out); err != nil {
		return err
	}
	fmt.Printf("%s: %d pages\n", out, pages)
	return nil
}

// moduleFolder is where the provider's module lies, downloaded when it is not there yet.
func moduleFolder(prover string) (string, error) {
	if err := command(prover, "mod", "download", provider).Run(); err != nil {
		return "", fmt.Errorf("download %s: %w", provider, err)
	}
	dir, err := command(prover, "list", "-m", "-f", "{{.Dir}}", provider).Output()
	if err != nil {
		return "", fmt.Errorf("find %s: %w", provider, err)
	}
	return strings.TrimSpace(string(dir)), nil
}

func command(dir string, args ...string) *exec.Cmd {
	c := exec.Command("go", args...) //nolint:gosec // The arguments are constants; the folder is the caller's.
	c.Dir, c.Env = dir, append(os.Environ(), "GOWORK=off")
	return c
}
