// Package understand turns a request in English or French into a typed intent, or says what is missing.
//
// It owns the language (tokens, lexicon, phrases, groups), the dialogue (answers, corrections, confirmation), the role
// profiles, the defaults with their reasons, and the check of what was said against a snapshot of the cluster. It is a
// pure function of its input: no network, no clock, no files. It does not read clusters, choose nodes, or reserve ids:
// a wish is checked to be possible by name, whether there is room is for the analyser.
//
// The way of a text:
//
//	scan      text -> tokens with byte offsets            token.go
//	read      tokens -> lexemes, typos corrected          lexicon.go
//	parse     lexemes -> items ("4 cores", "on pmox02")   parser.go, phrase_*.go
//	assemble  items -> groups of equal machines           assemble.go, settle.go, single.go, listed.go
//	refer     "the same", "again" -> what they stand for  reference.go, memory.go
//	merge     answers and corrections, in order           dialogue.go
//	ground    names against the snapshot, defaults        ground_*.go, series.go, startup.go, assume.go
//	convert   -> the wire's intent, questions, table      convert.go, table.go
//
// What exists is read by a second grammar over the same tokens, because there a verb, a guest and a figure mean something only
// together:
//
//	clauses   verbs, guests, wishes, how they belong      existing.go, existing_wish.go, action.go
//	route     change, import, operation, question         existing_route.go
//	foresee   what was, what will be, what if             foresight*.go, wants.go
//	ground    what the guest has, and what it comes to    change_ground.go
//	answer    commands for a person, figures              lifecycle.go, package inquiry
package understand
