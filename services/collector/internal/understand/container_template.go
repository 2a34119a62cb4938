package understand

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
)

// templateVolume resolves the container template that the group is made from.
func (gr *grounder) templateVolume() {
	g := gr.g
	if gr.contradicted(fieldSource) {
		g.Source = Value[Source]{}
		return
	}
	s := g.Source.V
	if !g.Source.Has() || s.Kind == SourceNone {
		g.Source = Value[Source]{}
		gr.askSource(guestText(gr.lang, gr.templateKey("ask.template")), gr.volumeOptions(gr.x.ctTemplates))
		return
	}
	if gr.x.snap == nil {
		if s.Kind != SourceImage || !validVolume(s.Name) {
			g.Source = Value[Source]{}
		}
		return
	}
	switch s.Kind {
	case SourceSystem:
		gr.templateOfSystem()
	case SourceURL:
		gr.refuseVolume(guestText(gr.lang, "ask.template_url", "url", quoteText(s.URL)))
	default:
		gr.templateNamed()
	}
}

// templateKey is a key, or the one for a cluster in which no container template lies.
func (gr *grounder) templateKey(key string) string {
	if len(gr.x.ctTemplates) == 0 {
		return "ask.template_none"
	}
	return key
}

func (gr *grounder) refuseVolume(text string) {
	if len(gr.x.ctTemplates) == 0 {
		text += " " + guestText(gr.lang, "ask.template_none")
	}
	gr.ask(fieldSource, text, gr.volumeOptions(gr.x.ctTemplates))
	gr.g.Source = Value[Source]{}
}

// templateNamed resolves a template by volume, by file name or by a part of it that only one has. What is a template of
// virtual machines, an image, or a guest is told apart.
func (gr *grounder) templateNamed() {
	s := gr.g.Source.V
	if s.VMID != 0 {
		guest, ok := gr.x.snap.Guest(s.VMID)
		switch {
		case !ok:
			gr.refuseVolume(guestText(gr.lang, "ask.template_missing", "name", strconv.Itoa(s.VMID)))
		case guest.Kind == pve.KindVM:
			gr.refuseVolume(guestText(gr.lang, "ask.template_vm", "name", describeGuest(guest)))
		default:
			gr.refuseVolume(guestText(gr.lang, "ask.template_guest", "name", describeGuest(guest)))
		}
		return
	}
	found := gr.x.volumesNamed(s.Name)
	switch {
	case len(found) == 1:
		gr.useVolume(found[0])
		return
	case len(found) > 1:
		gr.ask(fieldSource, guestText(gr.lang, "ask.template_several", "name", quoteText(s.Name)), gr.volumeOptions(found))
		gr.g.Source = Value[Source]{}
		return
	}
	if storage, _, isVolume := strings.Cut(s.Name, ":"); isVolume && validVolume(s.Name) && strings.Contains(s.Name, ":vztmpl/") && gr.unread(storage) {
		return // the storage could not be read: the template is unknown, not gone
	}
	if slices.ContainsFunc(gr.x.templates, func(t pve.Guest) bool { return strings.EqualFold(t.Name, s.Name) }) {
		gr.refuseVolume(guestText(gr.lang, "ask.template_vm", "name", quoteText(s.Name)))
		return
	}
	if v, ok := gr.findImage(s.Name); ok {
		gr.refuseVolume(guestText(gr.lang, "ask.template_image", "name", quoteText(path.Base(v.ID))))
		return
	}
	names := gr.x.volumeNames()
	text := guestText(gr.lang, "ask.template_missing", "name", quoteText(s.Name))
	if best := nearest(s.Name, names); best != "" {
		text += " " + gr.say("ask.did_you_mean", "name", best)
	}
	gr.refuseVolume(text)
}

// templateOfSystem resolves an operating system to the only container template of it.
func (gr *grounder) templateOfSystem() {
	s := gr.g.Source.V
	want := strings.TrimSpace(s.Name + " " + s.Version)
	var found []pve.Volume
	for _, v := range gr.x.ctTemplates {
		if base := strings.ToLower(path.Base(v.ID)); strings.HasPrefix(base, s.Name) &&
			(s.Version == "" || strings.HasPrefix(strings.TrimPrefix(base, s.Name+"-"), strings.ToLower(s.Version))) {
			found = append(found, v)
		}
	}
	found = distinct(found)
	switch len(found) {
	case 1:
		evidence := gr.g.Source
		gr.useVolume(found[0])
		evidence.V = gr.g.Source.V
		evidence.Origin, evidence.Reason = Derived, guestText(gr.lang, "reason.template", "system", want, "name", quoteText(path.Base(found[0].ID)))
		gr.g.Source = evidence
	case 0:
		text := guestText(gr.lang, "ask.template_system", "system", want)
		if kinds := systemsOf(gr.x.ctTemplates); len(kinds) > 0 {
			text += " " + guestText(gr.lang, "ask.template_systems", "systems", listText(gr.lang, kinds))
		}
		gr.refuseVolume(text)
	default:
		gr.ask(fieldSource, guestText(gr.lang, "ask.template_system_several", "system", want), gr.volumeOptions(found))
		gr.g.Source = Value[Source]{}
	}
}

// distinct drops the copies of a template of which the same file lies on another storage.
func distinct(found []pve.Volume) []pve.Volume {
	var out []pve.Volume
	for _, v := range found {
		if !slices.ContainsFunc(out, func(o pve.Volume) bool { return path.Base(o.ID) == path.Base(v.ID) }) {
			out = append(out, v)
		}
	}
	return out
}

// systemsOf are the systems of templates, "debian 12", for people.
func systemsOf(vs []pve.Volume) []string {
	var out []string
	for _, v := range vs {
		parts := strings.SplitN(path.Base(v.ID), "-", 3)
		if len(parts) < 2 {
			continue
		}
		if s := quoteText(parts[0] + " " + parts[1]); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func (gr *grounder) useVolume(v pve.Volume) {
	gr.src.volume = &v
	gr.g.Source.V = Source{Kind: SourceImage, Name: v.ID}
}

func (gr *grounder) volumeOptions(vs []pve.Volume) []option {
	var os []option
	for _, v := range vs {
		os = append(os, option{v.ID, volumeLabel(gr.lang, v)})
	}
	return os
}

// volumeLabel describes a container template: "debian-12-standard_12.7-1_amd64.tar.zst, on cephfs, 120.66 MiB".
func volumeLabel(lang string, v pve.Volume) string {
	return clip(guestText(lang, "template.label", "name", quoteText(path.Base(v.ID)), "storage", v.Storage, "size", sizeText(lang, int(v.SizeBytes>>20))), 500)
}

// templateReach checks that one of the nodes that are wanted sees the template: a local storage is not seen from elsewhere.
func (gr *grounder) templateReach() {
	if gr.src.volume == nil || len(gr.g.Nodes.V) == 0 {
		return
	}
	storage := gr.src.volume.Storage
	for _, st := range gr.x.snap.Storages {
		if st.Name == storage && st.Shared {
			return
		}
	}
	var on []string
	for _, v := range gr.x.snap.Volumes {
		if v.ID == gr.src.volume.ID && v.Node != "" && !slices.Contains(on, v.Node) {
			on = append(on, v.Node)
		}
	}
	if len(on) == 0 || slices.ContainsFunc(on, func(n string) bool { return slices.Contains(gr.g.Nodes.V, n) }) {
		return
	}
	options := slices.DeleteFunc(gr.volumeOptions(gr.x.ctTemplates), func(o option) bool { return o.value == gr.src.volume.ID })
	gr.ask(fieldSource, guestText(gr.lang, "ask.template_reach", "name", quoteText(path.Base(gr.src.volume.ID)), "nodes", listText(gr.lang, on),
		"wanted", listText(gr.lang, gr.g.Nodes.V)), options)
	gr.g.Source = Value[Source]{}
}

// noteContainers adds what containers are made from to the index.
func (x *index) noteContainers(s *pve.Snapshot) {
	for _, st := range s.Storages {
		if st.Holds("rootdir") && !slices.Contains(x.rootdirs, st.Name) {
			x.rootdirs = append(x.rootdirs, st.Name)
		}
	}
	for _, v := range s.Volumes {
		if v.Content == "vztmpl" && !slices.ContainsFunc(x.ctTemplates, func(o pve.Volume) bool { return o.ID == v.ID }) {
			x.ctTemplates = append(x.ctTemplates, v)
			x.note(nil, path.Base(v.ID), anImage)
		}
	}
	slices.SortStableFunc(x.ctTemplates, func(a, b pve.Volume) int { return strings.Compare(a.ID, b.ID) })
}

// volumesNamed returns the container templates that a name means: exactly, else by a part of the file name.
func (x *index) volumesNamed(name string) []pve.Volume {
	name = strings.ToLower(name)
	var partial []pve.Volume
	for _, v := range x.ctTemplates {
		base := strings.ToLower(path.Base(v.ID))
		if strings.EqualFold(v.ID, name) || base == name || strings.TrimSuffix(base, archive(base)) == name {
			return []pve.Volume{v}
		}
		if len(name) >= 4 && strings.Contains(base, name) {
			partial = append(partial, v)
		}
	}
	return distinct(partial)
}

func (x *index) volumeNames() []string {
	names := make([]string, 0, len(x.ctTemplates))
	for _, v := range x.ctTemplates {
		names = append(names, path.Base(v.ID))
	}
	return names
}

// archive returns the suffix of a container template, "" when the name has none.
func archive(name string) string {
	name = strings.ToLower(name)
	for _, suffix := range []string{".tar.zst", ".tar.xz", ".tar.gz", ".tar.bz2"} {
		if strings.HasSuffix(name, suffix) {
			return suffix
		}
	}
	return ""
}

// sourceFile reports whether a name ends like what guests are made from: a disk image, or a container template.
func sourceFile(name string) bool { return imageFile(name) || archive(name) != "" }
