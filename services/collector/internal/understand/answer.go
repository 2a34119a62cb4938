package understand

import (
	"strconv"
	"strings"
)

// says reports whether the first group of an answer speaks of the field that was asked about.
func says(delta *Intent, field string) bool {
	if len(delta.Groups) == 0 {
		return false
	}
	g := delta.Groups[0]
	switch field {
	case fieldName:
		return g.Name.Has() || g.Names.Has()
	case fieldSource:
		return g.Source.Has()
	case fieldCount:
		return g.Count.Has()
	case fieldCores:
		return g.Cores.Has()
	case fieldSockets:
		return g.Sockets.Has()
	case fieldCPUType:
		return g.CPUType.Has()
	case fieldNetwork:
		return len(g.NICs) > 0 && g.NICs[0].Bridge.Has()
	case fieldVLAN:
		return len(g.NICs) > 0 && g.NICs[0].VLAN.Has()
	case fieldUser:
		return g.User.Has()
	case fieldKeys:
		return g.Keys.Has()
	case fieldDomain:
		return g.Domain.Has()
	case fieldTags:
		return g.Tags.Has()
	case fieldPool:
		return g.Pool.Has() || g.Backup.Has()
	case fieldHA:
		return g.HA.Has()
	case fieldNode:
		return g.Nodes.Has() || g.Avoid.Has() || g.Objective.Has()
	case fieldVMID:
		return g.VMID.Has()
	}
	return false
}

// withoutWords are the answers that do without a value.
var withoutWords = map[string]bool{"none": true, "no": true, "non": true, "aucun": true, "aucune": true, "auto": true, "any": true, "nothing": true,
	"rien": true, "sans": true, "without": true, "skip": true, "automatic": true, "automatique": true, "n'importe": true, "peu importe": true, "default": true, "defaut": true, "0": true}

// answerField sets one field to an answer: an option's value, or words that hold nothing but the value. It reports
// whether the words could be one.
func answerField(g *Group, field string, n int, answer, text string, x *index) bool {
	answer = strings.TrimSpace(answer)
	none := withoutWords[fold(answer)] || withoutWords[fold(strings.TrimSpace(text))]
	s := Value[string]{V: answer, Origin: Answered, Text: clip(text, 500)}
	list := Value[[]string]{V: splitList(answer), Origin: Answered, Text: s.Text}
	if none {
		s.V, list.V = "", nil
	}
	number := func() (Value[int], bool) {
		v, ok := readInteger(answer, x)
		return Value[int]{V: v, Origin: Answered, Text: s.Text}, ok || none
	}
	size := func() (Value[int], bool) {
		v, ok := readSize(answer, x)
		return Value[int]{V: v, Origin: Answered, Text: s.Text}, ok
	}
	delete(g.conflicts, field)
	for len(g.NICs) <= n && (field == fieldNetwork || field == fieldVLAN || field == fieldIPv4 || field == fieldGateway) {
		g.NICs = append(g.NICs, NIC{})
	}
	for len(g.Disks) <= n && (field == fieldDisk || field == fieldStorage) {
		g.Disks = append(g.Disks, Disk{extra: len(g.Disks) > 0})
	}
	ok := true
	switch field {
	case fieldName:
		if names := answerNames(answer, x); len(names) > 1 {
			g.Names, g.Name = Value[[]string]{V: names, Origin: Answered, Text: s.Text}, Value[string]{}
			return true
		}
		g.Name, g.Names = s, Value[[]string]{}
	case fieldSource:
		g.Source = Value[Source]{V: sourceFrom(answer), Origin: Answered, Text: s.Text}
	case fieldCount:
		v, isNumber := number()
		if ok = isNumber; ok {
			g.Count = v
			if len(g.Names.V) != v.V {
				g.Names = Value[[]string]{}
			}
		}
	case fieldCores:
		if v, isNumber := number(); isNumber {
			g.Cores = v
		}
	case fieldSockets:
		if v, isNumber := number(); isNumber {
			g.Sockets = v
		}
	case fieldVMID:
		v, isNumber := number()
		if ok = isNumber; ok {
			g.VMID = v
		}
	case fieldMemory:
		if v, isSize := size(); isSize {
			g.MemoryMiB = v
		}
	case fieldSwap:
		if v, isSize := size(); isSize {
			g.SwapMiB = v
		}
	case fieldKind:
		ok = answerKind(g, answer, text)
	case fieldDisk:
		if v, isSize := size(); isSize {
			g.Disks[n].MiB = v
		}
	case fieldStorage:
		g.Disks[n].Storage = s
	case fieldNetwork:
		g.NICs[n].Bridge = s
	case fieldVLAN:
		if v, isNumber := number(); isNumber {
			g.NICs[n].VLAN = v
		}
	case fieldIPv4:
		g.NICs[n].IPv4 = s
		if none {
			g.NICs[n].IPv4.V = "dhcp"
		}
	case fieldGateway:
		g.NICs[n].Gateway = s
	case fieldCPUType:
		g.CPUType = s
	case fieldUser:
		g.User = s
	case fieldKeys:
		g.Keys = Value[[]string]{V: []string{answer}, Origin: Answered, Text: s.Text}
		if none {
			g.Keys.V = nil
		}
	case fieldDNS:
		g.DNS = list
	case fieldDomain:
		g.Domain = s
	case fieldTags:
		g.Tags = list
	case fieldPool:
		g.Pool, g.Backup = s, Value[bool]{}
	case fieldHA:
		g.HAGroup = s
		g.HA = Value[bool]{V: !none && !strings.EqualFold(answer, "no HA"), Origin: Answered, Text: s.Text}
		if none || strings.EqualFold(answer, "HA") || strings.EqualFold(answer, "no HA") {
			g.HAGroup = Value[string]{}
		}
	case fieldNode:
		g.Nodes, g.Avoid = list, Value[[]string]{}
	case "avoid":
		g.Avoid = list
	case fieldDescription:
		g.Description = s
	default:
		ok = false
	}
	return ok
}

// answerNames reads a list of names in an answer to the question of the name.
func answerNames(answer string, x *index) []string {
	p := parse("named "+answer, x)
	if len(p.items) > 0 && p.items[0].kind == itNames && p.items[0].end >= len("named ")+len(strings.TrimRight(answer, " .!")) {
		return p.items[0].list
	}
	return nil
}

// sourceFrom reads an answer as a source: an id, a volume, an address, a name.
func sourceFrom(answer string) Source {
	switch id, err := strconv.Atoi(answer); {
	case err == nil && id > 0:
		return Source{Kind: SourceTemplate, VMID: id}
	case strings.Contains(answer, "://"):
		return Source{Kind: SourceURL, URL: answer}
	case strings.Contains(answer, ":") || sourceFile(answer):
		return Source{Kind: SourceImage, Name: answer}
	}
	return Source{Kind: SourceTemplate, Name: answer}
}

// splitList cuts "a, b and c".
func splitList(s string) []string {
	var list []string
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\n' }) {
		if !words().isAnd(f) {
			list = append(list, f)
		}
	}
	return list
}

func (l *lexicon) isAnd(word string) bool {
	c := l.meaning(fold(word)).class
	return c == clAnd || c == clOr
}

// readInteger finds the number that an answer gives, in digits or words.
func readInteger(answer string, x *index) (int, bool) {
	p := newParser(answer, x)
	for i := range p.toks {
		if n, _, ok := p.integer(i); ok {
			return n, true
		}
	}
	return 0, false
}

// readSize finds the size that an answer gives, in MiB; a number without unit is in GiB unless it is large.
func readSize(answer string, x *index) (int, bool) {
	p := newParser(answer, x)
	for i := range p.toks {
		if mib, _, ok := p.size(i); ok {
			return mib, true
		}
	}
	if n, ok := readInteger(answer, x); ok && n > 0 {
		return bareMemory(n), true
	}
	return 0, false
}
