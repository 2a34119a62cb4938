package understand

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
)

// source resolves what the group is made from.
func (gr *grounder) source() {
	g := gr.g
	if g.container() {
		gr.templateVolume()
		return
	}
	if gr.contradicted(fieldSource) {
		g.Source = Value[Source]{}
		return
	}
	if !g.Source.Has() || g.Source.V.Kind == SourceNone {
		g.Source = Value[Source]{}
		if gr.asked(fieldLike) {
			return // what it is made from follows from the answer
		}
		gr.askSource(gr.say("ask.source"), gr.likelySources())
		return
	}
	if gr.x.snap == nil {
		return
	}
	switch g.Source.V.Kind {
	case SourceTemplate:
		gr.template()
	case SourceImage:
		gr.image()
	case SourceURL:
		if !strings.HasPrefix(strings.ToLower(g.Source.V.URL), "https://") || len(g.Source.V.URL) == len("https://") || len(g.Source.V.URL) > 2048 {
			gr.refuseSource(gr.say("ask.url", "url", quoteText(g.Source.V.URL)), nil)
		} else {
			g.Source.V.URL = "https://" + g.Source.V.URL[len("https://"):]
		}
	case SourceSystem:
		gr.system()
	}
}

// askSource asks once for all groups that lack a source: one answer serves them all.
func (gr *grounder) askSource(text string, options []option) {
	if gr.sourceAsked[gr.g.container()] {
		return
	}
	gr.sourceAsked[gr.g.container()] = true
	if gr.i == 0 && !gr.mixed() && len(gr.out.Groups) > 1 && !slices.ContainsFunc(gr.out.Groups, func(g *Group) bool { return g.Source.Has() }) {
		text = gr.say("ask.source_all")
	}
	gr.ask(fieldSource, text, options)
}

func (gr *grounder) refuseSource(text string, options []option) {
	if options == nil {
		options = gr.allSources()
	}
	gr.ask(fieldSource, text, options)
	gr.g.Source = Value[Source]{}
}

// template resolves a template by id, by name, or both.
func (gr *grounder) template() {
	s := gr.g.Source.V
	if s.VMID != 0 {
		guest, ok := gr.x.snap.Guest(s.VMID)
		switch {
		case !ok:
			gr.refuseSource(gr.say("ask.template_missing", "name", strconv.Itoa(s.VMID)), nil)
		case !guest.Template || guest.Kind != pve.KindVM:
			gr.refuseSource(gr.say("ask.no_template", "name", describeGuest(guest)), nil)
		case s.Name != "" && !strings.EqualFold(s.Name, guest.Name):
			gr.refuseSource(gr.say("ask.template_mismatch", "id", s.VMID, "name", quoteText(s.Name), "real", quoteText(guest.Name)), nil)
		default:
			gr.useTemplate(guest)
		}
		return
	}
	var found []pve.Guest
	for _, t := range gr.x.templates {
		if strings.EqualFold(t.Name, s.Name) {
			found = append(found, t)
		}
	}
	switch len(found) {
	case 1:
		gr.useTemplate(found[0])
		return
	case 0:
	default:
		gr.refuseSource(gr.say("ask.template_several", "name", quoteText(s.Name)), gr.templateOptions(found))
		return
	}
	if v, ok := gr.findImage(s.Name); ok {
		gr.useImage(v)
		return
	}
	if id, ok := gr.x.taken(s.Name); ok {
		guest, _ := gr.x.snap.Guest(id)
		gr.refuseSource(gr.say("ask.no_template", "name", describeGuest(guest)), nil)
		return
	}
	options := gr.allSources()
	text := gr.say("ask.template_missing", "name", quoteText(s.Name))
	if best := nearest(s.Name, gr.x.templateNames()); best != "" {
		text += " " + gr.say("ask.did_you_mean", "name", best)
		i := slices.IndexFunc(gr.x.templates, func(t pve.Guest) bool { return t.Name == best })
		options = append([]option{options[i]}, slices.Delete(slices.Clone(options), i, i+1)...)
	}
	gr.refuseSource(text, options)
}

func (gr *grounder) useTemplate(t pve.Guest) {
	gr.src.template = &t
	gr.g.Source.V = Source{Kind: SourceTemplate, VMID: t.VMID, Name: t.Name}
}

// image resolves an image by volume or by the name of its file.
func (gr *grounder) image() {
	s := gr.g.Source.V
	if v, ok := gr.findImage(s.Name); ok {
		gr.useImage(v)
		return
	}
	if storage, _, isVolume := strings.Cut(s.Name, ":"); isVolume && validVolume(s.Name) && gr.unread(storage) {
		return // the storage could not be read: the image is unknown, not gone
	}
	if found := slices.IndexFunc(gr.x.templates, func(t pve.Guest) bool { return strings.EqualFold(t.Name, s.Name) }); found >= 0 {
		gr.useTemplate(gr.x.templates[found])
		return
	}
	if found := gr.x.volumesNamed(s.Name); len(found) > 0 {
		gr.refuseSource(guestText(gr.lang, "ask.vm_template_ct", "name", quoteText(path.Base(found[0].ID))), nil)
		return
	}
	gr.refuseSource(gr.say("ask.image_missing", "name", quoteText(s.Name)), gr.imagesFirst(s.Name))
}

// unread reports whether the content of a storage is among what could not be read.
func (gr *grounder) unread(storage string) bool {
	return slices.ContainsFunc(gr.x.snap.Unknown, func(u pve.UnknownRef) bool {
		return strings.Contains(u.What, "content") && slices.Contains(strings.Fields(u.What), storage)
	})
}

func (gr *grounder) useImage(v pve.Volume) {
	gr.src.image = &v
	gr.g.Source.V = Source{Kind: SourceImage, Name: v.ID}
}

// findImage finds an image by volume, by file name, by file name without suffix, or by the only one that contains it.
func (gr *grounder) findImage(name string) (pve.Volume, bool) {
	name = strings.ToLower(name)
	var partial []pve.Volume
	for _, v := range gr.x.images {
		base := strings.ToLower(path.Base(v.ID))
		if strings.EqualFold(v.ID, name) || base == name || strings.TrimSuffix(base, path.Ext(base)) == name {
			return v, true
		}
		if len(name) >= 4 && strings.Contains(base, name) {
			partial = append(partial, v)
		}
	}
	if len(partial) == 1 {
		return partial[0], true
	}
	return pve.Volume{}, false
}

// codenames maps a release to the code name in the names of its images.
var codenames = map[string]string{"ubuntu 24.04": "noble", "ubuntu 22.04": "jammy", "ubuntu 20.04": "focal", "debian 13": "trixie", "debian 12": "bookworm", "debian 11": "bullseye"}

// system resolves an operating system to the only template or image of it.
func (gr *grounder) system() {
	s := gr.g.Source.V
	want := strings.TrimSpace(s.Name + " " + s.Version)
	matches := func(name string) bool {
		name = strings.ToLower(name)
		if code := codenames[want]; code != "" && strings.Contains(name, code) {
			return true
		}
		if s.Version == "" {
			for release, code := range codenames {
				if strings.HasPrefix(release, s.Name) && strings.Contains(name, code) {
					return true
				}
			}
		}
		return strings.Contains(name, s.Name) && (s.Version == "" || strings.Contains(name, s.Version) || strings.Contains(name, strings.ReplaceAll(s.Version, ".", "")))
	}
	var templates []pve.Guest
	for _, t := range gr.x.templates {
		if matches(t.Name) {
			templates = append(templates, t)
		}
	}
	var images []pve.Volume
	for _, v := range gr.x.images {
		if matches(path.Base(v.ID)) {
			images = append(images, v)
		}
	}
	evidence := gr.g.Source
	switch {
	case len(templates) == 1 && len(images) == 0, len(templates) == 1 && !strings.Contains(strings.ToLower(evidence.Text), "image"):
		gr.useTemplate(templates[0])
		gr.g.Source.Origin, gr.g.Source.Reason = Derived, gr.say("reason.system", "system", want, "name", quoteText(templates[0].Name))
	case len(images) == 1:
		gr.useImage(images[0])
		gr.g.Source.Origin, gr.g.Source.Reason = Derived, gr.say("reason.system", "system", want, "name", quoteText(path.Base(images[0].ID)))
	case len(templates) == 0 && cloudCopy(images) >= 0:
		v := images[cloudCopy(images)]
		gr.useImage(v)
		gr.g.Source.Origin, gr.g.Source.Reason = Derived, gr.say("reason.system_cloud", "system", want, "name", quoteText(path.Base(v.ID)), "storage", v.Storage)
	case len(templates)+len(images) > 1:
		gr.refuseSource(gr.say("ask.system_several", "system", want), append(gr.templateOptions(templates), gr.imageOptions(images)...))
	default:
		gr.refuseSource(gr.say("ask.system_missing", "system", want), nil)
	}
}

// cloudCopy returns the index of the cloud image that all images are copies of, the others lying among the ISO images; -1 when they
// are different images, or when no single one was stored to be imported.
func cloudCopy(images []pve.Volume) int {
	at := -1
	for i, v := range images {
		if imageStem(v) != imageStem(images[0]) || v.Content != "iso" && (v.Content != "import" || at >= 0) {
			return -1
		}
		if v.Content == "import" {
			at = i
		}
	}
	return at
}

// imageStem is the name of an image's file without its suffix, in lower case: copies of one image differ in their suffix.
func imageStem(v pve.Volume) string {
	base := strings.ToLower(path.Base(v.ID))
	return strings.TrimSuffix(base, path.Ext(base))
}

// allSources are the templates and images of the cluster as options.
func (gr *grounder) allSources() []option {
	return append(gr.templateOptions(gr.x.templates), gr.imageOptions(gr.x.images)...)
}

func (gr *grounder) imagesFirst(name string) []option {
	names := make([]string, 0, len(gr.x.images))
	for _, v := range gr.x.images {
		names = append(names, path.Base(v.ID))
	}
	images := slices.Clone(gr.x.images)
	if best := nearest(name, names); best != "" {
		i := slices.Index(names, best)
		images = append([]pve.Volume{images[i]}, slices.Delete(images, i, i+1)...)
	}
	return append(gr.imageOptions(images), gr.templateOptions(gr.x.templates)...)
}

func (gr *grounder) templateOptions(ts []pve.Guest) []option {
	var os []option
	for _, t := range ts {
		os = append(os, option{strconv.Itoa(t.VMID), clip(templateLabel(gr.lang, t), 500)})
	}
	return os
}

// templateLabel describes a template: "k3s-template (100), 2 cores, 2 GiB, 32 GiB disk on pmoxpool01, node pmox01".
func templateLabel(lang string, t pve.Guest) string {
	label := say(lang, "template.name", "name", quoteText(t.Name), "id", t.VMID)
	cores, memory := templateSize(&t)
	if cores > 0 {
		label += ", " + Count(lang, "core", cores)
	}
	if memory > 0 {
		label += ", " + sizeText(lang, memory)
	}
	if t.Config != nil {
		if d := t.Config.BootDisk(); d != nil {
			label += ", " + say(lang, "template.disk", "size", sizeText(lang, int(d.SizeBytes>>20)), "storage", d.Storage)
		}
		if t.Config.CloudInit == "" {
			label += ", " + say(lang, "template.no_cloud_init")
		}
	}
	return label + ", " + say(lang, "template.node", "node", t.Node)
}

func (gr *grounder) imageOptions(vs []pve.Volume) []option {
	var os []option
	for _, v := range vs {
		key := "image.cloud"
		if v.Content == "iso" {
			key = "image.iso"
		}
		os = append(os, option{v.ID, clip(gr.say(key, "name", quoteText(path.Base(v.ID)), "storage", v.Storage, "size", sizeText(gr.lang, int(v.SizeBytes>>20))), 500)})
	}
	return os
}

// templateSize returns cores per socket and memory in MiB of a template; 0 when not known.
func templateSize(t *pve.Guest) (cores, memoryMiB int) {
	if t.Config != nil {
		return t.Config.Cores, t.Config.MemoryMiB
	}
	return int(t.CPUs), int(t.MemoryBytes >> 20)
}

// templateDisk returns the size of a template's boot disk in MiB; 0 when not known.
func templateDisk(t *pve.Guest) int {
	if t.Config != nil {
		if d := t.Config.BootDisk(); d != nil {
			return int(d.SizeBytes >> 20)
		}
	}
	return int(t.DiskBytes >> 20)
}
