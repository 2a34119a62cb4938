// Package facts writes what was read of a repository as lines of text, one fact a line, so that people can state a truth by
// hand and a test can compare it with what was read.
//
// It owns the form of the lines and nothing else: it reads no repository and judges no fact.
package facts

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// Lines returns the facts of an application, sorted, equal ones once. A word that holds spaces is quoted as in Go; what is not
// said is "-":
//
//	component NAME KIND|-
//	image COMPONENT ROLE REFERENCE
//	port COMPONENT NUMBER/PROTOCOL
//	expose COMPONENT KIND PORT->TARGET HOST|-
//	env COMPONENT NAME secret|VALUE|-
//	volume COMPONENT PATH KIND NAME|- BYTES|-
//	resource COMPONENT RESOURCE BOUND AMOUNT
//	replicas COMPONENT LEAST[..MOST]
//	depends COMPONENT NAME component|external observed|inferred
//	runtime COMPONENT NAME VERSION|- FRAMEWORK|-
//	health COMPONENT KIND CHECK
//	resource-code ADDRESS KIND TYPE|- VERSION|-
//	guest ADDRESS DIALECT KIND [name=…] [node=…] [cores=…] [memory=…] [disk=…] [template=…] [count=…]
func Lines(app *provisov1.Application) []string { return sorted(collect(app, false)) }

// LinesWithEvidence is Lines with " @ FILE:LINE" behind each: the place where it stands. A component has the first of its places.
func LinesWithEvidence(app *provisov1.Application) []string { return sorted(collect(app, true)) }

// lines grows by one line a fact.
type lines struct {
	evidence bool
	all      []string
}

func collect(app *provisov1.Application, evidence bool) []string {
	out := &lines{evidence: evidence}
	for _, c := range app.GetComponents() {
		out.component(c)
	}
	for _, r := range app.GetResources() {
		out.resource(r)
	}
	return out.all
}

// add appends one line; its words are quoted where needed.
func (l *lines) add(e *provisov1.Evidence, words ...string) {
	for i, w := range words {
		words[i] = word(w)
	}
	line := strings.Join(words, " ")
	if l.evidence {
		line += " @ " + word(e.GetFile()) + ":" + strconv.Itoa(int(e.GetLine()))
	}
	l.all = append(l.all, line)
}

func (l *lines) component(c *provisov1.Component) {
	name := c.GetName()
	var declared *provisov1.Evidence
	if len(c.GetEvidence()) > 0 {
		declared = c.GetEvidence()[0]
	}
	l.add(declared, "component", name, c.GetKind())
	for _, f := range c.GetImages() {
		l.add(f.GetEvidence(), "image", name, f.GetRole(), f.GetReference())
	}
	for _, f := range c.GetPorts() {
		l.add(f.GetEvidence(), "port", name, fmt.Sprintf("%d/%s", f.GetNumber(), f.GetProtocol()))
	}
	for _, f := range c.GetExposures() {
		l.add(f.GetEvidence(), "expose", name, f.GetKind(), word(said(int64(f.GetPort())))+"->"+word(said(int64(f.GetTargetPort()))), f.GetHost())
	}
	for _, f := range c.GetEnvironment() {
		value := f.GetValue()
		if f.GetSecret() {
			value = "secret"
		}
		l.add(f.GetEvidence(), "env", name, f.GetName(), value)
	}
	for _, f := range c.GetVolumes() {
		l.add(f.GetEvidence(), "volume", name, f.GetPath(), f.GetKind(), f.GetName(), said(f.GetSizeBytes()))
	}
	for _, f := range c.GetResources() {
		l.add(f.GetEvidence(), "resource", name, f.GetResource(), f.GetBound(), strconv.FormatInt(f.GetAmount(), 10))
	}
	for _, f := range c.GetReplicas() {
		count := strconv.Itoa(int(f.GetCount()))
		if f.GetMost() > 0 {
			count += ".." + strconv.Itoa(int(f.GetMost()))
		}
		l.add(f.GetEvidence(), "replicas", name, count)
	}
	for _, f := range c.GetDependencies() {
		where := "external"
		if f.GetComponent() {
			where = "component"
		}
		l.add(f.GetEvidence(), "depends", name, f.GetName(), where, f.GetEvidence().GetStanding())
	}
	for _, f := range c.GetRuntimes() {
		l.add(f.GetEvidence(), "runtime", name, f.GetName(), f.GetVersion(), f.GetFramework())
	}
	for _, f := range c.GetHealth() {
		l.add(f.GetEvidence(), "health", name, f.GetKind(), f.GetCheck())
	}
}

func (l *lines) resource(r *provisov1.DeclaredResource) {
	l.add(r.GetEvidence(), "resource-code", r.GetAddress(), r.GetKind(), r.GetType(), r.GetVersion())
	g := r.GetGuest()
	if g == nil {
		return
	}
	words := []string{"guest", r.GetAddress(), g.GetDialect(), g.GetKind()}
	known := func(key string, set bool, value string) {
		if set {
			words = append(words, key+"="+value)
		}
	}
	known("name", g.Name != nil, g.GetName())
	known("node", g.Node != nil, g.GetNode())
	known("cores", g.Cores != nil, strconv.Itoa(int(g.GetCores())))
	known("memory", g.MemoryMib != nil, strconv.FormatInt(g.GetMemoryMib(), 10))
	known("disk", g.DiskBytes != nil, strconv.FormatInt(g.GetDiskBytes(), 10))
	known("template", g.Template != nil, g.GetTemplate())
	known("count", g.Count != nil, strconv.Itoa(int(g.GetCount())))
	l.add(r.GetEvidence(), words...)
}

// word is a word of a line: "-" for nothing, quoted when it holds spaces.
func word(s string) string {
	switch {
	case s == "":
		return "-"
	case strings.ContainsFunc(s, unicode.IsSpace):
		return strconv.Quote(s)
	default:
		return s
	}
}

// said is a number, empty for 0, which stands for nothing said.
func said(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func sorted(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}
