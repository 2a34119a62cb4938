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

// adversarial are the words that texts of 100 KB are made of to make reading slow.
var adversarial = []string{"de ", "2 ", "a VM ", "\"", "'", "«", "like ", "like worker-node-2 ", "the same ", "encore ", "web-01 to web-03, ", "web-01 ", "after ", "db first, then web ", "first the db, ",
	"start after db1 ", "scale the ", "the number of ", "- web1: 2 cores\n", "a|b\n", "name|ram\n", "name,ram\nweb1,2\n", "1. ", "half a ", "and a half ", "not on ", "0.5 ", "2x4 ", "one more ", "as ", "same memory as ", "servuer ", "\n", "no ", "with ",
	"neither ", "ni ", "4 cores, no, ", "we had ", "it replaces ", "give webserver 8 GB, ", "all but ",
	"4 cores, no, 6, ", "sorry ", "{\"a\":", "[", "either 2 GB or ", "but web1 gets 2 GB, ", "1, 2 and ", "isn't ", "neither HA nor ", "not 8 GB, "}

// Reading stays linear to 100 KB, whatever the text is made of: ten times the text takes about ten times the looks at a word. A
// quadratic step would take a hundred times.
func TestLinearLooks(t *testing.T) {
	x := newIndex(rich())
	for _, unit := range adversarial {
		looks := func(n int) int {
			text := strings.Repeat(unit, n/len(unit))
			p := parse(text, x)
			decide(p, func(string) bool { return true })
			return p.looks + readExisting(text, x).p.out.looks
		}
		small, large := looks(10<<10), looks(100<<10)
		if large > 15*small {
			t.Errorf("%q: 100 KB take %d looks, 10 KB %d", unit, large, small)
		}
	}
}

// BenchmarkLinear is everything but the bound on a text's length, at 10 KB and at 100 KB: it prints the worst ratio of the two.
func BenchmarkLinear(b *testing.B) {
	snap := rich()
	x := newIndex(snap)
	x.allSeries()
	took := func(unit string, n int) time.Duration {
		text := strings.Repeat(unit, n/len(unit))
		began := time.Now()
		understandAll(text, snap, x)
		return time.Since(began)
	}
	for b.Loop() {
		worst, of := 0.0, ""
		for _, unit := range adversarial {
			if r := float64(took(unit, 100<<10)) / float64(max(took(unit, 10<<10), 500*time.Microsecond)); r > worst {
				worst, of = r, unit
			}
		}
		b.ReportMetric(worst, "worst-ratio")
		b.Logf("worst: %q", of)
	}
}

// BenchmarkLongTable is a table of 7,000 rows.
func BenchmarkLongTable(b *testing.B) {
	text := "name;cores;ram\n" + strings.Repeat("web-99;2;4 GB\n", 7000)
	x := newIndex(rich())
	for b.Loop() {
		understandAll(text, rich(), x)
	}
}
