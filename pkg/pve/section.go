package pve

import "time"

// A Section says when one part of a snapshot was read, and how completely.
type Section struct {
	// Name of the part, for example "guests" or "volumes"; the names are those of the table in sections.go.
	Name string `json:"name"`
	// ReadAt is the moment at which its reading began, UTC; what it says was true then or later.
	ReadAt time.Time `json:"read_at"`
	// Count is the number of things that it holds, in the unit of its name.
	Count int `json:"count"`
	// Complete is false when something of it could not be read: see Unknown.
	Complete bool `json:"complete"`
}

// Section returns what is said of a part of the snapshot; false when nobody read it.
func (s *Snapshot) Section(name string) (Section, bool) {
	for _, section := range s.Sections {
		if section.Name == name {
			return section, true
		}
	}
	return Section{}, false
}
