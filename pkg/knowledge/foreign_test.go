package knowledge

import "testing"

func TestForeignLines(t *testing.T) {
	matters := parseForeign(`// a comment
@guest: vm, machine virtuelle
postgres, my router - @guest
restore, restaurer + backup, sauvegarde - limit
~ nginx`)
	tests := map[string]struct {
		reason   string
		question string
		want     bool
	}{
		"Name":           {reason: "A name alone suffices.", question: "tune postgres for many clients", want: true},
		"Excepted":       {reason: "A named group excepts.", question: "a VM for postgres", want: false},
		"ExceptedPhrase": {reason: "So does a phrase of several words, without its accents and with a plural.", question: "deux machines virtuelles pour postgres", want: false},
		"BothGroups":     {reason: "Every group must be met, in any order.", question: "une sauvegarde à restaurer", want: true},
		"OneGroup":       {reason: "One group of two is not enough.", question: "restore the settings", want: false},
		"Limit":          {reason: "An exception of a line holds for that line.", question: "limit how fast backups restore", want: false},
		"Possessive":     {reason: "A possessive belongs to its phrase.", question: "the router of the guests", want: false},
		"PossessiveMet":  {reason: "With it the phrase is met.", question: "open a port on my router", want: true},
		"LikeWord":       {reason: "A word that shares a stem only is another one.", question: "restorable backups", want: false},
		"Soft":           {reason: "A soft line is met as any other.", question: "upgrade nginx", want: true},
		"Empty":          {reason: "Nothing is about nothing."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := matters.meets(words(tt.question)) != notForeign; got != tt.want {
				t.Errorf("%s %q: want %v, got %v", tt.reason, tt.question, tt.want, got)
			}
		})
	}
}

// The surest of the lines that are met says how surely a question is foreign.
func TestForeignKinds(t *testing.T) {
	matters := parseForeign("~ nginx\nvmware\nrestore + backup")
	for question, want := range map[string]foreignKind{
		"a disk": notForeign, "nginx": foreignGuest, "restore a backup": foreignMatter, "restore a backup of nginx": foreignMatter, "nginx on vmware": foreignName,
	} {
		if got := matters.meets(words(question)); got != want {
			t.Errorf("%q: want %v, got %v", question, want, got)
		}
	}
}

// Every line of the shipped list must be met by something: an empty group never is.
func TestForeignListIsWhole(t *testing.T) {
	for i, line := range parseForeign(foreignText).lines {
		for _, group := range line.groups {
			if len(group) == 0 {
				t.Errorf("line %d has a group without phrases: a name may be unknown", i)
			}
		}
	}
}
