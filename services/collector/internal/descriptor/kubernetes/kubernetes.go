// Package kubernetes reads Kubernetes objects: what runs, how it is reached, what it stores, with the line of every fact.
//
// It owns the meaning of the objects and how they join (ADR 0010, rule 1). It does not find files, does not render charts and
// does not build kustomizations: packages helm and kustomize do, and hand their objects to this one.
//
// Objects are walked as trees and not decoded into the API's types: a type would lose the lines, and one field that the API
// server would refuse (a number where a text belongs, an unfilled placeholder) would lose the whole object.
package kubernetes

import (
	"io/fs"
	"strconv"

	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/collector/internal/descriptor/reading"
)

// Read reads plain manifests. Files that hold no Kubernetes object are passed over in silence.
func Read(files fs.FS, paths []string) reading.Result {
	var result reading.Result
	var objects []Object
	bytes, kept := 0, 0
	for _, path := range paths {
		data, err := load(files, path)
		if err != nil {
			result.Problem(path, 0, "too_large", "The file is larger than "+strconv.Itoa(maxFile>>20)+" MiB, or cannot be read.")
			continue
		}
		found := Decode(data, path, &result)
		if len(found) == 0 {
			continue
		}
		if bytes += len(data); bytes > maxBytes {
			result.Problem(path, 0, "too_large", "The manifests are larger than "+strconv.Itoa(maxBytes>>20)+" MiB together; the rest is not read.")
			break
		}
		result.Consumed = append(result.Consumed, path)
		for _, o := range found {
			kept += size(o.Root.value)
		}
		if objects = append(objects, found...); len(objects) > maxObjects || kept > maxKept {
			objects = objects[:min(len(objects), maxObjects)]
			result.Problem(path, 0, "too_many", "The manifests hold more than "+strconv.Itoa(maxObjects)+" objects, or objects that are too large together; the rest is not read.")
			break
		}
	}
	result.Add(Join(objects, reading.Kubernetes))
	return result
}

// A workload is a component in the making.
type workload struct {
	object    Object
	pod       Field // its pod specification
	labels    map[string]string
	templates []Field // volumeClaimTemplates
	component *provisov1.Component
	ports     map[string]int32 // of its containers, by name
}

// A survey is the objects of one reading, found by what others call them.
type survey struct {
	parser     string
	result     reading.Result
	workloads  []*workload
	components map[string]*provisov1.Component
	services   map[string][]Object
	configs    map[string]Object
	secrets    map[string]Object
	claims     map[string]Object
}

// Join makes components of objects that are applied together, in their order; parser is named in their evidence.
func Join(objects []Object, parser string) reading.Result {
	s := &survey{
		parser: parser, components: map[string]*provisov1.Component{}, services: map[string][]Object{},
		configs: map[string]Object{}, secrets: map[string]Object{}, claims: map[string]Object{},
	}
	for _, o := range objects {
		s.file(o)
	}
	for _, w := range s.workloads {
		s.containers(w)
		s.replicas(w.component, w.object, w.object.Root.Get("spec", "replicas"))
	}
	for _, o := range objects {
		switch o.Group() + "/" + o.Kind() {
		case "/Service":
			s.service(o)
		case "networking.k8s.io/Ingress", "extensions/Ingress":
			s.ingress(o)
		case "gateway.networking.k8s.io/HTTPRoute":
			s.route(o)
		case "autoscaling/HorizontalPodAutoscaler":
			s.autoscaler(o)
		}
	}
	for _, c := range s.result.Components {
		limit(c, &s.result)
	}
	return s.result
}

// file puts an object where others find it; of two with one name the first counts.
func (s *survey) file(o Object) {
	put := func(m map[string]Object) {
		if _, taken := m[o.Name()]; !taken {
			m[o.Name()] = o
		}
	}
	spec := o.Root.Get("spec")
	switch o.Group() + "/" + o.Kind() {
	case "apps/Deployment", "extensions/Deployment", "apps/ReplicaSet", "extensions/ReplicaSet", "/ReplicationController":
		s.workload(o, "service", spec.Get("template"))
	case "/Pod":
		s.workload(o, "service", o.Root)
	case "apps/StatefulSet":
		s.workload(o, "stateful", spec.Get("template"))
	case "apps/DaemonSet", "extensions/DaemonSet":
		s.workload(o, "daemon", spec.Get("template"))
	case "batch/Job":
		s.workload(o, "job", spec.Get("template"))
	case "batch/CronJob":
		s.workload(o, "scheduled", spec.Get("jobTemplate", "spec", "template"))
	case "/Service":
		s.services[o.Name()] = append(s.services[o.Name()], o)
	case "/ConfigMap":
		put(s.configs)
	case "/Secret", "bitnami.com/SealedSecret":
		put(s.secrets)
	case "/PersistentVolumeClaim":
		put(s.claims)
	}
}

// workload makes a component, or joins the one of that name.
func (s *survey) workload(o Object, kind string, template Field) {
	name := reading.Cut(o.Name(), 253)
	if name == "" {
		file, line := o.Place(o.Root.Get("kind"))
		s.result.Problem(file, line, "name", "The "+o.Kind()+" has no name.")
		return
	}
	c := s.components[name]
	if c == nil {
		c = &provisov1.Component{Name: name, Kind: kind}
		s.components[name] = c
		s.result.Components = append(s.result.Components, c)
	}
	named := o.Root.Get("metadata", "name")
	if !named.Present() {
		named = o.Root.Get("metadata", "generateName")
	}
	c.Evidence = append(c.Evidence, s.at(o, named))
	w := &workload{
		object: o, pod: template.Get("spec"), component: c, labels: map[string]string{},
		templates: o.Root.Get("spec", "volumeClaimTemplates").Items(), ports: map[string]int32{},
	}
	for _, l := range template.Get("metadata", "labels").Entries() {
		w.labels[l.Key] = l.Text()
	}
	s.workloads = append(s.workloads, w)
}

// at is the evidence of a field.
func (s *survey) at(o Object, f Field) *provisov1.Evidence {
	file, line := o.Place(f)
	return reading.At(file, line, s.parser)
}

// replicas takes a number of replicas, when one is written.
func (s *survey) replicas(c *provisov1.Component, o Object, f Field) {
	if n, ok := f.Number(); ok && n >= 0 && n < 1<<31 {
		c.Replicas = append(c.Replicas, &provisov1.ReplicaFact{Count: int32(n), Evidence: s.at(o, f)})
	}
}

// autoscaler gives its target a least and a most.
func (s *survey) autoscaler(o Object) {
	spec := o.Root.Get("spec")
	target := spec.Get("scaleTargetRef")
	most, ok := spec.Get("maxReplicas").Number()
	if !ok || most < 1 || most >= 1<<31 {
		return
	}
	least, where := int64(1), spec.Get("maxReplicas") // one is what an autoscaler without a minimum keeps
	if n, ok := spec.Get("minReplicas").Number(); ok && n >= 0 && n <= most {
		least, where = n, spec.Get("minReplicas")
	}
	for _, w := range s.workloads {
		if w.object.Name() == target.Get("name").Text() && w.object.Kind() == target.Get("kind").Text() && together(w.object, o) {
			w.component.Replicas = append(w.component.Replicas, &provisov1.ReplicaFact{Count: int32(least), Most: int32(most), Evidence: s.at(o, where)})
		}
	}
}

// together reports whether two objects are in one namespace; one that names none is applied beside the other.
func together(a, b Object) bool {
	x, y := a.namespace(), b.namespace()
	return x == "" || y == "" || x == y
}
