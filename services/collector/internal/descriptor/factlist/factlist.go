// Package factlist writes what parsers read as sorted lines, one a fact, so that the truth of a fixture can be written by hand
// and compared. It is for tests only.
package factlist

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/collector/internal/descriptor/reading"
)

// mark is a comment in a file that gives its line a name: "#@image".
var mark = regexp.MustCompile(`#@([\w-]+)`)

// marked is a place by such a name: "deploy.yaml@image".
var marked = regexp.MustCompile(`^(\S+)@([\w-]+) `)

// Fixture splits an archive into the files of a repository and the facts that it holds: the file "want", which comes last and
// whose empty lines and lines beginning with # are for the reader. A place in it is "file:line" or "file@mark".
func Fixture(archive []byte) (files fstest.MapFS, want []string) {
	files = fstest.MapFS{}
	lines := map[string]int{}
	for _, f := range txtar.Parse(archive).Files {
		if f.Name == "want" {
			for l := range strings.SplitSeq(string(f.Data), "\n") {
				if l = strings.Join(strings.Fields(l), " "); l != "" && !strings.HasPrefix(l, "#") {
					if m := marked.FindStringSubmatch(l); m != nil {
						l = fmt.Sprintf("%s:%d %s", m[1], lines[m[1]+"@"+m[2]], l[len(m[0]):])
					}
					want = append(want, l)
				}
			}
			continue
		}
		files[f.Name] = &fstest.MapFile{Data: f.Data}
		for i, l := range strings.Split(string(f.Data), "\n") {
			for _, m := range mark.FindAllStringSubmatch(l, -1) {
				lines[f.Name+"@"+m[1]] = i + 1
			}
		}
	}
	slices.Sort(want)
	return files, want
}

// Lines are the facts of a result, each as "place | component | fact", sorted; a parser other than the one expected, or an
// inferred fact, says so in its place.
func Lines(r reading.Result, parser string) []string {
	out := []string{}
	add := func(e *provisov1.Evidence, subject, format string, args ...any) {
		place := fmt.Sprintf("%s:%d", e.GetFile(), e.GetLine())
		if e.GetParser() != parser {
			place += " by " + e.GetParser()
		}
		if e.GetStanding() != reading.Observed {
			place += " " + e.GetStanding()
		}
		out = append(out, strings.Join(strings.Fields(place+" | "+subject+" | "+fmt.Sprintf(format, args...)), " "))
	}
	for _, c := range r.Components {
		component(c, add)
	}
	for _, d := range r.Resources {
		add(d.GetEvidence(), d.GetAddress(), "%s %s %s%s", d.GetKind(), d.GetType(), d.GetVersion(), guest(d.GetGuest()))
	}
	for _, p := range r.Problems {
		out = append(out, fmt.Sprintf("%s:%d | problem | %s", p.GetFile(), p.GetLine(), p.GetCode()))
	}
	slices.Sort(out)
	return out
}

// Invalid is the first message of a result that the contract refuses; nil: none.
func Invalid(r reading.Result) error {
	for _, c := range r.Components {
		if err := wire.Validate(c); err != nil {
			return fmt.Errorf("component %q: %w", c.GetName(), err)
		}
	}
	for _, d := range r.Resources {
		if err := wire.Validate(d); err != nil {
			return fmt.Errorf("resource %q: %w", d.GetAddress(), err)
		}
	}
	for _, p := range r.Problems {
		if err := wire.Validate(p); err != nil {
			return fmt.Errorf("problem %q: %w", p.GetMessage(), err)
		}
	}
	return nil
}

// component writes the facts of one component.
func component(c *provisov1.Component, add func(e *provisov1.Evidence, subject, format string, args ...any)) {
	name := c.GetName()
	for _, e := range c.GetEvidence() {
		add(e, name, "is a %s", c.GetKind())
	}
	for _, f := range c.GetImages() {
		add(f.GetEvidence(), name, "image %s %s", f.GetRole(), f.GetReference())
	}
	for _, f := range c.GetPorts() {
		add(f.GetEvidence(), name, "port %d/%s %s", f.GetNumber(), f.GetProtocol(), f.GetName())
	}
	for _, f := range c.GetExposures() {
		add(f.GetEvidence(), name, "exposure %s %d->%d %s%s", f.GetKind(), f.GetPort(), f.GetTargetPort(), f.GetHost(), f.GetPath())
	}
	for _, f := range c.GetEnvironment() {
		value := "= " + f.GetValue()
		if f.GetSecret() {
			value = "secret" + f.GetValue() // a value here is a leak, and shows
		}
		if f.GetFrom() != "" {
			value += " from " + f.GetFrom()
		}
		add(f.GetEvidence(), name, "variable %s %s", f.GetName(), value)
	}
	for _, f := range c.GetVolumes() {
		readOnly := ""
		if f.GetReadOnly() {
			readOnly = "read-only"
		}
		add(f.GetEvidence(), name, "volume %s %s %s %d %s %s", f.GetKind(), f.GetPath(), f.GetName(), f.GetSizeBytes(), f.GetStorageClass(), readOnly)
	}
	for _, f := range c.GetResources() {
		add(f.GetEvidence(), name, "%s %s %d", f.GetBound(), f.GetResource(), f.GetAmount())
	}
	for _, f := range c.GetReplicas() {
		add(f.GetEvidence(), name, "replicas %d..%d", f.GetCount(), f.GetMost())
	}
	for _, f := range c.GetDependencies() {
		add(f.GetEvidence(), name, "needs %s %t", f.GetName(), f.GetComponent())
	}
	for _, f := range c.GetCommands() {
		add(f.GetEvidence(), name, "command %s", f.GetCommand())
	}
	for _, f := range c.GetHealth() {
		add(f.GetEvidence(), name, "health %s %s", f.GetKind(), f.GetCheck())
	}
}

// guest writes what is known of a guest.
func guest(g *provisov1.DeclaredGuest) string {
	if g == nil {
		return ""
	}
	out := " guest " + g.GetDialect() + " " + g.GetKind()
	put := func(present bool, name string, value any) {
		if present {
			out += fmt.Sprintf(" %s=%v", name, value)
		}
	}
	put(g.Name != nil, "name", g.GetName())
	put(g.VmId != nil, "id", g.GetVmId())
	put(g.Node != nil, "node", g.GetNode())
	put(g.Cores != nil, "cores", g.GetCores())
	put(g.MemoryMib != nil, "memory", g.GetMemoryMib())
	put(g.DiskBytes != nil, "disk", g.GetDiskBytes())
	put(g.Template != nil, "template", g.GetTemplate())
	put(g.Count != nil, "count", g.GetCount())
	return out
}
