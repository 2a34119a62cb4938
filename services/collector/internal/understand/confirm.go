package understand

// The meanings of an answer to "confirm"; the words are those of the contract. The empty string is none of them: nothing
// but a clear yes confirms.
const (
	confirmYes        = "yes"
	confirmNo         = "no"
	confirmCorrection = "correction"
)

// meaning classifies an answer to the question whether the interpretation is right.
func meaning(text string, names *index) string {
	toks := scan(text)
	read := words().read(toks, func(w string) bool { return names.has(w) })
	yes, no, others := 0, 0, 0
	for i := 0; i < len(toks); {
		t, r := toks[i], read[i]
		n := max(1, r.n)
		switch {
		case t.kind == tokMark && t.raw == "?":
			others++
		case t.kind == tokMark || t.kind == tokBreak:
		case t.kind == tokWord && r.n <= 1 && (t.fold == "y" || t.fold == "o"):
			yes++
		case t.kind == tokWord && r.n <= 1 && t.fold == "n":
			no++
		case r.lex.class == clYes:
			yes++
		case r.lex.class == clNo, r.lex.class == clNot:
			no++
		case r.lex.class == clFiller, r.lex.class == clLink, r.lex.class == clFor, r.lex.class == clThe, r.lex.class == clThey,
			r.lex.class == clAll:
		case r.lex.class == clCreate && yes > 0: // "yes, create it"
		default:
			others++
		}
		i += n
	}
	switch {
	case others == 0 && yes > 0 && no == 0:
		return confirmYes
	case others == 0 && no > 0:
		return confirmNo // also "not ok", "pas d'accord"
	}
	return ""
}
