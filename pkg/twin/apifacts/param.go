package apifacts

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A Param is one parameter, or one option inside a property string.
type Param struct {
	Type      string      `json:"type"` // string, integer, number, boolean, array, object
	Optional  bool        `json:"optional"`
	Enum      []string    `json:"enum"`
	Minimum   json.Number `json:"minimum"`
	Maximum   json.Number `json:"maximum"`
	MinLength int         `json:"minLength"`
	MaxLength int         `json:"maxLength"`
	Pattern   string      `json:"pattern"`
	Format    string      `json:"format"`
	Requires  string      `json:"requires"`
	Indexed   bool        `json:"indexed"`
	Options   string      `json:"options"`
	Items     *Param      `json:"items"`

	// Of an option: DefaultKey may stand without its key; Alias names the option it stands for; KeyAlias names the option
	// that takes this key itself as value ("virtio=MAC" is "model=virtio,macaddr=MAC").
	DefaultKey bool   `json:"default_key"`
	Alias      string `json:"alias"`
	KeyAlias   string `json:"keyAlias"`

	// Of a parameter with variants: it is valid only where the parameter TypeProperty has one of InstanceTypes.
	TypeProperty  string   `json:"type_property"`
	InstanceTypes []string `json:"instance_types"`

	once    sync.Once
	pattern *regexp.Regexp
}

type optionTable struct {
	once sync.Once
	line []byte
	opts map[string]*Param
}

func (t *optionTable) table() map[string]*Param {
	t.once.Do(func() {
		if err := json.Unmarshal(t.line, &t.opts); err != nil {
			panic(fmt.Sprintf("API facts: option table: %v", err)) // compiled in, see Endpoint.definition
		}
		t.line = nil
	})
	return t.opts
}

// Messages of Proxmox VE's own parameter check.
const (
	msgMissing = "property is missing and it is not optional"
	msgUnknown = "property is not defined in schema and the schema does not allow additional properties"
)

// Check returns what is wrong with a request's parameters, path variables included, by parameter; nil when nothing is.
func (e *Endpoint) Check(values url.Values) map[string]string {
	def := e.definition()
	faults := map[string]string{}
	for key, all := range values {
		p, ok := e.Param(key)
		if !ok {
			if def.Additional != nil && !*def.Additional {
				faults[key] = msgUnknown
			}
			continue
		}
		if msg := e.api.check(p, all); msg != "" {
			faults[key] = msg
			continue
		}
		if p.Requires != "" && !values.Has(p.Requires) {
			faults[p.Requires] = fmt.Sprintf("missing property - '%s' requires this property", key)
		}
		if p.TypeProperty != "" && values.Has(p.TypeProperty) && !slices.Contains(p.InstanceTypes, values.Get(p.TypeProperty)) {
			faults[key] = msgUnknown
		}
	}
	for key, p := range def.Parameters {
		if !p.Optional && !p.Indexed && !values.Has(key) {
			faults[key] = msgMissing
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return faults
}

func (a *API) check(p *Param, values []string) string {
	if p.Type == "array" {
		if p.Items == nil {
			return ""
		}
		for _, v := range values {
			if msg := a.checkOne(p.Items, v); msg != "" {
				return msg
			}
		}
		return ""
	}
	if len(values) > 1 {
		return fmt.Sprintf("type check ('%s') failed - got ARRAY", p.Type)
	}
	return a.checkOne(p, values[0])
}

func (a *API) checkOne(p *Param, v string) string {
	switch p.Type {
	case "integer":
		if _, err := strconv.ParseInt(v, 10, 64); err != nil {
			return fmt.Sprintf("type check ('integer') failed - got '%s'", v)
		}
	case "number":
		if _, err := strconv.ParseFloat(v, 64); err != nil {
			return fmt.Sprintf("type check ('number') failed - got '%s'", v)
		}
	case "boolean":
		if _, ok := ParseBool(v); !ok {
			return fmt.Sprintf("type check ('boolean') failed - got '%s'", v)
		}
		return ""
	}
	if msg := p.checkRange(v); msg != "" {
		return msg
	}
	if p.MaxLength > 0 && len(v) > p.MaxLength {
		return fmt.Sprintf("value may only be %d characters long", p.MaxLength)
	}
	if p.MinLength > 0 && len(v) < p.MinLength {
		return fmt.Sprintf("value must be at least %d characters long", p.MinLength)
	}
	if len(p.Enum) > 0 && !slices.Contains(p.Enum, v) {
		return fmt.Sprintf("value '%s' does not have a value in the enumeration '%s'", v, strings.Join(p.Enum, ", "))
	}
	if p.Pattern != "" && !p.matches(v) {
		return "value does not match the regex pattern"
	}
	if p.Options != "" {
		return a.checkPropertyString(a.options[p.Options].table(), v)
	}
	return checkFormat(p.Format, v)
}

func (p *Param) checkRange(v string) string {
	if p.Type != "integer" && p.Type != "number" {
		return ""
	}
	got, _ := strconv.ParseFloat(v, 64)
	if low, err := p.Minimum.Float64(); err == nil && got < low {
		return "value must have a minimum value of " + p.Minimum.String()
	}
	if high, err := p.Maximum.Float64(); err == nil && got > high {
		return "value must have a maximum value of " + p.Maximum.String()
	}
	return ""
}

func (p *Param) matches(v string) bool {
	p.once.Do(func() { p.pattern = regexp.MustCompile(`^(?:` + p.Pattern + `)$`) })
	return p.pattern.MatchString(v)
}

// checkPropertyString checks "k=v,k=v" against a table of options.
func (a *API) checkPropertyString(table map[string]*Param, text string) string {
	seen, msgs := map[string]string{}, map[string]string{}
	for part := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(part) == "" {
			continue // the provider sends a comma after the last option
		}
		key, value, ok := strings.Cut(part, "=")
		if !ok {
			key, value = defaultKey(table), part
			if key == "" {
				return "invalid format - missing key in comma-separated list property"
			}
		}
		p, known := table[key]
		if known && p.Alias != "" {
			if p.KeyAlias != "" {
				seen[p.KeyAlias] = key
			}
			key = p.Alias
			p, known = table[key]
		}
		if !known {
			msgs[key] = msgUnknown
			continue
		}
		seen[key] = value
		if msg := a.checkOne(p, value); msg != "" {
			msgs[key] = msg
		}
	}
	for key, p := range table {
		if _, ok := seen[key]; !ok && p.Alias == "" && !p.Optional {
			msgs[key] = msgMissing
		}
	}
	if len(msgs) == 0 {
		return ""
	}
	b := strings.Builder{}
	b.WriteString("invalid format - format error\n")
	for _, key := range slices.Sorted(maps.Keys(msgs)) {
		_, _ = fmt.Fprintf(&b, "%s: %s\n", key, msgs[key])
	}
	return b.String()
}

func defaultKey(table map[string]*Param) string {
	for key, p := range table {
		if p.DefaultKey {
			return key
		}
	}
	return ""
}

// ParseBool reads a boolean as Proxmox VE does.
func ParseBool(v string) (value, ok bool) {
	switch strings.ToLower(v) {
	case "1", "on", "yes", "true":
		return true, true
	case "0", "off", "no", "false":
		return false, true
	}
	return false, false
}
