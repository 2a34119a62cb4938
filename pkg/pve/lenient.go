package pve

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// errNumber is the cause of an answer in which a number is none.
var errNumber = errors.New("not a number")

// A number takes what Proxmox VE sends for one: a JSON number, whole or not, the same as a string, a boolean, or null.
type number float64

// UnmarshalJSON implements [json.Unmarshaler].
func (n *number) UnmarshalJSON(data []byte) error {
	s := string(bytes.Trim(data, `"`))
	switch s {
	case "", "null", "false":
		*n = 0
		return nil
	case "true":
		*n = 1
		return nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return fmt.Errorf("%w: %.40q", errNumber, s)
	}
	*n = number(f)
	return nil
}

func (n number) count() int     { return int(n) }
func (n number) bytes() int64   { return int64(n) }
func (n number) truth() bool    { return n != 0 }
func (n number) share() float64 { return min(max(float64(n), 0), 1) }

// A text takes a string, and what Perl at times makes of one: a number or a boolean. Null and nested values are empty.
type text string

// UnmarshalJSON implements [json.Unmarshaler].
func (t *text) UnmarshalJSON(data []byte) error {
	switch {
	case len(data) > 1 && data[0] == '"':
		inner := data[1 : len(data)-1]
		if bytes.IndexByte(inner, '\\') < 0 {
			*t = text(strings.ToValidUTF8(string(inner), "\uFFFD"))
			return nil
		}
		return json.Unmarshal(data, (*string)(t))
	case string(data) == "true":
		*t = "1"
	case string(data) == "false":
		*t = "0"
	case len(data) == 0 || data[0] == 'n' || data[0] == '[' || data[0] == '{':
		*t = ""
	default:
		*t = text(data)
	}
	return nil
}

// A set takes a list of names as "a,b:2", ["a","b"] or {"a":2}; the number behind a name is its priority.
type set map[string]int

// UnmarshalJSON implements [json.Unmarshaler].
func (s *set) UnmarshalJSON(data []byte) error {
	found := set{}
	switch data[0] {
	case '[':
		var names []text
		if err := json.Unmarshal(data, &names); err != nil {
			return err
		}
		for _, name := range names {
			found[string(name)] = 0
		}
	case '{':
		var names map[string]number
		if err := json.Unmarshal(data, &names); err != nil {
			return err
		}
		for name, priority := range names {
			found[name] = priority.count()
		}
	default:
		var joined text
		if err := joined.UnmarshalJSON(data); err != nil {
			return err
		}
		for _, entry := range words(string(joined)) {
			name, priority, _ := strings.Cut(entry, ":")
			found[name], _ = strconv.Atoi(priority) // none means 0
		}
	}
	if *s = found; len(found) == 0 {
		*s = nil
	}
	return nil
}

// names returns the names in order, nil when there are none.
func (s set) names() []string { return slices.Sorted(maps.Keys(s)) }

// words splits one of Proxmox VE's lists: commas, semicolons and spaces all separate.
func words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ';' || r == ' ' })
}
