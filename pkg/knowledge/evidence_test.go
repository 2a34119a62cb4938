package knowledge

import (
	"math"
	"testing"
)

func TestEvidence(t *testing.T) {
	w := weights{bias: -1}
	w.of[signalCoverage], w.of[signalName] = 2, -3
	var s [signals]float64
	s[signalCoverage], s[signalName] = 0.5, 1
	if got := w.evidence(s); math.Abs(got+3) > 1e-9 {
		t.Errorf("want -1 + 2*0.5 - 3 = -3, got %v", got)
	}
}

// What a signal is called is what it must say; a new calibration that turns one round was fed with something wrong.
func TestWeightsHaveTheirSigns(t *testing.T) {
	for signal, sign := range map[signal]float64{
		signalCoverage: 1, signalKnown: 1, signalTraits: 1,
		signalForeign: -1, signalForeignLike: -1, signalMatter: -1, signalName: -1, signalUnheld: -1, signalWorld: -1, signalTrade: -1,
	} {
		if got := evidenceWeights.of[signal]; got*sign <= 0 {
			t.Errorf("%s weighs %v", signalNames[signal], got)
		}
	}
}

// Each signal is seen in a question that has it and not in one that lacks it.
func TestSignals(t *testing.T) {
	ix := New(pagesAndNotes(t))
	tests := map[string]struct {
		signal        signal
		with, without string
	}{
		"World":   {signal: signalWorld, with: "recipe for a cake", without: "resize a disk"},
		"Trade":   {signal: signalTrade, with: "a playbook for ansible", without: "a rule for the firewall"},
		"Name":    {signal: signalName, with: "azurerm provider", without: "resource pool"},
		"Unheld":  {signal: signalUnheld, with: "zyxwvut", without: "storage"},
		"Strange": {signal: signalStrange, with: "a bridge for Zyxwvut", without: "a bridge for guests"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for question, there := range map[string]bool{tt.with: true, tt.without: false} {
				q := ix.ask(question)
				ranked := q.ranked()
				if len(ranked) == 0 {
					ranked = []int32{0}
				}
				if got := q.signalsOf(ranked)[tt.signal]; got > 0 != there {
					t.Errorf("%q: want above nought %t, got %v", question, there, got)
				}
				q.done()
			}
		})
	}
}

// Who names a page by its identifier means it, whatever the words weigh.
func TestIdentifierIsAnswered(t *testing.T) {
	ix := New(pagesAndNotes(t))
	for question, source := range map[string]string{
		"proxmox_virtual_environment_backup_job": "resources/backup_job.md",
		"data proxmox_ceph_status":               "data-sources/ceph_status.md",
	} {
		if hits := ix.Search(question, 1); len(hits) == 0 || hits[0].Source != source {
			t.Errorf("%q: want %s, got %v", question, source, hits)
		}
	}
}
