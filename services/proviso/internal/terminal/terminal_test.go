package terminal

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWidth(t *testing.T) {
	tests := map[string]struct {
		text string
		want int
	}{
		"Accents":   {"Cœurs mémoire", 13},
		"Combining": {"e\u0301te\u0301", 3},
		"Wide":      {"日本", 4},
		"ZeroWidth": {"a\u200bb", 2},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Width(tc.text); got != tc.want {
				t.Errorf("got %d, want %d", got, tc.want)
			}
		})
	}
}

// A template's name or a description must not be able to move the cursor, colour the screen or turn the text around.
func TestClean(t *testing.T) {
	got := Clean("web\x1b[2J\u202egnp\u0007\r\n\tx")
	want := "web\\u{1b}[2J\\u{202e}gnp\\u{7}\n    x"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTable(t *testing.T) {
	table := Table{
		Headings: []string{"Paramètre", "Valeur"},
		Rows: [][]Cell{
			{{Text: "Cœurs"}, {Text: "2"}},
			{{Text: "Mémoire"}, {Text: "valeur supposée, car rien n'est dit"}},
		},
	}
	want := strings.TrimLeft(`
┌───────────┬────────────────────────┐
│ Paramètre │ Valeur                 │
├───────────┼────────────────────────┤
│ Cœurs     │ 2                      │
│ Mémoire   │ valeur supposée, car   │
│           │ rien n'est dit         │
└───────────┴────────────────────────┘
`, "\n")
	if diff := cmp.Diff(want, table.Draw(38, Painter{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWrapBreaksLongWords(t *testing.T) {
	if diff := cmp.Diff([]string{"ab", "cdefg", "hij k"}, Wrap("ab cdefghij k", 5)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWrapKeepsFrenchMarks(t *testing.T) {
	want := []string{"dit : « un", "serveur »", "installé ;", "rien"}
	if diff := cmp.Diff(want, Wrap("dit : « un serveur » installé ; rien", 11)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPaint(t *testing.T) {
	if got := (Painter{}).Paint(Good, "x"); got != "x" {
		t.Errorf("without colour: got %q", got)
	}
	if got := (Painter{Colour: true}).Paint(Good, "x"); got != "\x1b[32mx\x1b[0m" {
		t.Errorf("with colour: got %q", got)
	}
}
