package strategy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"proviso.dev/pkg/pve"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/pkg/placement"
)

const gib = int64(1) << 30

// resolveDisks decides slot, storage and size of every disk. The first of the intent is the boot disk; the template's
// further disks come along as they are, and what the intent asks for beyond the first is new.
func (d *Draft) resolveDisks(g *group) error {
	wished := g.intent.GetDisks()
	boot := &provisov1.Disk{}
	if len(wished) > 0 {
		boot = wished[0]
	}
	if err := d.resolveBootDisk(g, boot); err != nil {
		return err
	}
	used := []string{g.vm.GetDisks()[0].GetSlot()}
	if g.template != nil {
		used = append(used, g.template.Config.CloudInit)
		for _, disk := range g.template.Config.Disks {
			if slices.Contains(used, disk.Slot) {
				continue
			}
			used = append(used, disk.Slot)
			if err := d.addDisk(g, disk.Slot, "", &disk, sizeGiB(disk.SizeBytes)); err != nil {
				return err
			}
		}
	}
	for i, disk := range wished {
		if i == 0 {
			continue
		}
		slot := freeSlot(used)
		used = append(used, slot)
		if err := d.addDisk(g, slot, disk.GetStorage(), nil, cmp.Or(disk.GetSizeGib(), defaultImageGiB)); err != nil {
			return err
		}
	}
	return nil
}

func (d *Draft) resolveBootDisk(g *group, wished *provisov1.Disk) error {
	if g.template != nil {
		boot := g.template.Config.BootDisk()
		least := sizeGiB(boot.SizeBytes)
		if wished.SizeGib != nil && wished.GetSizeGib() < least {
			d.warn("disk_raised", "wished", wished.GetSizeGib(), "size", least, "template", g.template.Name)
		}
		return d.addDisk(g, boot.Slot, wished.GetStorage(), boot, max(least, wished.GetSizeGib()))
	}
	least := sizeGiB(g.image.sizeBytes)
	return d.addDisk(g, "scsi0", wished.GetStorage(), nil, max(least, cmp.Or(wished.GetSizeGib(), defaultImageGiB)))
}

// addDisk adds one disk. origin is the template's disk that it is a clone of, nil for a new one; storage is what the
// requester wished for, or empty.
func (d *Draft) addDisk(g *group, slot, storage string, origin *pve.Disk, size int32) error {
	linked := origin != nil && !g.vm.GetClone().GetFull()
	taken := int64(size) * gib
	if linked {
		if storage != "" && storage != origin.Storage {
			return d.refuse(CodeLinkedClone, "linked_clone", "storage", storage, "template", g.template.Name, "have", origin.Storage)
		}
		storage = origin.Storage
		taken -= origin.SizeBytes
	}
	chosen, err := d.storage(g, storage, origin, taken*int64(g.count))
	if err != nil {
		return err
	}
	d.noteStorage(g, slot, chosen, storage != "" && !linked, origin)
	scsiOrVirtio := strings.HasPrefix(slot, "scsi") || strings.HasPrefix(slot, "virtio")
	g.vm.Disks = append(g.vm.Disks, &provisov1.PlannedDisk{
		Slot: slot, Storage: chosen.Name, SizeGib: size,
		Discard:  chosen.Thin(),
		Iothread: scsiOrVirtio && g.vm.GetScsiHardware() == singleController,
		Ssd:      origin != nil && origin.SSD,
	})
	g.demand.Disks = append(g.demand.Disks, placement.Disk{Storage: chosen.Name, Bytes: max(0, taken)})
	return nil
}

// storage decides where a disk lies: where the requester wished; else where the template's disk lies; else on a shared
// storage, the one with most space; else on a node's own. need is what all machines of the group take there; a storage
// that has room for it goes before one that has not.
func (d *Draft) storage(g *group, wished string, origin *pve.Disk, need int64) (pve.Storage, error) {
	if origin != nil { // it is read to be copied
		if err := d.takes(origin.Storage); err != nil {
			return pve.Storage{}, err
		}
	}
	candidates := d.diskStorages(g.content())
	if wished != "" {
		if err := d.takes(wished); err != nil {
			return pve.Storage{}, err
		}
		return d.wishedStorage(g, wished, candidates)
	}
	candidates, err := d.writable(candidates)
	if err != nil {
		return pve.Storage{}, err
	}
	candidates = d.fastFirst(g, candidates)
	if origin != nil && !d.fasterThan(g, candidates, origin) {
		if i := slices.IndexFunc(candidates, func(c roomyStorage) bool { return c.Name == origin.Storage }); i > 0 {
			own := candidates[i]
			candidates = slices.Insert(slices.Delete(candidates, i, i+1), 0, own)
		}
	}
	if g.vm.GetHa() {
		candidates = slices.DeleteFunc(candidates, func(c roomyStorage) bool { return !c.Shared })
	}
	switch i := slices.IndexFunc(candidates, func(c roomyStorage) bool { return c.free >= need }); {
	case i >= 0:
		return candidates[i].Storage, nil
	case len(candidates) > 0:
		return candidates[0].Storage, nil // full on every node; the refusal of placement says by how much
	case g.vm.GetHa():
		return pve.Storage{}, d.refuse(CodeHAStorage, "ha_no_shared_storage")
	default:
		return pve.Storage{}, d.refuse(CodeStorageUnusable, g.text("no_disk_storage"))
	}
}

func (d *Draft) wishedStorage(g *group, wished string, candidates []roomyStorage) (pve.Storage, error) {
	i := slices.IndexFunc(candidates, func(c roomyStorage) bool { return c.Name == wished })
	if i >= 0 {
		if g.vm.GetHa() && !candidates[i].Shared {
			return pve.Storage{}, d.refuse(CodeHAStorage, "ha_local_storage", "storage", wished, "storages", d.list(names(candidates, true)))
		}
		return candidates[i].Storage, nil
	}
	j := slices.IndexFunc(d.in.Snapshot.Storages, func(st pve.Storage) bool { return st.Name == wished })
	switch {
	case j < 0:
		return pve.Storage{}, d.refuse(CodeStorageUnknown, "storage_unknown", "storage", wished, "storages", d.list(names(candidates, false)))
	case !d.in.Snapshot.Storages[j].Holds(g.contentName()):
		return pve.Storage{}, d.refuse(CodeStorageUnusable, g.text("storage_content"), "storage", wished, "storages", d.list(names(candidates, false)))
	default:
		return pve.Storage{}, d.refuse(CodeStorageUnusable, "storage_inactive", "storage", wished, "storages", d.list(names(candidates, false)))
	}
}

// A roomyStorage is a storage with what it has free on the node that has most.
type roomyStorage struct {
	pve.Storage
	free int64
}

// diskStorages are the storages that take such disks on some online node: the shared ones first, then by free space.
func (d *Draft) diskStorages(c placement.Content) []roomyStorage {
	var found []roomyStorage
	for _, st := range d.in.Snapshot.Storages {
		free, ok := d.in.Index.FreeOn(c, st.Name, st.Node)
		if !ok {
			continue
		}
		if last := len(found) - 1; last >= 0 && found[last].Name == st.Name {
			found[last].free = max(found[last].free, free)
			continue
		}
		found = append(found, roomyStorage{st, free})
	}
	slices.SortStableFunc(found, func(a, b roomyStorage) int {
		if a.Shared != b.Shared {
			if a.Shared {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.free, a.free)
	})
	return found
}

func names(storages []roomyStorage, sharedOnly bool) []string {
	var ns []string
	for _, st := range storages {
		if st.Shared || !sharedOnly {
			ns = append(ns, st.Name)
		}
	}
	return ns
}

// sizeGiB rounds up: a clone smaller than its template fails when it is applied.
func sizeGiB(bytes int64) int32 { return int32((bytes + gib - 1) / gib) }

func freeSlot(used []string) string {
	for n := 0; ; n++ {
		if slot := fmt.Sprintf("scsi%d", n); !slices.Contains(used, slot) {
			return slot
		}
	}
}
