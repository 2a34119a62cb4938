package bpg

import (
	"fmt"
	"strings"

	"proviso.dev/services/builder/internal/lines"
)

// readmeOfAdoptions tells which guests are taken over, what changes of each, what the code does not hold, and how the
// state ties both together.
func (l layout) readmeOfAdoptions(b *strings.Builder, section func(key string)) {
	if len(l.adopted) == 0 {
		return
	}
	section("readme.adopts")
	fmt.Fprintf(b, "%s\n\n%s\n|---|---|---|---|---|---|\n", l.say("readme.adopts_intro"), l.say("readme.adopts_header"))
	changed := 0
	for _, a := range l.adopted {
		g := a.guest()
		head := fmt.Sprintf("| %s | %d | %s |", code(g.GetName()), g.GetVmId(), code(g.GetNode()))
		if len(a.plan.GetDifferences()) == 0 {
			fmt.Fprintf(b, "%s %s | | |\n", head, l.say("readme.adopts_unchanged"))
			continue
		}
		changed++
		for _, d := range a.plan.GetDifferences() {
			fmt.Fprintf(b, "%s %s | %s | %s |\n", head, code(d.GetAttribute()), short(d.GetBefore()), short(d.GetAfter()))
		}
	}
	fmt.Fprintf(b, "\n%s\n\n```sh\ntofu plan\ntofu apply\n```\n\n%s\n", l.say("readme.adopts_plan", "import", len(l.adopted), "add", Resources(l.draft), "change", changed),
		l.say("readme.adopts_state"))

	var left []string
	for _, a := range l.adopted {
		for _, v := range l.leftOut(a) {
			key := strings.TrimSuffix(v.Key+"."+v.Option, ".")
			left = append(left, l.say("readme.left_out", "guest", code(a.guest().GetName()), "key", code(key), "why", l.say("what."+string(v.Why))))
		}
	}
	if len(left) > 0 {
		section("readme.left")
		for _, text := range left {
			fmt.Fprintf(b, "* %s\n", text)
		}
	}
}

// leftOut is what the code of a guest does not hold.
func (l layout) leftOut(a adopted) []lines.Left {
	if a.plan.GetContainer() != nil {
		return lines.LeftOutOfContainer(a.guest().GetConfig())
	}
	return lines.LeftOut(a.guest().GetConfig())
}

// short makes prose of a value and cuts what is long.
func short(s string) string {
	const most = 120
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return prose(s)
}
