package understand

import (
	"slices"
	"strings"
)

// The kinds of request; the words are those of the contract.
const (
	kindProvision = "provision"
	kindChange    = "change"
	kindQuestion  = "question"
	kindOffTopic  = "off_topic"
)

// route is what kind of request a text is, and why it is not served.
type route struct {
	kind string
	// code refuses the request; empty: it is served.
	code string
	// platform is the platform that the request names and that is not supported; empty: the platform is fine.
	platform string
	// enough reports whether there is enough to act on.
	enough bool
	// grows: more of what exists is wanted, or of what was asked for before.
	grows bool
	// vague: something is to be created, and it is not said what.
	vague bool
	// text is the answer that is refused; empty: the request itself.
	text string
}

// decide routes a text by what the grammar found in it. Supported tells which platforms are.
func decide(p parsed, supported func(string) bool) route {
	r := route{kind: kindProvision, enough: true}
	signals := map[class]bool{}
	adds, starts, machine, worker, unknown, substance, commas := false, false, false, false, 0, 0, 0
	headFirst, growing, sourced, wires := false, false, false, false
	for _, it := range p.items {
		switch it.kind {
		case itSignal:
			signals[it.signal] = true
			adds = adds || it.signal == clCreate && it.s == "add"
			starts = starts || it.signal == clLifecycle && it.s == "start"
			wires = wires || it.signal == clPhysical && it.s == "network"
			if it.signal == clPlatform && !supported(it.s) && r.platform == "" {
				r.platform = it.s
			}
		case itHead:
			headFirst = headFirst || it.det == detNew && p.first != clNone && !signals[p.first]
			machine = machine || it.vm || it.guest == GuestContainer && !it.loose
			worker = worker || strings.HasPrefix(it.role, "k3s-")
		case itCluster:
			worker = true
		case itUnknown:
			unknown++
		case itComma, itStop, itAll:
			commas++
		case itLike, itSame, itScale:
			substance++
			growing = growing || it.kind == itScale || it.kind == itSame && len(it.list) == 0
		case itNames, itSource, itCores, itMemory, itSize, itDisk:
			sourced = sourced || it.source.Kind != SourceNone
			substance++
		}
	}
	create := signals[clCreate] || signals[clClone]
	switch {
	case signals[clPhysical] && wires:
		return r.refuse(kindProvision, "network_work")
	case signals[clPhysical]:
		return r.refuse(kindProvision, "physical_work")
	case signals[clImport] && !(p.hasNewHead && sourced):
		return r.refuse(kindChange, "import_unsupported")
	case growing && p.first != clLifecycle && p.first != clRemove && p.first != clAsk: // more of what exists, or was asked for before
		r.grows = true
	case p.first == clChange && !p.hasNewHead,
		(p.first == clLifecycle || p.first == clRemove) && !(p.hasNewHead && (starts || create || headFirst)),
		adds && p.hasHead && !p.hasNewHead && p.hasAttribute && headLast(p.items),
		len(p.known) > 0 && !p.hasNewHead && !create && p.first != clAsk && !p.question && substance == 0 && !p.hasHead,
		adds && len(p.known) > 0 && !p.hasNewHead:
		if p.domain == 0 && len(p.known) == 0 && unknown > 0 && p.first != clLifecycle && p.first != clRemove {
			return r.refuse(kindOffTopic, "off_topic")
		}
		return r.refuse(kindChange, "change_unsupported")
	case p.first == clAsk && !((create || sourced) && p.hasNewHead), p.question && !create && !p.hasNewHead:
		if p.domain == 0 {
			return r.refuse(kindOffTopic, "off_topic")
		}
		return r.refuse(kindQuestion, "question_unsupported")
	case p.first == clTell && !p.hasNewHead:
		return r.refuse(kindOffTopic, "off_topic")
	case (signals[clDevice] || devicesInContainers(p.items)) && p.hasHead:
		return r.refuse(kindProvision, "device_unsupported")
	case signals[clWorkload] && !machine && !worker:
		return r.refuse(kindProvision, "workload_unsupported")
	case p.hasNewHead, p.hasHead && (create || p.hasAttribute || unknown == 0), substance > 0 && (create || substance+p.domain > unknown):
	case signals[clSomething], unknown == 0:
		r.vague, r.enough = true, false
	case r.platform != "":
		return r.refuse(kindProvision, "platform_unsupported")
	default:
		return r.refuse(kindOffTopic, "off_topic")
	}
	if r.platform != "" {
		r.code = "platform_unsupported"
	}
	return r
}

// refuse ends the routing. A platform that is not supported is the better reason: it would hold for any wording.
func (r route) refuse(kind, code string) route {
	r.kind, r.code = kind, code
	r.enough = kind != kindOffTopic
	if r.platform != "" && kind == kindProvision {
		r.code = "platform_unsupported"
	}
	return r
}

// headLast reports whether the noun comes after the attributes, as in "add 4 GB to webserver".
func headLast(items []item) bool {
	head := slices.IndexFunc(items, func(it item) bool { return it.kind == itHead })
	return head > 0 && slices.ContainsFunc(items[:head], func(it item) bool {
		return it.kind != itSignal && it.kind != itUnknown && it.kind != itComma && it.kind != itStop
	})
}
