package readme_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/services/collector/internal/descriptor/fixture"
	"proviso.dev/services/collector/internal/descriptor/readme"
)

func TestRead(t *testing.T) {
	tests := map[string]struct {
		reason, text, want string
	}{
		"Markdown": {
			reason: "Badges, pictures and markup before the text are no text.",
			text:   "<p align=\"center\">\n\n# The Shop\n\n[![build](x)](y)\n![logo](z)\n\n```\ncode\n```\nSells things\nto people.\n\nMore.\n",
			want:   "hint The Shop @ README.md:3\nhint Sells things to people. @ README.md:11\n",
		},
		"Underlined": {
			reason: "Headings may be underlined.",
			text:   "The Shop\n========\n\nSells things.\n",
			want:   "hint The Shop @ README.md:1\nhint Sells things. @ README.md:4\n",
		},
		"Secret": {
			reason: "People write passwords into READMEs.",
			text:   "# Shop\n\nLog in at postgres://shop:hunter2@db/shop now.",
			want:   "hint Shop @ README.md:1\nhint Log in at postgres://shop:[secret-1]@db/shop now. @ README.md:3\n",
		},
		"Nothing": {reason: "Nothing says nothing.", text: "\n\n* a\n", want: ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(fixture.Tidy(tc.want), fixture.Lines(readme.Read(fixture.File("README.md", tc.text), "README.md"))); diff != "" {
				t.Errorf("%s\n-want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add("# a\n\nb\n---\n\nc\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, h := range readme.Read(fixture.File("README.md", text), "README.md").Hints {
			if h.GetText() == "" || len(h.GetText()) > 2048 {
				t.Errorf("a hint has 1 to 2048 bytes, got %d", len(h.GetText()))
			}
		}
	})
}
