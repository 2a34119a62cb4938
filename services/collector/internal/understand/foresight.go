package understand

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/inquiry"
)

// speech is a text as [flatten] writes it, without what it names: a machine called "peak-hours" asks for no cause.
func (s *sentence) speech() string {
	var b strings.Builder
	from := 0
	text := clip(s.p.text, flatMost)
	for i, t := range s.p.toks {
		if t.end > len(text) {
			break
		}
		if t.kind == tokQuoted || s.p.things(i) != 0 && s.actAt(i) == clNone && s.p.class(i) == clNone || t.kind == tokWord && strings.ContainsAny(t.raw, "-_") && strings.ContainsAny(t.raw, "0123456789") {
			b.WriteString(text[from:t.start] + " : ")
			from = t.end
		}
	}
	b.WriteString(text[from:])
	return flatten(b.String())
}

// foresight makes a query of a question about what was, what will be, and what could be better; ok is false when it is none.
func (s *sentence) foresight(p parsed) (q inquiry.Query, ok bool) {
	f := speaking(s.speech())
	if !s.wondered(p, f) {
		return q, false
	}
	if nodes := s.nodes(); len(nodes) > 0 {
		q.Node = nodes[0]
	}
	for i, t := range s.p.toks {
		if things := s.p.things(i); things&aStorage != 0 && things&aNode == 0 && q.Storage == "" {
			q.Storage, _ = s.x.find(t.fold, aStorage)
		}
	}
	var absent string
	q.Guests, absent = s.guestIDs()
	if id, ok := s.bareID(); ok && len(q.Guests) == 0 && absent == "" {
		q.Guests = []int{id}
	}
	q.Metric = metricOf(f)
	machines := s.words[clMachine] || s.containers || f.of(inquiryOfGuests)
	switch {
	case f.of(clusterChoice):
		q.Topic, q.Cheapest = inquiry.TopicClusters, f.of(cheapness)
		s.roomFor(&q)
	case s.peak(f, &q):
		q.Topic = inquiry.TopicPeak
	case s.scale(f, &q):
		q.Topic = inquiry.TopicScale
	case s.filled(p, f, &q):
		q.Topic = inquiry.TopicFull
	case p.question && f.of(cephWords) && f.of(cephState) && len(q.Guests) == 0 && q.Storage == "":
		q.Topic, q.Node = inquiry.TopicCluster, ""
	case f.of(filling) && p.question && q.Node == "" && q.Storage == "" && len(q.Guests) == 0 && s.stranger() != "":
		q.Topic, q.Missing = inquiry.TopicNoSuchThing, s.stranger()
	case s.outlook(f, &q):
		q.Topic = inquiry.TopicForecast
		if isID(absent) { // "how much memory will guest 104 need?" where there is none
			q.Topic, q.Missing = inquiry.TopicNoSuchThing, absent
		}
	case (f.of(failingHA) || f.of(simulating) && s.has[acLoss] || f.of(fates)) && q.Node != "":
		q.Topic = inquiry.TopicResilience
	case f.of(makeSpace) && s.roomFor(&q):
		q.Topic = inquiry.TopicMakeRoom
	case f.of(squander) && !f.of("disk space|espace disque") || machines && f.of(unusedGuests):
		q.Topic = inquiry.TopicWaste
	case q.Node != "" && len(q.Guests) == 0 && f.of(emptying) && (f.of(whither) || s.has[acWhere] || p.question && f.of(relocation)) && !f.of("shut down|reboot|restart|eteindre|redemarrer"):
		q.Topic = inquiry.TopicDrain // before the balance, which moves guests too
	case (f.of(evenness) || f.of(evenMoves)) && !f.of("load balancer|load balancers|balloon|ballooning|loadbalancer"):
		q.Topic = inquiry.TopicBalance
	case f.of(fewer) || s.words[clNode] && q.Node == "" && len(q.Guests) == 0 && p.question && f.of(resting):
		q.Topic = inquiry.TopicPack
	case f.of(tight) && !s.sized(&q) || f.of(headroomWords):
		q.Topic, q.Headroom = inquiry.TopicHotSpots, !f.of(tight)
	case p.question && len(q.Guests) == 0 && q.Node == "" && f.of(backupJobs) && f.of("which|what|list|are there|quelles|quels|liste|existe|existent|y a t il"):
		q.Topic = inquiry.TopicBackup
	case f.of(unsaved) || f.of(uncovered) && f.of(backupWords) && len(q.Guests) == 0:
		q.Topic = inquiry.TopicBackup
	case f.of(nodeChoice) || f.of(fitting):
		s.roomFor(&q)
		q.Topic, q.Storage = inquiry.TopicRoom, ""
		q.Node = ""
	default:
		return q, false
	}
	return q, true
}

// wondered reports whether a text asks or wants to be told something, rather than something to be done or made.
func (s *sentence) wondered(p parsed, f speaks) bool {
	if s.words[clCreate] && p.hasNewHead && !f.of(makeSpace) || s.fromSource(p) && !p.question || s.code {
		return false
	}
	asked, _ := s.asks(p)
	first := max(0, s.first)
	if !p.question && first < len(s.p.toks) {
		ordered := func(verb class) bool { return isVerb(verb) && verb != acEvacuate && verb != acMigrate }
		if f.of(simulating) {
			return true
		}
		if (ordered(s.actAt(first)) || slices.ContainsFunc(s.verbs, ordered)) && !f.of(foretold) {
			return false // "stop the idle VMs", "web is too large, halve it"
		}
		asked = asked || len(s.p.toks) <= 14 && !p.hasNewHead
	}
	if s.said(favours) && slices.ContainsFunc(s.clauses, func(c clause) bool { return isVerb(c.verb) && len(c.wishes) > 0 && len(c.guests) > 0 }) {
		return false // "could you give web 16 GB for tomorrow?"
	}
	return asked
}

// metricOf is the figure that a question names; empty: none.
func metricOf(f speaks) string {
	switch {
	case f.of(metricIO):
		return "iowait"
	case f.of(metricMem):
		return "memory"
	case f.of("cpu|cpus|processor|processors|processeur|processeurs"):
		return "cpu"
	case f.of("outgoing traffic|upload|trafic sortant"):
		return "network_out"
	case f.of(metricNet):
		return "network_in"
	case f.of(metricDisk):
		return "disk"
	case f.of(metricCPU):
		return "cpu"
	}
	return ""
}

// peak takes the question what caused a peak, or who was busy at a moment of the past.
func (s *sentence) peak(f speaks, q *inquiry.Query) bool {
	at, named := moment(f)
	switch {
	case f.of("what happened|que s est il passe|qu est ce qui s est passe|what went on|what was going on") && !named && !at.Known:
		return false
	case f.of(peaking) && (f.of(causing) || named || f.of(pastTimes)) && !f.of("will|sera|prochain|next|tomorrow|demain|forecast|prevision"):
	case f.of(labour) && (named || at.Night || f.of("yesterday|hier|ce matin|this morning")) && (f.of(causing) || f.of(pastTimes)) && !f.of(coping) && !f.of("will|sera|va|going to"):
	default:
		return false
	}
	q.At = at
	if g, ok := s.guestOf(q.Guests); ok && q.Node == "" {
		q.Node = g.Node
	}
	if q.Metric == "disk" || q.Metric == "network_in" && !f.of(metricNet) {
		q.Metric = ""
	}
	return true
}

// guestOf returns the first of some guests.
func (s *sentence) guestOf(ids []int) (pve.Guest, bool) {
	if len(ids) == 0 || s.x.snap == nil {
		return pve.Guest{}, false
	}
	return s.x.snap.Guest(ids[0])
}

// scale takes the question what becomes of the cluster when its load grows.
func (s *sentence) scale(f speaks, q *inquiry.Query) bool {
	if !f.of(loads) || !f.of(supposed) || len(q.Guests) > 0 && !f.of("everything|tout") {
		return false
	}
	switch {
	case f.of(doubling):
		q.Factor = 2
	case f.of(tripling):
		q.Factor = 3
	case f.of(growing):
		percent, ok := percentage(s.p)
		if !ok {
			return false
		}
		q.Factor = 1 + percent/100
	default:
		return false
	}
	return true
}

// percentage returns the number that stands before a per cent sign.
func percentage(p *parser) (float64, bool) {
	for i, t := range p.toks {
		if t.kind == tokNumber && t.num > 0 && t.num <= 1000 && i+1 < len(p.toks) && (p.toks[i+1].raw == "%" || slices.Contains([]string{"percent", "pourcent", "pour"}, p.toks[i+1].fold)) {
			return t.num, true
		}
	}
	return 0, false
}

// filled takes the question when something is full.
func (s *sentence) filled(p parsed, f speaks, q *inquiry.Query) bool {
	lasting := f.of("enough|assez|suffisant|suffisante|suffisamment|last|lasts|suffira|suffire|tiendra|tenir") && (s.words[clStorage] || q.Storage != "" || f.of(metricDisk)) && q.Metric != "memory" && !s.sized(q) && !s.has[acRoom]
	if !f.of(filling) && !lasting || f.of("full clone|full clones|clone complet") || len(q.Guests) > 0 && q.Metric != "memory" && q.Metric != "disk" {
		return false
	}
	if !f.of(whenAsked) && !f.of(future) && !(p.question && s.words[clStorage] && f.of("first|premier")) {
		return false
	}
	q.Soon = !f.of("when|how long|what date|which date|how many days|how many weeks|quand|combien de temps|combien de jours|combien de semaines|quelle date|dans combien|how soon")
	if q.Node == "" && q.Storage == "" && len(q.Guests) == 0 && q.Metric == "" && !s.words[clStorage] && !s.words[clDisk] && !s.words[clNode] && !s.cluster() && !f.of("we|nous|on|first|premier|what|which|qu est ce qui|quel|quelle|quels|quelles") {
		return false
	}
	return true
}

// bareID is the id of a guest that stands alone as a figure: "how much memory will 122 need?".
func (s *sentence) bareID() (int, bool) {
	for i, t := range s.p.toks {
		if t.kind != tokNumber || t.num != math.Trunc(t.num) || t.num < 100 || len(t.raw) != len(strconv.Itoa(int(t.num))) || i+1 < len(s.p.toks) && (s.p.toks[i+1].glued || s.p.sizeAt(i)) {
			continue
		}
		if s.x.snap == nil {
			return 0, false
		}
		if _, ok := s.x.snap.Guest(int(t.num)); ok {
			return int(t.num), true
		}
	}
	return 0, false
}

// isID reports whether a name is an id.
func isID(name string) bool {
	_, err := strconv.Atoi(name)
	return err == nil
}

// stranger is the first name of a question that nothing in the cluster has, empty when every name is known: "ceph01".
func (s *sentence) stranger() string {
	for i, t := range s.p.toks {
		if t.kind == tokWord && identifier(t.raw) && s.p.things(i) == 0 && s.actAt(i) == clNone && s.p.class(i) == clNone {
			return t.raw
		}
	}
	return ""
}

// outlook takes the question how a figure goes on, and whether that will do.
func (s *sentence) outlook(f speaks, q *inquiry.Query) bool {
	target := f.of("overload|overloaded|surcharge|surcharges") && f.of("tomorrow|tonight|demain|cette nuit|week|semaine") || q.Node != "" || q.Storage != "" || len(q.Guests) > 0 || s.words[clNode] || s.cluster() || s.words[clStorage]
	s.span(f, q)
	q.Copes = f.of(coping) && !f.of(foretold)
	if q.Copes && q.Metric == "cpu" && !f.of("cpu|cpus|processor|processors|processeur|processeurs") {
		q.Metric = "" // "the load" is everything
	}
	switch {
	case s.has[acRoom] && !f.of(foretold) || s.has[acSurvive] && !f.of("tonight|tomorrow|cette nuit|demain|next|prochaine|prochains"):
		return false
	case f.of(foretold) && (target || q.Metric != ""):
	case !f.of(future) || !target && q.Metric == "" || f.of(doubling):
		return false
	case q.Metric == "" && !q.Copes && !f.of(usageNoun) && !f.of("evoluer|evoluera|evolve|develop|look|looks|go on|behave|comporter|comportera|busy|loaded|charge|chargee|occupe"):
		return false
	case len(s.verbs) > 0 && isOperation(s.verbs[0]) && q.Metric == "" && !q.Copes: // "will the backup of web run tonight?"
		return false
	case f.of("happen|happens|passera|passe t il|fails|fail|tombe|dies") && !f.of(usageNoun): // of a loss
		return false
	}
	if q.Metric == "" && q.Storage != "" {
		q.Metric = "disk"
	}
	return true
}

// span takes how far ahead a question looks.
func (s *sentence) span(f speaks, q *inquiry.Query) {
	for i, t := range s.p.toks {
		if t.kind != tokNumber || t.num < 1 || t.num > 1000 || i+1 >= len(s.p.toks) {
			continue
		}
		hours := 0
		switch s.p.toks[i+1].fold {
		case "h", "hour", "hours", "heure", "heures":
			hours = int(t.num)
		case "d", "day", "days", "j", "jour", "jours":
			hours = 24 * int(t.num)
		case "week", "weeks", "semaine", "semaines":
			hours = 168 * int(t.num)
		}
		if hours > 0 {
			q.When, q.Hours = inquiry.WhenHours, min(hours, 168)
			return
		}
	}
	switch {
	case f.of("tonight|this night|this evening|cette nuit|ce soir|nuit prochaine|prochaine nuit|coming night|overnight"):
		q.When = inquiry.WhenTonight
	case f.of("tomorrow|demain"):
		q.When = inquiry.WhenTomorrow
	case f.of("week|weekend|week end|semaine|next days|next few days|coming days|prochains jours|jours a venir|days"):
		q.When = inquiry.WhenWeek
	}
}
