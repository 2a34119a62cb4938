package bpg

// A service is one resource's guests as the HA manager sees them.
type service struct {
	name       string // of the resource, and of its HA entry
	typ, label string
	prefix     string // of the HA manager's ids: "vm" or "ct"
	single     bool
	started    bool
	group      string
}

func (m machines) service() service {
	typ, label := m.resource()
	return service{m.name, typ, label, "vm", m.single(), m.sample().GetStarted(), m.sample().GetHaGroup()}
}

func (m containers) service() service {
	typ, label := m.resource()
	return service{m.name, typ, label, "ct", m.single(), m.sample().GetStarted(), m.sample().GetHaGroup()}
}

// services lists what the HA manager is to look after.
func (l layout) services() []service {
	var out []service
	for _, m := range l.machines {
		if m.sample().GetHa() {
			out = append(out, m.service())
		}
	}
	for _, m := range l.cts {
		if m.sample().GetHa() {
			out = append(out, m.service())
		}
	}
	return out
}

// highAvailability puts the guests under the HA manager.
func (l layout) highAvailability(b block, s service) {
	r := b.block("resource", "proxmox_haresource", s.name)
	trigger := "[%s.%s]"
	if s.single {
		r.expr("resource_id", `"`+s.prefix+`:${%s.%s.vm_id}"`, s.typ, s.label)
	} else {
		r.ref("for_each", "var", s.name)
		r.gap()
		r.expr("resource_id", `"`+s.prefix+`:${%s.%s[each.key].vm_id}"`, s.typ, s.label)
		trigger = "[%s.%s[each.key]]"
	}
	state := "started"
	if !s.started {
		state = "stopped"
	}
	r.text("state", state)
	if s.group != "" && l.draft.Major() < 9 {
		r.text("group", s.group)
	}
	if l.draft.Practices.HATrigger {
		r.block("lifecycle").expr("replace_triggered_by", trigger, s.typ, s.label)
	}
}
