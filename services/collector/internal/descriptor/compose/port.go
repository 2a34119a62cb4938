package compose

import (
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v3"

	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// mostOfPorts bounds the ports of one service: a range of thousands says nothing.
const mostOfPorts = 128

// ports reads ports and expose.
func (s *service) ports() {
	for _, l := range s.all("ports") {
		for _, item := range s.tree.items(l.node) {
			if item.Kind == yaml.MappingNode {
				s.longPort(l, item)
			} else {
				s.shortPort(l, item, true)
			}
		}
	}
	for _, l := range s.all("expose") {
		for _, item := range s.tree.items(l.node) {
			s.shortPort(l, item, false)
		}
	}
}

// shortPort reads 80, 8080:80, 127.0.0.1:8080:80/udp and ranges of them. What only exposes ports publishes none of them.
func (s *service) shortPort(l layer, n *yaml.Node, publishes bool) {
	text := interpolate(n.Value)
	said, hidden, known := settled(text)
	if known && width(said) > mostOfPorts {
		s.out.Result.Problem(l.file, n.Line, "too_many", "The ports "+strconv.Quote(reading.Cut(text, 80))+" are too many.")
		return
	}
	configs, err := types.ParsePortConfig(said)
	if !known || err != nil {
		s.out.Result.Problem(l.file, n.Line, "unsupported", "The port "+strconv.Quote(reading.Cut(text, 80))+" has no number.")
		return
	}
	// Ranges come sorted as texts.
	slices.SortStableFunc(configs, func(a, b types.ServicePortConfig) int { return int(a.Target) - int(b.Target) })
	for _, config := range configs {
		s.port(config, hidden, publishes, l.under(n))
	}
}

// settled leaves out what is a variable without a value: the address of the machine, or the published port, which is hidden then.
// The container's own port must be known.
func settled(text string) (said string, hidden, known bool) {
	if !unset(text) {
		return text, false, true
	}
	parts := split(text)
	container := parts[len(parts)-1]
	switch {
	case unset(container):
		return "", false, false
	case len(parts) == 1:
		return container, false, true
	case unset(parts[len(parts)-2]):
		return container, true, true
	default:
		return parts[len(parts)-2] + ":" + container, false, true
	}
}

// split cuts a text at its colons outside of braces.
func split(text string) []string {
	var parts []string
	depth, start := 0, 0
	for i, c := range text {
		switch {
		case c == '{':
			depth++
		case c == '}':
			depth--
		case c == ':' && depth == 0:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

// width is the number of ports of the widest range of a specification.
func width(text string) int {
	text, _, _ = strings.Cut(text, "/")
	widest := 1
	for part := range strings.SplitSeq(text, ":") {
		first, last, found := strings.Cut(part, "-")
		from, err1 := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		if found && err1 == nil && err2 == nil {
			widest = max(widest, to-from+1)
		}
	}
	return widest
}

func (s *service) longPort(l layer, n *yaml.Node) {
	value := func(key string) string {
		if at := s.tree.get(n, key); at != nil {
			return interpolate(at.Value)
		}
		return ""
	}
	target, err := strconv.ParseUint(value("target"), 10, 16)
	if err != nil {
		s.out.Result.Problem(l.file, n.Line, "unsupported", "The port "+strconv.Quote(reading.Cut(value("target"), 80))+" has no number.")
		return
	}
	published := value("published")
	s.port(types.ServicePortConfig{Name: value("name"), Target: uint32(target), Published: published, Protocol: value("protocol")}, unset(published), true, l.under(n))
}

// port adds one port, and how it is reached from the machine when it is published.
func (s *service) port(config types.ServicePortConfig, hidden, publishes bool, at *provisov1.Evidence) {
	protocol := strings.ToLower(config.Protocol)
	if protocol == "" {
		protocol = "tcp"
	}
	if config.Target < 1 || config.Target > 65535 || !slices.Contains([]string{"tcp", "udp", "sctp"}, protocol) || len(s.component.GetPorts()) >= mostOfPorts {
		return
	}
	s.component.Ports = append(s.component.Ports, &provisov1.PortFact{Number: int32(config.Target), Protocol: protocol, Name: reading.Cut(config.Name, 63), Evidence: at})
	if !publishes || (config.Published == "" && !hidden) {
		return
	}
	first, _, _ := strings.Cut(config.Published, "-")
	published, err := strconv.ParseUint(first, 10, 16)
	if err != nil {
		published = 0
	}
	s.component.Exposures = append(s.component.Exposures, &provisov1.ExposureFact{Kind: "host", Port: int32(published), TargetPort: int32(config.Target), Evidence: at})
}
