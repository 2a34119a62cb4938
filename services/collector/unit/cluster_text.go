package collector

import (
	"maps"
	"slices"

	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/redact"
)

// withoutSecrets takes the secrets out of what people wrote into the cluster's notes, before anything of it is stored, planned with,
// or shown. Names, tags and values of the configuration stay: they are what they are, and a plan needs them. It returns the
// snapshot itself where there was no secret. Where there was one it returns a copy: the reader shares what did not change between
// its snapshots, and runs read one side by side.
func withoutSecrets(s *pve.Snapshot) *pve.Snapshot {
	r := new(redact.Redactor)
	out := s
	copied := func() *pve.Snapshot {
		if out == s {
			c := *s
			c.Pools, c.Guests = slices.Clone(s.Pools), slices.Clone(s.Guests)
			out = &c
		}
		return out
	}
	for k, p := range s.Pools {
		if clean, _ := r.Text(p.Comment); clean != p.Comment {
			copied().Pools[k].Comment = clean
		}
	}
	for k, g := range s.Guests {
		if g.Config == nil {
			continue
		}
		if clean, _ := r.Text(g.Config.Lines["description"]); clean != g.Config.Lines["description"] {
			config := *g.Config
			config.Lines = maps.Clone(config.Lines)
			config.Lines["description"] = clean
			copied().Guests[k].Config = &config
		}
	}
	return out
}
