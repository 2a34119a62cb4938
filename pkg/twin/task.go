package twin

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxTasks bounds the task log; older finished tasks are forgotten.
const maxTasks = 10_000

// taskLog holds tasks. A task's deed happens when its time is up, and is done by whoever comes first after that: the
// twin has no goroutines of its own, so a test's clock decides everything.
type taskLog struct {
	all     map[string]*task
	order   []*task
	running []*task
	serial  int64
}

type task struct {
	upid             string
	node, kind, id   string
	user             string
	pid, pstart      int64
	started, ends    time.Time
	finish           func() error // nil when the task is over
	undo             func()       // after a failure; may be nil
	failure, exit    string
	warnings         int
	lines            []string
	finishedUnixTime int64
}

// begin starts a task and returns its UPID. finish does the deed when the time is up; undo cleans up where it failed.
func (c *Cluster) begin(r *request, node, kind, id string, finish func() error, undo func()) string {
	t := &task{node: node, kind: kind, id: id, user: r.who.name, started: c.now(), finish: finish, undo: undo}
	c.tasks.serial++
	t.pid, t.pstart = 0x1000+c.tasks.serial, 0x10000+c.tasks.serial*0x10
	t.upid = fmt.Sprintf("UPID:%s:%08X:%08X:%08X:%s:%s:%s:", node, t.pid, t.pstart, t.started.Unix(), kind, id, t.user)
	t.failure, t.warnings = c.faults.takeTask(kind)
	t.ends = t.started
	if c.options.TaskTime != nil {
		t.ends = t.started.Add(c.options.TaskTime(kind))
	}
	if c.tasks.all == nil {
		c.tasks.all = map[string]*task{}
	}
	c.tasks.forget()
	c.tasks.all[t.upid] = t
	c.tasks.order = append(c.tasks.order, t)
	c.tasks.running = append(c.tasks.running, t)
	c.tasks.settle(t.started)
	return t.upid
}

// Busy starts a task of that type that does nothing, for as long as the options say. The error says that there is no such node.
func (c *Cluster) Busy(kind, node, id string) error {
	if c.nodes[node] == nil { // nodes never come and go
		return fmt.Errorf("%w: no node %q", ErrSeed, node)
	}
	c.change(func() {
		c.begin(&request{who: identity{name: "root@pam"}}, node, kind, id, func() error { return nil }, nil)
	})
	return nil
}

// forget drops the older half of a full log, except what still runs.
func (l *taskLog) forget() {
	if len(l.order) < maxTasks {
		return
	}
	keep := l.order[maxTasks/2:]
	for _, t := range l.order[:maxTasks/2] {
		if t.finish != nil {
			keep = append(keep, t)
			continue
		}
		delete(l.all, t.upid)
	}
	l.order = slices.Clone(keep)
}

// settle ends the tasks whose time is up, in the order of their ends. It reports whether there were any.
func (l *taskLog) settle(now time.Time) bool {
	if len(l.running) == 0 {
		return false
	}
	ended := false
	slices.SortStableFunc(l.running, func(a, b *task) int { return a.ends.Compare(b.ends) })
	for len(l.running) > 0 && !l.running[0].ends.After(now) {
		t := l.running[0]
		l.running = l.running[1:]
		t.end()
		ended = true
	}
	return ended
}

func (t *task) end() {
	finish := t.finish
	t.finish = nil
	t.finishedUnixTime = t.ends.Unix()
	var err error
	if t.failure != "" {
		err = errors.New(t.failure)
	} else {
		err = finish()
	}
	switch {
	case err != nil:
		t.exit = refusalText(err)
		if t.undo != nil {
			t.undo()
		}
		t.lines = append(t.lines, "TASK ERROR: "+t.exit)
	case t.warnings > 0:
		for i := range t.warnings {
			t.lines = append(t.lines, fmt.Sprintf("WARN: warning %d of the twin", i+1))
		}
		t.exit = fmt.Sprintf("WARNINGS: %d", t.warnings)
		t.lines = append(t.lines, "TASK "+t.exit)
	default:
		t.exit = "OK"
		t.lines = append(t.lines, "TASK OK")
	}
}

// mayRead reports whether the caller may see the task: its owner, or who may audit the node.
func (t *task) mayRead(who identity) bool {
	return t.user == who.name || strings.HasPrefix(t.user, who.name+"!") || who.has("/nodes/"+t.node, "Sys.Audit")
}

func (c *Cluster) task(r *request) (*task, error) {
	t, ok := c.tasks.all[r.text("upid")]
	if !ok || c.faults.takeLate() {
		return nil, &refusal{code: 400, phrase: "Parameter verification failed.", params: map[string]string{"upid": "no such task"}}
	}
	if !t.mayRead(r.who) {
		return nil, forbid("/nodes/"+t.node, []string{"Sys.Audit"})
	}
	return t, nil
}

func (c *Cluster) taskStatus(r *request) (any, error) {
	t, err := c.task(r)
	if err != nil {
		return nil, err
	}
	answer := object{
		"upid": t.upid, "node": t.node, "pid": t.pid, "pstart": t.pstart, "starttime": t.started.Unix(),
		"type": t.kind, "id": t.id, "user": t.user, "status": "running",
	}
	if t.finish == nil {
		answer["status"], answer["exitstatus"] = "stopped", t.exit
	}
	return answer, nil
}

func (c *Cluster) taskText(r *request) (any, error) {
	t, err := c.task(r)
	if err != nil {
		return nil, err
	}
	lines := []object{}
	limit := r.number("limit")
	if limit == 0 {
		limit = 50
	}
	for i, line := range t.lines {
		if int64(i) < r.number("start") || int64(len(lines)) >= limit {
			continue
		}
		lines = append(lines, object{"n": i + 1, "t": line})
	}
	return lines, nil
}

func (c *Cluster) stopTask(r *request) (any, error) {
	t, err := c.task(r)
	if err != nil {
		return nil, err
	}
	if t.finish != nil {
		t.failure = "unexpected status"
		t.ends = c.now()
		c.tasks.settle(c.now())
	}
	return nil, nil
}

func (t *task) row() object {
	row := object{"upid": t.upid, "node": t.node, "pid": t.pid, "pstart": t.pstart, "starttime": t.started.Unix(), "type": t.kind, "id": t.id, "user": t.user}
	if t.finish == nil {
		row["endtime"], row["status"] = t.finishedUnixTime, t.exit
	}
	return row
}

func (c *Cluster) clusterTasks(r *request) (any, error) {
	rows := []object{}
	for _, t := range slices.Backward(c.tasks.order) {
		if t.mayRead(r.who) && len(rows) < 50 {
			rows = append(rows, t.row())
		}
	}
	return rows, nil
}

func (c *Cluster) nodeTasks(r *request) (any, error) {
	rows := []object{}
	limit, skip := int64(50), r.number("start")
	if r.has("limit") {
		limit = r.number("limit")
	}
	for _, t := range slices.Backward(c.tasks.order) {
		switch {
		case t.node != r.node() || !t.mayRead(r.who):
		case r.has("vmid") && t.id != strconv.Itoa(r.vmid()):
		case r.has("typefilter") && t.kind != r.text("typefilter"):
		case r.flag("errors") && (t.exit == "OK" || t.finish != nil):
		case skip > 0:
			skip--
		case int64(len(rows)) < limit:
			rows = append(rows, t.row())
		}
	}
	return rows, nil
}
