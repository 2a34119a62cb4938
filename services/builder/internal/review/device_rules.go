package review

import (
	"fmt"
	"strings"
)

func fileIDs(s *subject, report reportFunc) {
	for _, g := range s.guests {
		for i, d := range g.disks {
			if d.has("file_id") {
				report(fmt.Sprintf("%s.disk[%d].file_id", g.address, i), d.where("file_id"))
			}
		}
	}
}

func explicitStorages(s *subject, report reportFunc) {
	for _, g := range s.everyone {
		for _, v := range g.volumesOn() {
			if !v.at.has("datastore_id") {
				report(v.address, v.at.at, "storage", g.defaultStorage())
			}
		}
	}
}

func ioThreads(s *subject, report reportFunc) {
	for _, g := range s.guests {
		for i, d := range g.disks {
			bus := strings.TrimRight(d.slot, "0123456789")
			if d.iothread && (bus == "scsi" && g.scsi != "virtio-scsi-single" || bus == "sata" || bus == "ide") {
				report(fmt.Sprintf("%s.disk[%d].iothread", g.address, i), d.where("iothread"), "slot", d.slot)
			}
		}
	}
}

func ssdOnVirtio(s *subject, report reportFunc) {
	for _, g := range s.guests {
		for i, d := range g.disks {
			if d.ssd && strings.HasPrefix(d.slot, "virtio") {
				report(fmt.Sprintf("%s.disk[%d].ssd", g.address, i), d.where("ssd"), "slot", d.slot)
			}
		}
	}
}

func nativeAIO(s *subject, report reportFunc) {
	for _, g := range s.guests {
		for i, d := range g.disks {
			aio, _ := d.orText("aio", "io_uring")
			cache, _ := d.orText("cache", "none")
			if aio == "native" && cache != "none" && cache != "directsync" {
				report(fmt.Sprintf("%s.disk[%d].aio", g.address, i), d.where("aio"))
			}
		}
	}
}

func noDiscard(s *subject, report reportFunc) {
	s.thinDisks(report, func(d disk) bool { return !d.has("discard") })
}

func discardRefused(s *subject, report reportFunc) {
	s.thinDisks(report, func(d disk) bool { return d.has("discard") && d.discard == "ignore" })
}

func (s *subject) thinDisks(report reportFunc, holds func(disk) bool) {
	for _, g := range s.guests {
		for i, d := range g.disks {
			if st := s.cluster.storage(d.storage, g.nodeName); st != nil && st.Thin() && holds(d) {
				report(fmt.Sprintf("%s.disk[%d].discard", g.address, i), d.where("discard"), "storage", d.storage, "type", st.Type)
			}
		}
	}
}

func emulatedNICs(s *subject, report reportFunc) {
	for _, g := range s.guests {
		for i, n := range g.nics {
			if n.model != "virtio" && (g.osType == "l26" || g.osType == "l24") {
				report(fmt.Sprintf("%s.network_device[%d].model", g.address, i), n.where("model"), "model", n.model)
			}
		}
	}
}

func efiDisks(s *subject, report reportFunc) {
	for _, g := range s.guests {
		if g.bios != "ovmf" {
			continue
		}
		if g.efi == nil {
			report(g.address+".bios", g.where("bios"))
			continue
		}
		typ, _ := g.efi.orText("type", "2m")
		if keys, _ := g.efi.flag("pre_enrolled_keys"); keys && typ != "4m" {
			report(g.address+".efi_disk.type", g.efi.where("type"))
		}
	}
}

func ideOnQ35(s *subject, report reportFunc) {
	for _, g := range s.guests {
		if !strings.HasPrefix(g.machine, "q35") && !strings.HasPrefix(g.machine, "pc-q35") {
			continue
		}
		if g.init != nil && (g.init.slot == "ide1" || g.init.slot == "ide3") {
			report(g.address+".initialization.interface", g.init.where("interface"), "slot", g.init.slot)
		}
		if c := g.child("cdrom"); c != nil {
			if slot, _ := c.orText("interface", "ide3"); slot == "ide1" || slot == "ide3" {
				report(g.address+".cdrom.interface", c.where("interface"), "slot", slot)
			}
		}
	}
}
