package kubernetes

import (
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"proviso.dev/pkg/redact"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/collector/internal/descriptor/reading"
)

// containers takes what the containers of a workload say. Init containers give their images only, unless they are sidecars:
// those that are restarted always run beside the others.
func (s *survey) containers(w *workload) {
	o, c := w.object, w.component
	var running []Field
	for _, f := range w.pod.Get("initContainers").Items() {
		if f.Get("restartPolicy").Text() == "Always" {
			running = append(running, f)
			continue
		}
		s.image(c, o, f, "init")
	}
	running = append(w.pod.Get("containers").Items(), running...)
	for _, f := range running { // names of ports are asked for by probes before their own container comes
		for _, p := range f.Get("ports").Items() {
			if n, ok := port(p.Get("containerPort")); ok && p.Get("name").Text() != "" {
				w.ports[p.Get("name").Text()] = n
			}
		}
	}
	s.resources(c, o, w.pod.Get("resources"))
	for _, f := range running {
		s.image(c, o, f, "run")
		s.ports(c, o, f.Get("ports"))
		s.environment(c, o, f)
		s.mounts(w, f)
		s.resources(c, o, f.Get("resources"))
		s.command(c, o, f)
		s.health(w, f)
	}
}

func (s *survey) image(c *provisov1.Component, o Object, container Field, role string) {
	f := container.Get("image")
	if reference := reading.Cut(f.Text(), 512); reference != "" {
		c.Images = append(c.Images, &provisov1.ImageFact{Reference: reference, Role: role, Evidence: s.at(o, f)})
	}
}

func (s *survey) ports(c *provisov1.Component, o Object, ports Field) {
	for _, p := range ports.Items() {
		number, ok := port(p.Get("containerPort"))
		if !ok {
			continue
		}
		c.Ports = append(c.Ports, &provisov1.PortFact{
			Number: number, Protocol: protocol(p.Get("protocol")), Name: reading.Cut(p.Get("name").Text(), 63), Evidence: s.at(o, p.Get("containerPort")),
		})
		if published, ok := port(p.Get("hostPort")); ok {
			c.Exposures = append(c.Exposures, &provisov1.ExposureFact{Kind: "host", Port: published, TargetPort: number, Evidence: s.at(o, p.Get("hostPort"))})
		}
	}
}

// port is a port's number.
func port(f Field) (int32, bool) {
	n, ok := f.Number()
	return int32(n), ok && n >= 1 && n <= 65535
}

// protocol is a protocol as the contract writes it; TCP is what the API takes when none is written.
func protocol(f Field) string {
	switch p := strings.ToLower(f.Text()); p {
	case "udp", "sctp":
		return p
	default:
		return "tcp"
	}
}

// resourceNames are the names of the API for what the contract knows.
var resourceNames = map[string]string{"cpu": "cpu", "memory": "memory", "ephemeral-storage": "ephemeral-storage"}

// resourceName is the contract's name of a resource; empty: it has none. Graphics cards have as many names as vendors.
func resourceName(name string) string {
	vendor, device, found := strings.Cut(name, "/")
	if found && (device == "gpu" || vendor == "gpu.intel.com" || vendor == "nvidia.com" && (strings.HasPrefix(device, "mig-") || strings.HasPrefix(device, "gpu."))) {
		return "gpu"
	}
	return resourceNames[name]
}

func (s *survey) resources(c *provisov1.Component, o Object, resources Field) {
	for _, bound := range []string{"request", "limit"} {
		for _, f := range resources.Get(bound + "s").Entries() {
			name := resourceName(f.Key)
			if name == "" {
				continue
			}
			amount, ok := quantity(f, name == "cpu")
			if !ok {
				continue
			}
			c.Resources = append(c.Resources, &provisov1.ResourceFact{Resource: name, Bound: bound, Amount: amount, Evidence: s.at(o, f)})
		}
	}
}

// quantity is an amount, in thousandths when asked.
func quantity(f Field, thousandths bool) (int64, bool) {
	if len(f.Text()) > 64 { // a quantity of many digits is computed with numbers of any length
		return 0, false
	}
	q, err := resource.ParseQuantity(f.Text())
	if err != nil || q.Sign() < 0 {
		return 0, false
	}
	if thousandths {
		return q.MilliValue(), true
	}
	return q.Value(), true
}

// command joins what replaces the entry point and its arguments of an image.
func (s *survey) command(c *provisov1.Component, o Object, container Field) {
	where := container.Get("command")
	if len(where.Items()) == 0 {
		where = container.Get("args")
	}
	words := append(texts(container.Get("command")), texts(container.Get("args"))...)
	if text := sentence(words, 1024); text != "" {
		c.Commands = append(c.Commands, &provisov1.CommandFact{Command: text, Evidence: s.at(o, where)})
	}
}

// texts are the scalars of a list.
func texts(list Field) []string {
	var out []string
	for _, f := range list.Items() {
		out = append(out, f.Text())
	}
	return out
}

// sentence joins words as a shell would show them, without secrets.
func sentence(words []string, most int) string {
	for i, w := range words {
		if w == "" || strings.ContainsAny(w, " \t\n'\"") {
			words[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	text, _ := redact.Text(strings.Join(words, " "))
	return reading.Cut(text, most)
}

// probes are the checks of a container, by the contract's names.
var probes = []struct{ key, kind string }{{"startupProbe", "startup"}, {"readinessProbe", "readiness"}, {"livenessProbe", "liveness"}}

func (s *survey) health(w *workload, container Field) {
	for _, p := range probes {
		probe := container.Get(p.key)
		var check string
		switch {
		case probe.Get("httpGet").Present():
			path := probe.Get("httpGet", "path").Text()
			if path == "" {
				path = "/"
			}
			check = "GET " + path + " on " + w.portText(probe.Get("httpGet", "port"))
		case probe.Get("tcpSocket").Present():
			check = "tcp " + w.portText(probe.Get("tcpSocket", "port"))
		case probe.Get("grpc").Present():
			check = "grpc " + w.portText(probe.Get("grpc", "port"))
		case probe.Get("exec").Present():
			check = "exec " + sentence(texts(probe.Get("exec", "command")), 512)
		default:
			continue
		}
		check, _ = redact.Text(check)
		w.component.Health = append(w.component.Health, &provisov1.HealthFact{Kind: p.kind, Check: reading.Cut(check, 512), Evidence: s.at(w.object, probe)})
	}
}

// portText is a port of the workload in digits, where its name is known.
func (w *workload) portText(f Field) string {
	if n, ok := w.ports[f.Text()]; ok {
		return strconv.Itoa(int(n))
	}
	return f.Text()
}
