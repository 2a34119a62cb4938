package review

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
)

// TestPiecesAreTheFile: a file that is parsed in pieces says the same at the same places as one that is parsed whole.
func TestPiecesAreTheFile(t *testing.T) {
	resource := "resource \"a\" \"b\" {\n  x = 1\n}\n\n"
	tests := map[string]struct {
		reason string
		text   string
		pieces bool
	}{
		"Resources": {
			reason: "Blocks that end in the first column can be cut behind them.", text: strings.Repeat(resource, 4000), pieces: true,
		},
		"Heredoc": {
			reason: "A brace in the first column of a long text is none of the code's.",
			text:   resource + "locals {\n  t = <<EOT\n" + strings.Repeat("text\n}\n\n", 12000) + "EOT\n}\n",
		},
		"Comment": {
			reason: "Nor is one in a comment.", text: resource + "/*\n" + strings.Repeat("text\n}\n\n", 12000) + "*/\n" + resource,
		},
		"Fault": {
			reason: "A fault is found where it is in the file.", text: strings.Repeat(resource, 4000) + "resource {{\n",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			file := File{Path: "main.tf", Content: tc.text}
			if got := parsePieces(cut(file)) != nil; got != tc.pieces {
				t.Errorf("%s\nparsed in pieces: %v; want %v", tc.reason, got, tc.pieces)
			}
			var joined strings.Builder
			for _, p := range cut(file) {
				if p.start.Byte != joined.Len() || p.start.Line != strings.Count(joined.String(), "\n")+1 {
					t.Fatalf("piece begins at %v; want byte %d", p.start, joined.Len())
				}
				joined.WriteString(p.text)
			}
			if joined.String() != tc.text {
				t.Error("the pieces are not the file")
			}
			var got []hcl.Range
			bodies, diags := parseFile(file)
			for _, b := range bodies {
				for _, block := range b.Blocks {
					got = append(got, block.DefRange())
				}
			}
			want := strings.Count(tc.text, "resource \"a\"") + strings.Count(tc.text, "locals {")
			if diags.HasErrors() {
				want = 0
			}
			if len(got) != want {
				t.Errorf("%s\n%d blocks; want %d", tc.reason, len(got), want)
			}
			for i := 1; i < len(got) && tc.pieces; i++ {
				if diff := cmp.Diff(4*i+1, got[i].Start.Line); diff != "" {
					t.Fatalf("line of block %d (-want +got):\n%s", i, diff)
				}
			}
		})
	}
}
