package compose_test

import (
	"testing"

	"proviso.dev/services/collector/internal/descriptor/compose"
	"proviso.dev/services/collector/internal/descriptor/fixture"
)

func FuzzRead(f *testing.F) {
	f.Add("services:\n  a: &a\n    image: ${A:-b}\n    ports: ['1:2', {target: 3, published: 4}]\n    <<: *a\n    build: {context: ., args: [A=b]}\n")
	f.Add("include: [compose.yaml]\nservices: {a: {extends: a, environment: {A: , B: 1}, volumes: ['a:/b', {type: tmpfs, target: /t}], healthcheck: {test: [CMD, a]}}}\n")
	f.Add("services: {a: {deploy: {resources: {limits: {cpus: 1, memory: 1g}}}, tmpfs: /a, secrets: [a], configs: [{source: b, target: c}], env_file: [a, {path: b}]}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		got := compose.Read(fixture.File("compose.yaml", text), "compose.yaml")
		for _, s := range got.Services {
			if s.Component.GetName() == "" {
				t.Error("a service has a name")
			}
			if s.Build != nil && s.Build.Context == "" {
				t.Error("a build has a context")
			}
		}
	})
}
