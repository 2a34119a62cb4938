package pve

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A Request is one request that was sent, as [Config.Observe] is told of it.
type Request struct {
	// Pattern is its path without names: "/nodes/{node}/network". There are few of them.
	Pattern string
	// Code is the status of the answer; 0: none came.
	Code int
	// Took is how long it took, without waiting for a turn.
	Took time.Duration
}

// observe tells of a request.
func (r *Reader) observe(path string, took time.Duration, err error) {
	if r.told == nil {
		return
	}
	code := 200
	if err != nil {
		code = 0
		if status := (*StatusError)(nil); errors.As(err, &status) {
			code = status.Code
		}
	}
	r.told(Request{Pattern: pattern(path), Code: code, Took: took})
}

// fixedWords are the parts of paths that are no names.
var fixedWords = strings.Fields(`access permissions version cluster resources status tasks ha groups rules current manager_status sdn zones vnets subnets
	backup backup-info not-backed-up ceph pool replication config options nodes network qemu lxc storage content rrddata disks list hardware pools`)

// pattern replaces the names in a path.
func pattern(path string) string {
	u, err := url.Parse(path)
	if err != nil {
		return "other"
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	for i, p := range parts {
		switch {
		case i == 1 && parts[0] == "nodes":
			parts[i] = "{node}"
		case i > 0 && slices.Contains([]string{"qemu", "lxc", "vnets", "storage"}, parts[i-1]), !slices.Contains(fixedWords, p):
			parts[i] = "{id}"
		}
	}
	return "/" + strings.Join(parts, "/")
}
