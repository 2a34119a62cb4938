package understand

import (
	"slices"
	"strings"
)

// Phrases that tell what a sentence is for, whatever it speaks of.
const (
	// favours begin a sentence that has the form of a question and asks for something to be done.
	favours = "can you|could you|will you|would you|can we|could we|can i|could i|may i|would it be|is it possible|are you able|do you mind|is there a way|peux tu|peut tu|pouvez vous|tu peux|vous pouvez|pourrais tu|pourriez vous|tu pourrais|vous pourriez|" +
		"est ce que tu|est ce que vous|est ce qu on peut|est ce qu on pourrait|est ce que je peux|est ce que je pourrais|est ce que nous|est ce possible|est il possible|serait il|peut on|pourrait on|puis je|veux tu|voulez vous"
	// howTos begin a question for the way to do something.
	howTos = "how do i|how do we|how can i|how can we|how could i|how would i|how should i|how to|what s the command|what is the command|whats the command|which command|what command|" +
		"comment faire|comment je fais|comment on fait|comment puis je|comment peut on|comment dois je|comment je peux|quelle est la commande|quelle commande|c est quoi la commande|avec quelle commande"
	// makings are the verbs of a wish that does not say what for.
	makings = "set|sort|build|make|create|prepare|arrange|organise|organize|help|provide|get|do|give|deploy|spin|want|need|like|mettre|mets|mettez|monter|montes|preparer|prepare|creer|faire|fais|faites|fournir|organiser|installer|deployer|aider|aide|trouver|donner"
	// deliberations ask for advice, or for what would follow.
	deliberations = "should i|should we|do i have to|do we have to|faut il|devrais je|dois je|devons nous|devrait on|doit on|what happens if|what would happen if|what if|que se passe t il si|que se passerait il si|qu arrive t il si|qu arriverait il si"
	vagueness     = "environment|environnement|something|anything|some stuff|quelque chose|un truc|un machin|des trucs"
)

// factual reports whether a sentence asks whether something is so: "is OPNsense protected?". Such a question is never an order.
func (s *sentence) factual(p parsed, first int) bool {
	if s.said(favours) || first >= len(s.p.toks) {
		return false
	}
	f := s.p.toks[first].fold
	verb := slices.Contains([]string{"is", "are", "does", "do", "has", "did", "was", "were", "isn't", "aren't", "doesn't"}, f)
	if strings.HasPrefix(s.flatText(), " est ce qu") || p.question && s.said(deliberations) {
		return true
	}
	return verb && (p.question || s.actAt(first) == acWhether)
}

// flatText is the text as [flatten] writes it.
func (s *sentence) flatText() string {
	if s.flat == "" {
		s.flat = flatten(s.p.text)
	}
	return s.flat
}

// howTo recognises a question for the way to do what a person does to a guest: its answer is the command.
func (s *sentence) howTo() (task, bool) {
	infinitive := false
	for i, t := range s.p.toks[:min(len(s.p.toks), lookAhead)] { // "comment redémarrer web1 ?"
		infinitive = infinitive || t.fold == "comment" && isOperation(s.actAt(i+1)) && strings.HasSuffix(s.p.toks[i+1].fold, "r") || t.fold == "comment" && isOperation(s.actAt(i+1)) && strings.HasSuffix(s.p.toks[i+1].fold, "re")
	}
	if !infinitive && !s.said(howTos) {
		return task{}, false
	}
	operations := s.operations()
	if len(operations) == 0 || len(operations[0].ref.word)+operations[0].ref.id == 0 && operations[0].verb != acEvacuate {
		return task{}, false
	}
	if found, _ := s.x.resolveRef(operations[0].ref); len(found) == 0 && operations[0].verb != acEvacuate {
		return task{}, false
	}
	return task{operations: operations[:1]}, true
}

// vagueWish reports whether a text asks for something without a word of what: "can you set something up for us?".
func (s *sentence) vagueWish(p parsed) bool {
	if !s.said(vagueness) || !s.said(makings) || len(s.p.toks) > 32 || p.hasHead || p.hasAttribute || s.code || len(s.nodes()) > 0 || s.ofClusterByName() {
		return false
	}
	return (s.said(favours) || !p.question) && !s.said("wrong|broken|happened|changed|ne va pas|se passe|est casse|a change") &&
		!slices.ContainsFunc(clusterWords, func(c class) bool { return s.words[c] })
}

// ofClusterByName reports whether a text names a thing that the cluster has.
func (s *sentence) ofClusterByName() bool {
	if ids, _ := s.guestIDs(); len(ids) > 0 {
		return true
	}
	return s.names(aNode | aNetwork | aStorage | aPool | anHAGroup | aTemplate | aGuest | anImage)
}

// vague reports whether a text has a word such as "something".
func (p parsed) vague() bool {
	return slices.ContainsFunc(p.items, func(it item) bool { return it.kind == itSignal && it.signal == clSomething })
}

// mayBeVague reports whether nothing firmer was decided than what a wish without its object looks like.
func (r route) mayBeVague() bool {
	return slices.Contains([]string{"", "question_unsupported", "off_topic", "change_unsupported"}, r.code)
}
