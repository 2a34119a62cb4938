package kubernetes

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"google.golang.org/protobuf/types/known/timestamppb"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// Bounds of proto/proviso/v1/kubernetes.proto that are not those of one list.
const (
	maxVersion   = 64
	maxUnknown   = 256
	maxWorkloads = 5000
	maxReason    = 240
)

// Read returns the state of the cluster at this moment. What cannot be read is named in its unknown; an error is returned only
// when the version cannot be read, when no list at all can, or when ctx ends. It is UnreachableError, CertificateError,
// ErrCredentials, ErrDenied, StatusError, ErrAnswer or the cause of ctx's end.
func (r *Reader) Read(ctx context.Context) (*provisov1.KubernetesState, error) {
	taken := timestamppb.Now()
	version, err := r.version(ctx)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("read version: %w", context.Cause(ctx))
	}
	if err == nil && len(version) > maxVersion {
		err = fmt.Errorf("%w: its version is longer than any", ErrAnswer)
	}
	if err != nil {
		return nil, fmt.Errorf("read version: %w", err)
	}
	s := &survey{r: r, version: version}
	parts := s.parts()
	s.run(ctx, parts)
	if len(s.failed) == len(parts) && ctx.Err() == nil {
		return nil, fmt.Errorf("read %s: %w", parts[0].res.name, s.failed[parts[0].res.name])
	}
	s.run(ctx, s.extensions())
	if ctx.Err() != nil {
		return nil, fmt.Errorf("read cluster: %w", context.Cause(ctx))
	}
	state := s.state()
	state.Name, state.TakenAt, state.Version = r.name, taken, version
	return state, nil
}

// A part is one list together with what is done with it.
type part struct {
	res  resource
	read func(context.Context, resource) error
}

// A survey is one reading. Each part fills fields of its own, so they need no lock; they are looked at when all parts have ended.
type survey struct {
	r       *Reader
	version string

	nodes          []node
	loads          map[string]*load // by node
	storageClasses []*provisov1.StorageClass
	ingressClasses []*provisov1.IngressClass
	namespaces     []*provisov1.Namespace
	quotas         map[string][]*provisov1.Quota // by namespace
	definitions    []definition
	workloads      [4][]workload // deployments, stateful sets, daemon sets, cron jobs
	services       []service
	vip            string // a pod of kube-vip that serves services, "namespace/name"; empty: none was seen
	metal          metal
	cilium         cilium

	mu     sync.Mutex
	failed map[string]error // by name of the resource: it could not be read, and what was read of it is not used
	notes  []string         // what was read and could not be understood, as it stands in unknown
}

// run reads the parts side by side; the slots of the reader bound how many requests are under way.
func (s *survey) run(ctx context.Context, parts []part) {
	var wg sync.WaitGroup
	for _, p := range parts {
		wg.Go(func() {
			err := p.read(ctx, p.res)
			switch {
			case err == nil:
			case errors.Is(err, ErrCut):
				s.note(p.res.name, err.Error())
			default:
				s.mu.Lock()
				defer s.mu.Unlock()
				if s.failed == nil {
					s.failed = map[string]error{}
				}
				s.failed[p.res.name] = err
			}
		})
	}
	wg.Wait()
}

// note adds to what is unknown: of is the name of a list, or of one object of it as "list/name".
func (s *survey) note(of, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, of+": "+reason)
}

// parts are the lists of every cluster.
func (s *survey) parts() []part {
	return []part{
		{nodes, s.readNodes},
		{pods, s.readPods},
		{storageClasses, s.readStorageClasses},
		{ingressClasses, s.readIngressClasses},
		{namespaces, s.readNamespaces},
		{resourceQuotas, s.readQuotas},
		{definitions, s.readDefinitions},
		{deployments, s.readDeployments},
		{statefulSets, s.readStatefulSets},
		{daemonSets, s.readDaemonSets},
		{cronJobs, s.readCronJobs},
		{services, s.readServices},
	}
}

// known reports whether every one of the lists could be read.
func (s *survey) known(lists ...resource) bool {
	return !slices.ContainsFunc(lists, func(res resource) bool { return s.failed[res.name] != nil })
}

// state puts together what was read.
func (s *survey) state() *provisov1.KubernetesState {
	state := &provisov1.KubernetesState{
		Nodes:           s.stateNodes(),
		StorageClasses:  s.storageClasses,
		IngressClasses:  s.ingressClasses,
		LoadBalancer:    s.balancer(),
		Namespaces:      s.stateNamespaces(),
		CustomResources: s.stateDefinitions(),
		Workloads:       s.stateWorkloads(),
		Services:        s.stateServices(),
	}
	for name, err := range s.failed {
		s.notes = append(s.notes, name+": "+reason(err))
	}
	slices.Sort(s.notes)
	unknown := slices.Compact(s.notes)
	if more := len(unknown) - maxUnknown; more > 0 {
		unknown = append(unknown[:maxUnknown-1], fmt.Sprintf("and %d more", more+1))
	}
	state.Unknown = unknown
	return state
}

// reason is a failure in a few words.
func reason(err error) string {
	text := err.Error()
	if silent, ok := errors.AsType[*UnreachableError](err); ok {
		text = string(silent.Reach) // whose server that is says the rest of the state
	}
	if runes := []rune(text); len(runes) > maxReason {
		text = string(runes[:maxReason]) + "…"
	}
	return text
}

// whole reports whether what was read may be used: all of it, or all up to a bound.
func whole(err error) bool { return err == nil || errors.Is(err, ErrCut) }

// byName compares what has a name.
func byName[T interface{ GetName() string }](a, b T) int {
	return cmp.Compare(a.GetName(), b.GetName())
}

// byPlace compares what has a name in a namespace.
func byPlace[T interface {
	GetNamespace() string
	GetName() string
}](a, b T) int {
	return cmp.Or(cmp.Compare(a.GetNamespace(), b.GetNamespace()), cmp.Compare(a.GetName(), b.GetName()))
}
