package boundary

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"proviso.dev/pkg/i18n"
)

// owners says which code says the texts of a catalogue, and which code names what they are about: kinds, states, verdicts.
var owners = map[string]struct{ says, names []string }{
	"forecast": {says: []string{"pkg/forecast"}},
	"outlook":  {says: []string{"pkg/outlook"}, names: []string{"pkg/forecast"}},
	"capacity": {says: []string{"pkg/diagnosis"}, names: []string{"pkg/capacity"}},
	"profile":  {says: []string{"services/analyser/internal/profile"}, names: []string{"pkg/appfacts"}},
	"workload": {says: []string{"services/analyser/internal/workload"}, names: []string{"pkg/knowledge"}},
	"analyser": {says: []string{"services/analyser"}, names: []string{"pkg/placement", "pkg/pve", "services/collector/internal/understand"}},
}

// months are no literals of the code.
var months = []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"}

// A text that nobody says is translated and corrected in vain. A key counts as said when it, or it without its owner, is a literal of
// the code or a literal that ends in a point or a stroke, followed by others.
func TestTextsAreSaid(t *testing.T) {
	for owner, code := range owners {
		said, parts := map[string]bool{}, map[string]bool{}
		for _, dir := range code.says {
			literals(t, dir, said)
		}
		for _, dir := range append(code.says, code.names...) {
			literals(t, dir, parts)
		}
		for _, m := range months {
			parts[m] = owner == "outlook"
		}
		found := 0
		for key := range i18n.Texts(i18n.English, owner+".") {
			tail := strings.TrimPrefix(key, owner+".")
			if found++; !said[key] && !made(tail, said, parts) && !made(key, said, parts) {
				t.Errorf("%s is said by nobody in %v", key, code.says)
			}
		}
		if found == 0 {
			t.Errorf("the catalogue has no texts of %s", owner)
		}
	}
}

// made reports whether a key is a literal, or is put together from one that leaves off at a point or a stroke.
func made(key string, said, parts map[string]bool) bool {
	if said[key] {
		return true
	}
	for i := range key {
		if head := key[:i]; said[head] && strings.ContainsAny(head[len(head)-1:], "._") && rest(key[i:], parts) {
			return true
		}
	}
	return false
}

// rest reports whether the rest of a key is put together from literals.
func rest(key string, parts map[string]bool) bool {
	if parts[key] {
		return true
	}
	for i := 2; i < len(key); i++ {
		if parts[key[:i]] && rest(key[i:], parts) {
			return true
		}
	}
	return false
}

// literals collects the texts that stand in the code of a folder, tests apart.
func literals(t *testing.T, dir string, into map[string]bool) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join("..", "..", dir), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if text, err := strconv.Unquote(lit.Value); err == nil && text != "" {
					into[text] = true
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
