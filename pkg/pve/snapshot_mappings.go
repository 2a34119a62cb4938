package pve

import (
	"slices"
	"strconv"
	"strings"
)

// MappingKind tells what kind of device a resource mapping gives a name to.
type MappingKind string

// The kinds of mapping. Mapped directories are no devices and are not read.
const (
	MappingPCI MappingKind = "pci"
	MappingUSB MappingKind = "usb"
)

// A Mapping is a name of the whole cluster for devices of its nodes, which a guest asks for by that name.
type Mapping struct {
	Name        string      `json:"name"`
	Kind        MappingKind `json:"kind"`
	Description string      `json:"description,omitempty"`
	// Mediated devices are cut into parts that several guests can have: a vGPU.
	Mediated bool `json:"mediated,omitempty"`
	// LiveMigration reports that somebody marked its devices as ones that can move with a running guest.
	LiveMigration bool `json:"live_migration,omitempty"`
	// Devices are sorted by node, then path. Several of one node are choices: a guest gets one that is free.
	Devices []MappingDevice `json:"devices"`
}

// A MappingDevice is one device of a mapping, as somebody wrote it down; nobody asked the node whether it is there.
type MappingDevice struct {
	Node string `json:"node"`
	// Path is a PCI address ("0000:01:00.0"; several functions apart by ";") or a USB port ("1-2"); empty for USB devices that are
	// named by their ID alone.
	Path string `json:"path,omitempty"`
	// ID is vendor and device in hexadecimal, "10de:2204".
	ID string `json:"id"`
	// SubsystemID is the same of the card's maker; empty when it is not written down.
	SubsystemID string `json:"subsystem_id,omitempty"`
	// IOMMUGroup of a PCI device; nil when it is not written down.
	IOMMUGroup *int `json:"iommu_group,omitempty"`
}

// MappingsKnown reports whether the mappings of that kind are all in the snapshot: with it, one that is not listed does not exist.
func (s *Snapshot) MappingsKnown(kind MappingKind) bool {
	hidden := slices.ContainsFunc(s.Unknown, func(u UnknownRef) bool { return strings.HasPrefix(u.What, narrowed+mappingTree) })
	return slices.Contains(s.MappingsRead, kind) && !hidden
}

// Mapping returns the mapping of that kind and name.
func (s *Snapshot) Mapping(kind MappingKind, name string) (Mapping, bool) {
	i := slices.IndexFunc(s.Mappings, func(m Mapping) bool { return m.Kind == kind && m.Name == name })
	if i < 0 {
		return Mapping{}, false
	}
	return s.Mappings[i], true
}

// MappingUsers returns the ids of the guests whose configuration asks for the mapping, running or not, in order. A list of resources
// does not tell it: complete is false unless every guest but containers was read with its lines, so that "none" means "none that
// was looked at".
func (s *Snapshot) MappingUsers(m Mapping) (vmids []int, complete bool) {
	complete = true
	prefix := "hostpci"
	if m.Kind == MappingUSB {
		prefix = "usb"
	}
	for _, g := range s.Guests {
		switch {
		case g.Kind == KindContainer: // no mapping reaches a container
		case g.Config == nil || g.Config.Lines == nil:
			complete = complete && g.Template
		default:
			for key, line := range g.Config.Lines {
				if isIndexed(key, prefix) && ParseProperty(line, "host").Get("mapping") == m.Name {
					vmids = append(vmids, g.VMID)
					break
				}
			}
		}
	}
	return vmids, complete
}

// isIndexed reports whether a key is that word followed by a number.
func isIndexed(key, word string) bool {
	number, ok := strings.CutPrefix(key, word)
	if !ok {
		return false
	}
	_, err := strconv.Atoi(number)
	return err == nil
}

// Nodes returns the nodes that have a device of the mapping, sorted.
func (m Mapping) Nodes() []string {
	var nodes []string
	for _, d := range m.Devices {
		nodes = append(nodes, d.Node)
	}
	slices.Sort(nodes)
	return slices.Compact(nodes)
}

// GPU reports whether the mapping is one of graphics processors. The API of mappings does not tell the class of a device, so that
// this goes by what is written down: the vendor NVIDIA or AMD graphics, one of Intel's graphics processors by its number, or a
// word for one in the name or the description. A card whose maker is none of these and whose mapping has a name of fancy is
// missed; a sound or network card of NVIDIA would be taken for one.
func (m Mapping) GPU() bool {
	if m.Kind != MappingPCI {
		return false
	}
	if slices.ContainsFunc(m.Devices, func(d MappingDevice) bool { return gpuID(d.ID) }) {
		return true
	}
	words := strings.FieldsFunc(strings.ToLower(m.Name+" "+m.Description), func(r rune) bool { return r < 'a' || r > 'z' })
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(gpuWords, w) })
}

// gpuWords name a graphics processor, in English and French, without the numbers of models.
var gpuWords = []string{
	"gpu", "gpus", "vgpu", "igpu", "nvidia", "geforce", "quadro", "tesla", "rtx", "gtx", "radeon", "firepro", "graphics", "graphique", "graphiques",
}

// Vendors of the PCI ID repository.
const (
	vendorNVIDIA = "10de"
	vendorATI    = "1002" // AMD's graphics; its processors and chipsets are 1022
	vendorIntel  = "8086"
)

// intelGPUs are ranges of Intel's device numbers in which nothing but graphics processors lies.
var intelGPUs = [][2]uint64{
	{0x0bd0, 0x0bdf},                   // Data Center GPU Max
	{0x3e90, 0x3e9f}, {0x3ea0, 0x3ea9}, // UHD 6xx
	{0x4680, 0x46d4},                   // 12th generation
	{0x4905, 0x4909},                   // Iris Xe MAX, SG1
	{0x4c80, 0x4c9f},                   // 11th generation, desktop
	{0x5690, 0x56c2},                   // Arc A, Data Center GPU Flex
	{0x7d40, 0x7d6f},                   // Core Ultra
	{0x9a40, 0x9a7f}, {0x9ac0, 0x9af8}, // 11th generation
	{0x9ba0, 0x9bff},                   // 10th generation
	{0xa780, 0xa78f}, {0xa7a0, 0xa7af}, // 13th generation
	{0xe202, 0xe21f}, // Arc B
}

func gpuID(id string) bool {
	vendor, device, _ := strings.Cut(strings.ToLower(id), ":")
	switch vendor {
	case vendorNVIDIA, vendorATI:
		return true
	case vendorIntel:
		n, err := strconv.ParseUint(device, 16, 32)
		return err == nil && slices.ContainsFunc(intelGPUs, func(r [2]uint64) bool { return r[0] <= n && n <= r[1] })
	}
	return false
}
