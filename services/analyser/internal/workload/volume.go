package workload

import (
	"cmp"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// decideVolumes gives every volume a storage class that exists. A database prefers a class on SSD that any node reaches.
func (s *Set) decideVolumes(it *item) error {
	p := it.plan
	for _, v := range it.component.GetVolumes() {
		p.Volumes = append(p.Volumes, proto.CloneOf(v))
	}
	if size := p.GetSizing().GetDiskGib(); len(p.GetVolumes()) == 0 && (it.wish.GetDiskGib() > 0 || it.component.GetStateful()) {
		p.Volumes = []*provisov1.ProfileVolume{{Path: dataPath(it.component), SizeGib: cmp.Or(size, defaultVolumeGiB)}}
		s.find("data_path", "workload", p.GetName(), "path", p.GetVolumes()[0].GetPath(), "size", p.GetVolumes()[0].GetSizeGib())
	}
	if s.in.State == nil {
		return nil
	}
	classes := s.in.State.GetStorageClasses()
	for _, v := range p.GetVolumes() {
		i := slices.IndexFunc(classes, func(c *provisov1.StorageClass) bool { return c.GetName() == v.GetStorageClass() })
		switch {
		case i >= 0:
			s.policy(it, "storage_class", "applied", classes[i].GetName(), "storage_stated", "path", v.GetPath(), "size", v.GetSizeGib(), "class", classes[i].GetName(), "provisioner", classes[i].GetProvisioner())
			continue
		case len(classes) == 0:
			return s.refuse(CodeStorageClass, "no_storage_class", "workload", p.GetName(), "path", v.GetPath(), "size", v.GetSizeGib())
		}
		best, key, medium := s.bestClass(it)
		if best == nil {
			return s.refuse(CodeStorageClass, "storage_class", "workload", p.GetName(), "class", v.GetStorageClass(), "classes", s.list(classNames(classes)))
		}
		if v.GetStorageClass() != "" {
			s.find("class_missing", "workload", p.GetName(), "class", v.GetStorageClass(), "classes", s.list(classNames(classes)), "taken", best.GetName())
		}
		v.StorageClass = best.GetName()
		s.policy(it, "storage_class", "applied", best.GetName(), key, "path", v.GetPath(), "size", v.GetSizeGib(), "class", best.GetName(), "provisioner", best.GetProvisioner(), "medium", strings.ToUpper(medium))
	}
	return nil
}

// bestClass is the class for a volume without one: for what keeps data one whose medium is known to be fast and that every node
// reaches, then one that every node reaches, then the default. Nil: none is the default and nothing speaks for another.
func (s *Set) bestClass(it *item) (class *provisov1.StorageClass, key, medium string) {
	classes := s.in.State.GetStorageClasses()
	if it.component.GetStateful() {
		for _, c := range classes {
			if m := s.medium(c); m == "ssd" || m == "nvme" {
				return c, "storage_fast", m
			}
		}
	}
	if i := slices.IndexFunc(classes, (*provisov1.StorageClass).GetDefault); i >= 0 {
		if it.component.GetStateful() && onNode(classes[i]) {
			if j := slices.IndexFunc(classes, func(c *provisov1.StorageClass) bool { return !onNode(c) }); j >= 0 {
				return classes[j], "storage_reach", ""
			}
			s.find("class_on_node", "workload", it.plan.GetName(), "class", classes[i].GetName())
		}
		return classes[i], "storage_default", ""
	}
	if len(classes) == 1 {
		return classes[0], "storage_only", ""
	}
	return nil, "", ""
}

// medium is what a class lies on, as far as the diagnosis of the cluster below tells: a class of Ceph on what Ceph's storages lie
// on. Empty: not known.
func (s *Set) medium(c *provisov1.StorageClass) string {
	var wanted string
	switch {
	case strings.Contains(c.GetProvisioner(), "rbd.csi.ceph"):
		wanted = "rbd"
	case strings.Contains(c.GetProvisioner(), "cephfs.csi.ceph"):
		wanted = "cephfs"
	default:
		return ""
	}
	medium := ""
	for _, st := range s.in.Analysis.GetStorages() {
		if st.GetType() != wanted || !st.GetActive() {
			continue
		}
		if medium != "" && medium != st.GetMedium() {
			return ""
		}
		medium = st.GetMedium()
	}
	return medium
}

// onNode reports whether a class keeps volumes on the node where the pod first ran, so that the pod stays there.
func onNode(c *provisov1.StorageClass) bool {
	return strings.Contains(c.GetProvisioner(), "local-path") || strings.Contains(c.GetProvisioner(), "no-provisioner") || strings.Contains(c.GetProvisioner(), "hostpath")
}

func classNames(classes []*provisov1.StorageClass) []string {
	var names []string
	for _, c := range classes {
		names = append(names, c.GetName())
	}
	return names
}

// dataPaths are where images of databases keep their data, as their makers document it.
var dataPaths = map[string]string{
	"postgres": "/var/lib/postgresql/data", "mysql": "/var/lib/mysql", "mariadb": "/var/lib/mysql", "mongo": "/data/db", "redis": "/data",
	"rabbitmq": "/var/lib/rabbitmq", "minio": "/data", "elasticsearch": "/usr/share/elasticsearch/data",
}

func dataPath(c *provisov1.ProfileComponent) string {
	return cmp.Or(dataPaths[imageName(c.GetImage())], "/data")
}
