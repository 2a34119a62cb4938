package kubernetes

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// Annotations of the default storage class; the second is what old clusters wrote and the server still honours.
const (
	annotationDefaultStorage    = "storageclass.kubernetes.io/is-default-class"
	annotationDefaultStorageOld = "storageclass.beta.kubernetes.io/is-default-class"
)

// A newest finds which of several classes that call themselves the default is it: the newest, and of equals the first by name. That is
// how the API server decides.
type newest struct {
	name    string
	created metav1.Time
}

func (n *newest) add(m *metav1.ObjectMeta) {
	later := n.created.Before(&m.CreationTimestamp)
	if n.name == "" || later || n.created.Equal(&m.CreationTimestamp) && m.Name < n.name {
		n.name, n.created = m.Name, m.CreationTimestamp
	}
}

func (s *survey) readStorageClasses(ctx context.Context, res resource) error {
	var (
		classes []*provisov1.StorageClass
		def     newest
	)
	err := each(ctx, s.r, res, typed(func(l *storagev1.StorageClassList) []storagev1.StorageClass { return l.Items }), func(c *storagev1.StorageClass) {
		class := &provisov1.StorageClass{
			Name:        c.Name,
			Provisioner: c.Provisioner,
			Expandable:  c.AllowVolumeExpansion != nil && *c.AllowVolumeExpansion,
			Binding:     string(storagev1.VolumeBindingImmediate),
			Reclaim:     string(corev1.PersistentVolumeReclaimDelete),
		}
		if c.VolumeBindingMode != nil {
			class.Binding = string(*c.VolumeBindingMode)
		}
		if c.ReclaimPolicy != nil {
			class.Reclaim = string(*c.ReclaimPolicy)
		}
		if c.Annotations[annotationDefaultStorage] == "true" || c.Annotations[annotationDefaultStorageOld] == "true" {
			def.add(&c.ObjectMeta)
		}
		classes = append(classes, class)
	})
	if whole(err) {
		for _, c := range classes {
			c.Default = c.GetName() == def.name
		}
		slices.SortFunc(classes, byName)
		s.storageClasses = classes
	}
	return err
}

func (s *survey) readIngressClasses(ctx context.Context, res resource) error {
	var (
		classes []*provisov1.IngressClass
		def     newest
	)
	err := each(ctx, s.r, res, typed(func(l *networkingv1.IngressClassList) []networkingv1.IngressClass { return l.Items }), func(c *networkingv1.IngressClass) {
		if c.Annotations[networkingv1.AnnotationIsDefaultIngressClass] == "true" {
			def.add(&c.ObjectMeta)
		}
		classes = append(classes, &provisov1.IngressClass{Name: c.Name, Controller: c.Spec.Controller})
	})
	if whole(err) {
		for _, c := range classes {
			c.Default = c.GetName() == def.name
		}
		slices.SortFunc(classes, byName)
		s.ingressClasses = classes
	}
	return err
}
