package understand

import (
	"fmt"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// convertChanges writes grounded changes as the wire's messages, with a fact for every value.
func convertChanges(gc *groundedChanges, out *provisov1.ProvisionIntent) {
	c := &converter{out: out}
	for i, ch := range gc.list {
		c.path = fmt.Sprintf("changes[%d]", i)
		out.Changes = append(out.Changes, c.change(ch))
	}
}

func (c *converter) change(ch *groundedChange) *provisov1.GuestChange {
	m := &provisov1.GuestChange{}
	m.VmId, m.Name = wireRef(ch.ref, ch.guest != nil, idOf(ch), nameOf(ch))
	if m.VmId != nil && ch.guest != nil {
		fact(c, "vm_id", ch.ref.value(c.out.GetLanguage(), c.out.GetGoal()))
	}
	if ch.guest == nil {
		return m // figures mean nothing until it is known what the guest has
	}
	m.NewName = str(c, "new_name", ch.NewName)
	m.Cores = num(c, "cores", ch.Cores.Value)
	m.MemoryMib = num(c, "memory_mib", ch.MemoryMiB.Value)
	if ch.DiskMiB.Has() {
		fact(c, "disk_gib", ch.DiskMiB.Value)
		gib := int32(gibibytes(ch.DiskMiB.V))
		m.DiskGib = &gib
	}
	m.AddTags = strs(c, "add_tags", ch.AddTags)
	m.RemoveTags = strs(c, "remove_tags", ch.RemoveTags)
	m.StartAtBoot = truth(c, "start_at_boot", ch.StartAtBoot)
	m.Protection = truth(c, "protection", ch.Protection)
	if ch.Description.Has() {
		fact(c, "description", ch.Description)
		text := ch.Description.V
		m.Description = &text
	}
	for k, d := range ch.AddDisks {
		path := fmt.Sprintf("add_disks[%d].", k)
		disk := &provisov1.Disk{Storage: str(c, path+"storage", d.Storage)}
		if d.MiB.Has() {
			fact(c, path+"size_gib", d.MiB)
			gib := int32(gibibytes(d.MiB.V))
			disk.SizeGib = &gib
		}
		m.AddDisks = append(m.AddDisks, disk)
	}
	return m
}

func idOf(ch *groundedChange) int {
	if ch.guest == nil {
		return 0
	}
	return ch.guest.VMID
}

func nameOf(ch *groundedChange) string {
	if ch.guest == nil {
		return ""
	}
	return ch.guest.Name
}

// wireRef writes which guest is meant: as the cluster has it when it is known, else as it was written.
func wireRef(ref guestRef, known bool, id int, name string) (vmid *int32, written *string) {
	if !known {
		id, name = ref.id, ref.word
	}
	if id >= 100 && id <= 999999999 {
		n := int32(id)
		vmid = &n
	}
	if name = clip(visible(name), 128); name != "" {
		written = &name
	}
	return vmid, written
}

// value is a reference as a value with its evidence: the words in the text, where they stand there.
func (ref guestRef) value(lang, text string) Value[int] {
	v := Value[int]{Origin: Stated, Reason: refReason(lang, ref)}
	switch {
	case ref.family, ref.every:
		v.Origin = Derived
	case ref.end <= ref.start:
		v.Origin = Answered
	}
	if ref.end > ref.start && ref.end <= len(text) {
		v.Text, v.Start, v.End = text[ref.start:ref.end], ref.start, ref.end
	}
	return v
}

// refReason says how a guest was meant.
func refReason(lang string, ref guestRef) string {
	switch {
	case ref.family, ref.every:
		return tell(lang, "reason.family", "name", refText(ref))
	case ref.id > 0:
		return tell(lang, "reason.id", "id", ref.id)
	}
	return tell(lang, "reason.name", "name", refText(ref))
}

// changeRows writes changes as rows that show what is and what will be.
func changeRows(gc *groundedChanges, lang string) []*provisov1.InterpretationRow {
	t := &table{lang: lang}
	for i, ch := range gc.list {
		t.path, t.prefix = fmt.Sprintf("changes[%d].", i), ""
		if ch.guest == nil {
			continue
		}
		t.addChange("vm_id", "guest", guestTitle(ch.guest)+", "+tell(lang, "on_node", "node", quoteText(ch.guest.Node)), ch.ref.value(lang, "").Origin, refReason(lang, ch.ref))
		if len(gc.list) > 1 {
			t.prefix = quoteText(ch.guest.Name) + " · "
		}
		t.change(ch)
	}
	return t.rows
}

func (t *table) addChange(path, label, value string, origin Origin, reason string) {
	t.rows = append(t.rows, &provisov1.InterpretationRow{Path: t.path + path, Label: clip(t.prefix+tell(t.lang, "label."+label), 128),
		Value: clip(value, 4000), Origin: string(origin), Reason: clip(reason, 1000)})
}

// arrow shows what is and what will be.
func arrow(before, after string) string { return before + " → " + after }

func changeRow[T any](t *table, path, label string, v Value[T], value string) {
	if v.Has() {
		t.addChange(path, label, value, v.Origin, evidence(t.lang, v))
	}
}

func (t *table) change(ch *groundedChange) {
	size := func(n int) string { return sizeText(t.lang, n) }
	changeRow(t, "new_name", "name", ch.NewName, arrow(quoteText(ch.guest.Name), quoteText(ch.NewName.V)))
	changeRow(t, "cores", "cores", ch.Cores.Value, arrow(strconv.Itoa(ch.before.cores), strconv.Itoa(ch.Cores.V)))
	changeRow(t, "memory_mib", "memory", ch.MemoryMiB.Value, arrow(size(ch.before.memoryMiB), size(ch.MemoryMiB.V)))
	changeRow(t, "disk_gib", "disk", ch.DiskMiB.Value, arrow(size(ch.before.diskMiB), size(gibibytes(ch.DiskMiB.V)*1024)))
	for k, d := range ch.AddDisks {
		value := size(gibibytes(d.MiB.V) * 1024)
		if d.Storage.Has() {
			value = say(t.lang, "size_on", "size", value, "storage", d.Storage.V)
		}
		if d.MiB.Has() {
			t.addChange(fmt.Sprintf("add_disks[%d].size_gib", k), "add_disk", "+ "+value, d.MiB.Origin, evidence(t.lang, d.MiB))
		}
	}
	before := t.orNone(listText(t.lang, quoteAll(ch.guest.Tags)), "none")
	changeRow(t, "add_tags", "add_tags", ch.AddTags, tell(t.lang, "row.tags", "tags", listText(t.lang, quoteAll(ch.AddTags.V)), "before", before))
	changeRow(t, "remove_tags", "remove_tags", ch.RemoveTags, tell(t.lang, "row.tags", "tags", listText(t.lang, quoteAll(ch.RemoveTags.V)), "before", before))
	changeRow(t, "start_at_boot", "start_at_boot", ch.StartAtBoot, t.was(ch.guest, "onboot")+"→ "+yesNo(t.lang, ch.StartAtBoot.V))
	changeRow(t, "protection", "protection", ch.Protection, t.was(ch.guest, "protection")+"→ "+yesNo(t.lang, ch.Protection.V))
	changeRow(t, "description", "description", ch.Description, t.was(ch.guest, "description")+"→ "+t.orNone(visible(ch.Description.V), "none"))
}

// was writes what a guest's configuration has, before the arrow; nothing when the configuration is not known.
func (t *table) was(g *pve.Guest, line string) string {
	if g.Config == nil || g.Config.Lines == nil {
		return ""
	}
	value := g.Config.Lines[line]
	if line == "description" {
		return t.orNone(clip(visible(strings.TrimSpace(value)), 500), "none") + " "
	}
	return yesNo(t.lang, value == "1") + " "
}
