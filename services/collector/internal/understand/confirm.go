package understand

import "slices"

// The meanings of an answer to "confirm"; the words are those of the contract. The empty string is none of them: nothing
// but a clear yes confirms.
const (
	confirmYes        = "yes"
	confirmNo         = "no"
	confirmCorrection = "correction"
)

// A tally counts what the words of an answer are.
type tally struct{ yes, no, unsure, others int }

// meaning classifies an answer to the question whether the interpretation is right.
func meaning(text string, names *index) string {
	switch t := weigh(text, names); {
	case t.others > 0 || t.unsure > 0:
		return ""
	case t.no > 0:
		return confirmNo // also "not ok", "pas d'accord"
	case t.yes > 0:
		return confirmYes
	}
	return ""
}

// undecided reports whether an answer says that there is none: "maybe", "je ne sais pas". It is no value either.
func undecided(text string, names *index) bool {
	t := weigh(text, names)
	return t.unsure > 0 && t.others == 0
}

func weigh(text string, names *index) tally {
	toks := scan(text)
	read := words().read(toks, func(w string) bool { return names.has(w) })
	var sum tally
	for i := 0; i < len(toks); {
		t, r := toks[i], read[i]
		n := max(1, r.n)
		switch {
		case t.kind == tokMark && t.raw == "?":
			sum.others++
		case t.kind == tokMark || t.kind == tokBreak:
		case t.kind == tokWord && r.n <= 1 && (t.fold == "y" || t.fold == "o"):
			sum.yes++
		case t.kind == tokWord && r.n <= 1 && t.fold == "n":
			sum.no++
		case r.lex.class == clUnsure, unsureWithoutAccent(toks[i:], n):
			sum.unsure++
		case r.lex.class == clYes:
			sum.yes++
		case r.lex.class == clNo, r.lex.class == clNot:
			sum.no++
		case r.lex.class == clFiller, r.lex.class == clLink, r.lex.class == clFor, r.lex.class == clThe, r.lex.class == clThey,
			r.lex.class == clAll:
		case r.lex.class == clCreate && sum.yes > 0: // "yes, create it"
		default:
			sum.others++
		}
		i += n
	}
	return sum
}

// unsureWithoutAccent reports whether the first n tokens are "pas sûr", which is "pas sur" (not on) once folded: nothing but
// marks follows it.
func unsureWithoutAccent(toks []token, n int) bool {
	if n != 2 || toks[0].fold != "pas" || toks[1].fold != "sur" {
		return false
	}
	return !slices.ContainsFunc(toks[n:], func(t token) bool { return t.kind != tokMark && t.kind != tokBreak })
}
