package kubernetes

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	provisov1 "proviso.dev/proto/proviso/v1"
)

const (
	labelPodSecurity = "pod-security.kubernetes.io/enforce"
	maxQuotas        = 256 // of one namespace
)

func (s *survey) readNamespaces(ctx context.Context, res resource) error {
	return each(ctx, s.r, res, typed(func(l *corev1.NamespaceList) []corev1.Namespace { return l.Items }), func(n *corev1.Namespace) {
		s.namespaces = append(s.namespaces, &provisov1.Namespace{
			Name:        n.Name,
			PodSecurity: n.Labels[labelPodSecurity],
			Terminating: n.DeletionTimestamp != nil || n.Status.Phase == corev1.NamespaceTerminating,
		})
	})
}

func (s *survey) readQuotas(ctx context.Context, res resource) error {
	s.quotas = map[string][]*provisov1.Quota{}
	return each(ctx, s.r, res, typed(func(l *corev1.ResourceQuotaList) []corev1.ResourceQuota { return l.Items }), func(q *corev1.ResourceQuota) {
		if len(q.Spec.Scopes) > 0 || q.Spec.ScopeSelector != nil {
			// It bounds only some pods, and the state has no word for which: taken for a bound of all it would be wrong.
			s.note(res.name+"/"+q.Namespace+"/"+q.Name, "it bounds a scope and is left out")
			return
		}
		// The status is missing until the quota controller has counted.
		hard := q.Status.Hard
		if len(hard) == 0 {
			hard = q.Spec.Hard
		}
		for name, most := range hard {
			quota := &provisov1.Quota{Name: q.Name, Resource: string(name), Hard: most.String()}
			if used, ok := q.Status.Used[name]; ok {
				quota.Used = used.String()
			}
			s.quotas[q.Namespace] = append(s.quotas[q.Namespace], quota)
		}
	})
}

// stateNamespaces joins the namespaces with their quotas.
func (s *survey) stateNamespaces() []*provisov1.Namespace {
	if !s.known(namespaces) {
		return nil
	}
	if s.known(resourceQuotas) {
		for _, n := range s.namespaces {
			n.Quotas = s.quotas[n.GetName()]
			slices.SortFunc(n.GetQuotas(), func(a, b *provisov1.Quota) int {
				return cmp.Or(byName(a, b), cmp.Compare(a.GetResource(), b.GetResource()))
			})
			if len(n.GetQuotas()) > maxQuotas {
				n.Quotas = n.GetQuotas()[:maxQuotas]
				s.note(resourceQuotas.name+"/"+n.GetName(), fmt.Sprintf("%v: %d", ErrCut, maxQuotas))
			}
		}
	}
	slices.SortFunc(s.namespaces, byName)
	return s.namespaces
}
