package collector

import (
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/redact"
)

// withoutSecrets takes the secrets out of what people wrote into the cluster's notes, before anything of it is stored, planned with,
// or shown. Names, tags and values of the configuration stay: they are what they are, and a plan needs them. It returns the
// snapshot, changed in place where there was a secret and untouched where there was none, so that one that others read stays whole.
func withoutSecrets(s *pve.Snapshot) *pve.Snapshot {
	r := new(redact.Redactor)
	clean := func(text string, set func(string)) {
		if c, _ := r.Text(text); c != text {
			set(c)
		}
	}
	for k := range s.Pools {
		clean(s.Pools[k].Comment, func(c string) { s.Pools[k].Comment = c })
	}
	for k := range s.Guests {
		if c := s.Guests[k].Config; c != nil {
			clean(c.Lines["description"], func(text string) { c.Lines["description"] = text })
		}
	}
	return s
}
