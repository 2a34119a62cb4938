package kubernetes

import (
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/collector/internal/descriptor/reading"
)

// mounts takes what a container mounts, with the claim behind it.
func (s *survey) mounts(w *workload, container Field) {
	for _, f := range container.Get("volumeMounts").Items() {
		path := reading.Cut(f.Get("mountPath").Text(), 1024)
		if path == "" {
			continue
		}
		fact := &provisov1.VolumeFact{Path: path, Name: f.Get("name").Text(), ReadOnly: f.Get("readOnly").Truth(), Evidence: s.at(w.object, f.Get("mountPath"))}
		if !s.volume(w, fact) {
			continue
		}
		fact.Name = reading.Cut(fact.GetName(), 253)
		w.component.Volumes = append(w.component.Volumes, fact)
	}
	for _, f := range container.Get("volumeDevices").Items() {
		if path := reading.Cut(f.Get("devicePath").Text(), 1024); path != "" {
			fact := &provisov1.VolumeFact{Path: path, Name: f.Get("name").Text(), Evidence: s.at(w.object, f.Get("devicePath"))}
			if s.volume(w, fact) {
				fact.Name = reading.Cut(fact.GetName(), 253)
				w.component.Volumes = append(w.component.Volumes, fact)
			}
		}
	}
}

// volume says of a mount what stands behind the name in it; false: nothing does.
func (s *survey) volume(w *workload, fact *provisov1.VolumeFact) bool {
	for _, v := range w.pod.Get("volumes").Items() {
		if v.Get("name").Text() == fact.GetName() {
			s.source(v, fact)
			return true
		}
	}
	for _, t := range w.templates {
		if t.Get("metadata", "name").Text() == fact.GetName() {
			fact.Kind = "persistent"
			claim(t.Get("spec"), fact)
			return true
		}
	}
	return false
}

// source reads a volume of a pod.
func (s *survey) source(v Field, fact *provisov1.VolumeFact) {
	switch {
	case v.Get("persistentVolumeClaim").Present():
		ref := v.Get("persistentVolumeClaim")
		fact.Kind, fact.Name = "persistent", ref.Get("claimName").Text()
		fact.ReadOnly = fact.GetReadOnly() || ref.Get("readOnly").Truth()
		if o, ok := s.claims[fact.GetName()]; ok {
			claim(o.Root.Get("spec"), fact)
		}
	case v.Get("configMap").Present(), v.Get("downwardAPI").Present(), v.Get("image").Present():
		fact.Kind = "configuration"
	case v.Get("secret").Present():
		fact.Kind = "secret"
	case v.Get("projected").Present():
		fact.Kind = "configuration"
		for _, p := range v.Get("projected", "sources").Items() {
			if p.Get("secret").Present() || p.Get("serviceAccountToken").Present() {
				fact.Kind = "secret"
			}
		}
	case v.Get("hostPath").Present():
		fact.Kind = "host"
	case v.Get("ephemeral").Present(): // a claim that lives as long as its pod
		fact.Kind = "temporary"
		claim(v.Get("ephemeral", "volumeClaimTemplate", "spec"), fact)
	case v.Get("csi").Present() && strings.HasPrefix(v.Get("csi", "driver").Text(), "secrets-store."):
		fact.Kind = "secret"
	case v.Get("emptyDir").Present(), len(v.Entries()) == 1: // a volume without a source is an empty directory
		fact.Kind = "temporary"
		if size, ok := quantity(v.Get("emptyDir", "sizeLimit"), false); ok {
			fact.SizeBytes = size
		}
	default: // nfs, iscsi, rbd and the like outlive the pod
		fact.Kind = "persistent"
	}
}

// claim reads what a claim asks for.
func claim(spec Field, fact *provisov1.VolumeFact) {
	if size, ok := quantity(spec.Get("resources", "requests", "storage"), false); ok {
		fact.SizeBytes = size
	}
	fact.StorageClass = reading.Cut(spec.Get("storageClassName").Text(), 253)
}
