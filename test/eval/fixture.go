package eval

import (
	"embed"
	"fmt"
	"io/fs"
	"strconv"

	"proviso.dev/pkg/twin"
)

//go:embed cases hostile fixtures
var files embed.FS

// Files holds the cases, the hostile corpus and the fixtures as they were when the program was built.
func Files() fs.FS { return files }

// Seed returns the cluster of a fixture: "lab-s0" to "lab-s2", "generated", or the name of a file in fixtures/.
func Seed(name string) (twin.Seed, error) {
	switch name {
	case "lab-s0":
		return twin.Lab(twin.S0)
	case "lab-s1":
		return twin.Lab(twin.S1)
	case "lab-s2":
		return twin.Lab(twin.S2)
	case "generated":
		return twin.Generated(8, 160, 1), nil
	}
	data, err := files.ReadFile("fixtures/" + name + ".json")
	if err != nil {
		return twin.Seed{}, fmt.Errorf("%w: %q", ErrFixture, name)
	}
	return twin.FromJSON(data)
}

// A Cluster is what the comparison needs to know of a fixture.
type Cluster struct {
	ids  map[string]int // of guests and templates, by name
	used map[int]bool
}

// Index indexes a fixture.
func Index(seed twin.Seed) Cluster {
	c := Cluster{ids: map[string]int{}, used: map[int]bool{}}
	for _, g := range seed.Guests {
		c.ids[g.Name] = g.VMID
		c.used[g.VMID] = true
	}
	return c
}

// guest returns one form for a guest that may be called by name or by id.
func (c Cluster) guest(name string, id int) string {
	if id != 0 {
		return strconv.Itoa(id)
	}
	if known := c.ids[name]; known != 0 {
		return strconv.Itoa(known)
	}
	if _, err := strconv.Atoi(name); err == nil {
		return name
	}
	return "name:" + name
}
