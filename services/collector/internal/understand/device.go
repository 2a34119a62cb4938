package understand

import (
	"slices"
	"strings"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// The kinds of device that words name. Devices that are passed through without saying which are of no kind; neither are those of a USB
// port, which no resource mapping is asked for here.
const (
	deviceGPU    = "gpu"
	devicePCI    = "pci"
	devicePassed = "passed"
)

// mostDevices is what the contract takes.
const mostDevices = 16

// makers of devices say nothing of which one is meant.
var makers = map[string]bool{"nvidia": true, "amd": true, "intel": true, "geforce": true, "radeon": true, "quadro": true, "tesla": true}

// devicePhrase reads the wish for devices of the node: "a GPU", "2 NVIDIA GPUs in passthrough", "the GPU gpu-rtx".
func (p *parser) devicePhrase() bool {
	if not := p.takeAll(p.i, clNot); not > p.i {
		if j := p.takeAll(not, clOne, clThe, clLink, clFiller, clSome, clOS, clPlatform); p.is(j, clDevice) {
			return p.emit(p.takeAll(j, clDevice), item{kind: itSignal, signal: clNot})
		}
		return false
	}
	count, at := 1, p.i
	if n, next, ok := p.integer(p.i); ok && !p.is(p.i, clDevice) {
		for p.toksAt(next, tokWord) && makers[p.toks[next].fold] {
			next++
		}
		if !p.is(next, clDevice) {
			return false
		}
		count, at = n, next
	}
	for at < len(p.toks) && makers[p.toks[at].fold] && !p.is(at, clDevice) {
		at++
	}
	if !p.is(at, clDevice) {
		return false
	}
	kind := p.read[at].lex.val
	next := p.take(at, clDevice)
	for p.is(next, clDevice) { // "GPU passthrough"
		if kind == devicePassed {
			kind = p.read[next].lex.val
		}
		next = p.take(next, clDevice)
	}
	for p.toksAt(next, tokWord) && makers[p.toks[next].fold] { // "GPU NVIDIA"
		next++
	}
	if after := p.link(next); p.is(after, clDevice) && p.read[after].lex.val == devicePassed { // "GPU in passthrough"
		next = p.take(after, clDevice)
	} else if after := p.takeAll(next, clIn); after > next && p.is(after, clDevice) && p.read[after].lex.val == devicePassed {
		next = p.take(after, clDevice)
	}
	switch kind {
	case deviceGPU, devicePCI:
	case devicePassed:
		if slices.ContainsFunc(p.out.items, func(it item) bool { return it.kind == itDevice }) {
			return p.emit(next, item{kind: itSignal, signal: clNot}) // how, of what was said before
		}
		return p.emit(next, item{kind: itSignal, signal: clDevice})
	default:
		return p.emit(next, item{kind: itSignal, signal: clDevice})
	}
	if count < 1 || count > mostDevices {
		return p.emit(next, item{kind: itUnknown})
	}
	it := item{kind: itDevice, s: kind, n: count}
	if name, after, ok := p.mappingName(next); ok {
		it.list, next = []string{name}, after
	}
	return p.emit(next, it)
}

// mappingName reads the name of a resource mapping of the cluster.
func (p *parser) mappingName(i int) (name string, next int, ok bool) {
	if p.names == nil || p.names.snap == nil {
		return "", i, false
	}
	for j := i; j < min(len(p.toks), i+3); j++ { // "GPU mapping gpu-rtx", "GPU named gpu-rtx"
		for _, m := range p.names.snap.Mappings {
			if m.Kind == pve.MappingPCI && strings.EqualFold(p.toks[j].raw, m.Name) {
				return m.Name, j + 1, true
			}
		}
		if p.mark(j, ",.;") {
			break
		}
	}
	return "", i, false
}

// devicesOf writes an item as a group keeps it.
func devicesOf(it item) []string {
	if len(it.list) > 0 {
		return []string{it.s + ":" + it.list[0]}
	}
	return slices.Repeat([]string{it.s}, it.n)
}

// devicesInContainers reports whether a container is to have a device, which no mapping reaches.
func devicesInContainers(items []item) bool {
	inside := false
	for _, it := range items {
		switch it.kind {
		case itHead:
			inside = it.guest == GuestContainer
		case itDevice:
			if inside {
				return true
			}
		}
	}
	return false
}

// devices gives a machine for work on a GPU one, where the words of its role say so: which it can be is the analyser's to find.
func (gr *grounder) devices() {
	g := gr.g
	if g.Role.V == "gpu-node" && strings.Contains(fold(g.Role.Text), deviceGPU) && !g.among() {
		g.Devices.assume([]string{deviceGPU}, Derived, gr.say("reason.device_role", "words", quoteText(g.Role.Text)))
	}
}

func (c *converter) devices(v Value[[]string]) []*provisov1.Device {
	var out []*provisov1.Device
	for _, text := range strs(c, "devices", v) {
		kind, name, named := strings.Cut(text, ":")
		d := &provisov1.Device{Kind: kind}
		if named {
			d.Mapping = &name
		}
		out = append(out, d)
	}
	return out
}

func typedDevices(devices []*provisov1.Device) []string {
	var out []string
	for _, d := range devices {
		text := d.GetKind()
		if d.Mapping != nil {
			text += ":" + d.GetMapping()
		}
		out = append(out, text)
	}
	return out
}

// deviceText names devices for the requester.
func (t *table) deviceText(devices []string) string {
	var names []string
	for _, text := range devices {
		kind, name, _ := strings.Cut(text, ":")
		named := say(t.lang, "device."+kind)
		if name != "" {
			named += " " + name
		}
		names = append(names, named)
	}
	return strings.Join(names, ", ")
}
