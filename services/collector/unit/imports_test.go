package collector_test

import (
	"go/build"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Understanding is a function of its input. What it cannot import it cannot do.
//
// Shows: T-3.3.5-01
func TestUnderstandingIsPure(t *testing.T) {
	pkg, err := build.ImportDir("../internal/understand", 0)
	if err != nil {
		t.Fatal(err)
	}
	allowed := []string{"cmp", "encoding/json", "fmt", "maps", "math", "net/netip", "path", "regexp", "slices", "strconv", "strings", "sync", "sync/atomic", "unicode", "unicode/utf8",
		"golang.org/x/text/unicode/norm", "proviso.dev/pkg/i18n", "proviso.dev/pkg/placement", "proviso.dev/pkg/pve", "proviso.dev/proto/proviso/llm/v1", "proviso.dev/proto/proviso/v1",
		"proviso.dev/services/collector/internal/inquiry", "proviso.dev/services/collector/internal/mention", "proviso.dev/services/collector/internal/wording", "google.golang.org/protobuf/proto", "google.golang.org/protobuf/types/known/timestamppb"}
	for _, path := range pkg.Imports {
		if !slices.Contains(allowed, path) {
			t.Errorf("understand imports %s", path)
		}
	}
}

// Answers are a function of the snapshot and the question.
func TestInquiryIsPure(t *testing.T) {
	for _, dir := range []string{"../internal/inquiry", "../internal/wording", "../internal/mention"} {
		pkg, err := build.ImportDir(dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		allowed := []string{"cmp", "errors", "fmt", "math", "net/url", "path", "regexp", "slices", "strconv", "strings", "time", "unicode", "unicode/utf8",
			"proviso.dev/pkg/capacity", "proviso.dev/pkg/diagnosis", "proviso.dev/pkg/forecast", "proviso.dev/pkg/i18n", "proviso.dev/pkg/outlook", "proviso.dev/pkg/placement", "proviso.dev/pkg/pve",
			"proviso.dev/proto/proviso/v1", "proviso.dev/services/collector/internal/wording"}
		for _, path := range pkg.Imports {
			if !slices.Contains(allowed, path) {
				t.Errorf("%s imports %s", dir, path)
			}
		}
		for _, name := range pkg.GoFiles {
			source, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			for _, clock := range []string{"time.Now", "time.Since", "time.Until"} {
				if strings.Contains(string(source), clock) {
					t.Errorf("%s/%s uses the clock: the moment is the snapshot's", dir, name)
				}
			}
		}
	}
}

func TestCollectorImportsNoOtherService(t *testing.T) {
	for _, dir := range []string{".", "..", "../internal/understand", "../internal/inquiry", "../internal/wording", "../internal/platform", "../internal/mention"} {
		pkg, err := build.ImportDir(dir, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range pkg.Imports {
			if strings.HasPrefix(path, "proviso.dev/services/") && !strings.HasPrefix(path, "proviso.dev/services/collector/") ||
				path == "proviso.dev/pkg/twin" || strings.HasPrefix(path, "github.com/nats-io/nats-server") {
				t.Errorf("%s imports %s", dir, path)
			}
		}
	}
}
