package strategy

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"proviso.dev/pkg/i18n"

	"proviso.dev/pkg/placement"
)

// Every text that this package asks for by a constant key exists in both languages, and so does one for every cause.
func TestTextsExist(t *testing.T) {
	keys := map[string]bool{"node.chosen": true, "refusal.template_unknown": true, "refusal.template_ambiguous": true}
	for _, c := range []placement.Cause{
		placement.NotOnline, placement.NotWished, placement.Avoided, placement.OutsideHA, placement.LocalDisk, placement.NoStorage,
		placement.NoNetwork, placement.SourceTooFar, placement.TooManyVCPUs, placement.Memory, placement.VCPUs, placement.StorageSpace,
		placement.NotApart, placement.InMaintenance, placement.OverQuota, placement.NoSuchGuest, placement.NotNear, placement.NoSuchRule,
		placement.NoDevice, placement.NoDeviceFree, placement.LinkFull,
	} {
		keys["node."+string(c)] = true
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if key, ok := textKey(n); ok {
				keys[key] = true
			}
			return true
		})
	}
	if len(keys) < 60 {
		t.Fatalf("found only %d keys in the source", len(keys))
	}
	for key := range keys {
		for _, lang := range i18n.Langs() {
			if !i18n.Has(lang, "analyser."+key) {
				t.Errorf("no %s text for %s", lang, key)
			}
		}
	}
}

// textKey returns the key of a text, where the node asks for one by a constant.
func textKey(n ast.Node) (string, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return "", false
	}
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	at, asks := map[string]int{"say": 0, "warn": 0, "refuse": 1}[method.Sel.Name]
	if !asks || at >= len(call.Args) {
		return "", false
	}
	literal, ok := call.Args[at].(*ast.BasicLit)
	if !ok {
		return "", false
	}
	key, err := strconv.Unquote(literal.Value)
	return map[string]string{"warn": "risk.", "refuse": "refusal."}[method.Sel.Name] + key, err == nil
}

func TestGiB(t *testing.T) {
	for _, tt := range []struct {
		lang   string
		bytes  int64
		down   string
		needed string
	}{
		{"en", 0, "0.0", "0.0"}, {"fr", 1536 << 20, "1,5", "1,5"}, {"en", gib - 1, "0.9", "1.0"}, {"fr", -5, "0,0", "0,0"},
	} {
		w := words{tt.lang}
		if got := w.gib(tt.bytes); got != tt.down {
			t.Errorf("%d bytes free: got %s, want %s", tt.bytes, got, tt.down)
		}
		if got := w.gibUp(tt.bytes); got != tt.needed {
			t.Errorf("%d bytes needed: got %s, want %s", tt.bytes, got, tt.needed)
		}
	}
}

func TestSingular(t *testing.T) {
	tests := map[string]struct{ reason, text, want string }{
		"First":  {"One stands first.", "1 vCPUs for web", "1 vCPU for web"},
		"Inside": {"One stands inside.", "Two machines with 1 vCPUs each (1 vCPUs)", "Two machines with 1 vCPU each (1 vCPU)"},
		"Many":   {"Eleven are many.", "11 vCPUs and 21 vCPUs", "11 vCPUs and 21 vCPUs"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := singular(tt.text); got != tt.want {
				t.Errorf("%s\ngot %q, want %q", tt.reason, got, tt.want)
			}
		})
	}
}
