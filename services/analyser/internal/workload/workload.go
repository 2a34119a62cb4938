package workload

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// An Input is what workloads are decided from.
type Input struct {
	// Language of reasons, "en" or "fr".
	Language string
	// Applications that are to run on Kubernetes.
	Applications []Application
	// Wishes are the workloads of the intent. One without a name and an image, or with the name of a component, says how the
	// application is to run; every other one is a workload of its own.
	Wishes []Wish
	// State of the Kubernetes cluster; nil: none is known, so that no node is named.
	State *provisov1.KubernetesState
	// Analysis of the cluster below; nil: what its storages are made of is not known.
	Analysis *provisov1.InfrastructureAnalysis
	// Snapshot is searched for the machines that are the cluster's nodes, Room for what their hosts have.
	Snapshot *pve.Snapshot
	Room     func(node string) (placement.Room, bool)
}

// An Application is a profile with its place in the plan.
type Application struct {
	Index   int
	Profile *provisov1.ApplicationProfile
	// Read is what the repository says; nil: the profile is inferred from words.
	Read *provisov1.Application
}

// A Wish is a workload of the intent with its profile: the place in the plan, and the component that it is; nil: none is known.
type Wish struct {
	*provisov1.Workload
	Profile   int
	Component *provisov1.ProfileComponent
}

// A Set is the workloads of one plan. Where its pods can run is not decided before Place.
type Set struct {
	words
	in    Input
	items []*item

	// Policies, aims, findings and parts that are left out, in the requester's language.
	Policies  []*provisov1.TargetPolicy
	Aims      []*provisov1.Aim
	Findings  []string
	Omissions []*provisov1.Omission

	addressesTaken int64
}

// An item is one workload on its way to a plan.
type item struct {
	plan      *provisov1.PlannedWorkload
	component *provisov1.ProfileComponent
	declared  string // how the descriptors run it; empty: they do not say
	wish      *provisov1.Workload
	nodes     []string // of its pods, by Place
}

// Defaults of a pod where nobody says what it needs: what the smallest services take; a database gets the second.
const (
	defaultCPUMilli   = 100
	defaultMemoryMiB  = 128
	databaseCPUMilli  = 250
	databaseMemoryMiB = 512
	leastCPULimit     = 500
	defaultVolumeGiB  = 8
)

// maxWorkloads, maxHosts and maxPorts are what the contract takes.
const (
	maxWorkloads = 512
	maxHosts     = 32
	maxPorts     = 64
)

// Decide decides everything about the workloads but their nodes. The error is a *RefusedError.
func Decide(in Input) (*Set, error) {
	s := &Set{words: words{in.Language}, in: in}
	wishes := slices.Clone(in.Wishes)
	for _, app := range in.Applications {
		if err := s.application(app, &wishes); err != nil {
			return nil, err
		}
	}
	for i, wish := range wishes {
		if err := s.wished(i, wish); err != nil {
			return nil, err
		}
	}
	if n := len(s.items); n > maxWorkloads {
		s.find("too_many", "count", n, "most", maxWorkloads)
		s.items = s.items[:maxWorkloads]
	}
	for _, step := range []func(*item) error{s.decideKind, s.decideSize, s.decideExposure, s.decideVolumes} {
		for _, it := range s.items {
			if err := step(it); err != nil {
				return nil, err
			}
		}
	}
	s.warnOfExisting()
	if err := s.checkQuotas(); err != nil {
		return nil, err
	}
	if err := s.order(); err != nil {
		return nil, err
	}
	s.decidePolicies()
	return s, nil
}

// Workloads are the workloads, in the order in which they start.
func (s *Set) Workloads() []*provisov1.PlannedWorkload {
	var ws []*provisov1.PlannedWorkload
	for _, it := range s.items {
		ws = append(ws, it.plan)
	}
	return ws
}

// application makes an item of every component that has an image, and takes the wishes that are about them.
func (s *Set) application(app Application, wishes *[]Wish) error {
	general := takeWish(wishes, func(w *provisov1.Workload) bool { return w.GetName() == "" && w.GetImage() == "" })
	face := facing(app.Profile.GetComponents())
	for _, c := range app.Profile.GetComponents() {
		wish := takeWish(wishes, func(w *provisov1.Workload) bool {
			return w.GetName() != "" && (w.GetName() == c.GetName() || w.GetName() == label(c.GetName())) || w.GetImage() != "" && w.GetImage() == c.GetImage()
		})
		if wish == nil && c == face {
			wish = general
		}
		image := cmp.Or(wish.GetImage(), c.GetImage())
		if image == "" {
			s.Omissions = append(s.Omissions, &provisov1.Omission{Topic: "image", Reason: s.say("omission.image", "application", app.Profile.GetName(), "component", c.GetName())})
			continue
		}
		it := &item{component: c, wish: wish, declared: declaredKind(app.Read, c.GetName()), plan: &provisov1.PlannedWorkload{
			Name:      s.unique(label(c.GetName()), label(app.Profile.GetName())),
			Namespace: cmp.Or(wish.GetNamespace(), general.GetNamespace(), "default"), Profile: int32(app.Index), Component: c.GetName(),
			Image: image, Ports: cloneAll(c.GetPorts()), Hosts: slices.Clone(c.GetHosts()), Environment: cloneAll(c.GetEnvironment()),
			Readiness: c.GetReadiness(), Command: c.GetCommand(), Schedule: c.GetSchedule(),
		}}
		s.items = append(s.items, it)
	}
	return nil
}

// wished makes an item of a workload that stands for itself.
func (s *Set) wished(i int, w Wish) error {
	if w.GetImage() == "" && w.Component.GetImage() == "" {
		return s.refuse(CodeIncomplete, "no_image", "workload", cmp.Or(w.GetName(), w.GetRole(), s.say("number", "number", i+1)))
	}
	image := cmp.Or(w.GetImage(), w.Component.GetImage())
	c := w.Component
	if c == nil {
		c = &provisov1.ProfileComponent{Name: cmp.Or(w.GetName(), label(imageName(image))), Role: "other", Image: image, Sizing: &provisov1.Sizing{}}
	}
	name := label(cmp.Or(w.GetName(), c.GetName()))
	s.items = append(s.items, &item{wish: w.Workload, component: c, plan: &provisov1.PlannedWorkload{
		Name: s.unique(name, name), Namespace: cmp.Or(w.GetNamespace(), "default"), Profile: int32(w.Profile), Component: c.GetName(),
		Image: image, Ports: cloneAll(c.GetPorts()), Hosts: slices.Clone(c.GetHosts()), Environment: cloneAll(c.GetEnvironment()),
		Readiness: c.GetReadiness(), Command: c.GetCommand(), Schedule: c.GetSchedule(),
	}})
	return nil
}

// takeWish takes the first wish that is meant out of the list, nil when none is.
func takeWish(wishes *[]Wish, meant func(*provisov1.Workload) bool) *provisov1.Workload {
	i := slices.IndexFunc(*wishes, func(w Wish) bool { return meant(w.Workload) })
	if i < 0 {
		return nil
	}
	w := (*wishes)[i]
	*wishes = slices.Delete(*wishes, i, i+1)
	return w.Workload
}

// facing is the component that a wish about the whole application means: the one that most people reach.
func facing(components []*provisov1.ProfileComponent) *provisov1.ProfileComponent {
	rank := map[string]int{"public": 3, "network": 2, "application": 1}
	var face *provisov1.ProfileComponent
	better := func(a, b *provisov1.ProfileComponent) bool {
		web := func(c *provisov1.ProfileComponent) int {
			if c.GetRole() == "web" || c.GetRole() == "proxy" {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(rank[a.GetExposure()], rank[b.GetExposure()]), cmp.Compare(web(a), web(b))) > 0
	}
	for _, c := range components {
		if face == nil || better(c, face) {
			face = c
		}
	}
	return face
}

func declaredKind(read *provisov1.Application, component string) string {
	for _, c := range read.GetComponents() {
		if c.GetName() == component {
			return c.GetKind()
		}
	}
	return ""
}

// unique is the name, with that of its application before it where another workload has it.
func (s *Set) unique(name, application string) string {
	taken := func(n string) bool {
		return slices.ContainsFunc(s.items, func(it *item) bool { return it.plan.GetName() == n })
	}
	if taken(name) {
		name = label(application + "-" + name)
	}
	for base, n := name, 2; taken(name); n++ {
		number := fmt.Sprintf("-%d", n)
		name = base[:min(len(base), maxLabel-len(number))] + number
	}
	return name
}

// maxLabel is what DNS takes.
const maxLabel = 63

// label makes a DNS label of a name.
func label(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else {
			b.WriteByte('-')
		}
	}
	text := strings.Trim(b.String(), "-")
	if len(text) > maxLabel {
		text = strings.Trim(text[len(text)-maxLabel:], "-") // the end tells them apart
	}
	return cmp.Or(text, "workload")
}

// imageName is the last element of an image's path, without tag and digest.
func imageName(image string) string {
	name, _, _ := strings.Cut(image, "@")
	name = name[strings.LastIndexByte(name, '/')+1:]
	name, _, _ = strings.Cut(name, ":")
	return name
}

// warnOfExisting finds workloads of that name that run already.
func (s *Set) warnOfExisting() {
	for _, it := range s.items {
		for _, have := range s.in.State.GetWorkloads() {
			if have.GetNamespace() == it.plan.GetNamespace() && have.GetName() == it.plan.GetName() {
				s.find("exists", "workload", have.GetName(), "namespace", have.GetNamespace(), "kind", have.GetKind(), "images", s.list(have.GetImages()))
				break
			}
		}
	}
}

// find adds a finding once.
func (s *Set) find(key string, args ...any) {
	if text := s.say("finding."+key, args...); !slices.Contains(s.Findings, text) {
		s.Findings = append(s.Findings, text)
	}
}

func cloneAll[T proto.Message](ms []T) []T {
	c := make([]T, len(ms))
	for i, m := range ms {
		c[i] = proto.CloneOf(m)
	}
	return c
}
