package understand

import (
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"proviso.dev/pkg/pve"
	"proviso.dev/services/collector/internal/inquiry"
	"proviso.dev/services/collector/internal/wording"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// answerExisting says what a task about what exists comes to, after the dialogue.
func (r *Reasoner) answerExisting(t task, req Request, x *index, lang string) *provisov1.Understanding {
	d := &existingDialogue{x: x, lang: lang, task: t}
	if len(req.Turns) > turnsMost {
		return r.refusal(lang, route{kind: kindChange, code: "dialogue_too_long", enough: true}, turnsMost)
	}
	for _, turn := range req.Turns {
		d.turn(turn)
	}
	out := &provisov1.Understanding{Language: lang, Kind: kindChange, Checks: r.checks(lang, route{kind: kindChange, enough: true})}
	switch {
	case d.task.query != nil:
		out.Kind = kindQuestion
		out.Reply = inquiry.Answer(inquiry.Facts{Snapshot: x.snap, History: req.History, Clusters: req.Clusters, Unread: req.Unread, Policy: x.policy}, *d.task.query, lang)
	case d.task.shrink != nil:
		out.Reply = shrinkAnswer(d.task.shrink, x, lang)
	case len(d.task.operations) > 0:
		d.operations(out)
	case len(d.task.imports) > 0 && len(d.task.changes) > 0:
		d.changes(out, req)
		more := &provisov1.Understanding{}
		if d.imports(more, req); out.GetReply() != nil {
			out.Reply, more.Notices = nil, []string{out.GetReply().GetText()}
			out.Intent = d.intent(req)
		}
		if out.GetRefusal() == nil {
			if more.GetRefusal() != nil {
				out.Intent, out.Interpretation, out.Questions, out.Notices, out.Refusal = nil, nil, nil, nil, more.GetRefusal()
			} else {
				join(out, more)
			}
		}
	case len(d.task.imports) > 0:
		d.imports(out, req)
	default:
		d.changes(out, req)
	}
	if d.confirmation != "" && out.GetIntent() != nil {
		out.Confirmation = &d.confirmation
	}
	if out.GetReply() != nil && x.snap != nil {
		out.Reply.SnapshotTakenAt = timestamppb.New(x.snap.TakenAt)
	}
	return out
}

// operations answers operations; a guest that is not known is asked for.
func (d *existingDialogue) operations(out *provisov1.Understanding) {
	var guests []pve.Guest
	var ops []operation
	var asked []question
	if d.x.snap == nil {
		out.Reply = inquiry.Answer(inquiry.Facts{}, inquiry.Query{}, d.lang)
		return
	}
	for i, op := range d.task.operations {
		if op.verb == acEvacuate {
			ops, guests = append(ops, op), append(guests, pve.Guest{})
			continue
		}
		if op.onNode {
			out.Reply = &provisov1.Reply{Text: tell(d.lang, "op.node", "node", quoteText(op.node))}
			return
		}
		if op.ref.every {
			out.Reply = &provisov1.Reply{Text: tell(d.lang, "op.every")}
			return
		}
		found, ok := d.x.resolveRef(op.ref)
		if !ok {
			text, options := askWhich(d.x, d.lang, op.ref, found)
			asked = append(asked, question{of: "operation" + strconv.Itoa(i+1), field: fieldGuest, text: text, options: options, required: true})
			continue
		}
		for _, g := range found {
			if len(ops) < operationsMost {
				ops, guests = append(ops, op), append(guests, g)
			}
		}
	}
	if len(asked) > 0 {
		out.Questions = questions(asked)
		return
	}
	out.Reply = advise(ops, guests, d.x, d.lang)
}

// intent begins the intent of a task.
func (d *existingDialogue) intent(req Request) *provisov1.ProvisionIntent {
	m := &provisov1.ProvisionIntent{IntentId: req.ID, Language: d.lang, Target: &provisov1.Target{Platform: "proxmox"}}
	if req.Cluster != "" {
		m.Target.Cluster = &req.Cluster
	}
	if goal := clip(goalOf(req), 1000); goal != "" {
		m.Goal = &goal
	}
	return m
}

// changes writes the intent of changes; those that change nothing are answered instead.
func (d *existingDialogue) changes(out *provisov1.Understanding, req Request) {
	gc := groundChanges(d.task.changes, d.x, d.lang)
	if gc.refused != "" {
		out.Refusal = &provisov1.Refusal{Code: gc.refused, Message: clip(gc.message, 4000)}
		return
	}
	var already []string
	gc.list = slices.DeleteFunc(gc.list, func(c *groundedChange) bool {
		if len(c.noop) > 0 {
			already = append(already, tell(d.lang, "already", "guest", guestTitle(c.guest), "what", listText(d.lang, c.noop)))
		}
		return c.guest != nil && c.empty()
	})
	if len(gc.list) == 0 && len(gc.questions) == 0 {
		if len(already) == 0 {
			already = append(already, tell(d.lang, "nothing"))
		}
		out.Reply = &provisov1.Reply{Text: clip(strings.Join(already, " "), 4000)}
		return
	}
	out.Intent = d.intent(req)
	convertChanges(gc, out.GetIntent())
	if len(gc.list) == 0 { // all of it is asked for: the intent names the guest, so that it is about something
		for _, c := range d.task.changes {
			m := &provisov1.GuestChange{}
			m.VmId, m.Name = wireRef(c.ref, false, 0, "")
			out.Intent.Changes = append(out.Intent.Changes, m)
		}
	}
	out.Interpretation = changeRows(gc, d.lang)
	out.Questions = questions(gc.questions)
	if len(gc.restart) > 0 {
		gc.notices = append(gc.notices, wording.Plural(d.lang, "change.notice.stop", len(gc.restart), "guests", listText(d.lang, gc.restart)))
	}
	gc.notices = append(gc.notices, already...)
	for _, op := range d.task.aside {
		if found, ok := d.x.resolveRef(op.ref); ok && !op.ref.every {
			if reply := advise([]operation{op}, found[:1], d.x, d.lang); len(reply.GetCommands()) > 0 {
				gc.notices = append(gc.notices, reply.GetText()+" "+strings.Join(reply.GetCommands(), " ; "))
			}
		}
	}
	for _, n := range gc.notices {
		if len(out.GetNotices()) < 16 && !slices.Contains(out.GetNotices(), clip(n, 1000)) {
			out.Notices = append(out.Notices, clip(n, 1000))
		}
	}
}

// imports writes the intent of imports.
func (d *existingDialogue) imports(out *provisov1.Understanding, req Request) {
	intent := d.intent(req)
	c := &converter{out: intent}
	t := &table{lang: d.lang}
	var asked []question
	for i, ref := range d.task.imports {
		found, ok := d.x.resolveRef(ref)
		if !ok {
			text, options := askWhich(d.x, d.lang, ref, found)
			asked = append(asked, question{of: "import" + strconv.Itoa(i+1), field: fieldGuest, text: text, options: options, required: true})
			m := &provisov1.GuestImport{}
			m.VmId, m.Name = wireRef(ref, false, 0, "")
			intent.Imports = append(intent.Imports, m)
			continue
		}
		for _, g := range found {
			if node, _ := d.x.snap.Node(g.Node); !node.Online() || g.Status == pve.GuestUnknown {
				out.Refusal = &provisov1.Refusal{Code: "guest_unknown", Message: tell(d.lang, "offline", "guest", guestTitle(&g), "node", quoteText(g.Node))}
				return
			}
			if len(intent.GetImports()) == changesMost {
				break
			}
			m := &provisov1.GuestImport{}
			m.VmId, m.Name = wireRef(ref, true, g.VMID, g.Name)
			c.path = "imports[" + strconv.Itoa(len(intent.GetImports())) + "]"
			v := ref.value(d.lang, req.Text)
			fact(c, "vm_id", v)
			t.path = c.path + "."
			t.addChange("vm_id", "import", guestTitle(&g)+", "+tell(d.lang, "on_node", "node", quoteText(g.Node)), v.Origin, evidence(d.lang, v))
			intent.Imports = append(intent.Imports, m)
		}
	}
	out.Intent, out.Interpretation, out.Questions = intent, t.rows, questions(asked)
}
