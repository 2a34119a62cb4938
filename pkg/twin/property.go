package twin

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A property is a property string: "head,key=value,…". The head is the value without key in front, such as a volume.
type property struct {
	head   string
	keys   []string
	values map[string]string
}

// parseProperty reads a property string whose head may also be written with one of the keys of headKeys.
func parseProperty(text string, headKeys ...string) property {
	p := property{values: map[string]string{}}
	for part := range strings.SplitSeq(text, ",") {
		key, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		switch {
		case part == "":
		case !ok:
			p.head = key
		case slices.Contains(headKeys, key):
			p.head = value
		default:
			p.set(key, value)
		}
	}
	return p
}

func (p *property) set(key, value string) {
	if _, ok := p.values[key]; !ok {
		p.keys = append(p.keys, key)
	}
	p.values[key] = value
}

func (p *property) remove(keys ...string) {
	for _, key := range keys {
		delete(p.values, key)
		p.keys = slices.DeleteFunc(p.keys, func(k string) bool { return k == key })
	}
}

func (p *property) String() string {
	parts := make([]string, 0, len(p.keys)+1)
	if p.head != "" {
		parts = append(parts, p.head)
	}
	for _, key := range p.keys {
		parts = append(parts, key+"="+p.values[key])
	}
	return strings.Join(parts, ",")
}

// parseSize reads "32G", "512M", "4K", "1T" or bytes. The second result is false for anything else.
func parseSize(text string) (int64, bool) {
	unit := int64(1)
	if text != "" {
		switch text[len(text)-1] {
		case 'K':
			unit = 1 << 10
		case 'M':
			unit = 1 << 20
		case 'G':
			unit = 1 << 30
		case 'T':
			unit = 1 << 40
		}
	}
	if unit > 1 {
		text = text[:len(text)-1]
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n < 0 {
		return 0, false
	}
	return int64(n * float64(unit)), true
}

// formatSize writes a size as Proxmox VE does: in the largest unit that divides it, up to tebibytes.
func formatSize(bytes int64) string {
	for _, u := range []struct {
		name string
		size int64
	}{{"T", 1 << 40}, {"G", 1 << 30}, {"M", 1 << 20}, {"K", 1 << 10}} {
		if bytes >= u.size && bytes%u.size == 0 {
			return fmt.Sprintf("%d%s", bytes/u.size, u.name)
		}
	}
	return strconv.FormatInt(bytes, 10)
}
