package pve

import (
	"cmp"
	"slices"
	"strings"
)

// A taskRow is a row of /cluster/tasks.
type taskRow struct {
	UPID text   `json:"upid"`
	Node text   `json:"node"`
	Type text   `json:"type"`
	End  number `json:"endtime"` // absent while it runs

	ID    text   `json:"id"`
	User  text   `json:"user"`
	Start number `json:"starttime"`
}

// A taskList is the list of recent tasks as it was read. It is immutable.
type taskList struct {
	rows map[text]taskRow // by UPID
}

func newTaskList(rows []taskRow) taskList {
	l := taskList{rows: make(map[text]taskRow, len(rows))}
	for _, row := range rows {
		l.rows[row.UPID] = row
	}
	return l
}

// harmless are the types of task that change no section but those that every reading reads. A type that stands neither here nor
// in the table of sections may change anything.
var harmless = []string{
	"aptupdate", "hamigrate", "hashutdown", "hastart", "hastop", "logrotate", "migrateall", "push_file", "qmclone", "qmcreate", "qmdelsnapshot",
	"qmdestroy", "qmigrate", "qmpause", "qmreboot", "qmreset", "qmresume", "qmrollback", "qmshutdown", "qmsnapshot", "qmstart", "qmstop",
	"qmsuspend", "spiceproxy", "spiceshell", "startall", "stopall", "suspendall", "termproxy", "vncproxy", "vncshell", "vzclone", "vzcreate", "vzdelsnapshot",
	"vzdestroy", "vzdump", "vzmigrate", "vzreboot", "vzrestore", "vzrollback", "vzshutdown", "vzsnapshot", "vzstart", "vzstop", "vzsuspend", "qmrestore",
}

// effects are the types of task that began or ended between two readings. Its zero value is none.
type effects struct {
	all   bool // nobody knows which
	types map[text]bool
}

// since compares two readings of the list. The list holds the most recent tasks of each node: where none of the ones that were
// there is left, others may have come and gone in between.
func (l taskList) since(last taskList) effects {
	e := effects{types: map[text]bool{}}
	kept, had := map[text]bool{}, map[text]bool{}
	for upid, before := range last.rows {
		had[before.Node] = true
		now, still := l.rows[upid]
		switch {
		case still:
			kept[before.Node] = true
			if now.End != before.End {
				e.types[now.Type] = true
			}
		case before.End == 0: // nobody saw it end
			e.types[before.Type] = true
		}
	}
	for node := range had {
		e.all = e.all || !kept[node]
	}
	for upid, row := range l.rows {
		if _, known := last.rows[upid]; !known {
			e.types[row.Type] = true
		}
	}
	return e
}

// change reports whether the tasks change what these types of task change.
func (e effects) change(types []string) bool {
	if e.all {
		return true
	}
	for t := range e.types {
		if slices.Contains(types, string(t)) || !slices.Contains(harmless, string(t)) && !named(string(t)) {
			return true
		}
	}
	return false
}

// named reports whether some section names the type of task.
func named(taskType string) bool {
	return slices.ContainsFunc(sections, func(s section) bool { return slices.Contains(s.tasks, taskType) })
}

// vanished reports whether something that was there is not listed any more, or a node lost its figures: that happens too when the
// token lost a privilege. Both snapshots are sorted.
func vanished(last, now *Snapshot) bool {
	return missing(last.Guests, now.Guests, func(a, b Guest) int { return cmp.Compare(a.VMID, b.VMID) }) ||
		missing(last.Storages, now.Storages, func(a, b Storage) int {
			return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Node, b.Node))
		}) ||
		missing(last.Pools, now.Pools, func(a, b Pool) int { return strings.Compare(a.Name, b.Name) }) ||
		missing(last.Nodes, now.Nodes, func(a, b Node) int {
			if c := strings.Compare(a.Name, b.Name); c != 0 || b.CPUs > 0 || a.CPUs == 0 || !b.Online() {
				return c
			}
			return 1 // as good as not there
		})
}

// missing reports whether a row of before has no counterpart in after.
func missing[T any](before, after []T, compare func(a, b T) int) bool {
	for _, row := range before {
		for len(after) > 0 && compare(row, after[0]) > 0 {
			after = after[1:]
		}
		if len(after) == 0 || compare(row, after[0]) != 0 {
			return true
		}
		after = after[1:]
	}
	return false
}
