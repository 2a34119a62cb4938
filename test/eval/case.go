package eval

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Classes of cases. A class is a folder below cases/.
var Classes = []string{
	"clear", "groups", "network", "ha", "placement", "containers", "scale-out", "change", "import", "question", "workload", "repository", "dialogue",
	"ambiguous", "infeasible", "unsupported", "off-topic", "hostile",
}

// States that a case can end in. "needs_input" is a run that waits for an answer which the case does not give.
// "failed" is for runs that cannot be served although they were understood, such as a repository that is not there.
var States = []string{"delivered", "needs_input", "refused", "failed"}

// Refusals is the coarse set of reasons; see [CoarseRefusal].
var Refusals = []string{"unsupported", "off_topic", "infeasible"}

// A File is one file of cases.
type File struct {
	Class   string `yaml:"class"`
	Lang    string `yaml:"lang"`
	Fixture string `yaml:"fixture"` // of every case that names none; empty: lab-s2
	Cases   []Case `yaml:"cases"`
}

// A Case is one request, what the requester says besides, and what must come of it.
type Case struct {
	ID      string `yaml:"id"` // unique in its file; [Case.Key] is unique everywhere
	Pair    string `yaml:"pair"`
	Fixture string `yaml:"fixture"`
	Prompt  string `yaml:"prompt"`
	// Answers by field of the question: "source" answers "vm1.source". See [Asks].
	Answers map[string]string `yaml:"answers"`
	// Replies answer open questions in the order in which they come, where Answers has none.
	Replies []string `yaml:"replies"`
	// Turns are said when the interpretation is shown; afterwards it is confirmed.
	Turns []string `yaml:"turns"`
	// Session is what was asked for before in the same session, each confirmed.
	Session []string `yaml:"session"`

	Expect `yaml:",inline"`

	Class string `yaml:"-"`
	Lang  string `yaml:"-"`
}

// Key identifies a case: class/language/id.
func (c Case) Key() string { return c.Class + "/" + c.Lang + "/" + c.ID }

// Expect is what the words of a request say or clearly imply, and nothing else.
type Expect struct {
	State     OneOf      `yaml:"state"`     // empty: delivered
	Refusal   OneOf      `yaml:"refusal"`   // coarse reason, where state is refused
	Questions []string   `yaml:"questions"` // by field; "a|b" where either name of the field will do
	VMs       []Guest    `yaml:"vms"`
	CTs       []Guest    `yaml:"containers"`
	Pools     []Pool     `yaml:"pools"`
	Changes   []Change   `yaml:"changes"`
	Imports   []string   `yaml:"imports"` // guests by name or id
	Workloads []Workload `yaml:"workloads"`
	// Repositories are those that the request names.
	Repositories []Repository `yaml:"repositories"`
	Absent       []string     `yaml:"absent"` // fields that no group may have, whatever their origin
	Reply        *Reply       `yaml:"reply"`
	End          *End         `yaml:"end"`
}

// A Guest is a group of equal machines or containers, in short forms of the contract's fields; README.md has the table.
type Guest struct {
	Name        string   `yaml:"name"`
	Names       []string `yaml:"names"`
	Count       int      `yaml:"count"`
	Role        string   `yaml:"role"`     // "*": any, "?": any or none
	Template    string   `yaml:"template"` // id or name; for a container part of the volume
	Image       string   `yaml:"image"`    // volume, URL, or a part of either
	Cores       int      `yaml:"cores"`
	Sockets     int      `yaml:"sockets"`
	CPU         string   `yaml:"cpu"`
	Memory      int      `yaml:"memory"`     // MiB
	MemoryMin   int      `yaml:"memory_min"` // MiB
	Swap        int      `yaml:"swap"`       // MiB
	Disk        int      `yaml:"disk"`       // GiB, of the boot disk
	Storage     string   `yaml:"storage"`    // of the boot disk
	Disks       []Disk   `yaml:"disks"`      // all of them, instead of the two above
	Net         string   `yaml:"net"`
	VLAN        int      `yaml:"vlan"`
	IP          string   `yaml:"ip"`
	Gateway     string   `yaml:"gateway"`
	Nets        []Net    `yaml:"nets"` // all of them, instead of the four above
	User        string   `yaml:"user"`
	Keys        []string `yaml:"keys"`
	DNS         []string `yaml:"dns"`
	Domain      string   `yaml:"domain"`
	Tags        []string `yaml:"tags"`
	Pool        string   `yaml:"pool"`
	HA          *bool    `yaml:"ha"`
	HAGroup     string   `yaml:"ha_group"`
	OnBoot      *bool    `yaml:"onboot"`
	Started     *bool    `yaml:"started"`
	Description string   `yaml:"description"`
	On          []string `yaml:"on"`
	Avoid       []string `yaml:"avoid"`
	Grouping    string   `yaml:"grouping"`
	Objective   string   `yaml:"objective"`
	FullClone   *bool    `yaml:"full_clone"`
	Protection  *bool    `yaml:"protection"`
	Agent       *bool    `yaml:"agent"`
	VMID        int      `yaml:"vm_id"`
	Order       int      `yaml:"order"`
	Delay       int      `yaml:"delay"`
	Privileged  *bool    `yaml:"privileged"`
	Nesting     *bool    `yaml:"nesting"`
}

// A Disk is one disk of a guest.
type Disk struct {
	Size    int    `yaml:"size"` // GiB
	Storage string `yaml:"storage"`
}

// A Net is one network device of a guest.
type Net struct {
	Net     string `yaml:"net"`
	VLAN    int    `yaml:"vlan"`
	IP      string `yaml:"ip"`
	Gateway string `yaml:"gateway"`
}

// A Pool is a pool to create.
type Pool struct {
	Name    string `yaml:"name"`
	Comment string `yaml:"comment"`
}

// A Change is what becomes of a guest that exists.
type Change struct {
	Guest       string   `yaml:"guest"` // name or id
	NewName     string   `yaml:"new_name"`
	Cores       int      `yaml:"cores"`
	Memory      int      `yaml:"memory"` // MiB
	Disk        int      `yaml:"disk"`   // GiB, of the boot disk
	AddTags     []string `yaml:"add_tags"`
	RemoveTags  []string `yaml:"remove_tags"`
	OnBoot      *bool    `yaml:"onboot"`
	Description string   `yaml:"description"`
	AddDisks    []Disk   `yaml:"add_disks"`
	Protection  *bool    `yaml:"protection"`
}

// A Repository is a Git repository that a request names.
type Repository struct {
	URL    string `yaml:"url"`
	Ref    string `yaml:"ref"`
	Folder string `yaml:"folder"`
	On     string `yaml:"on"` // what its application is to run on, as in the contract
}

// A Workload is something for Kubernetes.
type Workload struct {
	Name      string `yaml:"name"`
	Image     string `yaml:"image"`
	Replicas  int    `yaml:"replicas"`
	Port      int    `yaml:"port"`
	Exposure  string `yaml:"exposure"`
	Host      string `yaml:"host"`
	Namespace string `yaml:"namespace"`
}

// A Reply is what an answer without a manifest must hold.
type Reply struct {
	Contains []string `yaml:"contains"` // in text or rows, without regard to case; "a|b": either
	Commands []string `yaml:"commands"` // each in one of the commands; "a|b": either
}

// End is what must hold of the manifest and the placement.
type End struct {
	Guests    int            `yaml:"guests"` // planned; 0: not checked
	Names     []string       `yaml:"names"`
	Apart     bool           `yaml:"apart"`
	Together  bool           `yaml:"together"`
	On        []string       `yaml:"on"` // every guest on one of these
	Avoid     []string       `yaml:"avoid"`
	Resources map[string]int `yaml:"resources"` // blocks by type
	Contains  []string       `yaml:"contains"`  // in the HCL
	Cores     int            `yaml:"cores"`     // of every guest, wherever the value came from
	Memory    int            `yaml:"memory"`    // likewise, MiB
}

// OneOf is one value or a list of acceptable ones.
type OneOf []string

// UnmarshalYAML reads a scalar or a list.
func (o *OneOf) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*o = OneOf{n.Value}
		return nil
	}
	var list []string
	if err := n.Decode(&list); err != nil {
		return fmt.Errorf("decode one value or a list: %w", err)
	}
	*o = list
	return nil
}

// Has reports whether a value is acceptable; an empty set accepts everything.
func (o OneOf) Has(v string) bool { return len(o) == 0 || slices.Contains(o, v) }
