package terraform

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	provisov1 "proviso.dev/proto/proviso/v1"
	"proviso.dev/services/collector/internal/descriptor/reading"
)

// guest reads a Proxmox guest of either dialect; nil: the resource is none. What is not written stays absent, also where the
// provider has a default: the default belongs to a version of the provider, not to the code.
func (s *scope) guest(typ string, body hcl.Body) *provisov1.DeclaredGuest {
	var g *provisov1.DeclaredGuest
	switch typ {
	case "proxmox_virtual_environment_vm":
		g = s.bpgVM(body)
	case "proxmox_virtual_environment_container":
		g = s.bpgContainer(body)
	case "proxmox_virtual_environment_cloned_vm", "proxmox_cloned_vm":
		g = s.clonedVM(body)
	case "proxmox_vm_qemu":
		g = s.telmateVM(body)
	case "proxmox_lxc":
		g = s.telmateContainer(body)
	default:
		return nil
	}
	g.Count = s.count(body)
	return g
}

func (s *scope) bpgVM(body hcl.Body) *provisov1.DeclaredGuest {
	cpu, memory := first(body, "cpu"), first(body, "memory")
	return &provisov1.DeclaredGuest{
		Dialect: "bpg", Kind: "vm",
		Name: s.name(body, "name"), VmId: s.small(body, "vm_id"), Node: s.name(body, "node_name"),
		Cores: s.cores(cpu, cpu), MemoryMib: s.number(memory, "dedicated"),
		DiskBytes: s.disks(body, gibibytes, "disk"), Template: s.name(first(body, "clone"), "vm_id"),
	}
}

func (s *scope) bpgContainer(body hcl.Body) *provisov1.DeclaredGuest {
	template := s.name(first(body, "clone"), "vm_id")
	if template == nil {
		template = s.name(first(body, "operating_system"), "template_file_id")
	}
	return &provisov1.DeclaredGuest{
		Dialect: "bpg", Kind: "container",
		Name: s.name(first(body, "initialization"), "hostname"), VmId: s.small(body, "vm_id"), Node: s.name(body, "node_name"),
		Cores: s.small(first(body, "cpu"), "cores"), MemoryMib: s.number(first(body, "memory"), "dedicated"),
		DiskBytes: s.disks(body, gibibytes, "disk", "mount_point"), Template: template,
	}
}

func (s *scope) telmateVM(body hcl.Body) *provisov1.DeclaredGuest {
	node := s.name(body, "target_node")
	if nodes, ok := s.attribute(body, "target_nodes"); node == nil && ok && nodes.CanIterateElements() && nodes.LengthInt() == 1 {
		for it := nodes.ElementIterator(); it.Next(); {
			_, value := it.Element()
			node = named(value)
		}
	}
	template := s.name(body, "clone")
	if template == nil {
		template = s.name(body, "clone_id")
	}
	cpu := body // 2.x writes cores beside the name, 3.x in a block
	if b := first(body, "cpu"); b != nil {
		cpu = b
	}
	return &provisov1.DeclaredGuest{
		Dialect: "telmate", Kind: "vm",
		Name: s.name(body, "name"), VmId: s.small(body, "vmid"), Node: node, Cores: s.cores(cpu, cpu),
		MemoryMib: s.number(body, "memory"), DiskBytes: s.telmateDisks(body), Template: template,
	}
}

func (s *scope) telmateContainer(body hcl.Body) *provisov1.DeclaredGuest {
	template := s.name(body, "clone")
	if template == nil {
		template = s.name(body, "ostemplate")
	}
	return &provisov1.DeclaredGuest{
		Dialect: "telmate", Kind: "container",
		Name: s.name(body, "hostname"), VmId: s.small(body, "vmid"), Node: s.name(body, "target_node"),
		Cores: s.small(body, "cores"), MemoryMib: s.number(body, "memory"),
		DiskBytes: s.disks(body, gibibytes, "rootfs", "mountpoint"), Template: template,
	}
}

// first is the body of the first block of a type; nil: there is none.
func first(body hcl.Body, typ string) hcl.Body {
	if body == nil {
		return nil
	}
	if b := blocks(body, typ); len(b) > 0 {
		return b[0].Body
	}
	return nil
}

// name is a text that is known.
func (s *scope) name(body hcl.Body, attribute string) *string {
	if body == nil {
		return nil
	}
	value, ok := s.attribute(body, attribute)
	if !ok {
		return nil
	}
	return named(value)
}

// named is a value as a name.
func named(value cty.Value) *string {
	text, ok := asText(value)
	if text = reading.Cut(text, 253); !ok || text == "" {
		return nil
	}
	return &text
}

// number is a whole number that is known.
func (s *scope) number(body hcl.Body, attribute string) *int64 {
	if body == nil {
		return nil
	}
	value, ok := s.attribute(body, attribute)
	if !ok {
		return nil
	}
	n, ok := asNumber(value)
	if !ok || n < 0 {
		return nil
	}
	return &n
}

// small is a number of 32 bits.
func (s *scope) small(body hcl.Body, attribute string) *int32 {
	n := s.number(body, attribute)
	if n == nil || *n > math.MaxInt32 {
		return nil
	}
	v := int32(*n)
	return &v
}

// cores multiplies cores by sockets, of which there is one when none are written. Unknown ones make the product unknown.
func (s *scope) cores(cores, sockets hcl.Body) *int32 {
	n := s.small(cores, "cores")
	if n == nil || expression(sockets, "sockets") == nil {
		return n
	}
	by := s.small(sockets, "sockets")
	if by == nil || *n > math.MaxInt16 || *by > math.MaxInt16 {
		return nil
	}
	v := *n * *by
	return &v
}

// count is how many there are: the count, or the keys of for_each; absent: one, or not known.
func (s *scope) count(body hcl.Body) *int32 {
	if n := s.small(body, "count"); n != nil {
		return n
	}
	each, ok := s.attribute(body, "for_each")
	if !ok || each.IsNull() || !each.CanIterateElements() {
		return nil
	}
	n := int32(each.LengthInt()) //nolint:gosec // bounded by evaluate
	return &n
}

// sizes finds a size with its unit.
var sizes = regexp.MustCompile(`^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$`)

// gibibytes reads a size in bytes: numbers are GiB in both dialects, texts may have a unit.
func gibibytes(value cty.Value) (int64, bool) {
	text, ok := asText(value)
	m := sizes.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(text)))
	if !ok || m == nil {
		return 0, false
	}
	n, err := strconv.ParseFloat(m[1], 64)
	unit := map[string]float64{"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40, "": 1 << 30}[m[2]]
	if n *= unit; err != nil || n > 1<<60 {
		return 0, false
	}
	return int64(n), true
}

// disks sums the sizes of blocks; absent: there are none, or one of them has no size that is known.
func (s *scope) disks(body hcl.Body, size func(cty.Value) (int64, bool), types ...string) *int64 {
	var all []hcl.Body
	for _, typ := range types {
		if dynamic(body, typ) {
			return nil
		}
		for _, b := range blocks(body, typ) {
			if expression(b.Body, "size") == nil && (typ == "mount_point" || typ == "mountpoint") {
				continue // a folder of the host
			}
			all = append(all, b.Body)
		}
	}
	return summed(all, s.sizeOf, size)
}

// dynamic reports whether blocks of a type are made by a loop, so that their number is not known.
func dynamic(body hcl.Body, typ string) bool {
	content, _, _ := body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "dynamic", LabelNames: []string{"type"}}}})
	if content == nil {
		return false
	}
	for _, b := range content.Blocks {
		if b.Labels[0] == typ {
			return true
		}
	}
	return false
}

// buses are the blocks between disks and a disk of Telmate 3.
var buses = []string{"ide", "sata", "scsi", "virtio"}

// telmateDisks sums disk blocks, flat or nested by bus and slot, without drives that hold no disk.
func (s *scope) telmateDisks(body hcl.Body) *int64 {
	if dynamic(body, "disk") || dynamic(body, "disks") {
		return nil
	}
	var flat []hcl.Body
	for _, b := range blocks(body, "disk") {
		switch s.text(b.Body, "type") {
		case "cdrom", "cloudinit", "ignore":
		default:
			flat = append(flat, b.Body)
		}
	}
	for _, bus := range buses {
		holder := first(first(body, "disks"), bus)
		if holder == nil {
			continue
		}
		for slot := range 31 {
			if disk := first(first(holder, bus+strconv.Itoa(slot)), "disk"); disk != nil {
				flat = append(flat, disk)
			}
		}
	}
	return summed(flat, s.sizeOf, gibibytes)
}

// sizeOf is the size that a block states.
func (s *scope) sizeOf(block hcl.Body) (cty.Value, bool) { return s.attribute(block, "size") }

// summed adds the sizes of disks; nil: there are none, or one of them has no size that is known.
func summed[T any](disks []T, stated func(T) (cty.Value, bool), size func(cty.Value) (int64, bool)) *int64 {
	if len(disks) == 0 {
		return nil
	}
	var sum int64
	for _, d := range disks {
		value, ok := stated(d)
		if !ok {
			return nil
		}
		n, ok := size(value)
		if !ok || sum > 1<<61 {
			return nil
		}
		sum += n
	}
	return &sum
}
