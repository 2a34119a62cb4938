package bpg

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	"google.golang.org/protobuf/proto"

	provisov1 "proviso.dev/proto/proviso/v1"
)

// planned is a guest of a plan, a machine or a container.
type planned interface {
	proto.Message
	GetName() string
	GetVmId() int32
	GetNode() string
	GetNics() []*provisov1.PlannedNIC
}

var (
	_ planned = (*provisov1.PlannedVM)(nil)
	_ planned = (*provisov1.PlannedContainer)(nil)
)

// A spread is what differs between the guests of one resource beside name and id; what does not differ is a literal.
type spread struct {
	nodes     bool
	addresses []bool // per network device
}

func spreadOf[T planned](guests []T) spread {
	first := guests[0]
	s := spread{addresses: make([]bool, len(first.GetNics()))}
	for _, g := range guests[1:] {
		s.nodes = s.nodes || g.GetNode() != first.GetNode()
		for i, nic := range g.GetNics() {
			s.addresses[i] = s.addresses[i] || nic.GetIpv4() != first.GetNics()[i].GetIpv4()
		}
	}
	return s
}

func (s spread) address(nic int) string { return addressName(nic, len(s.addresses)) }

// alike splits guests into groups that one resource can describe, in order of their first guest.
func alike[T planned](guests []T) [][]T {
	var out [][]T
	index := make(map[string]int, len(guests))
	for _, g := range guests {
		key := likeness(g)
		i, ok := index[key]
		if !ok {
			i = len(out)
			index[key] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], g)
	}
	return out
}

// likeness is equal for guests that differ in nothing but name, id, node and address.
func likeness[T planned](g T) string {
	c := proto.CloneOf(g)
	switch c := any(c).(type) {
	case *provisov1.PlannedVM:
		c.Name, c.VmId, c.Node = "", 0, ""
	case *provisov1.PlannedContainer:
		c.Name, c.VmId, c.Node = "", 0, ""
	}
	for _, nic := range c.GetNics() {
		nic.Ipv4 = ""
	}
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(c)
	if err != nil {
		// A decoded message always encodes; should it not, the guest gets a resource of its own.
		return g.GetName()
	}
	return string(raw)
}

// commonName returns what the names of the guests have in common, without counters: "web" for "web-1" and "web-2"; else,
// when they have nothing in common, otherwise.
func commonName[T planned](guests []T, otherwise string) string {
	common := guests[0].GetName()
	if len(guests) == 1 {
		return common
	}
	for _, g := range guests[1:] {
		n := 0
		for n < len(common) && n < len(g.GetName()) && common[n] == g.GetName()[n] {
			n++
		}
		common = common[:n]
	}
	if common = strings.TrimRight(common, "-0123456789"); common == "" {
		return otherwise
	}
	return common
}

// groupWords are what the variable of a group says of its guests.
type groupWords struct{ description, element, bounds, unique string }

var (
	machineWords = groupWords{
		description: "The %d machines of this group by name, with what differs between them.", element: "vm",
		bounds: "A VM id lies between 100 and 999999999.", unique: "Each machine needs a VM id of its own.",
	}
	containerWords = groupWords{
		description: "The %d containers of this group by name, with what differs between them.", element: "ct",
		bounds: "An id lies between 100 and 999999999.", unique: "Each container needs an id of its own.",
	}
)

// writeGroup writes the typed map of a group, keyed by name: a guest that is added or taken away leaves the others alone.
func writeGroup[T planned](b block, name string, guests []T, s spread, w groupWords) {
	v := b.block("variable", name)
	v.text("description", fmt.Sprintf(w.description, len(guests)))
	v.raw("type", mapType(guests[0], s))
	v.raw("default", mapValue(guests, s))
	c := v.block("validation")
	c.expr("condition", `alltrue([for %s in values(var.%s) : %s.vm_id >= 100 && %s.vm_id <= 999999999])`, w.element, name, w.element, w.element)
	c.text("error_message", w.bounds)
	c = v.block("validation")
	c.expr("condition", `length(toset([for %s in values(var.%s) : %s.vm_id])) == length(var.%s)`, w.element, name, w.element, name)
	c.text("error_message", w.unique)
}

// mapType is the type of a group's variable.
func mapType(sample planned, s spread) hclwrite.Tokens {
	object := hclwrite.TokensForFunctionCall("object", hclwrite.TokensForObject(s.attributes(func(int) hclwrite.Tokens {
		return hclwrite.TokensForIdentifier("number")
	}, func(string) hclwrite.Tokens {
		return hclwrite.TokensForIdentifier("string")
	}, sample)))
	return hclwrite.TokensForFunctionCall("map", object)
}

// mapValue is the value of a group's variable.
func mapValue[T planned](guests []T, s spread) hclwrite.Tokens {
	var entries []hclwrite.ObjectAttrTokens
	for _, g := range guests {
		entries = append(entries, hclwrite.ObjectAttrTokens{
			Name: hclwrite.TokensForValue(cty.StringVal(g.GetName())),
			Value: hclwrite.TokensForObject(s.attributes(func(n int) hclwrite.Tokens {
				return hclwrite.TokensForValue(cty.NumberIntVal(int64(n)))
			}, func(t string) hclwrite.Tokens {
				return hclwrite.TokensForValue(cty.StringVal(t))
			}, g)),
		})
	}
	return hclwrite.TokensForObject(entries)
}

// attributes lists what differs between the guests, in the order to write it.
func (s spread) attributes(number func(int) hclwrite.Tokens, text func(string) hclwrite.Tokens, g planned) []hclwrite.ObjectAttrTokens {
	out := []hclwrite.ObjectAttrTokens{{Name: hclwrite.TokensForIdentifier("vm_id"), Value: number(int(g.GetVmId()))}}
	if s.nodes {
		out = append(out, hclwrite.ObjectAttrTokens{Name: hclwrite.TokensForIdentifier("node_name"), Value: text(g.GetNode())})
	}
	for i, differs := range s.addresses {
		if differs {
			out = append(out, hclwrite.ObjectAttrTokens{Name: hclwrite.TokensForIdentifier(s.address(i)), Value: text(g.GetNics()[i].GetIpv4())})
		}
	}
	return out
}
