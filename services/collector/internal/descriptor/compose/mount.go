package compose

import (
	"path"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/format"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v3"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// volumes reads everything that a service mounts. Of two that mount on one path the later one counts.
func (s *service) volumes() {
	latest := map[string]int{}
	add := func(v *provisov1.VolumeFact) {
		v.Path, v.Name = reading.Cut(v.GetPath(), 1024), reading.Cut(v.GetName(), 253)
		if v.GetPath() == "" {
			return
		}
		if i, known := latest[v.GetPath()]; known {
			s.component.Volumes[i] = v
			return
		}
		latest[v.GetPath()] = len(s.component.GetVolumes())
		s.component.Volumes = append(s.component.Volumes, v)
	}
	for _, l := range s.all("volumes") {
		for _, item := range s.tree.items(l.node) {
			if v := s.volume(l, item); v != nil {
				add(v)
			}
		}
	}
	for _, l := range s.all("tmpfs") {
		for _, item := range s.tree.items(l.node) {
			target, options, _ := strings.Cut(interpolate(item.Value), ":")
			add(&provisov1.VolumeFact{Path: target, Kind: "temporary", SizeBytes: sizeOption(options), Evidence: l.under(item)})
		}
	}
	for _, one := range []struct{ key, kind string }{{"configs", "configuration"}, {"secrets", "secret"}} {
		for _, l := range s.all(one.key) {
			for _, item := range s.tree.items(l.node) {
				add(s.file(l, item, one.kind))
			}
		}
	}
}

// volume reads the short or the long form; nil: nothing that is storage.
func (s *service) volume(l layer, n *yaml.Node) *provisov1.VolumeFact {
	if n.Kind != yaml.MappingNode {
		text := interpolate(n.Value)
		spec, err := format.ParseVolume(text)
		if err != nil {
			s.out.Result.Problem(l.file, n.Line, "syntax", "The volume "+strconv.Quote(reading.Cut(text, 200))+" was not understood.")
			return nil
		}
		// A path that begins with a variable is one of the machine: volumes have plain names.
		if strings.HasPrefix(spec.Source, "$") {
			spec.Type = types.VolumeTypeBind
		}
		return mounted(spec, l.under(n))
	}
	value := func(keys ...string) string {
		at := n
		for _, key := range keys {
			at = s.tree.get(at, key)
		}
		if at == nil {
			return ""
		}
		return interpolate(at.Value)
	}
	v := mounted(types.ServiceVolumeConfig{Type: value("type"), Source: value("source"), Target: value("target"), ReadOnly: value("read_only") == "true"}, l.under(n))
	if size, ok := amountOf("memory", value("tmpfs", "size")); ok && v != nil && v.GetKind() == "temporary" {
		v.SizeBytes = size
	}
	return v
}

// mounted says what kind of storage a volume is.
func mounted(spec types.ServiceVolumeConfig, at *provisov1.Evidence) *provisov1.VolumeFact {
	out := &provisov1.VolumeFact{Path: spec.Target, ReadOnly: spec.ReadOnly, Evidence: at}
	switch spec.Type {
	case types.VolumeTypeBind, types.VolumeTypeNamedPipe:
		out.Kind = "host"
	case types.VolumeTypeTmpfs:
		out.Kind = "temporary"
	case types.VolumeTypeVolume, types.VolumeTypeCluster, "":
		out.Kind, out.Name = "persistent", spec.Source
	default:
		return nil
	}
	return out
}

// file is a configuration or a secret, mounted where Compose mounts it when nothing else is said.
func (s *service) file(l layer, n *yaml.Node, kind string) *provisov1.VolumeFact {
	source, target := n.Value, ""
	if n.Kind == yaml.MappingNode {
		source = ""
		if v := s.tree.get(n, "source"); v != nil {
			source = v.Value
		}
		if v := s.tree.get(n, "target"); v != nil {
			target = interpolate(v.Value)
		}
	}
	folder := "/"
	if kind == "secret" {
		folder = "/run/secrets"
	}
	if target == "" {
		target = source
	}
	if !path.IsAbs(target) {
		target = path.Join(folder, target)
	}
	return &provisov1.VolumeFact{Path: target, Name: interpolate(source), Kind: kind, ReadOnly: true, Evidence: l.under(n)}
}

// sizeOption is the size of a tmpfs in bytes, 0 when the options say none.
func sizeOption(options string) int64 {
	for option := range strings.SplitSeq(options, ",") {
		if text, found := strings.CutPrefix(option, "size="); found {
			if size, ok := amountOf("memory", text); ok {
				return size
			}
		}
	}
	return 0
}
