package metadata

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// node reads package.json.
func (r *reader) node() {
	var file struct {
		Name         any            `json:"name"`
		Engines      map[string]any `json:"engines"`
		Scripts      map[string]any `json:"scripts"`
		Dependencies map[string]any `json:"dependencies"`
	}
	if err := json.Unmarshal(r.data, &file); err != nil {
		r.syntax(0, "JSON", err)
		return
	}
	lines := jsonLines(r.data)
	r.Name = lastElement(text(file.Name))
	r.command(text(file.Scripts["start"]), lines["scripts\x00start"])
	r.runtime("node", text(file.Engines["node"]), lines["engines\x00node"], jsonLibraries(file.Dependencies, lines, "dependencies"))
}

// composer reads composer.json.
func (r *reader) composer() {
	var file struct {
		Name    any            `json:"name"`
		Scripts map[string]any `json:"scripts"`
		Require map[string]any `json:"require"`
	}
	if err := json.Unmarshal(r.data, &file); err != nil {
		r.syntax(0, "JSON", err)
		return
	}
	lines := jsonLines(r.data)
	r.Name = lastElement(text(file.Name))
	r.Runs = r.has("index.php", "public/index.php")
	r.command(text(file.Scripts["start"]), lines["scripts\x00start"])
	r.runtime("php", text(file.Require["php"]), lines["require\x00php"], jsonLibraries(file.Require, lines, "require"))
}

// text is a value that should be a text, and is nothing otherwise.
func text(v any) string {
	s, _ := v.(string)
	return s
}

func jsonLibraries(required map[string]any, lines map[string]int, key string) []library {
	var out []library
	for _, name := range slices.Sorted(maps.Keys(required)) {
		out = append(out, library{name, lines[key+"\x00"+name]})
	}
	slices.SortStableFunc(out, func(a, b library) int { return a.line - b.line })
	return out
}

// jsonLines are the lines of the keys of the top object and of the objects in it, those named parent, NUL, key.
func jsonLines(data []byte) map[string]int {
	out := map[string]int{}
	decoder := json.NewDecoder(bytes.NewReader(data))
	type level struct {
		object bool
		key    string // that awaits its value
		isKey  bool   // the next token is a key
	}
	var stack []level
	line, counted := 1, int64(0)
	for {
		token, err := decoder.Token()
		if err != nil {
			return out
		}
		offset := decoder.InputOffset()
		line += bytes.Count(data[counted:offset], []byte("\n"))
		counted = offset
		top := len(stack) - 1
		if delim, ok := token.(json.Delim); ok {
			if delim == '{' || delim == '[' {
				stack = append(stack, level{object: delim == '{', isKey: delim == '{'})
				continue
			}
			stack = stack[:top]
			if top--; top >= 0 {
				stack[top].isKey = stack[top].object
			}
			continue
		}
		if top < 0 || !stack[top].object {
			continue
		}
		if !stack[top].isKey {
			stack[top].isKey = true
			continue
		}
		key, _ := token.(string)
		stack[top].key, stack[top].isKey = key, false
		switch top {
		case 0:
			out[key] = line
		case 1:
			out[stack[0].key+"\x00"+key] = line
		}
	}
}
