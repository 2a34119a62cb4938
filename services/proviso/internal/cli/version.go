package cli

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// printVersion tells what this binary was built from.
func printVersion(w io.Writer) {
	version, revision, changed := "(devel)", "unknown", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" {
			version = info.Main.Version
		}
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				revision = s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				changed = " (changed)"
			}
		}
	}
	fmt.Fprintf(w, "proviso %s\nrevision %s%s\n%s %s/%s\n", version, revision, changed, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
