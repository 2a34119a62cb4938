package collector

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/agent"
	"proviso.dev/pkg/i18n"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/guard"
	"proviso.dev/services/collector/internal/wording"
)

// Repositories reads what repositories say of their applications.
type Repositories interface {
	// Read reads one repository, as the reader's process does. The code of its error says in which way it could not.
	Read(ctx context.Context, r *provisov1.Repository) (*provisov1.Application, error)
}

// Kubernetes reads the state of one Kubernetes cluster.
type Kubernetes interface {
	Read(ctx context.Context) (*provisov1.KubernetesState, error)
}

// A coded error says by a stable word what went wrong; texts for people hang on it.
type coded interface{ Code() string }

// codeOf is the code of an error; fallback when it has none.
func codeOf(err error, fallback string) string {
	if c := coded(nil); errors.As(err, &c) {
		return c.Code()
	}
	return fallback
}

// further is what was gathered beside the cluster.
type further struct {
	applications []*provisov1.Application
	kubernetes   *provisov1.KubernetesState
	sources      []*provisov1.InformationSource
	unknown      []string // for the requester
	suspicions   []*provisov1.Suspicion
}

// gather reads the repositories that an intent names and, where it concerns one, the Kubernetes cluster, side by side. A
// repository that is all that the intent asks for is essential: without it the step fails with the reason. Everything else that
// cannot be read is named.
func (w *worker) gather(ctx context.Context, lang string, in *provisov1.ProvisionIntent) (*further, error) {
	out := &further{applications: make([]*provisov1.Application, len(in.GetRepositories()))}
	failed := make([]error, len(in.GetRepositories()))
	took := make([]time.Duration, len(in.GetRepositories()))
	asked := w.now()
	var side sync.WaitGroup
	for i, r := range in.GetRepositories() {
		if w.cfg.Repositories == nil {
			failed[i] = errNoRepositories
			continue
		}
		side.Go(func() {
			out.applications[i], failed[i] = w.cfg.Repositories.Read(ctx, r)
			took[i] = w.now().Sub(asked)
		})
	}
	kubernetes := w.kubernetes(ctx, lang, in)
	side.Wait()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("read repositories: %w", context.Cause(ctx))
	}
	read := out.applications[:0]
	for i, r := range in.GetRepositories() {
		s := source("repository", "used", "Git, one commit without history, read by parsers and never run: the request names it", took[i])
		s.Object, s.AskedAt = cut(r.GetUrl(), 2048), timestamppb.New(asked)
		out.sources = append(out.sources, s)
		if err := failed[i]; err != nil {
			code := codeOf(err, "reader")
			w.log.Warn("repository was not read", "code", code, "error", err)
			text := i18n.T(lang, "collector.repository."+code, "url", wording.Quote(r.GetUrl()))
			if essential(in) {
				return nil, &agent.Failure{Code: "repository_" + code, Message: text, Retryable: code == "unreachable" || code == "reader", Err: err}
			}
			s.Outcome = "failed"
			s.Method = cut(s.GetMethod()+": "+i18n.T("en", "collector.repository."+code, "url", r.GetUrl()), 512)
			out.unknown = append(out.unknown, text)
			continue
		}
		app := out.applications[i]
		for _, h := range app.GetHints() {
			out.suspicions = append(out.suspicions, guard.Inspect("file "+h.GetEvidence().GetFile(), h.GetText())...)
		}
		if n := len(app.GetProblems()); n > 0 {
			out.unknown = append(out.unknown, i18n.T(lang, "collector.repository_partly", "url", wording.Quote(r.GetUrl()), "things", wording.Count(lang, "thing", n)))
		}
		read = append(read, app)
	}
	out.applications = read
	if len(in.GetRepositories()) == 0 {
		out.sources = append(out.sources, source("repository", "not_needed", "the request names no repository", 0))
	}
	k := <-kubernetes
	out.kubernetes, out.sources = k.state, append(out.sources, k.source)
	out.unknown = append(out.unknown, k.unknown...)
	out.suspicions = out.suspicions[:min(len(out.suspicions), suspicionsMost)]
	for _, s := range out.suspicions {
		w.metrics.Suspicions.WithLabelValues(s.GetKind(), "repository").Inc()
	}
	return out, nil
}

// errNoRepositories is returned where nothing is configured that could read a repository.
var errNoRepositories = errors.New("no reader of repositories")

// essential reports whether an intent asks for nothing but what lies in its repositories.
func essential(in *provisov1.ProvisionIntent) bool {
	return len(in.GetVirtualMachines())+len(in.GetContainers())+len(in.GetPools())+len(in.GetChanges())+len(in.GetImports()) == 0
}

// A kubernetesReading is what came of asking the Kubernetes cluster.
type kubernetesReading struct {
	state   *provisov1.KubernetesState
	source  *provisov1.InformationSource
	unknown []string
}

// kubernetes reads the Kubernetes cluster when the intent concerns one and one is configured.
func (w *worker) kubernetes(ctx context.Context, lang string, in *provisov1.ProvisionIntent) <-chan kubernetesReading {
	done := make(chan kubernetesReading, 1)
	why := concernsKubernetes(in)
	switch {
	case why == "":
		done <- kubernetesReading{source: source("kubernetes", "not_needed", "nothing in the intent runs on Kubernetes", 0)}
		return done
	case w.cfg.Kubernetes == nil:
		done <- kubernetesReading{source: source("kubernetes", "not_needed", why+", but no Kubernetes cluster is configured", 0)}
		return done
	}
	go func() {
		asked := w.now()
		state, err := w.cfg.Kubernetes.Read(ctx)
		out := kubernetesReading{state: state, source: source("kubernetes", "used", "API, GET only: "+why, w.now().Sub(asked))}
		out.source.AskedAt, out.source.Object = timestamppb.New(asked), state.GetName()
		if err != nil {
			w.log.Warn("Kubernetes cluster was not read", "code", codeOf(err, "failed"), "error", err)
			out.source.Outcome = "failed"
			out.unknown = []string{i18n.T(lang, "collector.kubernetes_unread")}
		} else if n := len(state.GetUnknown()); n > 0 {
			out.unknown = []string{i18n.T(lang, "collector.kubernetes_partly", "things", strings.Join(state.GetUnknown()[:min(n, 4)], "; "))}
		}
		done <- out
	}()
	return done
}

// concernsKubernetes says why an intent makes the Kubernetes cluster worth reading; empty: it does not.
func concernsKubernetes(in *provisov1.ProvisionIntent) string {
	if len(in.GetWorkloads()) > 0 {
		return "a workload is wanted"
	}
	for _, r := range in.GetRepositories() {
		if on := r.GetRunsOn(); on == "kubernetes" || on == "" && essential(in) {
			return "the application of a repository may run there"
		}
	}
	for _, vm := range in.GetVirtualMachines() {
		if strings.HasPrefix(vm.GetRole(), "k3s-") {
			return "a machine is to become a node of it"
		}
	}
	return ""
}
