package review

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"proviso.dev/pkg/knowledge"
)

var ruleID = regexp.MustCompile(`"(PMX[0-9]{3})"`)

// A finding says where documentation explains its rule; so every rule that this package may report has a note, and a finding
// of a stage without one names no source.
//
// Shows: T-3.3.5-04
func TestFindingsNameTheirSource(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	rules := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range ruleID.FindAllStringSubmatch(string(content), -1) {
			rules[m[1]] = true
		}
	}
	if len(rules) < 40 {
		t.Fatalf("found %d rules in the source: the pattern no longer fits", len(rules))
	}
	for rule := range rules {
		p, ok := knowledge.Rule(rule)
		if !ok || p.Text == "" {
			t.Errorf("no note explains %s", rule)
		}
		if got := (Finding{Rule: rule, Severity: Warning}).Proto("en").GetSource(); got != p.Source || !strings.HasPrefix(got, "lint-rules.md#"+strings.ToLower(rule)) {
			t.Errorf("%s: source %q", rule, got)
		}
	}
	if got := (Finding{Rule: "syntax", Severity: Error}).Proto("en").GetSource(); got != "" {
		t.Errorf("a rule without a note names %q", got)
	}
}
