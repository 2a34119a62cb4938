package understand

import (
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/inquiry"
	"proviso.dev/services/collector/internal/wording"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// shrink is the wish that a series of guests has fewer members.
type shrink struct {
	series *series
	n      int  // how many there are to be, or to go
	total  bool // n is how many there are to be
}

// Words that begin the wish for fewer guests of a series, and those that make it one without a verb.
const (
	// lessVerbs say by themselves that there are to be fewer; the others only with a number that is lower.
	lessVerbs  = "scale down|scale back|scale in|reduce|shrink|decrease|lower|cut|downsize|trim|go down|reduis|reduire|reduisez|diminue|diminuer|diminuez|baisse|baisser|rabaisse"
	fewerVerbs = "scale down|scale back|scale in|scale|reduce|shrink|decrease|lower|cut|downsize|trim|set|go down|bring|reduis|reduire|reduisez|diminue|diminuer|diminuez|baisse|baisser|passe|passer|passez|ramene|ramener|descends|rabaisse"
	goneVerbs  = "remove|delete|drop|destroy|get rid of|take away|take out|retire|retirer|retirez|supprime|supprimer|supprimez|enleve|enlever|enlevez|detruis|detruire|kill|terminate"
	fewerWords = "less|fewer|de moins|en moins|down by"
)

// shrinkTask recognises that a series of guests that exists should have fewer members: "scale down the workers to 1", "supprime un
// worker". Which guests would go is told; nothing is changed.
func (s *sentence) shrinkTask(p parsed) (*shrink, bool) {
	if s.x.snap == nil || len(s.p.toks) > 40 || p.question && !s.said("can you|could you|peux tu|pouvez vous|please") {
		return nil, false
	}
	gone, fewer, less := s.saidFirst(goneVerbs), s.saidFirst(fewerVerbs), s.said(fewerWords)
	if !gone && !fewer && !less {
		return nil, false
	}
	for i := range s.p.toks {
		role, base, next, ok := s.p.series(i)
		if !ok || s.p.things(i)&(aGuest|aTemplate) != 0 && !s.plural(i, next) {
			continue
		}
		found := s.seriesMeant(role, base)
		if found == nil {
			continue
		}
		after := s.p.groupWords(s.p.takeAll(next, clFiller))
		if j := after; j < len(s.p.toks) && s.p.toks[j].fold == "down" {
			after++
		}
		if n, end, ok := s.p.scaleTarget(after); ok && fewer && !s.p.otherMeasure(end) && !s.p.sizeAt(end-1) {
			if n < len(found.guests) {
				return &shrink{series: found, n: n, total: true}, true
			}
			return nil, false
		}
		if n, end, ok := s.amountBy(after); ok && (s.saidFirst(lessVerbs) || less) && !s.p.otherMeasure(end) {
			return &shrink{series: found, n: n}, true
		}
		before := s.numberBefore(i)
		switch {
		case before > 0 && fewer && s.toBefore(i) && before < len(found.guests): // "scale down to 1 worker"
			return &shrink{series: found, n: before, total: true}, true
		case before > 0 && (gone || less) && !s.sizedWishes():
			return &shrink{series: found, n: before}, true
		}
		return nil, false
	}
	return nil, false
}

// saidFirst reports whether a text begins with one of these phrases, but for words of courtesy.
func (s *sentence) saidFirst(phrases string) bool {
	s.said("")
	rest := strings.TrimSpace(s.flat)
	for trimmed := true; trimmed; {
		trimmed = false
		for _, polite := range []string{"please", "can you", "could you", "peux tu", "pouvez vous", "pourrais tu", "pourriez vous", "merci de", "il faut", "veuillez", "i want to", "i d like to", "we want to", "je veux", "je voudrais", "s il te plait", "s il vous plait", "let s", "now", "maintenant"} {
			if after, ok := strings.CutPrefix(rest, polite+" "); ok {
				rest, trimmed = after, true
			}
		}
	}
	for phrase := range strings.SplitSeq(phrases, "|") {
		if strings.HasPrefix(rest, phrase+" ") {
			return true
		}
	}
	return false
}

// plural reports whether the words from i to next are more than the name of one guest.
func (s *sentence) plural(i, next int) bool { return next > i+1 || s.p.is(i, clRole) }

// seriesMeant returns the series of several guests that a role or a name means.
func (s *sentence) seriesMeant(role, base string) *series {
	if base != "" {
		if found := s.x.seriesOf(base); found != nil && len(found.guests) > 1 {
			return found
		}
	}
	for _, found := range s.x.seriesFor(role) {
		if len(found.guests) > 1 {
			return found
		}
	}
	return nil
}

// amountBy reads "by one", "de deux".
func (s *sentence) amountBy(i int) (n, next int, ok bool) {
	if i >= len(s.p.toks) || !slices.Contains([]string{"by", "de", "d'"}, s.p.toks[i].fold) {
		return 0, i, false
	}
	n, next, ok = s.p.integer(i + 1)
	return n, next, ok && n > 0 && !s.p.sizeAt(i+1)
}

// toBefore reports whether the number before the noun at i is a target: "to 1 worker", "à 2 workers".
func (s *sentence) toBefore(i int) bool {
	for j := max(0, i-4); j < i; j++ {
		if s.p.isTo(j) || s.p.is(j, clTo) {
			return true
		}
	}
	return false
}

// sizedWishes reports whether a figure of the text is a size: "remove 2 GB from the workers".
func (s *sentence) sizedWishes() bool {
	return slices.ContainsFunc(s.clauses, func(c clause) bool { return len(c.wishes) > 0 }) || s.words[clMemory] || s.words[clDisk] || s.words[clCores] || s.words[clTags]
}

// shrinkAnswer names the guests that would go, newest first, with what to check before and the commands for a person.
func shrinkAnswer(d *shrink, x *index, lang string) *provisov1.Reply {
	a := &advice{x: x, lang: lang, out: &provisov1.Reply{}}
	members := len(d.series.guests)
	n := d.n
	if d.total {
		n = members - d.n
	}
	if n >= members {
		a.say("shrink_all", "series", quoteText(d.series.base), "n", members)
		return a.out
	}
	going := slices.Clone(d.series.guests[members-n:])
	slices.Reverse(going)
	var names []string
	for _, g := range going {
		names = append(names, guestTitle(&g))
		a.row(guestTitle(&g), wording.Room(lang, g.MemoryBytes), tell(lang, "op.shrink_row", "status", tell(lang, "op.shrink_status."+string(g.Status)), "node", quoteText(g.Node)))
	}
	a.out.Text = wording.Plural(lang, "change.op.shrink", n, "series", quoteText(d.series.base), "names", listText(lang, names), "members", members, "left", members-n)
	kubernetes := strings.HasPrefix(d.series.role, "k3s")
	if d.series.role == "k3s-control-plane" {
		a.say("shrink_control", "left", members-n)
	}
	if kubernetes {
		a.say("shrink_drain")
	}
	if slices.ContainsFunc(going, func(g pve.Guest) bool { return g.HA }) {
		a.say("shrink_ha")
	}
	a.say("destroy_unread")
	a.say("shrink_code")
	for _, g := range going {
		a.g = g
		if node, _ := x.snap.Node(g.Node); !node.Online() || !inquiry.Commandable(g.Node) {
			a.say("offline", "guest", guestTitle(&g), "node", quoteText(g.Node))
			continue
		}
		if kubernetes && validLabel(g.Name) {
			a.runf("kubectl drain %s --ignore-daemonsets --delete-emptydir-data", strings.ToLower(g.Name))
			a.runf("kubectl delete node %s", strings.ToLower(g.Name))
		}
		if g.HA {
			a.runf("ha-manager remove %s", a.sid())
		}
		if g.Status == pve.GuestRunning {
			a.runf("%s shutdown %d", a.tool(), g.VMID)
		}
		a.runf("%s destroy %d --purge", a.tool(), g.VMID)
	}
	if len(a.out.GetCommands()) > commandsMost {
		a.say("shrink_cut", "n", strconv.Itoa(commandsMost))
		a.out.Commands = a.out.GetCommands()[:commandsMost]
	}
	a.out.Text = clip(a.out.GetText(), 4000)
	return a.out
}
