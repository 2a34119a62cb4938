package understand

import (
	"slices"
	"strings"

	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/inquiry"
)

// asks reports whether a text is a question or an order to tell something, and strongly whether its first words say so.
func (s *sentence) asks(p parsed) (asks, strong bool) {
	i := 0
	for i < len(s.p.toks) && s.actAt(i) == clNone && s.p.is(i, clFiller, clThe, clLink, clAnd, clYes) {
		i += max(1, s.p.read[i].n)
	}
	if i < len(s.p.toks) && (s.p.toks[i].fold == "ou" || s.p.toks[i].fold == "d'ou") && (p.question || s.p.toks[i].raw == "où" || s.p.toks[i].raw == "Où") {
		s.has[acWhere] = true
		return true, true
	}
	s.first = min(i, len(s.p.toks)-1)
	for _, t := range s.p.toks {
		if strings.EqualFold(t.raw, "où") {
			s.has[acWhere] = true
		}
	}
	switch s.actAt(i) {
	case acWhich, acWhere, acHowMany, acList, acThere, acHelp, acQuorum, acState:
		return true, true
	}
	if s.certain(p) || s.factual(p, i) {
		return true, true
	}
	return p.question || p.first == clAsk || s.actAt(i) == acWhether, false
}

// topical reports whether a text has a word that only questions about a cluster have.
func (s *sentence) topical() bool {
	if s.nodeAsked() {
		return true
	}
	for _, c := range []class{acRoom, acFree, acWhere, acHowMany, acSurvive, acLoss, acThere, acList, acState, acNotBackedUp, acMost, acBusiest, acQuorum, acWhich, acRunning, acStopped, acSizeWord} {
		if s.has[c] {
			return true
		}
	}
	return false
}

// nodeAsked reports whether a text begins by asking a node for something: "can pmox03 take …".
func (s *sentence) nodeAsked() bool {
	i := max(0, s.first)
	return i < len(s.p.toks) && s.actAt(i) == acWhether && s.p.things(i+s.act[i].n)&aNode != 0
}

// query makes a query of a question; ok is false when it is not about the cluster.
func (s *sentence) query(p parsed) (q inquiry.Query, ok bool) {
	x := s.x
	if len(s.nodes()) > 0 {
		q.Node = s.nodes()[0]
	}
	s.sizes(&q)
	s.filters(&q)
	if !s.ofCluster() {
		return q, false
	}
	ids, missing := s.guestIDs()
	q.Guests = ids
	has := func(cs ...class) bool { return slices.ContainsFunc(cs, func(c class) bool { return s.has[c] }) }
	word := func(cs ...class) bool { return slices.ContainsFunc(cs, func(c class) bool { return s.words[c] }) }
	sized := q.Cores > 0 || q.MemoryMiB > 0 || q.DiskGiB > 0
	guests := word(clMachine) || s.containers
	if s.particular(&q) {
		return q, true
	}
	switch {
	case s.has[acHelp] && len(ids) == 0 && q.Node == "" && !sized && !word(clMachine, clNode, clTemplate, clMemory):
		q.Topic = inquiry.TopicHelp
	case has(acNotBackedUp) && !word(clStorage):
		q.Topic = inquiry.TopicBackup
	case len(ids) > 0 && !has(acSurvive):
		q.Topic, q.Aspect = inquiry.TopicGuest, s.aspect()
	case missing != "" && (word(clMachine) || has(acWhere, acState) || s.aspect() != inquiry.AspectAll) && !has(acRoom, acSurvive):
		q.Topic, q.Missing = inquiry.TopicNoSuchThing, missing
		for _, o := range x.guestOptions("en", guestRef{word: missing}, nil) {
			q.Near = append(q.Near, o.label)
		}
		if word(clNone) && !word(clMachine) && len(q.Near) == 0 && p.domain == 0 && !identifier(missing) {
			return q, false
		}
	case has(acSurvive) || has(acLoss) && (word(clNode) || q.Node != ""):
		q.Topic = inquiry.TopicResilience
	case (has(acBusiest) || word(clMostLoaded)) && !guests:
		q.Topic, q.Node, q.Most = inquiry.TopicNode, "", "load"
	case has(acRunning) && has(acWhich, acList) && q.Node != "" && !word(clNode, clMemory, clCores):
		q.Topic = inquiry.TopicGuests
	case (word(clStorage) || q.Storage != "") && !sized && has(acRoom, acFree) && !word(clMachine, clNode, clMemory, clCores, clTemplate) && q.Node == "":
		q.Topic = inquiry.TopicStorages
	case sized || has(acRoom) && !word(clTemplate) || has(acMost) && word(clNode) || word(clLeastLoaded):
		q.Topic = inquiry.TopicRoom
	case word(clTemplate) && !has(acISO):
		q.Topic = inquiry.TopicTemplates
	case has(acISO) || word(clImage, clOS) && !word(clMachine):
		q.Topic = inquiry.TopicImages
	case has(acMost, acBusiest) && (guests || has(acWhich)) && q.Node == "":
		q.Topic, q.Most = inquiry.TopicGuests, s.most()
	case word(clStorage) || q.Storage != "" || word(clDisk) && has(acFree):
		q.Topic = inquiry.TopicStorages
	case word(clHAGroup):
		q.Topic = inquiry.TopicHAGroups
	case word(clNetwork, clVLAN, clGateway) || s.names(aNetwork):
		q.Topic = inquiry.TopicNetworks
	case guests || has(acRunning, acStopped) && !word(clNode) && q.Node == "" || q.Pool != "" || q.Tag != "" || word(clHA):
		q.Topic, q.Number = inquiry.TopicGuests, has(acHowMany)
	case word(clPool):
		q.Topic = inquiry.TopicPools
	case word(clNode) || q.Node != "" || has(acFree) && word(clMemory, clCores) || word(clMemory, clCores) && has(acHowMany):
		q.Topic = inquiry.TopicNode
	case has(acQuorum) || has(acState) && len(s.p.toks) <= 3:
		q.Topic = inquiry.TopicCluster
	case has(acHelp):
		q.Topic = inquiry.TopicHelp
	case p.domain > 0 || word(clHA, clBackup, clDNS, clGateway, clIP) || s.cluster():
		q.Topic = inquiry.TopicNone
	default:
		return q, false
	}
	return q, true
}

// cluster reports whether a text speaks of the cluster by name.
func (s *sentence) cluster() bool {
	return slices.ContainsFunc(s.p.toks, func(t token) bool { return t.fold == "cluster" || t.fold == "proxmox" || t.fold == "pve" })
}

// names reports whether a text has the name of such a thing.
func (s *sentence) names(t thing) bool {
	for i := range s.p.toks {
		if s.p.things(i)&t != 0 {
			return true
		}
	}
	return false
}

// nodes returns the nodes that a text names.
func (s *sentence) nodes() []string {
	var out []string
	for _, c := range s.clauses {
		out = append(out, c.nodes...)
	}
	return out
}

// candidatesMost bounds how many words of a question are looked up as names of guests.
const candidatesMost = 32

// guestIDs returns the guests that a text names and that exist, else the first name that nothing has.
func (s *sentence) guestIDs() (ids []int, missing string) {
	for _, c := range s.clauses {
		for _, ref := range c.guests {
			found, _ := s.x.resolveRef(ref)
			if len(found) == 0 && !ref.every && missing == "" && !s.weak(ref) && !s.p.isRoleWord(ref.word) {
				missing = refText(ref)
			}
			if ref.every {
				continue
			}
			for _, g := range found {
				if !slices.Contains(ids, g.VMID) && len(ids) < 50 {
					ids = append(ids, g.VMID)
				}
			}
		}
	}
	for _, c := range s.candidates[:min(len(s.candidates), candidatesMost)] {
		found, _ := s.x.resolveRef(c.ref)
		for _, g := range found {
			if !slices.Contains(ids, g.VMID) && len(ids) < 50 {
				ids = append(ids, g.VMID)
			}
		}
		if len(found) == 0 && missing == "" && (c.strong || identifier(c.ref.word)) && !s.p.isRoleWord(c.ref.word) {
			missing = c.ref.word
		}
	}
	return ids, missing
}

// weak reports whether a reference is a word that merely stood where a name could: a verb that the lexicon does not have.
func (s *sentence) weak(ref guestRef) bool {
	return !identifier(ref.word) && slices.ContainsFunc(s.candidates, func(c candidate) bool { return c.ref == ref && !c.strong })
}

// isRoleWord reports whether a word is one that requests use for roles rather than a name.
func (p *parser) isRoleWord(word string) bool {
	c := words().meaning(fold(word)).class
	return c == clRole && !identifier(word) && len(word) < 6
}

// sizes takes the size that room is wanted for, and for how many.
func (s *sentence) sizes(q *inquiry.Query) {
	for _, c := range s.clauses {
		for _, w := range c.wishes {
			switch w.field {
			case fieldMemory:
				q.MemoryMiB = w.n
			case fieldCores:
				q.Cores = w.n
			case fieldDisk:
				q.DiskGiB = gibibytes(w.n)
			case fieldAddDisk:
				q.DiskGiB = gibibytes(w.disk.MiB.V)
			}
		}
	}
	whether := s.first >= 0 && s.actAt(s.first) == acWhether && len(s.nodes()) > 0
	if !whether && !s.has[acRoom] && !s.has[acWhere] && !s.has[acWhich] && !s.has[acFree] {
		q.Cores, q.MemoryMiB, q.DiskGiB = 0, 0, 0
	}
	for i := range s.p.toks {
		if n, next, ok := s.p.integer(i); ok && s.p.is(next, clMachine) && n > 1 && n <= 1000 {
			q.Count = n
		}
	}
}

// filters takes what narrows a list.
func (s *sentence) filters(q *inquiry.Query) {
	switch {
	case s.containers && !s.words[clMachine]:
		q.Kind = pve.KindContainer
	case s.words[clMachine] && !s.containers && slices.ContainsFunc(s.p.toks, func(t token) bool {
		return t.fold == "vm" || t.fold == "vms" || t.fold == "virtual" || t.fold == "virtuelle" || t.fold == "virtuelles"
	}):
		q.Kind = pve.KindVM
	}
	switch {
	case s.has[acStopped] || s.words[clStopped]:
		q.Status = pve.GuestStopped
	case s.has[acRunning] && !(s.has[acWhere] || s.has[acWhich] && len(s.nodes()) > 0 && !s.words[clMachine]):
		q.Status = pve.GuestRunning
	}
	if s.words[clHA] && !s.words[clHAGroup] {
		on := !slices.ContainsFunc(s.clauses, func(c clause) bool { return c.negated })
		q.HA = &on
	}
	for i, t := range s.p.toks {
		things := s.p.things(i)
		switch {
		case things&aPool != 0 && (s.words[clPool] || things == aPool):
			q.Pool, _ = s.x.find(t.fold, aPool)
		case things&aStorage != 0 && things&aNode == 0:
			q.Storage, _ = s.x.find(t.fold, aStorage)
		}
	}
	for _, c := range s.clauses {
		for _, w := range c.wishes {
			if w.field == fieldTags && len(w.list) > 0 {
				q.Tag = strings.ToLower(w.list[0])
			}
		}
	}
}

// aspect is what is asked of guests.
func (s *sentence) aspect() inquiry.Aspect {
	word := func(cs ...class) bool { return slices.ContainsFunc(cs, func(c class) bool { return s.words[c] }) }
	for _, c := range s.clauses {
		if slices.ContainsFunc(c.wishes, func(w wish) bool { return w.field == fieldBoot || w.field == fieldProtection && !word(clHA) }) {
			return inquiry.AspectConfig
		}
	}
	switch {
	case word(clIP, clDHCP):
		return inquiry.AspectAddress
	case word(clHA):
		return inquiry.AspectHA
	case s.has[acWhere] || word(clNode) || len(s.nodes()) > 0:
		return inquiry.AspectNode
	case word(clTags):
		return inquiry.AspectTags
	case word(clPool):
		return inquiry.AspectPool
	case word(clDescription):
		return inquiry.AspectDescription
	case word(clNetwork, clVLAN):
		return inquiry.AspectNetwork
	case word(clMemory, clCores, clDisk) || s.has[acSizeWord]:
		return inquiry.AspectSize
	case s.has[acState] || s.has[acRunning] || s.has[acStopped] || word(clStarted, clStopped):
		return inquiry.AspectStatus
	}
	return inquiry.AspectAll
}

// most is what the largest users are wanted of.
func (s *sentence) most() string {
	switch {
	case s.words[clCores]:
		return "cpu"
	case s.words[clDisk]:
		return "disk"
	}
	return "memory"
}
