package eval

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// A Value is one field as text, with where it came from.
type Value struct {
	Text   string
	Origin string // as in Fact.origin; empty: no fact speaks of it, or it is an expectation
}

// A Group is one group of equal guests, or one pool, change, import or workload, by field.
type Group struct {
	Kind   string // list of the intent: "virtual_machines", …
	Fields map[string]Value
}

// Fields that have a form of their own in a group.
const (
	fieldCount  = "count"
	fieldNames  = "names"
	fieldSource = "source"
	fieldGuest  = "guest"
)

// Understood flattens an intent. Two intents that create the same guests give equal groups, however they are written: names
// given one by one or as a base and a number, one group of two or two groups of one.
func Understood(intent *provisov1.ProvisionIntent, cluster Cluster) []Group {
	if intent == nil {
		return nil
	}
	facts := map[string]string{}
	for _, f := range intent.GetFacts() {
		facts[f.GetPath()] = f.GetOrigin()
	}
	var groups []Group
	for _, list := range []string{"virtual_machines", "containers", "pools", "changes", "imports", "workloads", "repositories"} {
		field := intent.ProtoReflect().Descriptor().Fields().ByName(protoreflect.Name(list))
		items := intent.ProtoReflect().Get(field).List()
		for i := range items.Len() {
			g := Group{Kind: list, Fields: map[string]Value{}}
			flatten(items.Get(i).Message(), "", func(path, text string) {
				g.Fields[path] = Value{Text: text, Origin: originOf(facts, fmt.Sprintf("%s[%d].%s", list, i, path))}
			})
			groups = append(groups, canonical(g, cluster))
		}
	}
	return regroup(groups)
}

// flatten walks a message to its leaves; a list of scalars is one leaf, sorted.
func flatten(m protoreflect.Message, prefix string, leaf func(path, text string)) {
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		path := prefix + string(fd.Name())
		switch {
		case fd.IsList() && fd.Message() != nil:
			for i := range v.List().Len() {
				flatten(v.List().Get(i).Message(), fmt.Sprintf("%s[%d].", path, i), leaf)
			}
		case fd.IsList():
			var items []string
			for i := range v.List().Len() {
				items = append(items, v.List().Get(i).String())
			}
			leaf(path, joined(items))
		case fd.Message() != nil:
			flatten(v.Message(), path+".", leaf)
		default:
			leaf(path, v.String())
		}
		return true
	})
}

func joined(items []string) string {
	return strings.Join(slices.Sorted(slices.Values(items)), ",")
}

// originOf is the origin of the fact about a path, or about what the path is a part of, or about a part of it.
func originOf(facts map[string]string, path string) string {
	for p := path; p != ""; p = p[:max(0, strings.LastIndexAny(p, ".["))] {
		if o, ok := facts[p]; ok {
			return o
		}
	}
	for _, p := range slices.Sorted(maps.Keys(facts)) {
		if strings.HasPrefix(p, path+".") || strings.HasPrefix(p, path+"[") {
			return facts[p]
		}
	}
	return ""
}

// canonical gives the same things the same form.
func canonical(g Group, cluster Cluster) Group {
	f := g.Fields
	id, _ := strconv.Atoi(f["source.template.vm_id"].Text)
	switch {
	case id != 0 || f["source.template.name"].Text != "":
		origin := f["source.template.name"].Origin
		if id != 0 {
			origin = f["source.template.vm_id"].Origin
		}
		f[fieldSource] = Value{cluster.guest(f["source.template.name"].Text, id), origin}
	case f["source.image.volume"].Text != "":
		f[fieldSource] = f["source.image.volume"]
	case f["source.image.url"].Text != "":
		f[fieldSource] = f["source.image.url"]
	case f["template_volume"].Text != "":
		f[fieldSource] = f["template_volume"]
	}
	for _, path := range []string{"source.template.vm_id", "source.template.name", "source.image.volume", "source.image.url", "template_volume"} {
		delete(f, path)
	}
	switch g.Kind {
	case "changes", "imports":
		id, _ := strconv.Atoi(f["vm_id"].Text)
		origin := f["name"].Origin
		if origin == "" || origin == "derived" {
			origin = f["vm_id"].Origin
		}
		f[fieldGuest] = Value{cluster.guest(f["name"].Text, id), origin}
		delete(f, "vm_id")
		delete(f, "name")
	case "virtual_machines", "containers":
		name, count := f["name"], f[fieldCount]
		n := max(1, number(count.Text))
		names := f[fieldNames]
		if names.Text == "" && name.Text != "" {
			names = Value{joined(numbered(name.Text, n)), name.Origin}
		}
		delete(f, "name")
		delete(f, fieldNames)
		if names.Text != "" {
			f[fieldNames] = names
			n = max(n, strings.Count(names.Text, ",")+1)
		}
		f[fieldCount] = Value{strconv.Itoa(n), count.Origin}
	}
	if tags, ok := f["tags"]; ok {
		f["tags"] = Value{strings.ToLower(tags.Text), tags.Origin}
	}
	if keys, ok := f["initialization.ssh_keys"]; ok {
		f["initialization.ssh_keys"] = Value{withoutComments(keys.Text), keys.Origin}
	}
	return g
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

// numbered are the names of a group by its base, as the contract defines them.
func numbered(base string, n int) []string {
	if n == 1 {
		return []string{base}
	}
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s-%d", base, i+1)
	}
	return names
}

// withoutComments keeps kind and data of each SSH key: the comment is nobody's business.
func withoutComments(keys string) string {
	var out []string
	for k := range strings.SplitSeq(keys, ",") {
		words := strings.Fields(k)
		out = append(out, strings.Join(words[:min(2, len(words))], " "))
	}
	return joined(out)
}

// regroup joins groups of guests that differ in nothing but their names.
func regroup(groups []Group) []Group {
	var out []Group
	for _, g := range groups {
		at := -1
		if g.Kind == "virtual_machines" || g.Kind == "containers" {
			at = slices.IndexFunc(out, func(o Group) bool { return o.Kind == g.Kind && sameButNames(o.Fields, g.Fields) })
		}
		if at < 0 {
			out = append(out, g)
			continue
		}
		f := out[at].Fields
		n := number(f[fieldCount].Text) + number(g.Fields[fieldCount].Text)
		f[fieldCount] = Value{strconv.Itoa(n), f[fieldCount].Origin}
		f[fieldNames] = Value{joined(append(strings.Split(f[fieldNames].Text, ","), strings.Split(g.Fields[fieldNames].Text, ",")...)), f[fieldNames].Origin}
	}
	return out
}

func sameButNames(a, b map[string]Value) bool {
	if (a[fieldNames].Text == "") || (b[fieldNames].Text == "") || len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if k != fieldNames && k != fieldCount && b[k].Text != v.Text {
			return false
		}
	}
	return true
}
