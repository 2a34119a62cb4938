package kubernetes

import (
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/collector/internal/descriptor/reading"
)

// environment takes the variables of a container: those written, and those that a ConfigMap or Secret of the same reading
// names. One that is not there has names that nobody knows.
func (s *survey) environment(c *provisov1.Component, o Object, container Field) {
	for _, f := range container.Get("envFrom").Items() {
		prefix := f.Get("prefix").Text()
		if name := f.Get("configMapRef", "name").Text(); name != "" {
			s.configured(c, prefix, name)
		}
		if name := f.Get("secretRef", "name").Text(); name != "" {
			s.secret(c, prefix, name)
		}
	}
	for _, f := range container.Get("env").Items() {
		name := reading.Cut(f.Get("name").Text(), 256)
		if name == "" {
			continue
		}
		fact := &provisov1.EnvironmentFact{Name: name, Evidence: s.at(o, f.Get("name"))}
		if from := f.Get("valueFrom"); from.Present() {
			s.origin(c, fact, from)
		} else {
			fact.Value, fact.Secret = reading.Value(name, f.Get("value").Text())
			s.mention(c, fact, f.Get("value").Text())
		}
		c.Environment = append(c.Environment, fact)
	}
}

// origin says where a variable comes from. The value of a ConfigMap of the same reading is as good as written here.
func (s *survey) origin(c *provisov1.Component, fact *provisov1.EnvironmentFact, from Field) {
	switch {
	case from.Get("secretKeyRef").Present():
		ref := from.Get("secretKeyRef")
		fact.Secret, fact.From = true, "secret "+ref.Get("name").Text()+", key "+ref.Get("key").Text()
	case from.Get("configMapKeyRef").Present():
		ref := from.Get("configMapKeyRef")
		fact.From = "config map " + ref.Get("name").Text() + ", key " + ref.Get("key").Text()
		value := ""
		if config, ok := s.configs[ref.Get("name").Text()]; ok {
			value = config.Root.Get("data", ref.Get("key").Text()).Text()
		}
		fact.Value, fact.Secret = reading.Value(fact.GetName(), value)
		s.mention(c, fact, value)
	case from.Get("fieldRef").Present():
		fact.From = "field " + from.Get("fieldRef", "fieldPath").Text()
	case from.Get("resourceFieldRef").Present():
		fact.From = "resource " + from.Get("resourceFieldRef", "resource").Text()
	case from.Get("fileKeyRef").Present():
		fact.Secret = reading.SecretName(fact.GetName())
		fact.From = "file " + from.Get("fileKeyRef", "path").Text() + ", key " + from.Get("fileKeyRef", "key").Text()
	}
	fact.From = reading.Cut(fact.GetFrom(), 512)
}

// configured takes every key of a ConfigMap as a variable, where it stands.
func (s *survey) configured(c *provisov1.Component, prefix, name string) {
	config, ok := s.configs[name]
	if !ok {
		return
	}
	for _, e := range config.Root.Get("data").Entries() {
		variable := reading.Cut(prefix+e.Key, 256)
		if variable == "" {
			continue
		}
		fact := &provisov1.EnvironmentFact{Name: variable, From: reading.Cut("config map "+name+", key "+e.Key, 512), Evidence: s.at(config, e)}
		fact.Value, fact.Secret = reading.Value(variable, e.Text())
		s.mention(c, fact, e.Text())
		c.Environment = append(c.Environment, fact)
	}
}

// secret takes the names of a Secret's keys as variables.
func (s *survey) secret(c *provisov1.Component, prefix, name string) {
	secret, ok := s.secrets[name]
	if !ok {
		return
	}
	for _, keys := range []Field{secret.Root.Get("data"), secret.Root.Get("stringData"), secret.Root.Get("spec", "encryptedData")} {
		for _, e := range keys.Entries() {
			if variable := reading.Cut(prefix+e.Key, 256); variable != "" {
				c.Environment = append(c.Environment, &provisov1.EnvironmentFact{
					Name: variable, Secret: true, From: reading.Cut("secret "+name+", key "+e.Key, 512), Evidence: s.at(secret, e),
				})
			}
		}
	}
}
