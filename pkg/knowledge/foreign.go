package knowledge

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// foreignText says which questions the documents do not answer although they hold some of their words. Its head explains its form.
//
//go:embed foreign.txt
var foreignText string

// A foreignLine is met by a question that holds a phrase of every group and none of the exceptions.
type foreignLine struct {
	groups [][]int32 // numbers of phrases
	unless []int32
	guest  bool // names what may also run in a guest
}

// foreignMatters finds the lines that a question meets.
type foreignMatters struct {
	phrases map[string][]foreignPhrase // by their first stem
	lines   []foreignLine
	first   map[int32][]int32 // phrase of a line's first group to the lines
}

type foreignPhrase struct {
	stems  []string
	number int32
}

var foreignQuestions = sync.OnceValue(func() *foreignMatters { return parseForeign(foreignText) })

func parseForeign(text string) *foreignMatters {
	p := foreignParser{
		foreignMatters: &foreignMatters{phrases: make(map[string][]foreignPhrase), first: make(map[int32][]int32)},
		named:          make(map[string][]int32), numbers: make(map[string]int32),
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			p.line(line)
		}
	}
	return p.foreignMatters
}

type foreignParser struct {
	*foreignMatters
	named   map[string][]int32 // groups by their names
	numbers map[string]int32   // of phrases, by their stems
}

func (p *foreignParser) line(line string) {
	if name, list, ok := strings.Cut(line, ":"); ok && strings.HasPrefix(name, "@") {
		p.named[name] = p.group(list)
		return
	}
	met, unless, _ := strings.Cut(line, " - ")
	met, guest := strings.CutPrefix(met, "~ ")
	l := foreignLine{unless: p.group(unless), guest: guest}
	for list := range strings.SplitSeq(met, " + ") {
		l.groups = append(l.groups, p.group(list))
	}
	for _, number := range l.groups[0] {
		p.first[number] = append(p.first[number], int32(len(p.lines))) //nolint:gosec // There are some hundred lines.
	}
	p.lines = append(p.lines, l)
}

// group returns the numbers of phrases separated by commas.
func (p *foreignParser) group(list string) []int32 {
	var numbers []int32
	for text := range strings.SplitSeq(list, ",") {
		text = strings.TrimSpace(text)
		if strings.HasPrefix(text, "@") {
			numbers = append(numbers, p.named[text]...)
			continue
		}
		stems := foreignStems(singular(words(text)))
		if len(stems) == 0 {
			continue
		}
		key := strings.Join(stems, " ")
		number, ok := p.numbers[key]
		if !ok {
			number = int32(len(p.numbers)) //nolint:gosec // There are some thousand phrases.
			p.numbers[key] = number
			p.phrases[stems[0]] = append(p.phrases[stems[0]], foreignPhrase{stems: stems, number: number})
		}
		numbers = append(numbers, number)
	}
	return numbers
}

// determiners may be missing from a phrase, or stand in it; "my" and its like tell something: "my router" is not the cluster's.
var determiners = set("a an the le la les l un une des de du d")

func foreignStems(list []word) []string {
	var all, told []string
	for _, w := range list {
		all = append(all, w.stem)
		if !determiners[w.text] {
			told = append(told, w.stem)
		}
	}
	if len(told) > 1 || len(told) == 1 && len(told[0]) > 2 {
		return told
	}
	return all
}

// singular are words whose stems lack an s alone. Other endings stay: a name must not be met by a word that is like it, such as
// the size of a disk by the cutting of a hedge in French.
func singular(list []word) []word {
	all := make([]word, len(list))
	for i, w := range list {
		w.stem = withoutPlural(w)
		all[i] = w
	}
	return all
}

func withoutPlural(w word) string {
	if len(w.text) > 3 && !strings.HasSuffix(w.text, "ss") {
		return strings.TrimSuffix(w.text, "s")
	}
	return w.text
}

// knows reports whether a word begins a phrase: it is a name then that is known.
func (m *foreignMatters) knows(w word) bool {
	return m != nil && len(m.phrases[singular([]word{w})[0].stem]) > 0
}

// A foreignKind says how surely a line that is met tells a foreign matter.
type foreignKind int

// The kinds of lines, and of a question that meets none.
const (
	notForeign    foreignKind = iota
	foreignGuest              // names what may also run in a guest
	foreignMatter             // several things together
	foreignName               // a name alone
)

func (l *foreignLine) kind() foreignKind {
	switch {
	case l.guest:
		return foreignGuest
	case len(l.groups) > 1:
		return foreignMatter
	}
	return foreignName
}

// meets returns the surest kind of the lines that a question meets.
func (m *foreignMatters) meets(question []word) foreignKind {
	question = singular(question)
	var held []int32
	for i, w := range question {
		for _, p := range m.phrases[w.stem] {
			if begins(question[i:], p.stems, func(w word) word { return w }) > 0 {
				held = append(held, p.number)
			}
		}
	}
	slices.Sort(held)
	holds := func(group []int32) bool {
		return slices.ContainsFunc(group, func(number int32) bool {
			_, there := slices.BinarySearch(held, number)
			return there
		})
	}
	surest := notForeign
	for _, number := range held {
		for _, at := range m.first[number] {
			line := &m.lines[at]
			if line.kind() > surest && !holds(line.unless) && !slices.ContainsFunc(line.groups, func(group []int32) bool { return !holds(group) }) {
				surest = line.kind()
			}
		}
	}
	return surest
}
