package twin

import (
	"net/http"
)

// checkFeatures refuses what root@pam may do and no token may, not even root's own: any feature of a privileged container, and
// of an unprivileged one every feature but nesting. before is the container's features until now.
func checkFeatures(r *request, before string, unprivileged bool) error {
	if r.who.name == "root@pam" || !r.has("features") {
		return nil
	}
	was, is := parseProperty(before).values, parseProperty(r.text("features")).values
	changed := func(key string) bool { return orElse(was[key], "0") != orElse(is[key], "0") }
	for _, values := range []map[string]string{was, is} {
		for key := range values {
			switch {
			case !changed(key):
			case !unprivileged:
				return rootAlone("changing feature flags for privileged container is only allowed for root@pam")
			case key != "nesting":
				return rootAlone("changing feature flags (except nesting) is only allowed for root@pam")
			}
		}
	}
	return nil
}

// rootAlone is a refusal that no privilege lifts.
func rootAlone(what string) error {
	return &refusal{code: http.StatusForbidden, phrase: "Permission check failed (" + what + ")"}
}
