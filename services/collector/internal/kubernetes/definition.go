package kubernetes

import (
	"context"
	"maps"
	"slices"
)

// A definition is what is needed of a CustomResourceDefinition. Its schemas are not decoded.
type definition struct {
	Metadata struct {
		Name string `json:"name"` // plural.group
	} `json:"metadata"`
	Spec struct {
		Versions []struct {
			Name    string `json:"name"`
			Storage bool   `json:"storage"`
		} `json:"versions"`
	} `json:"spec"`
}

func (s *survey) readDefinitions(ctx context.Context, res resource) error {
	return each(ctx, s.r, res, plain[definition], func(d *definition) { s.definitions = append(s.definitions, *d) })
}

// stateDefinitions writes each as plural.group/version, with the version in which it is stored.
func (s *survey) stateDefinitions() []string {
	if !s.known(definitions) {
		return nil
	}
	names := map[string]bool{}
	for _, d := range s.definitions {
		for _, v := range d.Spec.Versions {
			if v.Storage {
				names[d.Metadata.Name+"/"+v.Name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// defines reports whether the cluster has the extension's resource; known is false when the definitions could not be read.
func (s *survey) defines(res resource) (has, known bool) {
	if !s.known(definitions) {
		return false, false
	}
	return slices.ContainsFunc(s.definitions, func(d definition) bool { return d.Metadata.Name == res.name }), true
}
