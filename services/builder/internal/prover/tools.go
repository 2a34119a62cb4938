package prover

import (
	"os"
	"path/filepath"
	"runtime"

	"proviso.dev/services/builder/internal/schema"
)

// Tools are the programs of a proof, as `make prover` lays them out.
type Tools struct {
	Tofu   string // the binary
	Mirror string // filesystem mirror with the provider
}

// Find returns the tools in a directory, or with an empty name those in the first `bin` that has them, from the working
// directory or the executable upwards. ok is false when they are not all there.
func Find(dir string) (t Tools, ok bool) {
	if dir != "" {
		return inDir(dir)
	}
	var starts []string
	if wd, err := os.Getwd(); err == nil {
		starts = append(starts, wd)
	}
	if exe, err := os.Executable(); err == nil {
		starts = append(starts, filepath.Dir(exe))
	}
	for _, at := range starts {
		for {
			for _, candidate := range []string{filepath.Join(at, "bin"), at} {
				if t, ok := inDir(candidate); ok {
					return t, true
				}
			}
			parent := filepath.Dir(at)
			if parent == at {
				break
			}
			at = parent
		}
	}
	return Tools{}, false
}

func inDir(dir string) (Tools, bool) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Tools{}, false
	}
	suffix := ""
	if runtime.GOOS == "windows" {
		suffix = ".exe"
	}
	t := Tools{Tofu: filepath.Join(dir, "tofu"+suffix), Mirror: filepath.Join(dir, "plugins")}
	provider := filepath.Join(t.Mirror, "registry.opentofu.org", filepath.FromSlash(schema.Source), schema.Version,
		runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-proxmox_v"+schema.Version+suffix)
	for _, file := range []string{t.Tofu, provider} {
		info, err := os.Stat(file)
		if err != nil || !info.Mode().IsRegular() {
			return Tools{}, false
		}
	}
	return t, true
}
