package i18n

import (
	"maps"
	"regexp"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

var placeholder = regexp.MustCompile(`\{[A-Za-z0-9_]+\}`)

func TestCataloguesAgree(t *testing.T) {
	texts, err := load(files)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	want, got := slices.Sorted(maps.Keys(texts[English])), slices.Sorted(maps.Keys(texts[French]))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys of English and French differ (-en +fr):\n%s", diff)
	}
	if len(want) == 0 {
		t.Fatal("the catalogues are empty")
	}
	for _, key := range want {
		en, fr := placeholders(texts[English][key]), placeholders(texts[French][key])
		if diff := cmp.Diff(en, fr); diff != "" {
			t.Errorf("%s: placeholders differ (-en +fr):\n%s", key, diff)
		}
		for _, lang := range Langs() {
			if texts[lang][key] == "" {
				t.Errorf("%s: empty text in %s", key, lang)
			}
		}
	}
}

func placeholders(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func TestLoadRefuses(t *testing.T) {
	tests := map[string]struct {
		reason string
		file   string
		data   string
	}{
		"ForeignKey":      {"A key outside its owner's names would collide with another's.", "catalogue/cli.en.json", `{"gateway.x": "x"}`},
		"UnknownLanguage": {"A third language would be loaded and never shown.", "catalogue/cli.de.json", `{}`},
		"BrokenJSON":      {"A catalogue that cannot be read must not vanish silently.", "catalogue/cli.en.json", `{`},
		"NoOwner":         {"The owner is part of the name.", "catalogue/.en.json", `{}`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := load(fstest.MapFS{tc.file: {Data: []byte(tc.data)}}); err == nil {
				t.Errorf("load succeeded; %s", tc.reason)
			}
		})
	}
}

func TestT(t *testing.T) {
	before := Unknown()
	tests := map[string]struct {
		reason string
		lang   Lang
		key    string
		want   string
	}{
		"French":     {"", French, "agent.deadline", "L’étape a dépassé le temps imparti. Elle sera retentée."},
		"OtherIsEn":  {"A language that we do not speak gets English.", "de", "agent.deadline", "The step took longer than it may. It will be tried again."},
		"EmptyIsEn":  {"Before a language is known, English.", "", "agent.deadline", "The step took longer than it may. It will be tried again."},
		"UnknownKey": {"A strange word beats nothing, and it is counted.", French, "agent.nonesuch", "agent.nonesuch"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, T(tc.lang, tc.key)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
	if got := Unknown() - before; got != 1 {
		t.Errorf("unknown lookups: got %d, want 1", got)
	}
}

func TestFillOnce(t *testing.T) {
	got := fill("{a} and {b}, not {c}", []any{"a", "{b}", "b", 7})
	if want := "{b} and 7, not {c}"; got != want {
		t.Errorf("got %q, want %q: a value that looks like a placeholder must stay as it is", got, want)
	}
}
