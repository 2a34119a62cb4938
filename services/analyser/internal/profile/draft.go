package profile

// A draft is a component on its way: every value beside its provenance. Values that no one gave are not known; complete fills
// in what follows from the rest.
type draft struct {
	name       sourced[string]
	role       sourced[string]
	technology sourced[string]
	image      sourced[string]
	stateful   sourced[bool]
	exposure   sourced[string]
	readiness  sourced[string]
	command    sourced[string]
	schedule   sourced[string]

	cpu, cpuLimit       sourced[int32] // thousandths of a core
	memory, memoryLimit sourced[int32] // MiB
	disk                sourced[int32] // GiB
	gpus                sourced[int32]
	replicas, most      sourced[int32]

	ports        []sourced[port]
	dependencies []sourced[string]
	external     []sourced[string]
	hosts        []sourced[string]
	volumes      []sourced[volume]
	environment  []sourced[variable]

	differences []difference

	product *product // of the tables; nil: none known
	lang    *language
	normal  bool // the sizes of ordinary operation rather than those of a small one
	guest   bool // a guest of its own: what the intent says of it is its size
}

// A port is a port on which something listens.
type port struct {
	number   int32
	protocol string
	name     string
}

// A volume is one whose data must be kept; a size that is not known is filled in.
type volume struct {
	path, class string
	size        sourced[int32] // GiB
}

// A variable is one of the environment; a secret has no value.
type variable struct {
	name, value string
	secret      bool
}

// A difference is a value that places state differently; the first is used.
type difference struct {
	field  string
	key    string // of the element, in a list of named ones: a variable's name, a volume's path
	values []string
	what   string // key of the sentence's subject
}

// A note is what is said of a draft beside its values.
type note struct {
	field  string
	reason string
}

// dataRole reports whether a role keeps or carries the data of others.
func dataRole(role string) bool {
	switch role {
	case "database", "cache", "queue", "storage":
		return true
	}
	return false
}

// ownRole reports whether a role is one of programs that people write themselves.
func ownRole(role string) bool {
	switch role {
	case "web", "api", "worker", "job", "other":
		return true
	}
	return false
}

// listens reports whether a draft has a port.
func (d *draft) listens(number int32) bool {
	for _, p := range d.ports {
		if p.v.number == number {
			return true
		}
	}
	return false
}

// needs reports whether a draft depends on a component.
func (d *draft) needs(name string) bool {
	for _, n := range d.dependencies {
		if n.v == name {
			return true
		}
	}
	return false
}
