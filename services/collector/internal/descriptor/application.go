package descriptor

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// ranks order parsers as a deployment would use their facts.
var ranks = map[string]int{
	reading.Kubernetes: 1, reading.Helm: 2, reading.Kustomize: 3, reading.Compose: 4, reading.Dockerfile: 5,
	reading.Procfile: 6, reading.Package: 7, reading.Environment: 8, reading.Readme: 9, reading.Terraform: 10,
}

// mostOfApplication bounds the encoded size of a result in bytes; lists within their bounds could still be hundreds of megabytes.
const mostOfApplication = 4 << 20

// application puts the result together.
func (s *session) application(r *provisov1.RepositoryReading) *provisov1.Application {
	app := &provisov1.Application{Repository: r, Name: cmp.Or(s.names.chart, s.names.project, s.names.pack, s.name), Resources: s.out.Resources, Hints: s.out.Hints}
	s.lift(app)
	size := 0
	for _, p := range s.sorted() {
		settle(p.component)
		kept := s.fit(p.component)
		if size += proto.Size(p.component); size > mostOfApplication {
			kept = false
			p.component = &provisov1.Component{Name: p.component.GetName(), Kind: p.component.GetKind(), Evidence: p.component.GetEvidence()}
		}
		if !kept {
			s.out.Problem("", 0, "too_many", fmt.Sprintf("The component %q has more facts than one reading holds; the last ones were left out.", reading.Cut(p.component.GetName(), 253)))
		}
		app.Components = append(app.Components, p.component)
	}
	slices.SortStableFunc(app.GetResources(), func(a, b *provisov1.DeclaredResource) int { return place(a.GetEvidence(), b.GetEvidence()) })
	app.Problems = problems(s.out.Problems)
	if !s.fit(app) {
		app.Problems = problems(append(app.Problems, &provisov1.ReadingProblem{Code: "too_many", Message: "The repository says more than one reading holds; the last facts were left out."}))
		s.fit(app)
	}
	return app
}

// lift makes paths in the folder that was read paths in the repository. Facts may share a place.
func (s *session) lift(app *provisov1.Application) {
	if s.above == "" {
		return
	}
	lifted := map[*provisov1.Evidence]bool{}
	lift := func(e *provisov1.Evidence) {
		if e != nil && !lifted[e] {
			lifted[e] = true
			e.File = path.Join(s.above, e.GetFile())
		}
	}
	for _, p := range s.parts {
		places(p.component, lift)
	}
	for _, r := range app.GetResources() {
		lift(r.GetEvidence())
	}
	for _, h := range app.GetHints() {
		lift(h.GetEvidence())
	}
	for _, p := range s.out.Problems {
		if p.GetFile() != "" {
			p.File = path.Join(s.above, p.GetFile())
		}
	}
}

// places calls a function with every evidence of a component.
func places(c *provisov1.Component, call func(*provisov1.Evidence)) {
	for _, e := range c.GetEvidence() {
		call(e)
	}
	each(c.GetImages(), call)
	each(c.GetPorts(), call)
	each(c.GetExposures(), call)
	each(c.GetEnvironment(), call)
	each(c.GetVolumes(), call)
	each(c.GetResources(), call)
	each(c.GetReplicas(), call)
	each(c.GetDependencies(), call)
	each(c.GetRuntimes(), call)
	each(c.GetCommands(), call)
	each(c.GetHealth(), call)
}

func each[F fact](facts []F, call func(*provisov1.Evidence)) {
	for _, f := range facts {
		call(f.GetEvidence())
	}
}

// problems sorts problems and keeps equal ones once. Of too many the last one says so: that the list is cut must not be cut.
func problems(all []*provisov1.ReadingProblem) []*provisov1.ReadingProblem {
	const most = 250
	slices.SortStableFunc(all, func(a, b *provisov1.ReadingProblem) int {
		return cmp.Or(strings.Compare(a.GetFile(), b.GetFile()), cmp.Compare(a.GetLine(), b.GetLine()), strings.Compare(a.GetCode(), b.GetCode()), strings.Compare(a.GetMessage(), b.GetMessage()))
	})
	all = slices.CompactFunc(all, func(a, b *provisov1.ReadingProblem) bool { return proto.Equal(a, b) })
	if len(all) > most {
		left := len(all) - most
		all = append(all[:most:most], &provisov1.ReadingProblem{Code: "too_many", Message: fmt.Sprintf("There are %d more problems.", left)})
	}
	return all
}

// place orders evidence as a deployment would use it: what stands there before conclusions, then by parser, file and line.
func place(a, b *provisov1.Evidence) int {
	return cmp.Or(
		strings.Compare(b.GetStanding(), a.GetStanding()), // "observed" before "inferred"
		cmp.Compare(ranks[a.GetParser()], ranks[b.GetParser()]),
		strings.Compare(a.GetFile(), b.GetFile()),
		cmp.Compare(a.GetLine(), b.GetLine()),
	)
}

// settle sorts the facts of a component and keeps equal ones once, with the evidence that comes first.
func settle(c *provisov1.Component) {
	slices.SortStableFunc(c.GetEvidence(), place)
	c.Evidence = slices.CompactFunc(c.GetEvidence(), func(a, b *provisov1.Evidence) bool { return proto.Equal(a, b) })
	c.Images = once(c.GetImages(), func(f *provisov1.ImageFact) string { return join(f.GetRole(), f.GetReference()) })
	c.Ports = once(c.GetPorts(), func(f *provisov1.PortFact) string { return join(f.GetNumber(), f.GetProtocol()) })
	c.Exposures = once(c.GetExposures(), func(f *provisov1.ExposureFact) string {
		return join(f.GetKind(), f.GetPort(), f.GetTargetPort(), f.GetHost(), f.GetPath())
	})
	c.Environment = once(c.GetEnvironment(), func(f *provisov1.EnvironmentFact) string {
		return join(f.GetName(), f.GetSecret(), f.GetValue(), f.GetFrom())
	})
	c.Environment = secretsOnce(c.GetEnvironment())
	c.Volumes = once(c.GetVolumes(), func(f *provisov1.VolumeFact) string {
		return join(f.GetPath(), f.GetName(), f.GetKind(), f.GetSizeBytes(), f.GetStorageClass(), f.GetReadOnly())
	})
	c.Resources = once(c.GetResources(), func(f *provisov1.ResourceFact) string { return join(f.GetResource(), f.GetBound(), f.GetAmount()) })
	c.Replicas = once(c.GetReplicas(), func(f *provisov1.ReplicaFact) string { return join(f.GetCount(), f.GetMost()) })
	c.Dependencies = once(c.GetDependencies(), func(f *provisov1.DependencyFact) string { return join(f.GetName(), f.GetComponent()) })
	c.Runtimes = once(c.GetRuntimes(), func(f *provisov1.RuntimeFact) string { return join(f.GetName(), f.GetVersion(), f.GetFramework()) })
	c.Commands = once(c.GetCommands(), func(f *provisov1.CommandFact) string { return f.GetCommand() })
	c.Health = once(c.GetHealth(), func(f *provisov1.HealthFact) string { return join(f.GetKind(), f.GetCheck()) })
}

// fact is anything with evidence.
type fact interface {
	GetEvidence() *provisov1.Evidence
}

// once sorts facts and keeps the first of those that say the same.
func once[F fact](facts []F, says func(F) string) []F {
	slices.SortStableFunc(facts, func(a, b F) int { return place(a.GetEvidence(), b.GetEvidence()) })
	seen := map[string]bool{}
	return slices.DeleteFunc(facts, func(f F) bool {
		key := says(f)
		if seen[key] {
			return true
		}
		seen[key] = true
		return false
	})
}

// secretsOnce drops what says no more than that a variable is secret when that is known: secrets have no values to differ in.
func secretsOnce(facts []*provisov1.EnvironmentFact) []*provisov1.EnvironmentFact {
	known := map[string]bool{}
	return slices.DeleteFunc(facts, func(f *provisov1.EnvironmentFact) bool {
		if !f.GetSecret() {
			return false
		}
		again := known[f.GetName()] && f.GetFrom() == ""
		known[f.GetName()] = true
		return again
	})
}

// join makes one key of several values.
func join(values ...any) string { return fmt.Sprintf(strings.Repeat("%v\x00", len(values)), values...) }
