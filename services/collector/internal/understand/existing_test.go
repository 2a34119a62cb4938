package understand

import (
	"fmt"
	"strings"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// summaryExisting writes what an understanding says of what exists: the values of each change as they will be, the guests to
// import, and for a reply its commands, or "answer".
//
//	118: mem=16384 cores=8 | import 122
func summaryExisting(u *provisov1.Understanding) []string {
	var out []string
	for _, c := range u.GetIntent().GetChanges() {
		if c.VmId == nil {
			continue // asked for
		}
		part := []string{fmt.Sprintf("%d:", c.GetVmId())}
		add := func(present bool, key string, value any) {
			if present {
				part = append(part, fmt.Sprintf("%s=%v", key, value))
			}
		}
		add(c.NewName != nil, "name", c.GetNewName())
		add(c.Cores != nil, "cores", c.GetCores())
		add(c.MemoryMib != nil, "mem", c.GetMemoryMib())
		add(c.DiskGib != nil, "disk", c.GetDiskGib())
		for _, d := range c.GetAddDisks() {
			part = append(part, fmt.Sprintf("+disk=%d%s", d.GetSizeGib(), strings.TrimSuffix("@"+d.GetStorage(), "@")))
		}
		add(len(c.GetAddTags()) > 0, "+tags", strings.Join(c.GetAddTags(), ","))
		add(len(c.GetRemoveTags()) > 0, "-tags", strings.Join(c.GetRemoveTags(), ","))
		add(c.StartAtBoot != nil, "boot", c.GetStartAtBoot())
		add(c.Protection != nil, "protect", c.GetProtection())
		add(c.Description != nil, "desc", fmt.Sprintf("%q", c.GetDescription()))
		if len(part) > 1 {
			out = append(out, strings.Join(part, " "))
		}
	}
	for _, i := range u.GetIntent().GetImports() {
		if i.VmId != nil && i.Name != nil {
			out = append(out, fmt.Sprintf("import %d", i.GetVmId()))
		}
	}
	if r := u.GetReply(); r != nil {
		if len(r.GetCommands()) == 0 {
			return append(out, "answer")
		}
		return append(out, "answer: "+strings.Join(r.GetCommands(), "; "))
	}
	if len(out) > 1 {
		return []string{strings.Join(out, " | ")}
	}
	return out
}
