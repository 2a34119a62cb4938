package twin

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Fault makes some requests go wrong. The first of Delay, Reset, Status, Null and Cut that apply happen in this order.
type Fault struct {
	Method string // empty: any
	Path   string // below /api2/json, "*" stands for any text; empty: any
	Node   string // only paths below /nodes/Node; empty: any
	Times  int    // how many requests; 0: all

	Delay  time.Duration // before anything else
	Reset  bool          // close the connection without an answer
	Status int           // answer this status instead of doing what was asked
	Phrase string        // reason phrase that goes with Status
	Null   bool          // do what was asked, then answer success with null for data
	Cut    bool          // do what was asked, then reset the connection in the middle of the answer
}

// The common faults of a cluster.
var (
	// Unauthorized is the answer to an expired ticket or a revoked token.
	Unauthorized = Fault{Status: http.StatusUnauthorized, Phrase: "authentication failure"}
	// GatewayTimeout is what a node that does not answer within the proxy's 30 s leads to.
	GatewayTimeout = Fault{Status: 596, Phrase: "Connection timed out"}
)

// faults holds what was injected. Its lock is its own, because a delay must not hold the cluster's.
type faults struct {
	mu     sync.Mutex // guards everything below
	rules  []*rule
	style  errorStyle
	tasks  []taskFault
	late   int
	race   bool
	loose  bool
	gaps   bool
	locked map[int]bool
}

type rule struct {
	Fault
	path *regexp.Regexp
	used int
}

type taskFault struct {
	kind, message string
	warnings      int
	times         int
}

// happening is what faults do to one request.
type happening struct {
	delay            time.Duration
	reset, null, cut bool
	no               *refusal
}

// Inject makes requests go wrong until the returned function is called.
func (c *Cluster) Inject(f Fault) (stop func()) {
	pattern := "^.*$"
	if f.Path != "" {
		pattern = "^" + strings.ReplaceAll(regexp.QuoteMeta(f.Path), `\*`, ".*") + "$"
	}
	added := &rule{Fault: f, path: regexp.MustCompile(pattern)} // the pattern is quoted, so it compiles
	c.faults.mu.Lock()
	defer c.faults.mu.Unlock()
	c.faults.rules = append(c.faults.rules, added)
	return func() {
		c.faults.mu.Lock()
		defer c.faults.mu.Unlock()
		c.faults.rules = slices.DeleteFunc(c.faults.rules, func(r *rule) bool { return r == added })
	}
}

func (f *faults) take(method, path, node string) happening {
	f.mu.Lock()
	defer f.mu.Unlock()
	var h happening
	for _, r := range f.rules {
		if r.Method != "" && r.Method != method || r.Node != "" && r.Node != node || !r.path.MatchString(path) {
			continue
		}
		if r.Times > 0 && r.used >= r.Times {
			continue
		}
		r.used++
		h.delay += r.Delay
		h.reset = h.reset || r.Reset
		h.null = h.null || r.Null
		h.cut = h.cut || r.Cut
		if r.Status != 0 && h.no == nil {
			h.no = &refusal{code: r.Status, phrase: r.Phrase}
		}
	}
	return h
}

// wait sleeps for the delay outside of any lock.
func (h happening) wait(ctx context.Context) error {
	if h.delay <= 0 {
		return nil
	}
	timer := time.NewTimer(h.delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *faults) errorStyle() errorStyle {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.style
}

// takeTask returns what happens to a task of this type: an error, or a number of warnings.
func (f *faults) takeTask(kind string) (message string, warnings int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.tasks {
		t := &f.tasks[i]
		if t.kind != kind || t.times < 0 {
			continue
		}
		if t.times > 0 {
			if t.times--; t.times == 0 {
				t.times = -1
			}
		}
		return t.message, t.warnings
	}
	return "", 0
}

func (f *faults) takeLate() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.late == 0 {
		return false
	}
	f.late--
	return true
}

func (f *faults) takeRace() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	race := f.race
	f.race = false
	return race
}

func (f *faults) isLocked(vmid int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.locked[vmid]
}

func (f *faults) variant() (loose, gaps bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.loose, f.gaps
}

func (f *faults) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

// SetOffline takes a node down or brings it back: its paths answer 595, its guests are unknown, its local storages have no
// rows. Guests that ran there run again when it is back. The error says that there is no such node.
func (c *Cluster) SetOffline(node string, offline bool) error {
	var err error
	c.change(func() {
		n, ok := c.nodes[node]
		if !ok {
			err = fmt.Errorf("%w: no node %q", ErrSeed, node)
			return
		}
		n.offline = offline
		for _, g := range c.guests {
			if g.node == node {
				g.changed()
			}
		}
	})
	return err
}

// FailTask makes tasks of a type ("qmclone") fail with a message; 0 times means all.
func (c *Cluster) FailTask(kind, message string, times int) {
	c.faults.set(func() { c.faults.tasks = append(c.faults.tasks, taskFault{kind: kind, message: message, times: times}) })
}

// WarnTask makes tasks of a type end with warnings; 0 times means all.
func (c *Cluster) WarnTask(kind string, warnings, times int) {
	c.faults.set(func() {
		c.faults.tasks = append(c.faults.tasks, taskFault{kind: kind, warnings: warnings, times: times})
	})
}

// LateTasks answers the next n questions for a task's status by 400, as a node does that has not written it yet.
func (c *Cluster) LateTasks(n int) { c.faults.set(func() { c.faults.late = n }) }

// RaceVMID lets somebody else take the id of the next guest that is created or cloned, between nextid and that call.
func (c *Cluster) RaceVMID() { c.faults.set(func() { c.faults.race = true }) }

// HoldLock makes changes of a guest time out on its lock file.
func (c *Cluster) HoldLock(vmid int, held bool) {
	c.faults.set(func() {
		if c.faults.locked == nil {
			c.faults.locked = map[int]bool{}
		}
		c.faults.locked[vmid] = held
	})
}

// FillStorage leaves no space on a storage, or gives it back.
func (c *Cluster) FillStorage(name string, full bool) {
	c.change(func() {
		if s, ok := c.storages[name]; ok {
			s.full = full
		}
	})
}

// SetAgent changes how a guest's agent behaves.
func (c *Cluster) SetAgent(vmid int, mode AgentMode) {
	c.change(func() {
		if g, ok := c.guests[vmid]; ok {
			g.agent = mode
		}
	})
}

// PhraseOnly leaves the message out of the body of errors, as releases before 2025 do.
func (c *Cluster) PhraseOnly() { c.faults.set(func() { c.faults.style = errorPhrase }) }

// BodyOnly sends the standard reason phrase with errors, as behind some proxies.
func (c *Cluster) BodyOnly() { c.faults.set(func() { c.faults.style = errorBody }) }

// LooseTypes makes lists of guests use the type variants that were seen in the field: vmid and maxdisk as strings, null.
func (c *Cluster) LooseTypes(loose bool) { c.faults.set(func() { c.faults.loose = loose }) }

// RRDGaps leaves holes in the history, as after a reboot of a node.
func (c *Cluster) RRDGaps(gaps bool) { c.faults.set(func() { c.faults.gaps = gaps }) }

// reset closes the connection without a word, so that the client sees a reset rather than an end.
func reset(w http.ResponseWriter) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler) // net/http's own way to abort
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	abort(conn)
}

// cut sends the head and half of the body, then resets the connection.
func cut(w http.ResponseWriter, data any) {
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	conn, buffer, err := hijacker.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	body, isEncoded := data.(encoded)
	if !isEncoded {
		var err error
		if body, err = json.Marshal(data); err != nil {
			panic(http.ErrAbortHandler) // no answer at all is cut, too
		}
	}
	_, _ = fmt.Fprintf(buffer, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n{\"data\":%s", contentType, len(body)+len(`{"data":}`), body[:len(body)/2])
	_ = buffer.Flush()
	abort(conn)
}

func abort(conn net.Conn) {
	raw := conn
	if t, ok := conn.(*tls.Conn); ok {
		raw = t.NetConn()
	}
	if t, ok := raw.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = raw.Close()
}
