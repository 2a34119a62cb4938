package understand

import (
	"encoding/json"
	"strings"
)

// pastedMost bounds a pasted object in bytes, and how deep objects may lie in one another.
const (
	pastedMost = 8192
	pastedDeep = 3
)

// keys are the keys of pasted objects that no header of a table has.
var keys = map[string]string{"template": "template", "templateid": "template", "template id": "template", "vm name": "name", "clone": "template", "clone from": "template", "memory mb": "memory", "memory gb": "memory", "ram mb": "memory", "ram gb": "memory", "disk gb": "disk", "disk size": "disk",
	"disk size gb": "disk", "cpu cores": "cores", "num cpus": "cores", "vm id": "vmid", "target": "node", "start on boot": "onboot", "start at boot": "onboot", "ssh key": "ssh key", "sshkeys": "ssh key", "bridge": "network", "ip address": "ip", "gw": "gateway", "hostname": "name"}

// pasted is one key of a pasted object with its value, and where the value stands.
type pasted struct {
	key, value string
	start, end int
}

// objectAt reads a machine pasted as an object: {"name": "web1", "template": 100, "memory_mb": 2048}. Each key is read as the header of
// a column of a table, its value as the cell.
func (p *parser) objectAt() bool {
	at := p.toks[p.i].start
	if !p.mark(p.i, "{[") || at < p.object {
		return false
	}
	text := p.text[at:min(len(p.text), at+pastedMost)]
	end, rows := readPasted(text)
	if end == 0 || len(rows) == 0 {
		p.object = at + len(text)
		return false
	}
	before := len(p.out.items)
	for _, row := range rows {
		p.out.items = append(p.out.items, item{kind: itRow, on: true, start: at, end: at + end})
		for _, kv := range row {
			p.pastedValue(kv, at)
		}
	}
	p.out.items = append(p.out.items, item{kind: itRowEnd, start: at + end, end: at + end})
	if len(p.out.items) == before+2 {
		return false
	}
	for p.i < len(p.toks) && p.toks[p.i].start < at+end {
		p.i++
	}
	for _, it := range p.out.items[before:] {
		p.note(it)
	}
	p.out.hasHead, p.out.hasNewHead = true, true
	p.last, p.fillerFrom = clNone, -1
	return true
}

// pastedValue reads one value of a pasted object.
func (p *parser) pastedValue(kv pasted, at int) {
	name := fold(strings.Join(strings.FieldsFunc(kv.key, func(r rune) bool { return strings.ContainsRune("_-. ", r) }), " "))
	unit := ""
	for _, u := range []string{"mb", "mib", "gb", "gib"} {
		if rest, ok := strings.CutSuffix(name, " "+u); ok {
			name, unit = rest, u
		}
	}
	if k, ok := keys[name]; ok {
		name = k
	}
	c, ok := columnOf(name)
	if name == "ssh key" {
		c, ok = column{prefix: "ssh key: "}, true
	}
	if !ok {
		p.out.items = append(p.out.items, item{kind: itUnknown, start: at + kv.start, end: at + kv.end})
		return
	}
	if c.field == "disk" || strings.HasPrefix(c.prefix, "memory") {
		c.unit = unit
	}
	if v, isTruth := truths[fold(kv.value)]; isTruth && (c.field == "boot" || c.field == "ha" || c.field == "backup") {
		kind := map[string]itemKind{"ha": itHA, "boot": itBoot, "backup": itBackup}[c.field]
		p.out.items = append(p.out.items, item{kind: kind, on: v, start: at + kv.start, end: at + kv.end})
		return
	}
	p.cell(c, cell{at + kv.start, at + kv.end})
}

// readPasted reads the object, or the list of objects, at the beginning of a text. It returns its length, 0 when there is none.
func readPasted(text string) (end int, rows [][]pasted) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	list := strings.HasPrefix(text, "[")
	if list {
		if _, err := d.Token(); err != nil {
			return 0, nil
		}
	}
	for len(rows) < expandMost {
		if list && !d.More() {
			if _, err := d.Token(); err != nil {
				return 0, nil
			}
			break
		}
		if t, err := d.Token(); err != nil || t != json.Delim('{') {
			return 0, nil
		}
		row, ok := pastedRow(d, text, 0)
		if !ok {
			return 0, nil
		}
		rows = append(rows, row)
		if !list {
			break
		}
	}
	return int(d.InputOffset()), rows
}

// pastedRow reads the keys of an object whose brace is read already; those of objects inside it count as its own.
func pastedRow(d *json.Decoder, text string, deep int) (row []pasted, ok bool) {
	if deep > pastedDeep {
		return nil, false
	}
	for d.More() {
		t, err := d.Token()
		key, isKey := t.(string)
		if err != nil || !isKey {
			return nil, false
		}
		from := int(d.InputOffset())
		t, err = d.Token()
		if err != nil {
			return nil, false
		}
		switch v := t.(type) {
		case json.Delim:
			if v != '{' {
				list, ok := pastedList(d, text, key)
				if !ok {
					return nil, false
				}
				row = append(row, list...)
				break
			}
			inner, ok := pastedRow(d, text, deep+1)
			if !ok {
				return nil, false
			}
			row = append(row, inner...)
		case nil:
		default:
			row = append(row, valueAt(text, key, from, int(d.InputOffset())))
		}
	}
	_, err := d.Token()
	return row, err == nil
}

// pastedList reads the rest of a list of plain values, each as a value of its own.
func pastedList(d *json.Decoder, text, key string) (list []pasted, ok bool) {
	for d.More() {
		from := int(d.InputOffset())
		t, err := d.Token()
		if _, nested := t.(json.Delim); err != nil || nested {
			return nil, false
		}
		list = append(list, valueAt(text, key, from, int(d.InputOffset())))
	}
	_, err := d.Token()
	return list, err == nil
}

// valueAt returns the value that ends at to, without its colon, quotes and brackets.
func valueAt(text, key string, from, to int) pasted {
	for from < to && strings.ContainsRune(" \t\r\n:,\"[", rune(text[from])) {
		from++
	}
	for to > from && strings.ContainsRune("\"]", rune(text[to-1])) {
		to--
	}
	return pasted{key: key, value: text[from:to], start: from, end: to}
}
