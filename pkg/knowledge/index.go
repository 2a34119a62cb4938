package knowledge

import (
	"math"
	"slices"
	"strings"
	"sync"
)

// How often a word counts, per field; how much a long field is discounted (0: not at all); and how fast repeated words
// saturate. They were tuned on the development questions of test/retrieval.
var (
	fieldWeight = [fields]float64{fieldName: 4, fieldTitle: 3, fieldAlias: 3, fieldHeading: 2, fieldArgument: 1.5, fieldText: 1, fieldCode: 0.4}
	fieldBias   = [fields]float64{fieldName: 0.3, fieldTitle: 0.5, fieldAlias: 0.6, fieldHeading: 0.5, fieldArgument: 0.6, fieldText: 0.7, fieldCode: 0.7}
)

const (
	saturation = 3.0
	// Passages are of similar length: little is to be discounted.
	passageSaturation = 1.2
	passageBias       = 0.5
	// A passage's title counts as often.
	passageTitle = 2.0
)

// An Index answers questions. It is safe for concurrent use. The zero value holds nothing and finds nothing.
type Index struct {
	documents []Document
	terms     map[string]int32 // word or meaning to its number
	rarity    []float64        // per term
	unseen    float64          // rarity of a word that no document holds
	postings  [][]posting      // per term, the documents that hold it
	passages  [][]posting      // per term, the passages that hold it
	owner     []int32          // per passage, its document
	first     []int32          // per document, its first passage
	concepts  []concept
	called    [][]int32  // per term, the concepts that hold it
	held      []bool     // per term, whether a document holds it or something that pages describe is called by it
	special   [][]string // per document, the meanings that its name says and few names say
	bySource  map[string]int32
	named     map[string]bool // identifiers of pages
	hasPages  bool            // of the provider, or the names of its schema
	matters   *foreignMatters
	// counterparts are data sources with the resources of the same things.
	counterparts []counterpart
	leanings     bothLeanings
	weights      weights
	room         sync.Pool // of *asked, cleared
}

// A posting says how much a term says about a document or passage.
type posting struct {
	id     int32
	impact float32 // to be multiplied with the term's rarity
}

// New indexes documents.
func New(documents []Document) *Index { return newIndex(documents, conceptsText+askedText) }

// newIndex indexes documents that are called what a text in the form of concepts.txt says.
func newIndex(documents []Document, called string) *Index {
	b := builder{
		Index:      &Index{documents: documents, terms: make(map[string]int32), bySource: make(map[string]int32), named: make(map[string]bool), matters: foreignQuestions(), counterparts: counterpartsOf(documents), leanings: fieldLeanings(), weights: evidenceWeights},
		vocabulary: fieldVocabulary(), folded: make(map[string][]numbered),
	}
	for i, d := range documents {
		b.bySource[d.Source] = int32(i) //nolint:gosec // There are thousands of documents at most.
		if d.name != "" {
			b.named[d.name], b.hasPages = true, true
		}
	}
	b.concepts = conceptsOf(b.Index, called)
	for _, c := range b.concepts {
		for _, id := range c.documents {
			b.documents[id].add(fieldAlias, c.text)
		}
	}
	b.markSpecial()
	b.indexDocuments()
	b.numberConcepts()
	b.indexPassages()
	b.indexConcepts()
	b.markHeld()
	return b.Index
}

// special are the parts of names that tell a page from others like it, with what they mean.
var special = map[string]string{
	"acme": "acme", "apt": "apt", "backup": "backup", "bond": "bond", "ceph": "ceph", "cifs": "cifs", "directory": "directory", "dns": "dns",
	"evpn": "evpn", "fabric": "fabric", "hosts": "hostsfile", "ldap": "ldap", "lvm": "lvm", "lvmthin": "lvmthin", "metrics": "metrics",
	"nfs": "nfs", "oci": "oci", "openfabric": "openfabric", "openid": "openid", "ospf": "ospf", "pbs": "pbs", "qinq": "qinq",
	"replication": "replication", "replications": "replication", "time": "time", "usb": "usb", "version": "version", "vxlan": "vxlan", "zfspool": "zfs",
}

// markSpecial notes what the names of pages say.
func (b *builder) markSpecial() {
	b.special = make([][]string, len(b.documents))
	for i, d := range b.documents {
		for part := range strings.SplitSeq(d.name, "_") {
			if m, ok := special[part]; ok {
				b.special[i] = append(b.special[i], meaningMark+m)
			}
		}
	}
}

// builder holds what is needed while an index is made.
type builder struct {
	*Index
	vocabulary *vocabulary
	folded     map[string][]numbered // what a piece of text without spaces becomes; documents repeat themselves
	list       []numbered            // room for the words of one text
}

// numbered is a word with its number and the phrases that begin with it.
type numbered struct {
	word
	number  int32
	phrases []phrase
}

// number returns the number of a term.
func (b *builder) number(term string) int32 {
	n, ok := b.terms[term]
	if !ok {
		n = int32(len(b.terms)) //nolint:gosec // There are some thousands of terms.
		b.terms[term] = n
	}
	return n
}

// each calls f with the number of every word and meaning of a text, and returns how many words it has.
func (b *builder) each(text string, f func(term int32)) int {
	list := b.list[:0]
	for piece := range strings.FieldsSeq(text) {
		folded, ok := b.folded[piece]
		if !ok {
			for _, w := range words(piece) {
				folded = append(folded, numbered{word: w, number: b.number(w.stem), phrases: b.vocabulary.phrases[w.stem]})
			}
			b.folded[piece] = folded
		}
		list = append(list, folded...)
	}
	length := 0
	for i := range list {
		w := &list[i]
		if !w.quiet {
			f(w.number)
			length++
		}
		for _, p := range w.phrases {
			if !p.wide && begins(list[i:], p.stems, func(n numbered) word { return n.word }) > 0 {
				f(b.number(p.meaning))
			}
		}
	}
	b.list = list
	return length
}

// numberConcepts numbers the words of concepts that no document is about.
func (b *builder) numberConcepts() {
	for _, c := range b.concepts {
		if len(c.documents) == 0 {
			b.each(c.text, func(int32) {})
		}
	}
}

func (b *builder) indexDocuments() {
	n := len(b.documents)
	lengths := make([][fields]float64, n)
	var mean [fields]float64
	seen := make([]map[int32]*[fields]float64, n)
	for i := range b.documents {
		counts := make(map[int32]*[fields]float64)
		for f, parts := range b.documents[i].fields {
			text := strings.Join(parts, "\n")
			length := b.each(text, func(term int32) {
				c := counts[term]
				if c == nil {
					c = new([fields]float64)
					counts[term] = c
				}
				c[f]++
			})
			lengths[i][f] = float64(length)
			mean[f] += float64(length) / float64(n)
		}
		seen[i] = counts
	}
	b.postings = make([][]posting, len(b.terms))
	prominent := make([]float64, len(b.terms)) // documents that hold the term in a field that says what they are about
	for i, counts := range seen {
		for term, c := range counts {
			weighted := 0.0
			for f, times := range c {
				if times == 0 {
					continue
				}
				bias := fieldBias[f]
				weighted += fieldWeight[f] * times / (1 - bias + bias*lengths[i][f]/mean[f])
			}
			if c[fieldName]+c[fieldTitle]+c[fieldAlias]+c[fieldHeading] > 0 {
				prominent[term]++
			}
			impact := weighted * (saturation + 1) / (weighted + saturation)
			b.postings[term] = append(b.postings[term], posting{id: int32(i), impact: float32(impact)}) //nolint:gosec // as above
		}
	}
	b.rarity = make([]float64, len(b.terms))
	for term := range b.rarity {
		// A word that many pages mention and few are about tells those few: the mean of both says so.
		b.rarity[term] = (rarity(n, float64(len(b.postings[term]))) + rarity(n, prominent[term])) / 2
	}
	b.unseen = rarity(n, 0)
}

func (b *builder) indexPassages() {
	total := 0
	lengths := []float64{}
	counted := []map[int32]float64{}
	for i, d := range b.documents {
		b.first = append(b.first, int32(len(b.owner))) //nolint:gosec // as above
		for _, p := range d.Passages {
			counts := make(map[int32]float64)
			length := b.each(p.Text, func(term int32) { counts[term]++ })
			length += b.each(p.Title, func(term int32) { counts[term] += passageTitle })
			b.owner = append(b.owner, int32(i)) //nolint:gosec // as above
			lengths, counted = append(lengths, float64(length)), append(counted, counts)
			total += length
		}
	}
	// Titles and code hold words that no field has: none of them decides anything.
	for len(b.rarity) < len(b.terms) {
		b.rarity = append(b.rarity, b.unseen)
		b.postings = append(b.postings, nil)
	}
	mean := float64(total) / max(1, float64(len(b.owner)))
	b.passages = make([][]posting, len(b.terms))
	for id, counts := range counted {
		for term, times := range counts {
			norm := passageSaturation * (1 - passageBias + passageBias*lengths[id]/mean)
			b.passages[term] = append(b.passages[term], posting{id: int32(id), impact: float32(times * (passageSaturation + 1) / (times + norm))}) //nolint:gosec // as above
		}
	}
}

// markHeld notes which terms are of the matter, be the pages at hand or not.
func (b *builder) markHeld() {
	b.held = make([]bool, len(b.terms))
	for term := range b.held {
		b.held[term] = len(b.postings[term]) > 0 || slices.ContainsFunc(b.called[term], func(c int32) bool { return !b.concepts[c].foreign })
	}
}

// rarity is the inverse document frequency of a term that some of n documents hold.
func rarity(n int, holding float64) float64 {
	return math.Log(1 + (float64(n)-holding+0.5)/(holding+0.5))
}
