package kubernetes

import (
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/collector/internal/descriptor/reading"
)

// maxExposures bounds what one object adds to one component: the product of hosts, paths and backends is the author's choice.
const maxExposures = 128

// selected are the workloads that a Service stands before: all its labels are theirs. One without a selector has none.
func (s *survey) selected(service Object) []*workload {
	selector := service.Root.Get("spec", "selector").Entries()
	if len(selector) == 0 {
		return nil
	}
	var out []*workload
	for _, w := range s.workloads {
		matches := together(w.object, service)
		for _, l := range selector {
			value, ok := w.labels[l.Key]
			matches = matches && ok && value == l.Text()
		}
		if matches {
			out = append(out, w)
		}
	}
	return out
}

// service exposes the workloads that it selects.
func (s *survey) service(o Object) {
	kind := "cluster"
	switch o.Root.Get("spec", "type").Text() {
	case "NodePort":
		kind = "node-port"
	case "LoadBalancer":
		kind = "load-balancer"
	case "ExternalName":
		return
	}
	for _, w := range s.selected(o) {
		for _, p := range o.Root.Get("spec", "ports").Items() {
			where := p.Get("port")
			number, ok := port(where)
			if !ok {
				continue
			}
			fact := &provisov1.ExposureFact{Kind: kind, Port: number, TargetPort: w.target(p)}
			if kind == "node-port" {
				fact.Port = 0 // of a node port that the cluster chooses
				if n, ok := port(p.Get("nodePort")); ok {
					fact.Port, where = n, p.Get("nodePort")
				}
			}
			fact.Evidence = s.at(o, where)
			w.expose(fact)
		}
	}
}

// target is the port of the workload behind a Service's port: the same when none is named; 0: a name that no container has.
func (w *workload) target(servicePort Field) int32 {
	target := servicePort.Get("targetPort")
	if n, ok := port(target); ok {
		return n
	}
	if target.Text() != "" {
		return w.ports[target.Text()]
	}
	n, _ := port(servicePort.Get("port"))
	return n
}

// expose adds an exposure.
func (w *workload) expose(fact *provisov1.ExposureFact) {
	if len(w.component.GetExposures()) < maxExposures {
		w.component.Exposures = append(w.component.Exposures, fact)
	}
}

// behind exposes the workloads behind a Service's port, which is named by its number or its name; neither: its only one.
func (s *survey) behind(o Object, name, servicePort string, fact *provisov1.ExposureFact) {
	for _, service := range s.services[name] {
		if !together(service, o) {
			continue
		}
		ports := service.Root.Get("spec", "ports").Items()
		for _, w := range s.selected(service) {
			target := int32(0)
			for _, p := range ports {
				if servicePort != "" && (p.Get("port").Text() == servicePort || p.Get("name").Text() == servicePort) || servicePort == "" && len(ports) == 1 {
					target = w.target(p)
				}
			}
			w.expose(&provisov1.ExposureFact{Kind: "ingress", TargetPort: target, Host: fact.GetHost(), Path: fact.GetPath(), Evidence: fact.GetEvidence()})
		}
	}
}

// backend reads the backend of an Ingress, in its present form and in that of v1beta1.
func backend(f Field) (service, servicePort string) {
	if service = f.Get("serviceName").Text(); service != "" {
		return service, f.Get("servicePort").Text()
	}
	p := f.Get("service", "port")
	return f.Get("service", "name").Text(), p.Get("number").Text() + p.Get("name").Text()
}

// ingress exposes what is behind its rules.
func (s *survey) ingress(o Object) {
	spec := o.Root.Get("spec")
	for _, key := range []string{"defaultBackend", "backend"} {
		if f := spec.Get(key); f.Present() {
			service, servicePort := backend(f)
			s.behind(o, service, servicePort, &provisov1.ExposureFact{Evidence: s.at(o, f)})
		}
	}
	for i, rule := range spec.Get("rules").Items() {
		for j, p := range rule.Get("http", "paths").Items() {
			if i+j > maxExposures {
				return
			}
			fact := &provisov1.ExposureFact{Host: reading.Cut(rule.Get("host").Text(), 253), Path: reading.Cut(p.Get("path").Text(), 1024)}
			where := p
			for _, f := range []Field{rule.Get("host"), p.Get("path")} {
				if f.Present() {
					where = f
				}
			}
			fact.Evidence = s.at(o, where)
			service, servicePort := backend(p.Get("backend"))
			s.behind(o, service, servicePort, fact)
		}
	}
}

// route exposes what is behind the rules of a Gateway API route: every host with every path.
func (s *survey) route(o Object) {
	spec := o.Root.Get("spec")
	hosts := spec.Get("hostnames").Items()
	if len(hosts) == 0 {
		hosts = []Field{{Index: -1}}
	}
	made := 0
	for _, rule := range spec.Get("rules").Items() {
		matches := rule.Get("matches").Items()
		if len(matches) == 0 {
			matches = []Field{{Index: -1}}
		}
		for _, b := range rule.Get("backendRefs").Items() {
			if kind := b.Get("kind").Text(); kind != "" && kind != "Service" {
				continue
			}
			for _, host := range hosts {
				for _, m := range matches {
					if made++; made > maxExposures {
						return
					}
					where := b.Get("name")
					for _, f := range []Field{host, m.Get("path", "value")} {
						if f.Present() {
							where = f
						}
					}
					s.behind(o, b.Get("name").Text(), b.Get("port").Text(), &provisov1.ExposureFact{
						Host: reading.Cut(strings.TrimSuffix(host.Text(), "."), 253), Path: reading.Cut(m.Get("path", "value").Text(), 1024), Evidence: s.at(o, where),
					})
				}
			}
		}
	}
}
