package inquiry

import (
	"math"
	"strings"
	"testing"
	"time"

	"proviso.dev/pkg/i18n"
	"proviso.dev/pkg/placement"
	"proviso.dev/pkg/pve"
	"proviso.dev/pkg/wire"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// halfHours makes a series of that many half hours that ends at the cluster's moment, 09:00.
func halfHours(n int, figures func(i int) map[pve.Metric]float64) pve.Series {
	end := cluster().TakenAt
	s := pve.Series{Start: end.Add(-time.Duration(n-1) * 30 * time.Minute), StepSeconds: 1800, Points: n, Values: map[pve.Metric][]pve.Run{}}
	for i := range n {
		for m, v := range figures(i) {
			if s.Values[m] == nil {
				s.Values[m] = []pve.Run{{}}
			}
			s.Values[m][0].Values = append(s.Values[m][0].Values, v)
		}
	}
	return s
}

// past is fourteen days of the cluster: a idles at 20 % of 16 threads but for 80 % in the half hour up to 03:30 of today, in which web (4
// vCPUs) took 82 % rather than 10 %, and db (2 vCPUs) 60 % rather than 50 %. The storage grows by 2 GiB a day to 40 GiB of 100. big uses
// 2 % of 6 vCPUs and 1 GiB of 8.
func past() *pve.History {
	const n = 14 * 48
	gib := float64(gib)
	at := n - 1 - 11 // 09:00 less eleven half hours is 03:30
	spike := func(low, high float64) func(i int) float64 {
		return func(i int) float64 {
			if i == at {
				return high
			}
			return low
		}
	}
	cpu := func(f func(int) float64, used, total float64) pve.Series {
		return halfHours(n, func(i int) map[pve.Metric]float64 {
			return map[pve.Metric]float64{pve.MetricCPU: f(i), pve.MetricMemoryUsed: used * gib, pve.MetricMemoryTotal: total * gib}
		})
	}
	return &pve.History{
		TakenAt: cluster().TakenAt, Timeframe: pve.TimeframeMonth,
		Nodes:  map[string]pve.Series{"a": cpu(spike(0.2, 0.8), 10, 32), "b": cpu(spike(0.5, 0.5), 40, 64)},
		Guests: map[int]pve.Series{101: cpu(spike(0.1, 0.82), 4, 8), 102: cpu(spike(0.5, 0.6), 3, 4), 103: cpu(spike(0.02, 0.02), 1, 8)},
		Storages: map[string]pve.Series{pve.StorageKey("a", "ceph"): halfHours(n, func(i int) map[pve.Metric]float64 {
			return map[pve.Metric]float64{pve.MetricDiskUsed: (40 - 2*float64(n-1-i)/48) * gib, pve.MetricDiskTotal: 100 * gib}
		})},
	}
}

// Answers about what was and what will be hold what the history holds, with where it comes from, in both languages.
//
// Shows: T-2.6-01, T-2.4.3-03, T-II.2-01, T-2.5.4-01, T-I.2.1-01
func TestForesight(t *testing.T) {
	three := moment(3, 0)
	tests := map[string]struct {
		reason string
		facts  func(*Facts)
		query  Query
		en, fr []string // each in the text or a row
		not    []string
	}{
		"Peak": {
			reason: "The rise is (80 - 20) % of 16 threads = 9.6; web took (82 - 10) % of 4 = 2.88 of them, 30 %, and db 0.2.",
			query:  Query{Topic: TopicPeak, Node: "a", At: three},
			en: []string{"On 21 November 2026, 03:30 UTC a was high: CPU in use 80%, usual (median) 20%.", "web (101) explains 30% of the rise", "web (101) | 82% of 4 vCPUs, 3.3 threads | usual (median) 10%",
				"db (102) | 60% of 2 vCPUs, 1.2 threads", "history of node a: 672 half hours"},
			fr: []string{"Le 21 novembre 2026 à 03:30 UTC, a était très sollicité : processeur utilisé 80 %, contre 20 % d'habitude (médiane).", "web (101) : 30 % de la hausse", "1,2 thread |"},
		},
		"PeakOfAGuest": {
			reason: "What was asked about is told first, whether or not the node was busy.", query: Query{Topic: TopicPeak, Node: "a", Guests: []int{102}, At: three},
			en: []string{"db (102) took 60% of 2 vCPUs, 1.2 threads then; usual (median) 50%."}, fr: []string{"db (102) prenait alors 60 % de 2 vCPU"},
		},
		"RoomAfterAMove": {
			reason: "24 GiB fit nowhere, but after web has moved.", query: Query{Topic: TopicRoom, MemoryMiB: 24 * 1024}, facts: func(f *Facts) { f.Snapshot.Guests[1].MemoryUsedBytes = 6 * gib },
			en: []string{"No online node has room for 24 GiB of memory.", "24 GiB of memory fits on a after 1 move.", "ha-manager migrate vm:101 b"}, fr: []string{"après 1 déplacement"},
		},
		"RoomForVCPUs": {
			reason: "b has 8 threads, so 32 vCPUs, of which 6 are promised: 26 are left. 8 threads take a guest of 8 at most, three times; a 58 of 64, seven times by vCPUs.", query: Query{Topic: TopicRoom, Cores: 8, Limit: true},
			en: []string{"a (7) and b (3)"}, fr: []string{"a (7) et b (3)"},
		},
		"RoomUnderPolicy": {
			reason: "Where the operator keeps 20 GiB for the host, a has 32 - 20 - 12 = 0 and b 64 - 20 - 40 = 4.", query: Query{Topic: TopicRoom, MemoryMiB: 4096},
			facts: func(f *Facts) { f.Policy = placement.Policy{ReserveBytes: 20 * gib} }, en: []string{"a | 0 GiB free", "b | 4 GiB free"}, fr: []string{"b | 4 Gio libres"},
		},
		"PeakByItself": {
			reason: "Without an hour the highest of the last day is meant, on the node where it was.",
			query:  Query{Topic: TopicPeak}, en: []string{"03:30 UTC b was"}, facts: func(f *Facts) {
				f.History.Guests = nil
				s := f.History.Nodes["b"]
				f.History.Nodes["b"] = pve.Series{Start: s.Start, StepSeconds: s.StepSeconds, Points: s.Points, Values: map[pve.Metric][]pve.Run{pve.MetricCPU: {{Values: replaced(s, 660, 0.95)}}}}
			},
			fr: []string{"b était très sollicité", "ignore quelles machines"},
		},
		"NoPeak": {query: Query{Topic: TopicPeak, Node: "a", At: moment(5, 0)}, en: []string{"there was no peak: CPU in use of a 20%", "No guest there took more than its usual."}, fr: []string{"il n'y avait pas de pic sur a"}, not: []string{"explain", "explique"}},
		"PeakUnknown": {
			reason: "Without a history the cause is unknown, and nothing is guessed.", facts: func(f *Facts) { f.History = nil },
			query: Query{Topic: TopicPeak, Node: "a", At: three}, en: []string{"What caused it is unknown", "pvesh get /nodes/a/rrddata --timeframe day"}, fr: []string{"La cause est inconnue"}, not: []string{"web"},
		},
		"PeakOfTheHost": {
			reason: "The node was busy and no guest more than usual: what the host did is not measured.",
			facts: func(f *Facts) {
				for _, id := range []int{101, 102} {
					s := f.History.Guests[id]
					s.Values[pve.MetricCPU] = []pve.Run{{Values: replaced(s, 660, s.Values[pve.MetricCPU][0].Values[0])}}
				}
			},
			query: Query{Topic: TopicPeak, Node: "a", At: three}, en: []string{"a was high", "none there took more than its usual", "is unknown"}, fr: []string{"aucune n'y a dépassé son habitude"}, not: []string{"of the rise"},
		},
		"PeakGuestsUnknown": {
			facts: func(f *Facts) { f.History.Guests = nil }, query: Query{Topic: TopicPeak, Node: "a", At: three},
			en: []string{"CPU in use 80%", "Which guests of a were busy then is unknown"}, fr: []string{"On ignore quelles machines de a étaient occupées"}, not: []string{"explain"},
		},
		"PeakAtBackup": {
			reason: "A job that begins then is a hint, and no proof.",
			facts: func(f *Facts) {
				f.Snapshot.Backup = pve.Backup{JobsRead: true, Jobs: []pve.BackupJob{{ID: "nightly", Enabled: true, Schedule: "03:00", Storage: "nas", All: true}}}
			},
			query: Query{Topic: TopicPeak, Node: "a", At: three}, en: []string{"A backup job is scheduled for that time: “03:00” to nas. Whether it ran is not in what Proviso reads."}, fr: []string{"Une tâche de sauvegarde est prévue"},
		},
		"Full": {
			reason: "40 GiB now and 2 a day. Nothing but the rows of the storage is measured, so it takes disks to the last byte: 60 GiB are left, 30 days, about 21 December; two times fourteen days is as far as the history carries, beyond the week of the forecast 35 days.",
			query:  Query{Topic: TopicFull, Storage: "ceph"},
			en:     []string{"space in use 40 GiB", "It rises by 2 GiB a day.", "history of storage ceph: 672 half hours up to 21 November 2026, 09:00 UTC", "December 2026"},
			fr:     []string{"espace utilisé 40 Gio", "La valeur augmente de 2 Gio par jour.", "672 demi-heures", "décembre 2026"},
		},
		"FullUnknown": {
			facts: func(f *Facts) { f.History = nil }, query: Query{Topic: TopicFull, Storage: "ceph"},
			en: []string{"How space in use of ceph will go on is unknown", "pvesh get /nodes/a/storage/ceph/rrddata --timeframe week"}, fr: []string{"L'évolution est inconnue (ceph, espace utilisé)"}, not: []string{"full about", "GiB"},
		},
		"Forecast": {
			reason: "b is constant at 50 %.", query: Query{Topic: TopicForecast, Node: "b", Metric: "cpu", When: WhenTomorrow},
			en: []string{"b tomorrow: CPU in use about 50% by the median", "There is no clear trend.", "50% when last measured | history of node b: 672 half hours"}, fr: []string{"b demain : processeur utilisé autour de 50 % en médiane"},
		},
		"Copes": {
			reason: "b at 50 % and 40 of 64 GiB is below 80 % and 60.8 GiB.", query: Query{Topic: TopicForecast, Node: "b", Copes: true, When: WhenTonight},
			en: []string{"Yes, b copes tonight", "CPU in use", "memory in use about 40 GiB"}, fr: []string{"Oui, b tient cette nuit"},
		},
		"CopesNot": {
			reason: "a guest of 3 GiB in 4 stays below 3.8 GiB; at 3.9 GiB it is over.",
			facts: func(f *Facts) {
				f.History.Guests[102] = halfHours(480, func(int) map[pve.Metric]float64 {
					return map[pve.Metric]float64{pve.MetricMemoryUsed: 3.9 * float64(gib), pve.MetricMemoryTotal: 4 * float64(gib)}
				})
			},
			query: Query{Topic: TopicForecast, Guests: []int{102}, Metric: "memory", Copes: true},
			en:    []string{"No, db (102) does not cope over the coming 24 hours", "3.9 GiB of at most 3.8 GiB"}, fr: []string{"Non, db (102) ne tient pas dans les 24 heures à venir"},
		},
		"Cold": {
			facts: func(f *Facts) {
				f.History.Nodes["b"] = halfHours(3, func(int) map[pve.Metric]float64 { return map[pve.Metric]float64{pve.MetricCPU: 0.5} })
			},
			query: Query{Topic: TopicForecast, Node: "b", Metric: "cpu"}, en: []string{"The history is shorter than a day (measured steps: 3): the interval is wide on purpose.", "3 half hours"}, fr: []string{"L'historique couvre moins d'une journée (pas mesurés : 3)"},
		},
		"Unmeasured": {query: Query{Topic: TopicForecast, Guests: []int{101}, Metric: "disk"}, en: []string{"the cluster does not measure it"}, fr: []string{"le cluster ne la mesure pas"}},
		"Doubled": {
			reason: "By the forecast a uses 20 %, b 50 % and 40 of 64 GiB: twice that is 80 GiB, too much; 64 / 40 = 1.6 is the most.",
			facts: func(f *Facts) {
				s := f.History.Nodes["a"]
				s.Values[pve.MetricCPU] = []pve.Run{{Values: replaced(s, 660, 0.2)}}
			},
			query: Query{Topic: TopicScale},
			en:    []string{"No, with 2 times the load too little is left on b", "At most it may become 1.6 times what it is; then memory runs out first on b.", "b | CPU 100%, memory 80 GiB of 64 GiB"}, fr: []string{"Non, avec 2 fois la charge, il ne reste pas assez sur b", "multipliée au plus par 1,6"},
		},
		"HalfMoreWithoutHistory": {
			facts: func(f *Facts) { f.History = nil }, query: Query{Topic: TopicScale, Factor: 1.5},
			en: []string{"Yes, with 1.5 times the load", "a | CPU 38%, memory 15 GiB of 32 GiB", "no history was read"}, fr: []string{"Oui, avec 1,5 fois la charge", "aucun historique n'a été lu"},
		},
		"Waste": {
			reason: "big uses at most 2 % of its vCPUs and an eighth of its memory: idle, 8 GiB and 6 vCPUs. web uses half of its memory, and for 19 of 20 values a tenth of 4 vCPUs: one would do. db is used.",
			query:  Query{Topic: TopicWaste},
			en:     []string{"Idle: big (103).", "Larger than what they use: web (101).", "That is 8 GiB of memory and 9 vCPUs", "big (103) | idle | 19 of 20 times at most 2% of 6 vCPUs and 1 GiB of 8 GiB; history of guest 103: 672 values", "Stopped, but keeping their disks: off (104) and box (110)"},
			fr:     []string{"Tournent à vide : big (103).", "8 Gio de mémoire et 9 vCPU à récupérer"}, not: []string{"db (102) |"},
		},
		"WasteOfOne": {
			reason: "Of a guest that is named, that one alone.", query: Query{Topic: TopicWaste, Guests: []int{102}},
			en: []string{"Nothing is wasted: none of the guests that were judged (1 machine)"}, fr: []string{"Rien n'est gaspillé"}, not: []string{"big (103)", "off (104)"},
		},
		"WasteUnknown": {
			facts: func(f *Facts) { f.History = nil }, query: Query{Topic: TopicWaste},
			en: []string{"What is wasted is unknown", "3 machines"}, fr: []string{"Ce qui est gaspillé est inconnu"}, not: []string{"Idle:", "Tournent à vide"},
		},
		"Balance": {
			reason: "a: (25 % + 10/32) / 2 = 28.1 %, b: (50 % + 40/64) / 2 = 56.25 %; mean 42.2, deviation 14.1: 0.33 is above 0.3.",
			query:  Query{Topic: TopicBalance},
			en:     []string{"its imbalance is 0.33, more than 0.3", "a | utilisation 28%: CPU 25%, memory 31%", "b | utilisation 56%: CPU 50%, memory 63%", "10 GiB of 32 GiB in use, measured at 21 November 2026, 09:00 UTC"},
			fr:     []string{"son déséquilibre est de 0,33, au-dessus de 0,3"},
		},
		"Drain": {
			reason: "a's guests of 8 and 4 GiB go to b, which has 20.8 free; then 40 + 12 are taken.", query: Query{Topic: TopicDrain, Node: "a"},
			en: []string{"Yes, every guest that runs on a finds another node.", "web (101) | a → b, 8 GiB of memory", "db (102) | a → b, 4 GiB of memory", "qm migrate 102 b --online", "ha-manager migrate vm:101 b", "ha-manager crm-command node-maintenance enable a"},
			fr: []string{"Oui, toutes les machines qui tournent sur a trouvent un autre nœud."},
		},
		"DrainNot": {
			facts: func(f *Facts) { f.Snapshot.Guests[3].MemoryBytes = 24 * gib }, reason: "big has 24 GiB and a 18 free.", query: Query{Topic: TopicDrain, Node: "b"},
			en: []string{"No, not every guest that runs on b finds another node; without one: big (103).", "big (103) | stays | a: only 18 GiB of memory free"}, fr: []string{"sans place : big (103)"},
		},
		"MakeRoomNeedless": {query: Query{Topic: TopicMakeRoom, MemoryMiB: 16384}, en: []string{"16 GiB of memory fits without a move, on ", "b | 20.8 GiB free of 64 GiB"}, fr: []string{"il y a de la place sans déplacement"}},
		"MakeRoom": {
			reason: "24 GiB fit nowhere: a has 18, b 20.8 GiB free. With db (4 GiB) on b a has 22, with web (8 GiB) 26: one move.", query: Query{Topic: TopicMakeRoom, MemoryMiB: 24 * 1024},
			facts: func(f *Facts) { f.Snapshot.Guests[1].MemoryUsedBytes = 6 * gib },
			en:    []string{"24 GiB of memory fits on a after 1 move.", "web (101) | a → b"}, fr: []string{"24 Gio de mémoire : il y a de la place sur a après 1 déplacement."},
		},
		"MakeRoomNot": {query: Query{Topic: TopicMakeRoom, MemoryMiB: 100 * 1024}, en: []string{"No one or two moves make room for 100 GiB of memory.", "No online node has room for 100 GiB"}, fr: []string{"Ni un ni deux déplacements"}},
		"Pack":        {reason: "With c off two votes are left of three, so no other node may rest.", query: Query{Topic: TopicPack}, en: []string{"No node can rest"}, fr: []string{"Aucun nœud ne peut se reposer"}},
		"HotSpots": {
			reason: "c is off; two votes are there, one after one more loss, and two are needed.", query: Query{Topic: TopicHotSpots},
			en: []string{"hot spots, the gravest first. Node c is not online; machines whose state is unknown: 1. ", "If one more node is lost, the cluster loses quorum: votes left 1, needed 2."}, fr: []string{"Le nœud c n'est pas en ligne ; machines dont on ne connaît plus l'état : 1."},
		},
		"Headroom": {
			reason: "b's 8 GiB go to a, which has 18 free; a's 12 go to b, which has 20.8: the loss of a leaves less.", query: Query{Topic: TopicHotSpots, Headroom: true},
			en: []string{"If a is lost, which would hurt most, every running machine still finds memory; 8.7 GiB stay free"}, fr: []string{"Si a tombe, ce qui serait le pire cas, "},
		},
		"HeadroomMissing": {
			facts:  func(f *Facts) { f.Snapshot.Guests[3].MemoryBytes = 24 * gib },
			reason: "big has 24 GiB and a 18 free; it is told once.", query: Query{Topic: TopicHotSpots, Headroom: true},
			en: []string{"If b is lost, there is no memory elsewhere for 1 machine of it: "}, fr: []string{"Si b tombe, "},
		},
		"OneCluster": {query: Query{Topic: TopicClusters}, en: []string{"Only one cluster is configured: the cluster."}, fr: []string{"Un seul cluster est configuré"}},
		"Clusters": {
			reason: "lab has 20.8 GiB free at most, lyon 28.",
			facts: func(f *Facts) {
				f.Snapshot.Cluster = "lab"
				f.Clusters = []*pve.Snapshot{f.Snapshot, {Cluster: "lyon", Version: "9.0.3", Quorate: true, TakenAt: f.Snapshot.TakenAt, Nodes: []pve.Node{{Name: "x", Status: pve.NodeOnline, CPUs: 8, MemoryBytes: 30 * gib}}}}
				f.Unread = []string{"paris"}
			},
			query: Query{Topic: TopicClusters, MemoryMiB: 24 * 1024, Cheapest: true},
			en:    []string{"lyon is best for 24 GiB of memory: x has 28 GiB of memory free.", "lab | 2 of 3 nodes online, 38.8 GiB free, at most 20.8 GiB on one node (b) | it does not fit", "Unknown, because it could not be read: paris.", "What they cost is not in what Proviso reads."},
			fr:    []string{"lyon convient le mieux (24 Gio de mémoire) : x a 28 Gio de mémoire libre.", "Leur coût ne figure pas"},
		},
		"LossOfTwo": {query: Query{Topic: TopicResilience, Losses: 2, Lost: []string{"a", "b"}}, en: []string{"No, with 2 nodes lost at once", "Quorum is lost: 0 of 3 votes", "web (101) | 8 GiB | under HA, but without quorum nothing is restarted"}, fr: []string{"Non, avec 2 nœuds perdus à la fois"}},
	}
	missing := i18n.Unknown()
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			for lang, want := range map[string][]string{"en": tc.en, "fr": tc.fr} {
				f := Facts{Snapshot: cluster(), History: past()}
				if tc.facts != nil {
					tc.facts(&f)
				}
				got := Answer(f, tc.query, lang)
				all := whole(got)
				for _, w := range want {
					if !strings.Contains(all, w) {
						t.Errorf("%s\nno %q in\n%s", tc.reason, w, all)
					}
				}
				for _, w := range tc.not {
					if strings.Contains(all, w) {
						t.Errorf("%s\n%q in\n%s", tc.reason, w, all)
					}
				}
				if err := wire.Validate(got); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if n := i18n.Unknown() - missing; n > 0 {
		t.Errorf("%d texts are missing in the catalogue", n)
	}
}

func moment(hour, minute int) Moment {
	return Moment{Known: true, Exact: true, Hour: hour, Minute: minute}
}

// whole is a reply as one text.
func whole(r *provisov1.Reply) string {
	return r.GetText() + "\n" + strings.Join(rows(r), "\n") + "\n" + strings.Join(r.GetCommands(), "\n")
}

// replaced is the CPU of a series with one value changed.
func replaced(s pve.Series, at int, v float64) []float64 {
	out := append([]float64(nil), s.Values[pve.MetricCPU][0].Values...)
	out[at] = v
	return out
}

// A node that is idle now and full every evening is told of before the evening comes: no threshold is crossed yet.
//
// Shows: T-II.4-01
func TestSeasonIsToldBeforeTheCrossing(t *testing.T) {
	h := past()
	n := 14 * 48
	h.Nodes["a"] = halfHours(n, func(i int) map[pve.Metric]float64 {
		cpu := 0.2
		if hour := (i - (n - 1) + 18 + 48*20) % 48 / 2; hour >= 20 && hour < 22 { // the last one ends at 09:00
			cpu = 0.9
		}
		return map[pve.Metric]float64{pve.MetricCPU: cpu, pve.MetricMemoryUsed: 10 * float64(gib), pve.MetricMemoryTotal: 32 * float64(gib)}
	})
	for lang, want := range map[string]string{"en": "Node a is expected to use up to 90% of its CPU on 21 November 2026, ", "fr": "Le nœud a devrait utiliser jusqu'à 90 % de son processeur le 21 novembre 2026 à "} {
		all := whole(Answer(Facts{Snapshot: cluster(), History: h}, Query{Topic: TopicHotSpots}, lang))
		at := strings.Index(all, want)
		if at < 0 {
			t.Fatalf("no %q in\n%s", want, all)
		}
		if hour := all[at+len(want):][:2]; hour != "19" && hour != "20" && hour != "21" {
			t.Errorf("the peak is told for %s o'clock", hour)
		}
		if cope := whole(Answer(Facts{Snapshot: cluster(), History: h}, Query{Topic: TopicForecast, Node: "a", Metric: "cpu", Copes: true, When: WhenTonight}, lang)); !strings.Contains(cope, "90") || strings.HasPrefix(cope, "Yes") || strings.HasPrefix(cope, "Oui") {
			t.Errorf("tonight: %s", cope)
		}
	}
}

// A question says what it needs, so that no more than that is read.
func TestWants(t *testing.T) {
	s := cluster()
	tests := map[string]struct {
		query                   Query
		nodes, guests, storages int
		frame                   pve.Timeframe
		fine, clusters          bool
	}{
		"Plain":    {query: Query{Topic: TopicGuests}},
		"Node":     {query: Query{Topic: TopicForecast, Node: "a"}, nodes: 1, frame: pve.TimeframeWeek},
		"Guest":    {query: Query{Topic: TopicForecast, Guests: []int{101}}, guests: 1, frame: pve.TimeframeWeek},
		"Storage":  {query: Query{Topic: TopicFull, Storage: "ceph"}, storages: 1, frame: pve.TimeframeWeek},
		"Full":     {query: Query{Topic: TopicFull}, nodes: 2, storages: 1, frame: pve.TimeframeWeek},
		"Waste":    {query: Query{Topic: TopicWaste}, guests: 3, frame: pve.TimeframeWeek},
		"Peak":     {query: Query{Topic: TopicPeak, Node: "a", At: moment(3, 0)}, nodes: 1, guests: 2, frame: pve.TimeframeDay, fine: true},
		"OldPeak":  {query: Query{Topic: TopicPeak, At: Moment{Known: true, DaysAgo: 2, Hour: 3, Exact: true}}, nodes: 2, guests: 5, frame: pve.TimeframeWeek, fine: true},
		"Clusters": {query: Query{Topic: TopicClusters}, clusters: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			w := Wants(s, tc.query)
			if len(w.History.Nodes) != tc.nodes || len(w.History.Guests) != tc.guests || len(w.History.Storages) != tc.storages || w.Fine != tc.fine || w.Clusters != tc.clusters ||
				w.Measured() && w.History.Timeframe != tc.frame {
				t.Errorf("got %+v", w)
			}
		})
	}
}

// The moment that a question means, seen from 09:00 of the 21st.
func TestMoment(t *testing.T) {
	now := cluster().TakenAt
	tests := map[string]struct {
		m        Moment
		from, to string
	}{
		"Hour":       {moment(3, 30), "21 03:30", "21 03:30"},
		"LaterHour":  {moment(22, 0), "20 22:00", "20 22:00"},
		"Yesterday":  {Moment{Known: true, DaysAgo: 1, Hour: 15, Exact: true}, "20 15:00", "20 15:00"},
		"WholeDay":   {Moment{Known: true, DaysAgo: 1}, "20 00:00", "21 00:00"},
		"Night":      {Moment{Known: true, Night: true}, "20 22:00", "21 06:00"},
		"NotAtAll":   {Moment{}, "20 09:00", "21 09:00"},
		"AtMidnight": {Moment{Known: true, DaysAgo: 1, Exact: true}, "20 00:00", "20 00:00"},
	}
	for name, tc := range tests {
		from, to := tc.m.span(now)
		if got := from.Format("02 15:04") + " " + to.Format("02 15:04"); got != tc.from+" "+tc.to {
			t.Errorf("%s: got %s", name, got)
		}
	}
}

// Whatever is asked of whatever history, no answer holds a figure that is none.
func TestAnswersOfOddHistories(t *testing.T) {
	for name, value := range map[string]float64{"zero": 0, "huge": math.MaxFloat32, "one": 1} {
		h := past()
		for n := range h.Nodes {
			h.Nodes[n] = halfHours(100, func(int) map[pve.Metric]float64 {
				return map[pve.Metric]float64{pve.MetricCPU: min(1, value), pve.MetricMemoryUsed: value, pve.MetricMemoryTotal: value}
			})
		}
		for topic := TopicForecast; topic <= TopicClusters; topic++ {
			got := Answer(Facts{Snapshot: cluster(), History: h}, Query{Topic: topic, Node: "a"}, "en")
			if text := whole(got); strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
				t.Errorf("%s, topic %d: %s", name, topic, text)
			}
			if err := wire.Validate(got); err != nil {
				t.Errorf("%s, topic %d: %v", name, topic, err)
			}
		}
	}
}
