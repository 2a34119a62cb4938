// Package procfile reads the process types of a Procfile.
//
// It owns the form of the file. Which components its processes are is for package descriptor to say.
package procfile

import (
	"io/fs"
	"regexp"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// mostOfProcesses bounds the process types of one file.
const mostOfProcesses = 64

var process = regexp.MustCompile(`^([A-Za-z0-9_-]{1,63}):\s*(\S.*)$`)

// Read reads one Procfile: a component for each process type, in order. What runs at a release is a job.
func Read(files fs.FS, name string) reading.Result {
	var out reading.Result
	data, ok := out.Load(files, name)
	if !ok {
		return out
	}
	number := 0
	seen := map[string]bool{}
	for line := range strings.Lines(string(data)) {
		number++
		line = strings.TrimSpace(line)
		m := process.FindStringSubmatch(line)
		switch {
		case line == "" || line[0] == '#':
			continue
		case m == nil:
			out.Problem(name, number, "syntax", "The line names no process.")
			return out
		case seen[m[1]]:
			continue
		case len(seen) >= mostOfProcesses:
			out.Problem(name, number, "too_many", "The Procfile holds too many processes; the rest was not read.")
			return out
		}
		seen[m[1]] = true
		at := reading.At(name, number, reading.Procfile)
		component := &provisov1.Component{Name: m[1], Evidence: []*provisov1.Evidence{at}}
		if m[1] == "release" {
			component.Kind = "job"
		}
		if text := reading.Clean(m[2], 1024); text != "" {
			component.Commands = append(component.Commands, &provisov1.CommandFact{Command: text, Evidence: at})
		}
		out.Components = append(out.Components, component)
	}
	return out
}
