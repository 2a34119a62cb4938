// Package failpoint kills the process at a named place, so that a test can prove that dying there loses nothing.
//
// It owns the table of places and the switch. It changes no behaviour by itself: unless PROVISO_FAILPOINT is set, or a test
// has installed a hook, [Hit] is one atomic load. Places are never removed from a path silently: [Names] is what the crash
// test walks.
package failpoint

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// Variable is the environment variable that arms one place: "name" or "name:nth", nth from 1. At that hit the process
// ends as by kill -9.
const Variable = "PROVISO_FAILPOINT"

// The places, in the order in which a message passes them.
const (
	// AgentReceived: a message was taken up, nothing was done yet.
	AgentReceived = "agent.received"
	// AgentBeforePublish: a step was worked, its result was not published yet.
	AgentBeforePublish = "agent.before_publish"
	// AgentAfterPublish: the result was published, the work was not acknowledged yet.
	AgentAfterPublish = "agent.after_publish"
	// AgentBeforeAck: the handler is done, the acknowledgement was not sent yet.
	AgentBeforeAck = "agent.before_ack"
	// AgentAfterAck: the acknowledgement was confirmed.
	AgentAfterAck = "agent.after_ack"
	// ManagerBeforeRemember: the end of a run was computed, the run was not remembered in its session yet.
	ManagerBeforeRemember = "manager.before_remember"
	// ManagerBeforeUpdate: the next state was computed, not stored yet.
	ManagerBeforeUpdate = "manager.before_update"
	// ManagerAfterUpdate: the next state is stored, its commands are not published yet.
	ManagerAfterUpdate = "manager.after_update"
	// ManagerBetweenPublishes: one command was published, others were not yet.
	ManagerBetweenPublishes = "manager.between_publishes"
	// ManagerBeforeClear: all commands were published, the outbox was not cleared yet, or the mark of an ended run not removed.
	ManagerBeforeClear = "manager.before_clear"
	// ManagerBeforeAck: the transition is complete, the message was not acknowledged yet.
	ManagerBeforeAck = "manager.before_ack"
)

// Names returns every place.
func Names() []string {
	return []string{
		AgentReceived, AgentBeforePublish, AgentAfterPublish, AgentBeforeAck, AgentAfterAck,
		ManagerBeforeRemember, ManagerBeforeUpdate, ManagerAfterUpdate, ManagerBetweenPublishes, ManagerBeforeClear, ManagerBeforeAck,
	}
}

// Hit marks a place. It returns at once unless the place is armed.
func Hit(name string) {
	if hook := active.Load(); hook != nil {
		(*hook)(name)
	}
}

// Hook replaces what Hit does, for tests inside one process, until the returned function is called.
func Hook(f func(name string)) (restore func()) {
	before := active.Swap(&f)
	return func() { active.Store(before) }
}

// Check returns an error if the environment arms a place that does not exist: a crash test with a misspelt name would pass
// for ever.
func Check() error {
	_, err := parse(os.Getenv(Variable))
	return err
}

// active is read from the environment once, before main, so that no place can be passed unarmed.
var active = fromEnvironment()

func fromEnvironment() *atomic.Pointer[func(string)] {
	var p atomic.Pointer[func(string)]
	if hook, err := parse(os.Getenv(Variable)); err == nil && hook != nil {
		p.Store(&hook)
	}
	return &p
}

// parse returns nil when nothing is armed.
func parse(setting string) (func(string), error) {
	if setting == "" {
		return nil, nil
	}
	name, nth, counted := strings.Cut(setting, ":")
	if !slices.Contains(Names(), name) {
		return nil, fmt.Errorf("%s: unknown place %q", Variable, name)
	}
	target := int64(1)
	if counted {
		n, err := strconv.ParseInt(nth, 10, 32)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%s: count %q is not a positive number", Variable, nth)
		}
		target = n
	}
	var hits atomic.Int64
	return func(at string) {
		if at == name && hits.Add(1) == target {
			kill()
		}
	}, nil
}

// kill ends the process without running deferred functions or flushing anything, as a lost node would.
func kill() {
	if self, err := os.FindProcess(os.Getpid()); err == nil {
		_ = self.Kill()
	}
	select {}
}
