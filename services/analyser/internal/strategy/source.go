package strategy

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// An image is a cloud image that a boot disk is made from: a volume that lies on a storage, or a download onto one.
type image struct {
	volume    string // empty: downloaded
	sizeBytes int64  // of the volume, 0 when unknown
	url       string
	sha256    string
	storage   string
	shared    bool
	fileName  string
}

func (d *Draft) resolveSource(g *group) error {
	switch source := g.intent.GetSource(); {
	case source.GetTemplate() != nil:
		return d.resolveTemplate(g, source.GetTemplate())
	case source.GetImage().GetVolume() != "":
		return d.resolveVolume(g, source.GetImage().GetVolume())
	case source.GetImage().GetUrl() != "":
		return d.resolveDownload(g, source.GetImage())
	default:
		return d.refuse(CodeIncomplete, "no_source")
	}
}

func (d *Draft) resolveTemplate(g *group, source *provisov1.TemplateSource) error {
	var found []pve.Guest
	for _, t := range d.in.Snapshot.Templates() {
		if t.Kind == pve.KindVM && (source.VmId == nil || t.VMID == int(source.GetVmId())) && (source.Name == nil || t.Name == source.GetName()) {
			found = append(found, t)
		}
	}
	if len(found) != 1 {
		key := "template_unknown"
		if len(found) > 1 {
			key = "template_ambiguous"
		}
		return d.refuse(CodeTemplateUnknown, key, "template", templateWords(source), "templates", d.list(templateNames(d.in.Snapshot)))
	}
	t := &found[0]
	if n, ok := d.in.Snapshot.Node(t.Node); !ok || !n.Online() {
		return d.refuse(CodeTemplateAway, "template_away", "template", t.Name, "id", t.VMID, "node", t.Node)
	}
	if t.Config == nil || t.Config.BootDisk() == nil {
		return d.refuse(CodeTemplateAway, "template_unread", "template", t.Name, "id", t.VMID, "node", t.Node)
	}
	full := g.intent.FullClone == nil || g.intent.GetFullClone()
	g.template = t
	g.vm.Source = &provisov1.PlannedVM_Clone{Clone: &provisov1.PlannedClone{
		VmId: int32(t.VMID), Name: t.Name, Node: t.Node, Full: full,
	}}
	if !full {
		d.warn("linked_clone", "template", t.Name, "id", t.VMID)
	}

	// A clone on another node needs the template's disks there: on shared storage, or moved to a storage that the requester
	// named. A linked clone keeps the template's disk, so naming another storage does not help it.
	onShared := !slices.ContainsFunc(t.Config.Disks, func(disk pve.Disk) bool {
		st, ok := d.in.Snapshot.StorageOn(disk.Storage, t.Node)
		return !ok || !st.Shared
	})
	if full {
		for _, disk := range t.Config.Disks {
			g.demand.Source.CopyBytes += disk.SizeBytes
		}
	}
	if !onShared {
		g.demand.Source.LocalTo = []string{t.Node}
	}
	named := len(g.intent.GetDisks()) > 0 && g.intent.GetDisks()[0].GetStorage() != ""
	if !onShared && (!full || !named) {
		g.demand.Source.Nodes = []string{t.Node}
	}
	return nil
}

func templateWords(s *provisov1.TemplateSource) string {
	if s.VmId == nil {
		return s.GetName()
	}
	return strings.TrimSpace(s.GetName() + " " + strconv.Itoa(int(s.GetVmId())))
}

func templateNames(s *pve.Snapshot) []string {
	var names []string
	for _, t := range s.Templates() {
		if t.Kind == pve.KindVM {
			names = append(names, t.Name+" ("+strconv.Itoa(t.VMID)+")")
		}
	}
	return names
}

// resolveVolume finds an image that lies on a storage. One on a node's own storage ties the machine to that node.
func (d *Draft) resolveVolume(g *group, id string) error {
	var nodes []string
	for _, v := range d.in.Snapshot.Volumes {
		if v.ID != id {
			continue
		}
		if v.Content != "import" {
			return d.refuse(CodeImageUnknown, "image_content", "volume", id, "content", v.Content)
		}
		st, _ := d.in.Snapshot.StorageOn(v.Storage, v.Node)
		g.image = &image{volume: id, storage: v.Storage, shared: st.Shared}
		if v.Format == "raw" {
			g.image.sizeBytes = v.SizeBytes
		}
		nodes = append(nodes, v.Node)
	}
	if g.image == nil {
		return d.refuse(CodeImageUnknown, "image_unknown", "volume", id, "volumes", d.list(importVolumes(d.in.Snapshot)))
	}
	g.vm.Source = &provisov1.PlannedVM_Image{Image: &provisov1.PlannedImage{Volume: id}}
	g.demand.Source.Storages = []string{g.image.storage}
	if !g.image.shared {
		g.demand.Source.Nodes = nodes
	}
	return nil
}

func importVolumes(s *pve.Snapshot) []string {
	var ids []string
	for _, v := range s.Volumes {
		if v.Content == "import" && !slices.Contains(ids, v.ID) {
			ids = append(ids, v.ID)
		}
	}
	return ids
}

// resolveDownload finds a storage that takes images. On the same file name without a checksum to tell two files apart, the
// file that is there is used: Proxmox VE refuses to write over it.
func (d *Draft) resolveDownload(g *group, source *provisov1.ImageSource) error {
	name, ok := imageFileName(source.GetUrl())
	if !ok {
		return d.refuse(CodeImageUnknown, "image_format", "url", source.GetUrl())
	}
	st, ok := d.importStorage()
	if !ok {
		for _, away := range d.in.Snapshot.Storages { // one that is stopped is a better reason than none
			if !away.Active || !away.Holds("import") {
				continue
			}
			if err := d.takes(away.Name); err != nil {
				return err
			}
		}
	}
	if !ok {
		return d.refuse(CodeImportMissing, "import_missing", "storages", d.list(d.fileStorages()))
	}
	volume := func(name string) string { return st.Name + ":import/" + name }
	there := func(v pve.Volume) bool { return v.ID == volume(name) }
	if slices.ContainsFunc(d.in.Snapshot.Volumes, there) {
		if source.GetSha256() == "" {
			d.warn("image_reused", "volume", volume(name), "url", source.GetUrl())
			return d.resolveVolume(g, volume(name))
		}
		base, ext := strings.TrimSuffix(name, path.Ext(name)), path.Ext(name)
		for n := 2; slices.ContainsFunc(d.in.Snapshot.Volumes, there); n++ {
			name = base + "-" + strconv.Itoa(n) + ext
		}
	}
	g.image = &image{url: source.GetUrl(), sha256: source.GetSha256(), storage: st.Name, shared: st.Shared, fileName: name}
	g.vm.Source = &provisov1.PlannedVM_Image{Image: &provisov1.PlannedImage{}}
	g.demand.Source.Storages = []string{st.Name}
	return nil
}

var safeFileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]*$`)

// imageFileName is the name that Proxmox VE accepts for an import: it knows a disk's format by its extension, and most
// distributions call qcow2 images ".img".
func imageFileName(address string) (string, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "", false
	}
	name := path.Base(u.Path)
	if !safeFileName.MatchString(name) {
		return "", false
	}
	switch ext := path.Ext(name); ext {
	case ".qcow2", ".raw", ".vmdk":
		return name, len(name) > len(ext)
	case ".img":
		return strings.TrimSuffix(name, ext) + ".qcow2", len(name) > len(ext)
	default:
		return "", false
	}
}

// importStorage picks the storage to download to: a shared one before one of a node, then the one with most space.
func (d *Draft) importStorage() (pve.Storage, bool) {
	var best pve.Storage
	for _, st := range d.in.Snapshot.Storages {
		if !st.Active || !st.Holds("import") || d.in.Snapshot.StorageVerdict(st.Name).Refuses() {
			continue
		}
		better := st.TotalBytes-st.UsedBytes > best.TotalBytes-best.UsedBytes
		if st.Shared != best.Shared {
			better = st.Shared
		}
		if best.Name == "" || better {
			best = st
		}
	}
	return best, best.Name != ""
}

// fileStorages are the storages on which the operator could allow imports.
func (d *Draft) fileStorages() []string {
	var names []string
	for _, st := range d.in.Snapshot.Storages {
		if slices.Contains([]string{"dir", "nfs", "cifs", "cephfs", "btrfs"}, st.Type) && !slices.Contains(names, st.Name) {
			names = append(names, st.Name)
		}
	}
	return names
}
