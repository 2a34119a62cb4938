// Package reading is what every parser of repository files gives back, so that packages of one kind of file each can be
// joined by package descriptor without knowing one another.
//
// It owns the result, the bounds that hold for all of them, and how a line of a file becomes evidence. It reads nothing.
package reading

import (
	"strings"
	"unicode"

	"proviso.dev/pkg/redact"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// The names of parsers, in the order in which their facts count (ADR 0010).
const (
	Kubernetes  = "kubernetes"
	Helm        = "helm"
	Kustomize   = "kustomize"
	Compose     = "compose"
	Dockerfile  = "dockerfile"
	Procfile    = "procfile"
	Package     = "package"
	Environment = "environment"
	Readme      = "readme"
	Terraform   = "terraform"
)

// The standings of a fact.
const (
	Observed = "observed"
	Inferred = "inferred"
)

// A Result is what one parser read.
type Result struct {
	// Components with their facts; names may be those of other results, which are joined then.
	Components []*provisov1.Component
	// Resources that infrastructure code declares.
	Resources []*provisov1.DeclaredResource
	// Hints are words for people.
	Hints []*provisov1.Hint
	// Problems say what was not read.
	Problems []*provisov1.ReadingProblem
	// Mentions are hosts that secret values name.
	Mentions []Mention
	// Consumed are the paths of files that this result stands for: no other parser reads them again.
	Consumed []string
}

// Add appends what another result holds.
func (r *Result) Add(other Result) {
	r.Components = append(r.Components, other.Components...)
	r.Resources = append(r.Resources, other.Resources...)
	r.Hints = append(r.Hints, other.Hints...)
	r.Problems = append(r.Problems, other.Problems...)
	r.Mentions = append(r.Mentions, other.Mentions...)
	r.Consumed = append(r.Consumed, other.Consumed...)
}

// Problem appends a problem. The message is cut, and secrets in it are blacked out: errors of libraries quote what they read.
func (r *Result) Problem(file string, line int, code, message string) {
	message, _ = redact.Text(message)
	r.Problems = append(r.Problems, &provisov1.ReadingProblem{File: Cut(file, 1024), Line: int32(max(line, 0)), Code: code, Message: Cut(message, 1024)})
}

// At is the evidence of something that stands in a file; line 0: the file as a whole.
func At(file string, line int, parser string) *provisov1.Evidence {
	return &provisov1.Evidence{File: file, Line: int32(max(line, 0)), Parser: parser, Standing: Observed}
}

// From is the evidence of something concluded from a place.
func From(file string, line int, parser string) *provisov1.Evidence {
	e := At(file, line, parser)
	e.Standing = Inferred
	return e
}

// Cut returns at most n bytes of a text as valid UTF-8 without control characters other than line ends and tabs. The contract
// counts characters, of which there are no more.
func Cut(text string, n int) string {
	text = strings.ToValidUTF8(text[:min(n, len(text))], "")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
}
