package kubernetes

import (
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/collector/internal/descriptor/reading"
)

// mention says which hosts the value of a variable names: the workloads behind a Service of that name, else, of a secret whose value
// goes no further, the host itself.
func (s *survey) mention(c *provisov1.Component, fact *provisov1.EnvironmentFact, value string) {
	for _, host := range reading.Hosts(fact.GetName(), value) {
		named := false
		for _, service := range s.services[host] {
			for _, w := range s.selected(service) {
				named = true
				s.mentioned(c, w.component.GetName(), fact)
			}
		}
		if !named && fact.GetSecret() {
			s.mentioned(c, host, fact)
		}
	}
}

// mostOfMentions bounds the mentions of one reading.
const mostOfMentions = 10_000

func (s *survey) mentioned(c *provisov1.Component, host string, fact *provisov1.EnvironmentFact) {
	if host != c.GetName() && len(s.result.Mentions) < mostOfMentions {
		s.result.Mentions = append(s.result.Mentions, reading.Mention{Component: c.GetName(), Host: host, Evidence: fact.GetEvidence()})
	}
}
