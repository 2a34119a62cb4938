package kubernetes

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// The places of the kinds in survey.workloads.
const (
	kindDeployment = iota
	kindStatefulSet
	kindDaemonSet
	kindCronJob
)

// A workload is one workload with what helps to tell what serves load balancers.
type workload struct {
	*provisov1.RunningWorkload
	forService bool // k3s made it for a service of type LoadBalancer
	vip        bool // it is kube-vip for services
}

const labelServiceLB = "svccontroller.k3s.cattle.io/svcname"

func (s *survey) readDeployments(ctx context.Context, res resource) error {
	return each(ctx, s.r, res, typed(func(l *appsv1.DeploymentList) []appsv1.Deployment { return l.Items }), func(d *appsv1.Deployment) {
		s.add(kindDeployment, workload{RunningWorkload: &provisov1.RunningWorkload{Namespace: d.Namespace, Kind: "Deployment", Name: d.Name,
			Wanted: replicas(d.Spec.Replicas), Ready: d.Status.ReadyReplicas, Images: images(&d.Spec.Template.Spec)}})
	})
}

func (s *survey) readStatefulSets(ctx context.Context, res resource) error {
	return each(ctx, s.r, res, typed(func(l *appsv1.StatefulSetList) []appsv1.StatefulSet { return l.Items }), func(d *appsv1.StatefulSet) {
		s.add(kindStatefulSet, workload{RunningWorkload: &provisov1.RunningWorkload{Namespace: d.Namespace, Kind: "StatefulSet", Name: d.Name,
			Wanted: replicas(d.Spec.Replicas), Ready: d.Status.ReadyReplicas, Images: images(&d.Spec.Template.Spec)}})
	})
}

func (s *survey) readDaemonSets(ctx context.Context, res resource) error {
	return each(ctx, s.r, res, typed(func(l *appsv1.DaemonSetList) []appsv1.DaemonSet { return l.Items }), func(d *appsv1.DaemonSet) {
		_, labelled := d.Labels[labelServiceLB]
		s.add(kindDaemonSet, workload{
			RunningWorkload: &provisov1.RunningWorkload{Namespace: d.Namespace, Kind: "DaemonSet", Name: d.Name,
				Wanted: d.Status.DesiredNumberScheduled, Ready: d.Status.NumberReady, Images: images(&d.Spec.Template.Spec)},
			forService: labelled || d.Namespace == systemNamespace && strings.HasPrefix(d.Name, "svclb-"),
			vip:        servesByVIP(d.Spec.Template.Spec.Containers),
		})
	})
}

// Cron jobs want and have no replicas between their times: both numbers are those of the jobs running now.
func (s *survey) readCronJobs(ctx context.Context, res resource) error {
	return each(ctx, s.r, res, typed(func(l *batchv1.CronJobList) []batchv1.CronJob { return l.Items }), func(d *batchv1.CronJob) {
		active := int32(len(d.Status.Active))
		s.add(kindCronJob, workload{RunningWorkload: &provisov1.RunningWorkload{Namespace: d.Namespace, Kind: "CronJob", Name: d.Name,
			Wanted: active, Ready: active, Images: images(&d.Spec.JobTemplate.Spec.Template.Spec)}})
	})
}

func (s *survey) add(kind int, w workload) { s.workloads[kind] = append(s.workloads[kind], w) }

// replicas are the wanted ones; Kubernetes takes none stated for one.
func replicas(stated *int32) int32 {
	if stated == nil {
		return 1
	}
	return *stated
}

// images are those of the containers in their order, each once.
func images(spec *corev1.PodSpec) []string {
	var out []string
	for i := range spec.Containers {
		if image := spec.Containers[i].Image; !slices.Contains(out, image) {
			out = append(out, image)
		}
	}
	return out
}

func (s *survey) stateWorkloads() []*provisov1.RunningWorkload {
	var out []*provisov1.RunningWorkload
	for kind, res := range []resource{deployments, statefulSets, daemonSets, cronJobs} {
		if !s.known(res) {
			continue
		}
		for _, w := range s.workloads[kind] {
			out = append(out, w.RunningWorkload)
		}
	}
	slices.SortFunc(out, func(a, b *provisov1.RunningWorkload) int {
		return cmp.Or(byPlace(a, b), cmp.Compare(a.GetKind(), b.GetKind()))
	})
	if len(out) > maxWorkloads {
		out = out[:maxWorkloads]
		s.note("workloads", fmt.Sprintf("%v: %d", ErrCut, maxWorkloads))
	}
	return out
}
