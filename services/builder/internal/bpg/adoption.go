package bpg

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/redact"
	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/builder/internal/lines"
)

// An adopted is a guest that exists: an import block, and the resource as the guest is to be.
type adopted struct {
	name string // in the code
	plan *provisov1.PlannedAdoption
}

// guest is what adopted virtual machines and containers have in common.
type adoptedGuest interface {
	GetVmId() int32
	GetNode() string
	GetName() string
	GetConfig() map[string]string
	GetPool() string
	GetRunning() bool
}

func (a adopted) guest() adoptedGuest {
	if c := a.plan.GetContainer(); c != nil {
		return c
	}
	return a.plan.GetVirtualMachine()
}

func (a adopted) resource() (typ, label string) {
	if a.plan.GetContainer() != nil {
		return "proxmox_virtual_environment_container", a.name
	}
	return "proxmox_virtual_environment_vm", a.name
}

// changes reports whether a value of the guest will be another.
func (a adopted) changes(attribute string) bool {
	return slices.ContainsFunc(a.plan.GetDifferences(), func(d *provisov1.ValueChange) bool { return d.GetAttribute() == attribute })
}

func (l *layout) adopt(taken names) {
	for _, p := range l.draft.Plan.GetAdoptions() {
		a := adopted{plan: p}
		a.name = taken.unique("vm", a.guest().GetName())
		l.adopted = append(l.adopted, a)
	}
}

// adoptions writes the guests that exist.
func (l layout) adoptions(b block) {
	for _, a := range l.adopted {
		typ, label := a.resource()
		i := b.block("import")
		i.ref("to", typ, label)
		i.text("id", a.guest().GetNode()+"/"+strconv.Itoa(int(a.guest().GetVmId())))
		if a.plan.GetContainer() != nil {
			l.adoptedContainer(b, a)
		} else {
			l.adoptedMachine(b, a)
		}
	}
}

// head writes what identifies the guest.
func (l layout) adoptedHead(r block, a adopted) {
	g := a.guest()
	r.text("node_name", g.GetNode())
	r.number("vm_id", int(g.GetVmId()))
	// A note that held a secret was read without it; writing that would overwrite the note.
	if text := strings.TrimSpace(g.GetConfig()["description"]); text != "" && !redact.Redacted(text) {
		r.text("description", text)
	}
	if tags := lines.Tags(g.GetConfig()["tags"]); tags != "" {
		r.texts("tags", strings.Split(tags, ";"))
	}
	if g.GetPool() != "" && a.plan.GetContainer() == nil {
		r.text("pool_id", g.GetPool())
	}
}

// guard writes what keeps the guest: it is never destroyed by a plan, follows when somebody migrates it, and what the
// provider's arguments cannot say is left alone.
func guard(r block, left []lines.Left, unread ...string) {
	g := r.block("lifecycle")
	g.comment("This guest was there before this code: no plan may remove it.")
	g.flag("prevent_destroy", true)
	ignored := append([]string{"node_name"}, lines.Ignored(left)...)
	g.comment("A guest that was migrated is followed, not made anew.")
	for _, argument := range ignored[1:] {
		if slices.ContainsFunc(left, func(v lines.Left) bool { return v.Argument == argument && v.Why == lines.Secret }) {
			g.comment(fmt.Sprintf("%s: it holds a secret, which does not belong in a file.", argument))
			continue
		}
		g.comment(fmt.Sprintf("%s: the cluster has values that the provider reads but that its arguments cannot say.", argument))
	}
	if len(unread) > 0 {
		g.comment("The provider reads no timeouts and no vm_id of a container that it imports.")
		ignored = append(ignored, unread...)
	}
	slices.Sort(ignored)
	g.expr("ignore_changes", "["+strings.Repeat("%s, ", len(ignored)-1)+"%s]", ignored...)
}

// outputsOfAdoptions writes where the guests are.
func (l layout) outputsOfAdoptions(b block) {
	for _, a := range l.adopted {
		typ, label := a.resource()
		o := b.block("output", a.name)
		o.text("description", "Where the guest is.")
		id := "%s.%s.vm_id"
		if a.plan.GetContainer() != nil {
			id = "tonumber(%s.%s.id)" // its vm_id is not read
		}
		o.expr("value", "{\n    vm_id = "+id+"\n    node_name = %s.%s.node_name\n  }", typ, label, typ, label)
	}
}
