package understand

import (
	provisov1 "proviso.dev/proto/proviso/v1"
)

// typedTask reads the changes and imports of an intent that another service published; they are checked like those of a
// person. It reports false when there are none.
func typedTask(m *provisov1.ProvisionIntent) (task, bool) {
	var t task
	for _, c := range m.GetChanges() {
		out := &Change{ref: guestRef{id: int(c.GetVmId())}}
		if c.VmId == nil {
			out.ref.word = c.GetName()
		}
		out.NewName = stated(c.NewName != nil, c.GetNewName())
		out.Cores.Value = stated(c.Cores != nil, int(c.GetCores()))
		out.MemoryMiB.Value = stated(c.MemoryMib != nil, int(c.GetMemoryMib()))
		out.DiskMiB.Value = stated(c.DiskGib != nil, int(c.GetDiskGib())*1024)
		out.AddTags = stated(len(c.GetAddTags()) > 0, lowerAll(c.GetAddTags()))
		out.RemoveTags = stated(len(c.GetRemoveTags()) > 0, lowerAll(c.GetRemoveTags()))
		out.StartAtBoot = stated(c.StartAtBoot != nil, c.GetStartAtBoot())
		out.Protection = stated(c.Protection != nil, c.GetProtection())
		out.Description = stated(c.Description != nil, c.GetDescription())
		for _, d := range c.GetAddDisks() {
			out.AddDisks = append(out.AddDisks, Disk{extra: true, MiB: stated(d.SizeGib != nil, int(d.GetSizeGib())*1024), Storage: stated(d.Storage != nil, d.GetStorage())})
		}
		t.changes = append(t.changes, out)
	}
	for _, i := range m.GetImports() {
		ref := guestRef{id: int(i.GetVmId())}
		if i.VmId == nil {
			ref.word = i.GetName()
		}
		t.imports = append(t.imports, ref)
	}
	return t, len(t.changes)+len(t.imports) > 0
}

// stated is a value that a publisher gave.
func stated[T any](present bool, v T) Value[T] {
	if !present {
		return Value[T]{}
	}
	return Value[T]{V: v, Origin: Stated}
}

// join adds what an understanding says of existing guests to one that says more. A refusal of a part refuses the whole.
func join(out, more *provisov1.Understanding) *provisov1.Understanding {
	if more.GetRefusal() != nil {
		return more
	}
	out.Intent.Changes = append(out.Intent.Changes, more.GetIntent().GetChanges()...)
	out.Intent.Imports = append(out.Intent.Imports, more.GetIntent().GetImports()...)
	out.Intent.Facts = append(out.Intent.Facts, more.GetIntent().GetFacts()...)
	out.Interpretation = append(out.Interpretation, more.GetInterpretation()...)
	out.Questions = append(out.Questions, more.GetQuestions()...)
	out.Notices = append(out.Notices, more.GetNotices()...)
	if text := more.GetReply().GetText(); text != "" { // changes that change nothing
		out.Notices = append(out.Notices, clip(text, 1000))
	}
	out.Notices = out.GetNotices()[:min(len(out.GetNotices()), 16)]
	return out
}
