package understand

import (
	"strings"
	"testing"
	"time"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/pve"
)

// understandAll runs a text through everything but the bound on its length.
func understandAll(text string, snap *pve.Snapshot, x *index) {
	p := parse(text, x)
	decide(p, func(string) bool { return true })
	in := assemble(text, p.items, Stated)
	refer(in, nil, newMemory(testMemory()), i18n.English)
	share(in, "")
	gd := ground(in, x, i18n.English)
	convert(gd, "r", i18n.English, "", "")
	interpretation(gd, i18n.English)
}

// Reading stays linear to 100 KB, whatever the text is made of: ten times the text takes about ten times the time, and a quadratic step
// would take a hundred times.
func TestLinearTime(t *testing.T) {
	snap := rich()
	x := newIndex(snap)
	x.allSeries()
	units := []string{"de ", "2 ", "a VM ", "\"", "'", "«", "like ", "like worker-node-2 ", "the same ", "encore ", "web-01 to web-03, ", "web-01 ", "after ", "db first, then web ", "first the db, ",
		"start after db1 ", "scale the ", "the number of ", "- web1: 2 cores\n", "a|b\n", "name|ram\n", "name,ram\nweb1,2\n", "1. ", "half a ", "and a half ", "not on ", "0.5 ", "2x4 ", "one more ", "as ", "same memory as ", "servuer ", "\n", "no ", "with ", "4 cores, no, 6, ", "sorry ", "{\"a\":", "[", "either 2 GB or ", "but web1 gets 2 GB, ", "1, 2 and ", "isn't ", "neither HA nor ", "not 8 GB, "}
	for _, unit := range units {
		ratio, least := 0.0, time.Duration(0)
		for range 3 { // the machine is shared: the best of three counts
			took := [2]time.Duration{}
			for k, n := range []int{10 << 10, 100 << 10} {
				text := strings.Repeat(unit, n/len(unit))
				began := time.Now()
				understandAll(text, snap, x)
				took[k] = time.Since(began)
			}
			if r := float64(took[1]) / float64(max(took[0], 500*time.Microsecond)); ratio == 0 || r < ratio {
				ratio, least = r, took[1]
			}
			if ratio < 40 {
				break
			}
		}
		if ratio > 40 || least > 3*time.Second {
			t.Errorf("%q: 100 KB take %.0f times as long as 10 KB (%s)", unit, ratio, least)
		}
	}
}

// A long table is read once, however many rows it has.
func TestLongTable(t *testing.T) {
	text := "name;cores;ram\n" + strings.Repeat("web-99;2;4 GB\n", 7000)
	x := newIndex(rich())
	began := time.Now()
	understandAll(text, rich(), x)
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("a table of %d bytes took %s", len(text), took)
	}
}
