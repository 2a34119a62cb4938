package understand

import (
	"strings"

	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/inquiry"
)

// Wants returns what the answer to a request needs beyond the snapshot; nothing for a request that asks nothing of that kind. What
// the request sets aside asks nothing.
func (r *Reasoner) Wants(req Request, snap *pve.Snapshot) inquiry.Want {
	if req.Intent != nil && strings.TrimSpace(req.Text) == "" {
		return inquiry.Want{}
	}
	x := r.index(snap)
	if req.setsAside() {
		req, _ = req.aside()
	}
	if code, _ := unreadable(req.Text); code != "" {
		return inquiry.Want{}
	}
	q, ok := readExisting(req.Text, x).foresight(parse(req.Text, x))
	if !ok {
		return inquiry.Want{}
	}
	return inquiry.Wants(snap, q)
}
