package pve

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

// A rowSet is the list of resources as it came, with its rows. It is immutable.
type rowSet struct {
	rows   []*resourceRow
	read   int    // rows that were not taken over from the list before
	body   []byte // nil when encoding/json had to read it
	begins []int  // where row i begins in body
	ends   []int
}

// raw is row i as it came.
func (l *rowSet) raw(i int) []byte { return l.body[l.begins[i]:l.ends[i]] }

// resources reads /cluster/resources, which names everything that a cluster holds: 2 MB for 5,000 guests, the one answer whose size
// matters. Rows that came byte for byte before are those of last, which may be nil; when nothing changed it returns last itself.
func (r *Reader) resources(ctx context.Context, last *rowSet) (*rowSet, error) {
	const path = "/cluster/resources"
	body, err := r.body(ctx, path)
	if err != nil {
		return nil, err
	}
	if last != nil && bytes.Equal(body, last.body) {
		return last, nil
	}
	if list, ok := scanRows(body, last); ok {
		meterOf(ctx).rows.Add(int64(list.read))
		return list, nil
	}
	var answer struct {
		Data []*resourceRow `json:"data"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, explain("", path, err)
	}
	if answer.Data == nil {
		return nil, fmt.Errorf("read %s: %w: it holds no data", path, ErrAnswer)
	}
	list := &rowSet{rows: slices.DeleteFunc(answer.Data, func(row *resourceRow) bool { return row == nil })}
	meterOf(ctx).rows.Add(int64(len(list.rows)))
	return list, nil
}

// scanRows reads {"data":[{…},…]} in one pass, three times as fast as encoding/json. It knows only the plain form that Proxmox
// VE sends: flat rows, lower-case keys, strings without escapes. At anything else ok is false, and encoding/json decides what
// the answer means; a test shows that the two never differ. Rows that last holds in the same words are not read again: their
// memory is shared.
//
// Proxmox VE keeps no order of rows, nor of keys in a row, from one of its workers to the next, so that on a large cluster all of
// them may have to be read: that must be fast too.
func scanRows(body []byte, last *rowSet) (list *rowSet, ok bool) {
	s := rowScanner{rest: body, known: map[string]text{}, last: last}
	if !s.take('{') || string(s.quoted()) != `"data"` || !s.take(':') || !s.take('[') {
		return nil, false
	}
	about := len(body)/350 + 1 // bytes a row
	list = &rowSet{body: body, rows: make([]*resourceRow, 0, about), begins: make([]int, 0, about), ends: make([]int, 0, about)}
	read := 0
	for !s.take(']') {
		if len(list.rows) > 0 && !s.take(',') {
			return nil, false
		}
		s.blank()
		list.begins = append(list.begins, len(body)-len(s.rest))
		row := s.again()
		if row == nil {
			row = s.fresh(about)
			read++
			if !s.row(row) {
				return nil, false
			}
			s.resync(row)
		}
		list.rows = append(list.rows, row)
		list.ends = append(list.ends, len(body)-len(s.rest))
	}
	list.read = read
	return list, s.take('}') && s.done()
}

// A rowScanner walks over the answer; rest is what lies ahead. Its methods report false or nil at what they do not know.
type rowScanner struct {
	rest  []byte
	known map[string]text // strings that come again and again: nodes, states, pools
	slab  []resourceRow   // room for rows, many at a time

	last  *rowSet             // nil: there is none
	next  int                 // the row of last that is expected
	index map[resourceKey]int // rows of last; made when it is needed
}

// again steps over a row that last has at the place where it is expected, or one further, as after a row that went. A row is one
// JSON object, so that the text which begins with it is that row.
func (s *rowScanner) again() *resourceRow {
	if s.last == nil {
		return nil
	}
	for i := s.next; i < min(s.next+2, len(s.last.begins)); i++ {
		if raw := s.last.raw(i); bytes.HasPrefix(s.rest, raw) {
			s.rest, s.next = s.rest[len(raw):], i+1
			return s.last.rows[i]
		}
	}
	return nil
}

// resync expects, after a row that was read, the one that followed it in last.
func (s *rowScanner) resync(row *resourceRow) {
	if s.last == nil || len(s.last.begins) == 0 {
		return
	}
	if s.next < len(s.last.rows) && s.last.rows[s.next].key() == row.key() {
		s.next++
		return
	}
	if s.index == nil {
		s.index = make(map[resourceKey]int, len(s.last.rows))
		for i, row := range s.last.rows {
			s.index[row.key()] = i
		}
	}
	if i, ok := s.index[row.key()]; ok {
		s.next = i + 1
	}
}

// fresh returns room for a row.
func (s *rowScanner) fresh(about int) *resourceRow {
	if len(s.slab) == 0 {
		room := about
		if s.last != nil {
			room = 16 // a slab lives as long as one of its rows: large ones would keep rows that nobody needs any more
		}
		s.slab = make([]resourceRow, room)
	}
	row := &s.slab[0]
	s.slab = s.slab[1:]
	return row
}

func (s *rowScanner) row(row *resourceRow) bool {
	if !s.take('{') {
		return false
	}
	for first := true; !s.take('}'); first = false {
		if !first && !s.take(',') {
			return false
		}
		key := s.quoted()
		if key == nil || !plainKey(key[1:len(key)-1]) || !s.take(':') {
			return false
		}
		value := s.scalar()
		if value == nil || !s.set(row, key[1:len(key)-1], value) {
			return false
		}
	}
	return true
}

// set stores one value; keys that no snapshot needs are passed over.
func (s *rowScanner) set(row *resourceRow, key, value []byte) bool {
	switch string(key) {
	case "type":
		row.Type = s.shared(value)
	case "node":
		row.Node = s.shared(value)
	case "status":
		row.Status = s.shared(value)
	case "pool":
		row.Pool = s.shared(value)
	case "tags":
		row.Tags = s.shared(value)
	case "hastate":
		row.HAState = s.shared(value)
	case "storage":
		row.Storage = s.shared(value)
	case "plugintype":
		row.Plugin = s.shared(value)
	case "content":
		row.Content = s.shared(value)
	case "sdn":
		row.SDN = s.shared(value)
	case "network":
		row.Network = s.shared(value)
	case "network-type":
		row.NetworkType = s.shared(value)
	case "name":
		return row.Name.UnmarshalJSON(value) == nil
	case "vmid":
		return row.VMID.UnmarshalJSON(value) == nil
	case "template":
		return row.Template.UnmarshalJSON(value) == nil
	case "uptime":
		return row.Uptime.UnmarshalJSON(value) == nil
	case "maxcpu":
		return row.MaxCPU.UnmarshalJSON(value) == nil
	case "cpu":
		return row.CPU.UnmarshalJSON(value) == nil
	case "maxmem":
		return row.MaxMem.UnmarshalJSON(value) == nil
	case "mem":
		return row.Mem.UnmarshalJSON(value) == nil
	case "maxdisk":
		return row.MaxDisk.UnmarshalJSON(value) == nil
	case "disk":
		return row.Disk.UnmarshalJSON(value) == nil
	case "shared":
		return row.Shared.UnmarshalJSON(value) == nil
	}
	return true
}

// shared keeps one copy of a string.
func (s *rowScanner) shared(value []byte) text {
	if t, ok := s.known[string(value)]; ok {
		return t
	}
	var t text
	_ = t.UnmarshalJSON(value) // a scalar without escapes always is a text
	s.known[string(value)] = t
	return t
}

// take steps over white space and then over c, if it is next.
func (s *rowScanner) take(c byte) bool {
	s.blank()
	if len(s.rest) == 0 || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

func (s *rowScanner) done() bool {
	s.blank()
	return len(s.rest) == 0
}

func (s *rowScanner) blank() {
	for len(s.rest) > 0 && (s.rest[0] == ' ' || s.rest[0] == '\n' || s.rest[0] == '\t' || s.rest[0] == '\r') {
		s.rest = s.rest[1:]
	}
}

// quoted returns a string with its quotation marks, nil when there is none or it holds an escape.
func (s *rowScanner) quoted() []byte {
	s.blank()
	if len(s.rest) == 0 || s.rest[0] != '"' {
		return nil
	}
	for i, c := range s.rest[1:] {
		switch {
		case c == '"':
			value := s.rest[:i+2]
			s.rest = s.rest[i+2:]
			return value
		case c == '\\' || c < ' ':
			return nil
		}
	}
	return nil
}

// scalar returns a string, number, boolean or null as it is written.
func (s *rowScanner) scalar() []byte {
	s.blank()
	if len(s.rest) > 0 && s.rest[0] == '"' {
		return s.quoted()
	}
	end := slices.IndexFunc(s.rest, func(c byte) bool { return c == ',' || c == '}' || c <= ' ' })
	if end <= 0 {
		return nil
	}
	value := s.rest[:end]
	if !plainNumber(value) && (value[0] == '{' || value[0] == '[' || !json.Valid(value)) {
		return nil
	}
	s.rest = s.rest[end:]
	return value
}

// plainNumber reports whether the value is a whole number, which most are: it spares them the full check.
func plainNumber(value []byte) bool {
	for _, c := range value {
		if c < '0' || c > '9' {
			return false
		}
	}
	return value[0] != '0' || len(value) == 1
}

// plainKey reports whether encoding/json, which ignores case, would take the key for no other than it is.
func plainKey(key []byte) bool {
	for _, c := range key {
		if c >= 0x80 || c >= 'A' && c <= 'Z' {
			return false
		}
	}
	return true
}
