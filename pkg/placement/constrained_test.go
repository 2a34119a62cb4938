package placement

import (
	"errors"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
)

// A tally counts what became of random cases.
type tally struct {
	placed, refused, survivable, moves int
}

// casesWanted is the number of random cases: PROVISO_PLACEMENT_CASES, else 10,000; few under -short.
func casesWanted(t *testing.T) int {
	t.Helper()
	if told := os.Getenv("PROVISO_PLACEMENT_CASES"); told != "" {
		n, err := strconv.Atoi(told)
		if err != nil {
			t.Fatalf("read PROVISO_PLACEMENT_CASES: %v", err)
		}
		return n
	}
	if testing.Short() {
		return 1000
	}
	return 10_000
}

// TestConstrainedCases places random small cases and compares with a referee that tries everything: no condition is ever broken, nothing
// that fits is ever called infeasible, and the loss of a node is never given up where it could be kept.
//
// Shows: T-3.3.1-02, T-2.2.4-03
func TestConstrainedCases(t *testing.T) {
	cases, workers := casesWanted(t), runtime.GOMAXPROCS(0)
	var mu sync.Mutex
	var sum tally
	var wait sync.WaitGroup
	for first := range workers {
		wait.Go(func() {
			var own tally
			for number := first; number < cases; number += workers {
				own.judge(t, uint64(number))
			}
			mu.Lock()
			defer mu.Unlock()
			sum.placed, sum.refused, sum.survivable, sum.moves = sum.placed+own.placed, sum.refused+own.refused, sum.survivable+own.survivable, sum.moves+own.moves
		})
	}
	wait.Wait()
	t.Logf("%d cases: %d placed, of these %d with room for the loss of a node; %d rightly refused, of these %d with moves that help",
		cases, sum.placed, sum.survivable, sum.refused, sum.moves)
	if sum.placed < cases/4 || sum.refused < cases/10 || sum.survivable < cases/50 {
		t.Errorf("the cases are too alike to show anything: %+v", sum)
	}
}

func (c *tally) judge(t *testing.T, number uint64) {
	t.Helper()
	w := newWorld(number)
	x := NewIndexWith(w.s, Policy{}, w.o)
	r, err := x.Choose(w.demands)
	refused := new(InfeasibleError)
	if errors.As(err, &refused) {
		c.refused++
		if nodes := w.assignment(nil); nodes != nil {
			t.Errorf("case %d: called infeasible (%s), but %v fits", number, refused.Nodes[0].Cause, nodes)
		}
		if !refused.Proven {
			t.Errorf("case %d: a search this small must be complete", number)
		}
		if refused.Moves != nil {
			c.moves++
		}
		return
	}
	if err != nil {
		t.Errorf("case %d: %v", number, err)
		return
	}
	c.placed++
	nodes := nodesOf(r)
	if why := w.broken(nodes); why != "" {
		t.Errorf("case %d: %v breaks a condition: %s", number, nodes, why)
	}
	if why := w.misassigned(r); why != "" {
		t.Errorf("case %d: devices: %s", number, why)
	}
	before := w.bearsLoss(nil)
	if r.SurvivedLoss != before {
		t.Errorf("case %d: survived the loss of a node before: got %v, want %v", number, r.SurvivedLoss, before)
	}
	bears := before && w.bearsLoss(nodes)
	if r.SurvivesLoss != bears {
		t.Errorf("case %d: survives the loss of a node: got %v, want %v", number, r.SurvivesLoss, bears)
	}
	if bears {
		c.survivable++
	} else if before {
		if better := w.assignment(w.bearsLoss); better != nil {
			t.Errorf("case %d: %v gives up the loss of a node, %v would not", number, nodes, better)
		}
	}
}

// misassigned says which device was handed out that is not there.
func (w world) misassigned(r *Result) string {
	type on struct{ mapping, node string }
	given := map[on]int{}
	for i, d := range w.demands {
		at := 0
		for _, device := range d.Devices {
			for range max(1, device.Count) {
				name := r.Choices[i].Devices[at]
				if device.Mapping != "" && name != device.Mapping {
					return name + " instead of " + device.Mapping
				}
				given[on{name, r.Choices[i].Node}]++
				at++
			}
		}
	}
	for at, count := range given {
		left := -1
		for _, m := range w.o.Mappings {
			if m.Name == at.mapping {
				left = m.Nodes[at.node] - m.InUse[at.node]
			}
		}
		if count > left {
			return at.mapping + " on " + at.node + " is handed out more often than it is there"
		}
	}
	return ""
}
