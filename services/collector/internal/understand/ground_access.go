package understand

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
)

// access checks who gets in: user, keys, resolvers.
func (gr *grounder) access() {
	g := gr.g
	if gr.contradicted(fieldUser) || g.User.V != "" && !validUser(g.User.V) {
		suggestion := strings.ReplaceAll(labelFrom(g.User.V), " ", "-")
		var options []option
		if validUser(suggestion) {
			options = plain([]string{suggestion})
		}
		gr.ask(fieldUser, gr.say("ask.user", "name", quoteText(g.User.V)), options)
		g.User = Value[string]{}
	}
	keys := g.Keys.V
	switch {
	case len(keys) == 1 && keys[0] == "":
		gr.ask(fieldKeys, gr.say("ask.key_missing"), []option{gr.none()})
		g.Keys = Value[[]string]{}
	case len(keys) > keysMost:
		gr.ask(fieldKeys, gr.say("ask.too_many_keys", "most", keysMost), nil)
		g.Keys = Value[[]string]{}
	case slices.ContainsFunc(keys, func(k string) bool { return !validKey(k) }):
		gr.ask(fieldKeys, gr.say("ask.key_invalid"), []option{gr.none()})
		g.Keys = Value[[]string]{}
	}
	if bad := slices.IndexFunc(g.DNS.V, func(s string) bool { return !validAddress(s) }); bad >= 0 || len(g.DNS.V) > dnsMost {
		if bad >= 0 {
			gr.ask(fieldDNS, gr.say("ask.dns_invalid", "address", quoteText(g.DNS.V[bad])), []option{gr.none()})
		} else {
			gr.ask(fieldDNS, gr.say("ask.too_many_dns", "most", dnsMost), nil)
		}
		g.DNS = Value[[]string]{}
	}
	if gr.contradicted(fieldDomain) || g.Domain.V != "" && !validDomain(g.Domain.V) {
		gr.ask(fieldDomain, gr.say("ask.domain", "name", quoteText(g.Domain.V)), []option{gr.none()})
		g.Domain = Value[string]{}
	}
}

// tags checks that every tag is one that Proxmox VE takes.
func (gr *grounder) tags() {
	var bad, good []string
	for _, t := range gr.g.Tags.V {
		if validTag(t) {
			good = append(good, t)
			continue
		}
		bad = append(bad, t)
		if s := labelFrom(t); s != "" {
			good = append(good, s)
		}
	}
	if len(bad) == 0 && len(good) <= tagsMost {
		return
	}
	options := []option{gr.none()}
	if s := strings.Join(good, ", "); s != "" && len(s) <= 200 && len(good) <= tagsMost {
		options = append([]option{{s, s}}, options...)
	}
	if len(bad) == 0 {
		gr.ask(fieldTags, gr.say("ask.too_many_tags", "most", tagsMost), options)
	} else {
		gr.ask(fieldTags, gr.say("ask.tags", "name", quoteText(bad[0])), options)
	}
	gr.g.Tags = Value[[]string]{}
}

// vmid checks the id that the requester demands.
func (gr *grounder) vmid() {
	g := gr.g
	auto := option{"auto", gr.say("option.auto")}
	if gr.contradicted(fieldVMID) {
		g.VMID = Value[int]{}
		return
	}
	if !g.VMID.Has() || g.VMID.V == 0 {
		return
	}
	id := g.VMID.V
	switch {
	case id < 100 || id > 999999999:
		gr.ask(fieldVMID, gr.say("ask.vmid_range", "id", id), []option{auto})
	case g.count() > 1:
		gr.ask(fieldVMID, gr.say("ask.vmid_count", "id", id), []option{auto})
	default:
		guest, taken := pve.Guest{}, false
		if gr.x.snap != nil {
			guest, taken = gr.x.snap.Guest(id)
		}
		if taken {
			free := strconv.Itoa(gr.freeID())
			gr.ask(fieldVMID, gr.say("ask.vmid_taken", "id", id, "name", quoteText(guest.Name)), []option{{free, free}, auto})
			break
		}
		for _, other := range gr.out.Groups[:gr.i] {
			if other.VMID.V == id {
				gr.ask(fieldVMID, gr.say("ask.vmid_twice", "id", id), []option{auto})
				g.VMID = Value[int]{}
			}
		}
		return
	}
	g.VMID = Value[int]{}
}

// freeID returns the id above the highest in use.
func (gr *grounder) freeID() int {
	if n := len(gr.x.snap.Guests); n > 0 {
		return max(100, gr.x.snap.Guests[n-1].VMID+1)
	}
	return 100
}

// describeGuest is how a guest that is no template is named in a question.
func describeGuest(g pve.Guest) string { return fmt.Sprintf("%s (%d)", quoteText(g.Name), g.VMID) }
