package pve

import (
	"slices"
	"strings"
)

// A Property is one line of a configuration as Proxmox VE writes them, "a,b=c": options in order, of which the first may
// stand without its name. The zero value has none.
type Property struct {
	bare    string // name of the option that stands without one
	options []option
}

type option struct{ name, value string }

// ParseProperty reads a line; bare names the option that stands without a name, for example "file" of a disk.
func ParseProperty(line, bare string) Property {
	p := Property{bare: bare}
	for field := range strings.SplitSeq(line, ",") {
		switch name, value, named := strings.Cut(field, "="); {
		case field == "":
		case named:
			p.Set(name, value)
		default:
			p.Set(bare, field)
		}
	}
	return p
}

// Get returns the value of an option, empty when it is absent.
func (p Property) Get(name string) string {
	if i := p.index(name); i >= 0 {
		return p.options[i].value
	}
	return ""
}

// Has reports whether the option is there.
func (p Property) Has(name string) bool { return p.index(name) >= 0 }

// Truth reports whether the option says yes, in any of the ways in which Proxmox VE writes that.
func (p Property) Truth(name string) bool { return truth(p.Get(name)) }

// Names returns the options in order.
func (p Property) Names() []string {
	names := make([]string, len(p.options))
	for i, o := range p.options {
		names[i] = o.name
	}
	return names
}

// Set writes an option, in its place when it is there and at the end when not.
func (p *Property) Set(name, value string) {
	if i := p.index(name); i >= 0 {
		p.options[i].value = value
		return
	}
	p.options = append(p.options, option{name, value})
}

// String returns the line.
func (p Property) String() string {
	fields := make([]string, len(p.options))
	for i, o := range p.options {
		fields[i] = o.name + "=" + o.value
		if o.name == p.bare {
			fields[i] = o.value
		}
	}
	return strings.Join(fields, ",")
}

func (p Property) index(name string) int {
	return slices.IndexFunc(p.options, func(o option) bool { return o.name == name })
}

// ParseSize reads a size as Proxmox VE writes one, "32G", "3584M", "1.5T" or bytes; 0 when there is none to read.
func ParseSize(size string) int64 { return parseSize(size) }

// CompareSlots orders the slots of devices, net2 before net10.
func CompareSlots(a, b string) int { return compareSlots(a, b) }

// IsDiskSlot reports whether a key of a virtual machine's configuration is a drive: a disk, a CD-ROM or the cloud-init drive.
func IsDiskSlot(key string) bool { return diskSlot.MatchString(key) }

// IsCloudInit reports whether a volume is a cloud-init drive.
func IsCloudInit(volume string) bool { return cloudDrive.MatchString(volume) }
