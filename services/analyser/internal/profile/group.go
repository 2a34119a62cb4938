package profile

import (
	"fmt"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// guestRoles are the roles that an intent gives to machines and containers, as parts of an application.
var guestRoles = map[string]struct {
	role, product, ports string
	stateful             bool
	gpus                 int32
}{
	"web-server":         {role: "web", ports: "80 443"},
	"reverse-proxy":      {role: "proxy", ports: "80 443"},
	"load-balancer":      {role: "proxy", ports: "80 443"},
	"database":           {role: "database", stateful: true},
	"application-server": {role: "api"},
	"cache":              {role: "cache"},
	"message-broker":     {role: "queue", stateful: true},
	"ci-runner":          {role: "worker"},
	"git-server":         {role: "other", ports: "22 443", stateful: true},
	"k3s-control-plane":  {role: "compute", product: "k3s", ports: "6443", stateful: true},
	"k3s-worker":         {role: "compute", product: "k3s", ports: "10250"},
	"dns-server":         {role: "other", ports: "53/udp 53"},
	"mail-server":        {role: "other", product: "mailserver", stateful: true},
	"monitoring":         {role: "monitoring", stateful: true},
	"logging":            {role: "monitoring", stateful: true},
	"gpu-node":           {role: "compute", gpus: 1},
	"ai-server":          {role: "compute"},
	"file-server":        {role: "storage", stateful: true},
	"media-server":       {role: "storage", stateful: true},
	"backup-server":      {role: "storage", stateful: true},
	"jump-host":          {role: "other", ports: "22"},
	"vpn-server":         {role: "other"},
	"router":             {role: "other"},
	"registry":           {role: "storage", ports: "5000", stateful: true},
	"desktop":            {role: "other"},
}

// intended is the provenance of a value of the intent. A value without a fact was stated (ADR 0002).
func (r *reading) intended(facts map[string]*provisov1.Fact, path string) provenance {
	f := facts[path]
	switch f.GetOrigin() {
	case "assumed":
		return provenance{assumed, sureUsual, f.GetText(), said(f.GetReason(), r.say("reason.intent"))}
	case "derived":
		return provenance{inferred, sureConcluded, f.GetText(), said(f.GetReason(), r.say("reason.intent"))}
	}
	return provenance{stated, sureStated, f.GetText(), said(f.GetReason(), r.say("reason.intent"))}
}

func said(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// A guestGroup is what machines and containers have in common.
type guestGroup struct {
	path, name, role     string
	names                []string
	count, cores, memory int32
	countKnown           bool
	disks                []*provisov1.Disk
	gpus                 int32
}

// guests makes parts of the groups of machines and containers that have a role.
func (r *reading) guests(in *provisov1.ProvisionIntent, facts map[string]*provisov1.Fact) {
	for i, vm := range in.GetVirtualMachines() {
		g := guestGroup{
			path: fmt.Sprintf("virtual_machines[%d]", i), name: vm.GetName(), names: vm.GetNames(), role: vm.GetRole(), count: vm.GetCount(), countKnown: vm.Count != nil,
			cores: vm.GetCores() * max(1, vm.GetSockets()), memory: vm.GetMemoryMib(), disks: vm.GetDisks(),
		}
		for _, device := range vm.GetDevices() {
			if device.GetKind() == "gpu" {
				g.gpus++
			}
		}
		r.guest(g, facts)
	}
	for i, ct := range in.GetContainers() {
		g := guestGroup{
			path: fmt.Sprintf("containers[%d]", i), name: ct.GetName(), names: ct.GetNames(), role: ct.GetRole(), count: ct.GetCount(), countKnown: ct.Count != nil,
			cores: ct.GetCores(), memory: ct.GetMemoryMib(),
		}
		if ct.GetDisk() != nil {
			g.disks = []*provisov1.Disk{ct.GetDisk()}
		}
		r.guest(g, facts)
	}
}

func (r *reading) guest(g guestGroup, facts map[string]*provisov1.Fact) {
	known, ok := guestRoles[g.role]
	if !ok {
		return
	}
	why := r.intended(facts, g.path+".role")
	p := &spoken{draft: &draft{guest: true}, given: g.path}
	name, from := g.name, r.intended(facts, g.path+".name")
	if name == "" && len(g.names) > 0 {
		name, from = g.names[0], r.intended(facts, g.path+".names")
	}
	if name == "" {
		name, from = g.role, why
	}
	p.name = sourced[string]{name, from}
	p.role = sourced[string]{known.role, why}
	p.role.reason = r.say("reason.role.guest_role", "role", g.role)
	if known.product != "" {
		p.product = productsByName()[known.product]
		p.technology = sourced[string]{known.product, p.role.provenance}
		p.technology.origin, p.technology.confidence = inferred, min(why.confidence, sureWritten)
	}
	p.stateful = sourced[bool]{known.stateful, r.usual(sureGuessed, "reason.role.guest_role", "role", g.role)}
	for _, listed := range (&product{ports: known.ports}).listed() {
		p.ports = append(p.ports, sourced[port]{listed, r.usual(sureUsual, "reason.role.guest_role", "role", g.role)})
	}
	amount := func(into *sourced[int32], field string, n int32) {
		if n > 0 {
			*into = sourced[int32]{n, r.intended(facts, g.path+"."+field)}
		}
	}
	amount(&p.cpu, "cores", g.cores*1000)
	amount(&p.memory, "memory_mib", g.memory)
	var disk int64
	for _, d := range g.disks {
		disk += int64(d.GetSizeGib())
	}
	field := "disks[0].size_gib"
	if g.path[0] == 'c' {
		field = "disk.size_gib"
	}
	amount(&p.disk, field, int32(min(disk, 1<<31-1)))
	amount(&p.gpus, "devices[0].kind", g.gpus)
	if known.gpus > 0 {
		p.gpus.assume(known.gpus, p.role.provenance)
	}
	count := max(1, g.count)
	at := r.intended(facts, g.path+".count")
	if !g.countKnown {
		at = r.usual(sureUsual, "reason.replicas")
	}
	p.replicas, p.most = sourced[int32]{count, at}, sourced[int32]{count, at}
	r.parts = append(r.parts, p)
}

// workloads makes parts of what is to run on Kubernetes.
func (r *reading) workloads(in *provisov1.ProvisionIntent, facts map[string]*provisov1.Fact) {
	for i, w := range in.GetWorkloads() {
		path := fmt.Sprintf("workloads[%d]", i)
		at := func(field string) provenance { return r.intended(facts, path+"."+field) }
		p := &spoken{draft: &draft{}, given: path}
		switch {
		case w.GetName() != "":
			p.name = sourced[string]{w.GetName(), at("name")}
		case base(w.GetImage()) != "":
			p.name = sourced[string]{base(w.GetImage()), at("image")}
		default:
			p.name = sourced[string]{"workload", r.usual(sureNothing, "reason.role.unknown")}
		}
		r.workloadNature(p, w, at)
		if port1 := w.GetPort(); port1 > 0 {
			p.ports = []sourced[port]{{port{number: port1, protocol: "tcp"}, at("port")}}
		}
		switch w.GetExposure() {
		case "cluster":
			p.exposure = sourced[string]{"application", at("exposure")}
		case "load-balancer":
			p.exposure = sourced[string]{"network", at("exposure")}
		case "ingress":
			p.exposure = sourced[string]{"public", at("exposure")}
			if localHost(w.GetHost()) {
				p.exposure.v = "network"
			}
		}
		if p.exposure.known() {
			p.exposed = lastTurn
		}
		if w.GetHost() != "" {
			p.hosts = []sourced[string]{{w.GetHost(), at("host")}}
		}
		if w.Replicas != nil {
			p.replicas = sourced[int32]{w.GetReplicas(), at("replicas")}
		}
		if w.ReplicasMost != nil {
			from := at("replicas_most")
			if w.CpuThresholdPercent != nil {
				from.reason = r.say("reason.threshold", "percent", w.GetCpuThresholdPercent())
			}
			p.most = sourced[int32]{w.GetReplicasMost(), from}
		}
		amount := func(into *sourced[int32], field string, n int32) {
			if n > 0 {
				*into = sourced[int32]{n, at(field)}
			}
		}
		amount(&p.cpu, "cpu_milli", w.GetCpuMilli())
		amount(&p.memory, "memory_mib", w.GetMemoryMib())
		amount(&p.disk, "disk_gib", w.GetDiskGib())
		if w.GetName() == "" && w.GetImage() == "" {
			r.nameless = append(r.nameless, p)
			continue
		}
		r.parts = append(r.parts, p)
	}
}

// workloadNature concludes what a workload is from its image, its role and its name.
func (r *reading) workloadNature(p *spoken, w *provisov1.Workload, at func(string) provenance) {
	if w.GetImage() != "" {
		p.image = sourced[string]{w.GetImage(), at("image")}
		why := r.follows(min(sureWritten, p.image.confidence), p.image.source, "reason.technology.image", "image", w.GetImage())
		if product := productOf(w.GetImage()); product != nil {
			p.product = product
			p.technology = sourced[string]{product.name, why}
		} else if l := languageOf(w.GetImage()); l != nil {
			p.lang = l
			p.technology = sourced[string]{l.name, why}
		}
	}
	switch known, ok := guestRoles[w.GetRole()]; {
	case ok:
		p.role = sourced[string]{known.role, at("role")}
	case p.product != nil:
		p.role = sourced[string]{p.product.role, r.follows(p.technology.confidence, p.technology.source, "reason.role.product", "technology", p.product.name)}
	default:
		if role := roleByName(p.name.v); role != "" && !(dataRole(role) && p.lang != nil) {
			p.role = sourced[string]{role, r.follows(sureGuessed, p.name.source, "reason.role.name", "name", p.name.v)}
		}
	}
}

// identify finds what the words say of a workload of which the intent has neither name nor image: it is the part in front of those
// that only words name.
func (r *reading) identify(w *spoken) {
	var p *spoken
	for _, role := range inFront {
		p = r.find(func(p *spoken) bool { return p.given == "" && p.role.v == role })
		if p != nil {
			break
		}
	}
	if p == nil {
		r.parts = append(r.parts, w)
		return
	}
	p.given = w.given
	better := func(have, got provenance) bool { return got.known() && (!have.known() || got.origin == stated) }
	if better(p.exposure.provenance, w.exposure.provenance) {
		p.exposure, p.exposed = w.exposure, w.exposed
	}
	if len(w.ports) > 0 && (len(p.ports) == 0 || w.ports[0].origin == stated) {
		p.ports = w.ports
	}
	for _, pair := range [][2]*sourced[int32]{{&p.replicas, &w.replicas}, {&p.most, &w.most}, {&p.cpu, &w.cpu}, {&p.memory, &w.memory}, {&p.disk, &w.disk}} {
		if better(pair[0].provenance, pair[1].provenance) {
			*pair[0] = *pair[1]
		}
	}
	p.hosts = append(w.hosts, p.hosts...)
}
