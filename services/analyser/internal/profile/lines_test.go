package profile

import (
	"fmt"
	"slices"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// lines writes what a profile says as lines, one value a line, leaving out what was merely assumed:
//
//	component NAME ROLE TECHNOLOGY|-
//	state     NAME stateful|stateless
//	exposure  NAME none|application|network|public
//	image     NAME REFERENCE
//	port      NAME NUMBER/PROTOCOL
//	cpu, cpu-limit, memory, memory-limit, disk, gpus NAME NUMBER
//	replicas  NAME LEAST..MOST
//	depends, external, host NAME OTHER
//	volume    NAME PATH GIB|-
//	ready     NAME CHECK
//	schedule  NAME CRON
//	differs   NAME FIELD
//
// State and exposure are always written, whatever says so.
func lines(p *provisov1.ApplicationProfile) []string {
	origin := map[string]string{}
	for _, f := range p.GetFacts() {
		origin[f.GetPath()] = f.GetOrigin()
	}
	var out []string
	for i, c := range p.GetComponents() {
		path := fmt.Sprintf("components[%d].", i)
		add := func(field, format string, args ...any) {
			if o := origin[path+field]; o != "" && o != "assumed" {
				out = append(out, fmt.Sprintf(format, args...))
			}
		}
		name := c.GetName()
		technology := c.GetTechnology()
		if technology == "" {
			technology = "-"
		}
		state := "stateless"
		if c.GetStateful() {
			state = "stateful"
		}
		out = append(out, "component "+name+" "+c.GetRole()+" "+technology, "state "+name+" "+state, "exposure "+name+" "+c.GetExposure())
		add("image", "image %s %s", name, c.GetImage())
		for k, l := range c.GetPorts() {
			add(fmt.Sprintf("ports[%d]", k), "port %s %d/%s", name, l.GetNumber(), l.GetProtocol())
		}
		s := c.GetSizing()
		add("sizing.cpu_milli", "cpu %s %d", name, s.GetCpuMilli())
		add("sizing.cpu_limit_milli", "cpu-limit %s %d", name, s.GetCpuLimitMilli())
		add("sizing.memory_mib", "memory %s %d", name, s.GetMemoryMib())
		add("sizing.memory_limit_mib", "memory-limit %s %d", name, s.GetMemoryLimitMib())
		add("sizing.disk_gib", "disk %s %d", name, s.GetDiskGib())
		add("sizing.gpus", "gpus %s %d", name, s.GetGpus())
		add("replicas", "replicas %s %d..%d", name, c.GetReplicas(), c.GetReplicasMost())
		for k, n := range c.GetDependencies() {
			add(fmt.Sprintf("dependencies[%d]", k), "depends %s %s", name, n)
		}
		for k, n := range c.GetExternalDependencies() {
			add(fmt.Sprintf("external_dependencies[%d]", k), "external %s %s", name, n)
		}
		for k, n := range c.GetHosts() {
			add(fmt.Sprintf("hosts[%d]", k), "host %s %s", name, n)
		}
		for k, v := range c.GetVolumes() {
			size := fmt.Sprint(v.GetSizeGib())
			if origin[path+fmt.Sprintf("volumes[%d].size_gib", k)] == "assumed" {
				size = "-"
			}
			add(fmt.Sprintf("volumes[%d]", k), "volume %s %s %s", name, v.GetPath(), size)
		}
		add("readiness", "ready %s %s", name, c.GetReadiness())
		add("schedule", "schedule %s %s", name, c.GetSchedule())
	}
	for _, d := range p.GetContradictions() {
		var i int
		if _, err := fmt.Sscanf(d.GetPath(), "components[%d].", &i); err == nil {
			_, field, _ := strings.Cut(d.GetPath(), ".")
			field, _, _ = strings.Cut(field, "[")
			out = append(out, "differs "+p.GetComponents()[i].GetName()+" "+field)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// A score counts lines.
type score struct{ right, missing, extra int }

func (s *score) add(o score) {
	s.right += o.right
	s.missing += o.missing
	s.extra += o.extra
}

func (s score) precision() float64 { return share(s.right, s.right+s.extra) }
func (s score) recall() float64    { return share(s.right, s.right+s.missing) }

func share(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

func (s score) String() string {
	return fmt.Sprintf("%d right, %d missing, %d too much: precision %.3f, recall %.3f", s.right, s.missing, s.extra, s.precision(), s.recall())
}

// compare holds lines against the truth.
func compare(truth, got []string) (s score, missing, extra []string) {
	for _, l := range truth {
		if slices.Contains(got, l) {
			s.right++
		} else {
			missing = append(missing, l)
		}
	}
	for _, l := range got {
		if !slices.Contains(truth, l) {
			extra = append(extra, l)
		}
	}
	s.missing, s.extra = len(missing), len(extra)
	return s, missing, extra
}
