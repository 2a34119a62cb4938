package profile

import (
	"strconv"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// The origins of a value, as in the contract.
const (
	observed  = "observed"
	inferred  = "inferred"
	stated    = "stated"
	heuristic = "heuristic"
	assumed   = "assumed"
)

// The steps of the scale in the package comment.
const (
	sureDeployed  = 1.00
	sureStated    = 0.95
	sureWritten   = 0.90
	sureSaid      = 0.80
	sureConcluded = 0.70
	sureGuessed   = 0.60
	sureUsual     = 0.50
	sureThumb     = 0.40
	sureNothing   = 0.30

	contradicted = 0.20
)

// A provenance says where a value comes from; the zero value means that there is none yet.
type provenance struct {
	origin     string
	confidence float64
	source     string
	reason     string
}

// known reports whether a value was given at all.
func (p provenance) known() bool { return p.origin != "" }

// sourced is a value with its provenance.
type sourced[T any] struct {
	v T
	provenance
}

// assume sets a value unless it is known.
func (s *sourced[T]) assume(v T, p provenance) {
	if !s.known() {
		*s = sourced[T]{v, p}
	}
}

// ranks is the order in which a deployment would use what the parsers read.
var ranks = map[string]int{
	"kubernetes": 0, "helm": 1, "kustomize": 2, "compose": 3, "dockerfile": 4, "procfile": 5, "package": 6, "environment": 7, "terraform": 8, "readme": 9,
}

// rank orders evidence: observed before inferred, then by parser.
func rank(e *provisov1.Evidence) int {
	r, ok := ranks[e.GetParser()]
	if !ok {
		r = len(ranks)
	}
	if e.GetStanding() == inferred {
		r += 100
	}
	return r
}

// place writes where a fact stands.
func place(e *provisov1.Evidence) string {
	if e.GetFile() == "" {
		return ""
	}
	if e.GetLine() == 0 {
		return e.GetFile()
	}
	return e.GetFile() + ":" + strconv.Itoa(int(e.GetLine()))
}

// read is the provenance of a fact of a descriptor.
func (s speech) read(e *provisov1.Evidence) provenance {
	if e.GetStanding() == inferred {
		return provenance{inferred, sureConcluded, place(e), s.say("reason.parser")}
	}
	sure := sureDeployed
	switch r := ranks[e.GetParser()]; {
	case r >= ranks["package"]:
		sure = sureWritten
	case r >= ranks["dockerfile"]:
		sure = sureStated
	}
	return provenance{observed, sure, place(e), s.say("reason.written")}
}

// follows is the provenance of what a rule concludes from something that stands at a source.
func (s speech) follows(confidence float64, source, key string, args ...any) provenance {
	return provenance{inferred, confidence, source, s.say(key, args...)}
}

// usual is the provenance of a default.
func (s speech) usual(confidence float64, key string, args ...any) provenance {
	return provenance{assumed, confidence, "", s.say(key, args...)}
}
