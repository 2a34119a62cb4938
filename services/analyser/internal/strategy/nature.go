package strategy

import (
	"cmp"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// A nature is what a guest is to others.
type nature struct {
	role     string // as in ProfileComponent; "other" where nothing is known
	stateful bool
	exposure string // as in ProfileComponent; "none" where nothing is known
	standing
}

// A standing is what others have of a role.
type standing struct {
	critical bool // they stop with it
	rank     int  // in the start order: what others need comes first; 0: no matter
}

// standings of the roles that the intent knows.
var standings = map[string]standing{
	"router": {true, 1}, "dns-server": {true, 2}, "vpn-server": {false, 2},
	"database": {false, 3}, "cache": {false, 3}, "message-broker": {false, 3}, "logging": {false, 3}, "k3s-control-plane": {true, 3},
	"file-server": {false, 3}, "media-server": {false, 3}, "registry": {false, 3}, "git-server": {false, 3}, "backup-server": {false, 3},
	"mail-server": {false, 4}, "k3s-worker": {false, 4},
	"application-server": {false, 5}, "ai-server": {true, 5}, "gpu-node": {false, 5},
	"web-server": {false, 6}, "reverse-proxy": {false, 7}, "load-balancer": {false, 7}, "monitoring": {false, 8},
}

// nature of a group, by its profile and its role.
func (d *Draft) nature(g *group) nature {
	c := d.component(g)
	return nature{
		role: cmp.Or(c.GetRole(), "other"), stateful: c.GetStateful(), exposure: cmp.Or(c.GetExposure(), "none"), standing: standings[g.wish.GetRole()],
	}
}

// proposedWorker is a worker that nobody asked for, and that no profile is of. Its kubelet listens for the control plane.
var proposedWorker = &provisov1.ProfileComponent{
	Name: workerNameStart, Role: "compute", Exposure: "network", Ports: []*provisov1.ProfilePort{{Number: 10250, Protocol: "tcp"}}, Sizing: &provisov1.Sizing{},
}

// component is the profile of what a group's guests do, nil when there is none.
func (d *Draft) component(g *group) *provisov1.ProfileComponent {
	if g.proposed {
		return proposedWorker
	}
	place, _ := d.in.Profiles.Of(strings.TrimSuffix(g.path(""), "."))
	return place.Component
}
