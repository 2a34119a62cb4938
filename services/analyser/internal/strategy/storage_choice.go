package strategy

import (
	"cmp"
	"slices"
	"strings"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"
)

// A storageChoice is why a disk lies where it lies.
type storageChoice struct {
	slot, storage, medium, key string
	shared, onCeph             bool
	free                       int64 // bytes, before the plan
	others                     []string
}

// fast media are worth a way of their own for what keeps data.
func fast(medium string) bool { return medium == "ssd" || medium == "nvme" }

// medium is what a storage lies on, by the diagnosis; empty: not known. A node's own storage that lies on different media is not
// known.
func (d *Draft) medium(storage string) string {
	medium := ""
	for i, row := range d.storageRows(storage) {
		if i > 0 && row.GetMedium() != medium {
			return ""
		}
		medium = row.GetMedium()
	}
	return medium
}

func (d *Draft) storageRows(storage string) []*provisov1.StorageDiagnosis {
	var rows []*provisov1.StorageDiagnosis
	for _, row := range d.in.Analysis.GetStorages() {
		if row.GetStorage() == storage {
			rows = append(rows, row)
		}
	}
	return rows
}

// fastFirst puts fast storages first for guests that keep data, shared ones before others, and storages on Ceph first for guests
// that are to be near it. Where no medium is known nothing changes.
func (d *Draft) fastFirst(g *group, candidates []roomyStorage) []roomyStorage {
	stateful := d.nature(g).stateful
	rank := func(c roomyStorage) int {
		switch {
		case g.nearCeph() && c.OnCeph():
			return 0
		case stateful && fast(d.medium(c.Name)):
			return 1
		}
		return 2
	}
	sorted := slices.Clone(candidates)
	slices.SortStableFunc(sorted, func(a, b roomyStorage) int { return cmp.Compare(rank(a), rank(b)) })
	return sorted
}

// fasterThan reports whether a full clone goes to another storage than its template's: the guest keeps data, the template lies on
// what is known to be slow or not known to be fast, and the first candidate is fast and can be reached from where the clone is
// made.
func (d *Draft) fasterThan(g *group, candidates []roomyStorage, origin *pve.Disk) bool {
	if len(candidates) == 0 || g.template == nil || !d.nature(g).stateful || fast(d.medium(origin.Storage)) {
		return false
	}
	first := candidates[0]
	if !fast(d.medium(first.Name)) || first.free < origin.SizeBytes*int64(g.count) {
		return false
	}
	here, ok := d.in.Snapshot.StorageOn(first.Name, g.template.Node)
	return ok && here.Active && (first.Shared || !g.vm.GetHa())
}

// noteStorage keeps why a disk lies where it lies.
func (d *Draft) noteStorage(g *group, slot string, chosen pve.Storage, wished bool, origin *pve.Disk) {
	note := storageChoice{slot: slot, storage: chosen.Name, medium: d.medium(chosen.Name), shared: chosen.Shared, onCeph: chosen.OnCeph()}
	for _, c := range d.diskStorages(g.content()) {
		if c.Name == chosen.Name {
			note.free = c.free
		} else {
			note.others = append(note.others, d.say("storage.other", "storage", c.Name, "free", d.gib(c.free)))
		}
	}
	linked := origin != nil && !g.vm.GetClone().GetFull()
	switch {
	case linked:
		note.key = "linked"
	case wished:
		note.key = "wished"
	case d.nature(g).stateful && fast(note.medium):
		note.key = "fast"
	case g.nearCeph() && chosen.OnCeph():
		note.key = "ceph"
	case origin != nil && origin.Storage == chosen.Name:
		note.key = "template"
	case chosen.Shared:
		note.key = "shared"
	default:
		note.key = "local"
	}
	g.storages = append(g.storages, note)
}

// storageReason words why a disk lies where it lies.
func (d *Draft) storageReason(g *group, note storageChoice) string {
	sentences := []string{d.say("storage."+note.key, "slot", note.slot, "storage", note.storage, "free", d.gib(note.free), "medium", strings.ToUpper(note.medium), "others", d.list(note.others))}
	switch {
	case !d.nature(g).stateful || note.key == "fast":
	case fast(note.medium):
		sentences = append(sentences, d.say("storage.is_fast", "storage", note.storage, "medium", strings.ToUpper(note.medium)))
	case note.medium == "":
		sentences = append(sentences, d.say("storage.medium_unknown", "storage", note.storage))
	default:
		sentences = append(sentences, d.say("storage.slow", "storage", note.storage, "medium", strings.ToUpper(note.medium)))
	}
	if g.vm.GetHa() && note.shared {
		sentences = append(sentences, d.say("storage.ha", "storage", note.storage))
	}
	return strings.Join(sentences, " ")
}
