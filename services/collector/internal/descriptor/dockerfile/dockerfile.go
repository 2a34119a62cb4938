// Package dockerfile reads what a Dockerfile says of the image that is built from it, with BuildKit's own parser.
//
// It owns stages and the chain between them, arguments and their expansion, and the facts of the last stage. It does not
// know which component the image belongs to: package descriptor gives the facts to one.
package dockerfile

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// A Build says how an image is built where something other than the file says it.
type Build struct {
	// Target is the stage that is wanted; empty: the last.
	Target string
	// Args go before the defaults of ARG.
	Args map[string]string
}

// Read reads one Dockerfile. The result holds one component without a name, with the facts of the image, or none when the file has
// no stage. An instruction that cannot be read is a problem; what stands around it is read.
func Read(files fs.FS, name string, build Build) reading.Result {
	var out reading.Result
	data, ok := out.Load(files, name)
	if !ok {
		return out
	}
	parsed, err := parser.Parse(bytes.NewReader(bytes.ToValidUTF8(data, []byte("\uFFFD"))))
	if err != nil {
		out.Problem(name, lineOf(err), "syntax", "The Dockerfile is not valid: "+cause(err)+".")
		return out
	}
	r := &reader{file: name, build: build, out: &out, words: newExpander(parsed.EscapeToken)}
	for _, node := range parsed.AST.Children {
		r.instruction(node)
	}
	if component := r.component(); component != nil {
		out.Components = append(out.Components, component)
	}
	return out
}

// mostOfInstructions and mostOfStages bound how much of one file is understood.
const (
	mostOfInstructions = 10_000
	mostOfStages       = 200
	mostOfMistakes     = 8 // a file with more is something else, or a template
)

// reader goes over the instructions of one file.
type reader struct {
	file  string
	build Build
	out   *reading.Result
	words *expander

	seen     int // instructions; beyond the bound nothing is read
	mistakes int
	global   map[string]string // ARG before the first FROM
	stages   []*stage
}

// stage is one FROM with what follows it.
type stage struct {
	name   string
	image  string // reference as written with arguments filled in; empty when parent is set, or for scratch
	parent *stage
	line   int

	scope map[string]string // ARG and ENV as far as read, for expansion

	ports       []*provisov1.PortFact
	environment []variable
	volumes     []*provisov1.VolumeFact
	command     line
	entrypoint  line
	health      *provisov1.HealthFact
	noHealth    bool
}

// line is a command and where it stands.
type line struct {
	text  string
	shell bool
	at    int
}

// variable is an ENV.
type variable struct {
	name, value string
	at          int
}

func (r *reader) instruction(node *parser.Node) {
	r.seen++
	if r.seen > mostOfInstructions {
		if r.seen == mostOfInstructions+1 {
			r.out.Problem(r.file, node.StartLine, "too_many", "The Dockerfile holds too many instructions; the rest was not read.")
		}
		return
	}
	parsed, err := instructions.ParseInstruction(node)
	if err != nil {
		r.out.Problem(r.file, node.StartLine, "syntax", "The instruction is not valid: "+cause(err)+".")
		if r.mistakes++; r.mistakes == mostOfMistakes {
			r.out.Problem(r.file, node.StartLine, "syntax", "Too many instructions are not valid; the rest of the file was not read.")
			r.seen = mostOfInstructions + 1
		}
		return
	}
	switch c := parsed.(type) {
	case *instructions.Stage:
		r.from(c, node.StartLine)
	case *instructions.ArgCommand:
		r.arguments(c)
	default:
		if len(r.stages) > 0 {
			r.command(r.stages[len(r.stages)-1], parsed, node.StartLine)
		}
	}
}

// from begins a stage.
func (r *reader) from(c *instructions.Stage, at int) {
	if len(r.stages) >= mostOfStages {
		r.out.Problem(r.file, at, "too_many", "The Dockerfile holds too many stages; the rest was not read.")
		r.seen = mostOfInstructions + 1
		return
	}
	s := &stage{name: c.Name, line: at, scope: map[string]string{}}
	// The name of a stage may depend on the platform of the build; that of an image is kept as written then.
	if parent := r.stage(r.words.expand(c.BaseName, platform, r.global)); parent != nil {
		s.parent = parent
		maps.Copy(s.scope, parent.scope)
	} else if image := r.words.expand(c.BaseName, r.global); image != "scratch" {
		s.image = image
	}
	r.stages = append(r.stages, s)
}

// stage finds a stage by its name; later ones hide earlier ones.
func (r *reader) stage(name string) *stage {
	for _, v := range slices.Backward(r.stages) {
		if v.name != "" && strings.EqualFold(v.name, name) {
			return v
		}
	}
	return nil
}

// arguments declares ARG: before the first FROM for all of them, after it for its stage, where the value of the
// file's head is used when none is given.
func (r *reader) arguments(c *instructions.ArgCommand) {
	if r.global == nil {
		r.global = map[string]string{}
	}
	for _, arg := range c.Args {
		given, isGiven := r.build.Args[arg.Key]
		if len(r.stages) == 0 {
			switch {
			case isGiven:
				r.global[arg.Key] = given
			case arg.Value != nil:
				r.global[arg.Key] = r.words.expand(*arg.Value, r.global)
			}
			continue
		}
		s := r.stages[len(r.stages)-1]
		head, inHead := r.global[arg.Key]
		switch {
		case s.declares(arg.Key):
			// ENV hides ARG.
		case isGiven:
			s.scope[arg.Key] = given
		case arg.Value != nil:
			s.scope[arg.Key] = r.words.expand(*arg.Value, s.scope)
		case inHead:
			s.scope[arg.Key] = head
		}
	}
}

// declares reports whether the stage or one that it is built on sets the variable with ENV.
func (s *stage) declares(name string) bool {
	for ; s != nil; s = s.parent {
		for _, v := range s.environment {
			if v.name == name {
				return true
			}
		}
	}
	return false
}

// cause is the sentence of an error without its trail of causes.
func cause(err error) string {
	text := err.Error()
	return strings.TrimRight(strings.TrimSpace(text), ".")
}

// lineOf is the line that an error of the parser names, 0 when it names none.
func lineOf(err error) int {
	var located *parser.LocationError
	if errors.As(err, &located) && len(located.Locations) > 0 && len(located.Locations[0]) > 0 {
		return located.Locations[0][0].Start.Line
	}
	return 0
}
