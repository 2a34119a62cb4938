package twin

import "sync"

// maxRequests bounds the record of requests; older ones are forgotten.
const maxRequests = 100_000

// A Request is one call that the twin answered.
type Request struct {
	Method   string
	Path     string // escaped, below /api2/json
	Template string // the path of the API, for example "/nodes/{node}/status"; equal to Path when the API has no such path
	Status   int    // 0 when the connection was cut
}

// recorder keeps the last requests. Its lock is its own, so that a record can be read while a handler runs.
type recorder struct {
	mu       sync.Mutex // guards requests
	requests []Request
}

func (r *recorder) add(q Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.requests) >= maxRequests {
		r.requests = append(r.requests[:0], r.requests[maxRequests/2:]...)
	}
	r.requests = append(r.requests, q)
}

// Requests returns what was asked since the last ForgetRequests, oldest first.
func (c *Cluster) Requests() []Request {
	c.recorder.mu.Lock()
	defer c.recorder.mu.Unlock()
	return append([]Request(nil), c.recorder.requests...)
}

// ForgetRequests empties the record.
func (c *Cluster) ForgetRequests() {
	c.recorder.mu.Lock()
	defer c.recorder.mu.Unlock()
	c.recorder.requests = nil
}
