// Package contract compares the committed JSON Schemas with earlier ones.
//
// It owns what `buf breaking` does not see: a value that leaves a closed set, a field that becomes required, a bound or pattern that
// tightens. Each of them refuses messages that were right before. It does not judge names and types of fields on the wire;
// buf does.
package contract

import (
	"fmt"
	"maps"
	"slices"
)

// Schema is a JSON Schema as decoded by encoding/json.
type Schema = map[string]any

// Narrowings lists, by path, how the new schema refuses what the old one took; empty when it takes everything.
func Narrowings(before, after Schema) []string {
	c := comparison{}
	c.compare("", before, after)
	return c.found
}

type comparison struct{ found []string }

func (c *comparison) reportf(path, format string, args ...any) {
	c.found = append(c.found, path+": "+fmt.Sprintf(format, args...))
}

// Bounds: of these keywords a larger value takes more, of those a smaller one.
var (
	upper = []string{"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"}
	lower = []string{"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"}
)

func (c *comparison) compare(path string, before, after Schema) {
	for _, key := range upper {
		c.bound(path, key, before[key], after[key], func(was, is float64) bool { return is < was })
	}
	for _, key := range lower {
		c.bound(path, key, before[key], after[key], func(was, is float64) bool { return is > was })
	}
	if is, ok := after["pattern"]; ok && is != before["pattern"] {
		c.reportf(path, "pattern %v became %v", before["pattern"], is)
	}
	if is, ok := after["enum"].([]any); ok {
		was, closed := before["enum"].([]any)
		if !closed {
			c.reportf(path, "became a closed set")
		}
		for _, v := range was {
			if !slices.Contains(is, v) {
				c.reportf(path, "%v left the closed set", v)
			}
		}
	}
	required, _ := before["required"].([]any)
	now, _ := after["required"].([]any)
	for _, name := range now {
		if !slices.Contains(required, name) {
			c.reportf(path, "%v became required", name)
		}
	}
	for _, key := range []string{"properties", "$defs"} {
		was, _ := before[key].(Schema)
		is, _ := after[key].(Schema)
		for _, name := range slices.Sorted(maps.Keys(was)) {
			old, _ := was[name].(Schema)
			current, ok := is[name].(Schema)
			switch {
			case ok:
				c.compare(path+"/"+name, old, current)
			case key == "properties":
				c.reportf(path+"/"+name, "is gone")
			}
		}
	}
	if was, ok := before["items"].(Schema); ok {
		if is, ok := after["items"].(Schema); ok {
			c.compare(path+"/[]", was, is)
		}
	}
}

func (c *comparison) bound(path, key string, was, is any, tighter func(was, is float64) bool) {
	now, bounded := is.(float64)
	if !bounded {
		return
	}
	old, ok := was.(float64)
	switch {
	case !ok:
		c.reportf(path, "%s %v is new", key, now)
	case tighter(old, now):
		c.reportf(path, "%s %v became %v", key, old, now)
	}
}
