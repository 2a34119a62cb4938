package bpg

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// readme tells the person who reviews the bundle what it creates, what was assumed and why, and how to apply it.
func (l layout) readme() string {
	plan := l.draft.Plan
	var b strings.Builder
	section := func(key string) { fmt.Fprintf(&b, "\n## %s\n\n", l.say(key)) }

	fmt.Fprintf(&b, "# %s\n\n", l.say("readme.title"))
	if plan.GetGoal() != "" {
		fmt.Fprintf(&b, "> %s\n\n", prose(plan.GetGoal()))
	}
	fmt.Fprintln(&b, l.say("readme.intro", "version", plan.GetPlatformVersion(), "taken_at", plan.GetSnapshotTakenAt().AsTime().UTC().Format("2006-01-02 15:04 UTC")))

	if len(l.adopted) == 0 || Resources(l.draft) > 0 {
		section("readme.creates")
	}
	if len(plan.GetVirtualMachines())+len(plan.GetContainers()) > 0 {
		fmt.Fprintln(&b, l.say("readme.creates_header"))
		fmt.Fprintln(&b, "|---|---|---|---|---|---|---|---|")
	}
	for _, vm := range plan.GetVirtualMachines() {
		fmt.Fprintf(&b, "| %s | %d | %s | %s | %s | %s | %s | %s |\n", code(vm.GetName()), vm.GetVmId(), code(vm.GetNode()), l.source(vm),
			l.size(vm), l.disks(vm), l.networks(vm.GetNics()), l.extras(vm))
	}
	for _, ct := range plan.GetContainers() {
		fmt.Fprintf(&b, "| %s | %d | %s | %s | %s | %s | %s | %s |\n", code(ct.GetName()), ct.GetVmId(), code(ct.GetNode()),
			l.say("readme.container", "template", code(ct.GetTemplateVolume())),
			l.say("readme.size", "cores", ct.GetCores(), "memory", ct.GetMemoryMib()),
			l.say("readme.disk", "slot", "rootfs", "size", ct.GetDiskGib(), "storage", code(ct.GetDiskStorage())),
			l.networks(ct.GetNics()), l.containerExtras(ct))
	}
	for _, p := range plan.GetPools() {
		fmt.Fprintf(&b, "\n* %s\n", l.say("readme.pool", "pool", code(p.GetName())))
	}
	for _, d := range plan.GetDownloads() {
		fmt.Fprintf(&b, "\n* %s\n", l.say("readme.download", "url", code(d.GetUrl()), "storage", code(d.GetStorage()), "node", code(d.GetNode())))
	}

	l.readmeOfAdoptions(&b, section)
	if assumed := l.assumptions(); len(assumed) > 0 {
		section("readme.assumptions")
		for _, a := range assumed {
			fmt.Fprintf(&b, "* %s\n", a)
		}
	}
	if len(plan.GetPlacement()) > 0 {
		section("readme.placement")
		for _, p := range plan.GetPlacement() {
			fmt.Fprintf(&b, "* %s → %s: %s\n", code(p.GetGuest()), code(p.GetNode()), prose(p.GetReason()))
		}
	}
	l.readmeOfPlan(&b, section)
	if notes := append(l.omissions(), plan.GetRisks()...); len(notes) > 0 {
		section("readme.notes")
		for _, n := range notes {
			fmt.Fprintf(&b, "* %s\n", prose(n))
		}
	}

	section("readme.apply")
	fmt.Fprintf(&b, "%s\n\n```sh\nexport TF_VAR_%s=https://pve.example.org:8006\nexport TF_VAR_%s='user@realm!name=…'\n\ntofu init\ntofu apply\n```\n\n%s\n",
		l.say("readme.apply_how"), endpointVariable, tokenVariable, l.say("readme.apply_terraform"))
	return b.String()
}

func (l layout) source(vm *provisov1.PlannedVM) string {
	if c := vm.GetClone(); c != nil {
		key := "readme.linked_clone"
		if c.GetFull() {
			key = "readme.full_clone"
		}
		return l.say(key, "template", code(fmt.Sprintf("%s (%d)", c.GetName(), c.GetVmId())))
	}
	image := vm.GetImage()
	if image.GetVolume() != "" {
		return code(image.GetVolume())
	}
	if n := int(image.GetDownload()); n < len(l.draft.Plan.GetDownloads()) {
		return code(l.draft.Plan.GetDownloads()[n].GetFileName())
	}
	return ""
}

func (l layout) size(vm *provisov1.PlannedVM) string {
	return l.say("readme.size", "cores", vm.GetCores()*vm.GetSockets(), "memory", vm.GetMemoryMib())
}

func (l layout) disks(vm *provisov1.PlannedVM) string {
	var out []string
	for _, d := range vm.GetDisks() {
		out = append(out, l.say("readme.disk", "slot", d.GetSlot(), "size", d.GetSizeGib(), "storage", code(d.GetStorage())))
	}
	return strings.Join(out, ", ")
}

func (l layout) networks(nics []*provisov1.PlannedNIC) string {
	var out []string
	for _, n := range nics {
		text := code(n.GetBridge())
		if n.GetVlan() > 0 {
			text += fmt.Sprintf(" VLAN %d", n.GetVlan())
		}
		out = append(out, text+" "+n.GetIpv4())
	}
	return strings.Join(out, ", ")
}

// joined is what both kinds of guest may be part of.
type joined interface {
	GetPool() string
	GetHa() bool
	GetHaGroup() string
	GetTags() []string
	GetStartup() *provisov1.Startup
}

func (l layout) extras(vm joined) string {
	var out []string
	if vm.GetPool() != "" {
		out = append(out, "pool "+code(vm.GetPool()))
	}
	if vm.GetHa() {
		out = append(out, strings.TrimSpace("HA "+vm.GetHaGroup()))
	}
	if s := vm.GetStartup(); s != nil && s.Order != nil {
		out = append(out, l.say("readme.startup", "order", s.GetOrder()))
	}
	for _, t := range vm.GetTags() {
		out = append(out, code(t))
	}
	return strings.Join(out, ", ")
}

// assumptions are the values that nobody stated, each with its reason, once.
func (l layout) assumptions() []string {
	var out []string
	for _, f := range l.draft.Plan.GetFacts() {
		if f.GetOrigin() == "assumed" || f.GetOrigin() == "derived" {
			out = append(out, fmt.Sprintf("%s: %s", code(f.GetPath()), prose(f.GetReason())))
		}
	}
	return out
}

func (l layout) omissions() []string {
	var out []string
	for _, o := range l.draft.Plan.GetOmissions() {
		out = append(out, o.GetTopic()+": "+o.GetReason())
	}
	return out
}

// prose makes one line of plain Markdown text of what somebody wrote: no markup of theirs has an effect.
func prose(s string) string {
	if plain(s) {
		return s
	}
	s = strings.Join(strings.Fields(s), " ")
	return markup.Replace(visible(s))
}

// plain reports whether a text is prose already, as most are: printable, without markup, and with single spaces.
func plain(s string) bool {
	space := true // none at the beginning
	for _, r := range s {
		switch {
		case r == ' ':
			if space {
				return false
			}
			space = true
			continue
		case r < utf8.RuneSelf && (r < ' ' || r == 0x7f || strings.ContainsRune(marks, r)):
			return false
		case r >= utf8.RuneSelf && !unicode.IsLetter(r) && !strings.ContainsRune("’«»–→·…%", r):
			return false
		}
		space = false
	}
	return !space || s == ""
}

// marks are the characters of markup.
const marks = "\\`*_[]<>|#&"

var markup = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `<`, `&lt;`, `>`, `&gt;`, `|`, `\|`, `#`, `\#`, `&`, `&amp;`,
)

// code makes a code span that stays one, within a table too.
func code(s string) string {
	s = strings.NewReplacer("`", "'", "|", "¦").Replace(strings.Join(strings.Fields(visible(s)), " "))
	return "`" + s + "`"
}

// visible leaves out characters that have no shape of their own: with those that turn the direction of writing, a line would not
// say to its reader what it says to a program.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf, unicode.Cc) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}
