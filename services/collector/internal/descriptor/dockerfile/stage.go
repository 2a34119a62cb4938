package dockerfile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// mostOfPorts bounds the ports of one image: EXPOSE 1-65535 says nothing.
const mostOfPorts = 128

// command adds what an instruction says to its stage. Instructions that shape only the build, and ONBUILD, which shapes
// other images, say nothing.
func (r *reader) command(s *stage, parsed any, at int) {
	switch c := parsed.(type) {
	case *instructions.EnvCommand:
		// All values of one ENV see the variables as they were before it.
		values := make([]string, len(c.Env))
		for i, pair := range c.Env {
			values[i] = r.words.expand(pair.Value, s.scope)
		}
		for i, pair := range c.Env {
			name := r.words.expand(pair.Key, s.scope)
			s.scope[name] = values[i]
			s.environment = append(s.environment, variable{name, values[i], at})
		}
	case *instructions.ExposeCommand:
		for _, word := range c.Ports {
			for _, port := range r.words.words(word, s.scope) {
				r.expose(s, port, at)
			}
		}
	case *instructions.VolumeCommand:
		for _, path := range c.Volumes {
			if path = r.words.expand(path, s.scope); path != "" {
				s.volumes = append(s.volumes, &provisov1.VolumeFact{Path: reading.Cut(path, 1024), Kind: "persistent", Evidence: r.at(at)})
			}
		}
	case *instructions.CmdCommand:
		s.command = lineFrom(c.ShellDependantCmdLine, at)
	case *instructions.EntrypointCommand:
		s.entrypoint = lineFrom(c.ShellDependantCmdLine, at)
	case *instructions.HealthCheckCommand:
		r.healthCheck(s, c, at)
	}
}

// expose reads 8080, 8080/udp and 8000-8010/tcp.
func (r *reader) expose(s *stage, spec string, at int) {
	text, protocol, found := strings.Cut(spec, "/")
	protocol = strings.ToLower(protocol)
	if !found {
		protocol = "tcp"
	}
	if i := strings.LastIndexByte(text, ':'); i >= 0 {
		text = text[i+1:]
	}
	first, last, ranged := strings.Cut(text, "-")
	if !ranged {
		last = first
	}
	from, err1 := strconv.ParseUint(first, 10, 16)
	to, err2 := strconv.ParseUint(last, 10, 16)
	switch {
	case err1 != nil || err2 != nil || from == 0 || to < from || !slices.Contains([]string{"tcp", "udp", "sctp"}, protocol):
		r.out.Problem(r.file, at, "unsupported", "EXPOSE "+strconv.Quote(reading.Cut(spec, 80))+" names no port.")
		return
	case len(s.ports)+int(to-from) >= mostOfPorts:
		r.out.Problem(r.file, at, "too_many", "EXPOSE "+strconv.Quote(reading.Cut(spec, 80))+" names too many ports.")
		return
	}
	for n := from; n <= to; n++ {
		s.ports = append(s.ports, &provisov1.PortFact{Number: int32(n), Protocol: protocol, Evidence: r.at(at)})
	}
}

func (r *reader) healthCheck(s *stage, c *instructions.HealthCheckCommand, at int) {
	s.health, s.noHealth = nil, true
	if c.Health == nil || len(c.Health.Test) < 2 {
		return
	}
	text := strings.Join(c.Health.Test[1:], " ")
	if c.Health.Test[0] == "CMD" {
		text = reading.Words(c.Health.Test[1:])
	}
	s.health = &provisov1.HealthFact{Kind: "container", Check: reading.Clean("exec "+text, 512), Evidence: r.at(at)}
}

func lineFrom(c instructions.ShellDependantCmdLine, at int) line {
	if c.PrependShell {
		return line{text: strings.Join(c.CmdLine, " "), shell: true, at: at}
	}
	return line{text: reading.Words(c.CmdLine), at: at}
}

func (r *reader) at(line int) *provisov1.Evidence {
	return reading.At(r.file, line, reading.Dockerfile)
}

// component collects the facts of the wanted stage and of those that it is built on.
func (r *reader) component() *provisov1.Component {
	wanted := r.wanted()
	if wanted == nil {
		return nil
	}
	var chain []*stage // the oldest first
	for s := wanted; s != nil; s = s.parent {
		chain = append(chain, s)
	}
	slices.Reverse(chain)
	out := &provisov1.Component{Evidence: []*provisov1.Evidence{r.at(wanted.line)}}
	if image := chain[0].image; image != "" {
		out.Images = append(out.Images, r.image(image, "base", chain[0].line))
	}
	for _, s := range r.stages {
		if s.image != "" && !slices.Contains(chain, s) {
			out.Images = append(out.Images, r.image(s.image, "build", s.line))
		}
	}
	r.inherit(out, chain)
	return out
}

// wanted is the stage that the image is made of: the last, unless the build says another.
func (r *reader) wanted() *stage {
	if len(r.stages) == 0 {
		return nil
	}
	if r.build.Target == "" {
		return r.stages[len(r.stages)-1]
	}
	if s := r.stage(r.build.Target); s != nil {
		return s
	}
	if n, err := strconv.Atoi(r.build.Target); err == nil && n >= 0 && n < len(r.stages) {
		return r.stages[n]
	}
	r.out.Problem(r.file, 0, "unsupported", "The Dockerfile has no stage "+strconv.Quote(reading.Cut(r.build.Target, 80))+"; its last was taken.")
	return r.stages[len(r.stages)-1]
}

func (r *reader) image(reference, role string, at int) *provisov1.ImageFact {
	return &provisov1.ImageFact{Reference: reading.Cut(reference, 512), Role: role, Evidence: r.at(at)}
}

// inherit adds what a chain of stages says, a later stage hiding an earlier one's variables, command and health check.
func (r *reader) inherit(out *provisov1.Component, chain []*stage) {
	var command, entrypoint line
	latest := map[string]variable{}
	var names []string
	for _, s := range chain {
		out.Ports = append(out.Ports, s.ports...)
		out.Volumes = append(out.Volumes, s.volumes...)
		if s.entrypoint.at > 0 {
			// A new entry point forgets the arguments that were meant for another.
			entrypoint, command = s.entrypoint, line{}
		}
		if s.command.at > 0 {
			command = s.command
		}
		if s.noHealth {
			out.Health = nil
			if s.health != nil {
				out.Health = []*provisov1.HealthFact{s.health}
			}
		}
		for _, v := range s.environment {
			if _, known := latest[v.name]; !known {
				names = append(names, v.name)
			}
			latest[v.name] = v
		}
	}
	for _, name := range names {
		v := latest[name]
		if name == "" {
			continue
		}
		fact, mentions := reading.Variable("", v.name, v.value, r.at(v.at))
		out.Environment = append(out.Environment, fact)
		r.out.Mentions = append(r.out.Mentions, mentions...)
	}
	if text, at := starting(entrypoint, command); text != "" {
		out.Commands = append(out.Commands, &provisov1.CommandFact{Command: text, Evidence: r.at(at)})
	}
}

// starting joins entry point and arguments as Docker does: an entry point in shell form takes none.
func starting(entrypoint, command line) (text string, at int) {
	switch {
	case entrypoint.text == "":
		text, at = command.text, command.at
	case entrypoint.shell || command.text == "":
		text, at = entrypoint.text, entrypoint.at
	default:
		text, at = entrypoint.text+" "+command.text, entrypoint.at
	}
	return reading.Clean(text, 1024), at
}
