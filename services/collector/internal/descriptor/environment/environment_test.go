package environment_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/services/collector/internal/descriptor/environment"
	"proviso.dev/services/collector/internal/descriptor/fixture"
)

func TestRead(t *testing.T) {
	tests := map[string]struct {
		reason, file, text, want string
	}{
		"Example": {
			reason: "Comments, quotes, exports and values over several lines.",
			file:   "api/.env.example",
			text:   "# API_OLD=1\nexport PORT=8080 # listens\r\nGREETING=\"good day\"\nEMPTY=\nTITLE='a # b'\nCERT=\"-----BEGIN\nX=1\nEND\"\nAFTER=${PORT}\nPORT=9\nnot a variable\n",
			want: `
component - - @ -:0
env - PORT 8080 @ api/.env.example:2
env - GREETING "good day" @ api/.env.example:3
env - EMPTY - @ api/.env.example:4
env - TITLE "a # b" @ api/.env.example:5
env - CERT "-----BEGIN\nX=1\nEND" @ api/.env.example:6
env - AFTER ${PORT} @ api/.env.example:9
`,
		},
		"Secrets": {
			reason: "Values of secrets go nowhere, their hosts do.",
			file:   ".env.sample",
			text:   "DB_PASSWORD=hunter2\nDATABASE_URL=postgres://shop:hunter2@db/shop\n",
			want:   "component - - @ -:0\nenv - DB_PASSWORD secret @ .env.sample:1\nenv - DATABASE_URL secret @ .env.sample:2\nmention  db @ .env.sample:2\n",
		},
		"Real": {
			reason: "Of a real file nothing but names is taken.",
			file:   ".env",
			text:   "PORT=8080\nDATABASE_URL=postgres://shop:hunter2@db/shop\n",
			want:   "component - - @ -:0\nenv - PORT secret @ .env:1\nenv - DATABASE_URL secret @ .env:2\n",
		},
		"OpenQuote": {reason: "A quote that nothing closes ends with its line.", file: ".env.dist", text: "A=\"b\nC=d\n", want: "component - - @ -:0\nenv - A \"b @ .env.dist:1\nenv - C d @ .env.dist:2\n"},
		"Nothing":   {reason: "No variables, no component.", file: ".env.example", text: "# nothing\n", want: ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(fixture.Tidy(tc.want), fixture.Lines(environment.Read(fixture.File(tc.file, tc.text), tc.file))); diff != "" {
				t.Errorf("%s\n-want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestNames(t *testing.T) {
	tests := map[string]struct {
		of   string
		real bool
	}{
		"a/.env.example":         {"a/.env", false},
		".env.template":          {".env", false},
		"b/example.env":          {"b/.env", false},
		".env":                   {"", true},
		".env.production":        {"", true},
		".env.production.sample": {".env.production", false},
		"web.env.example":        {"web.env", false},
		"config.example":         {"", false},
		"web.env":                {"", false},
	}
	for name, want := range tests {
		of, example := environment.Example(name)
		if of != want.of || example != (want.of != "") || environment.Real(name) != want.real {
			t.Errorf("%s: want an example of %q and real %t, got %q and %t", name, want.of, want.real, of, environment.Real(name))
		}
	}
}

// No value of a real file may come out, whatever stands in it.
func FuzzReadReal(f *testing.F) {
	f.Add("A=hunter2x\nB=\"x\ny\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		got := environment.Read(fixture.File(".env", text), ".env")
		for _, c := range got.Components {
			for _, e := range c.GetEnvironment() {
				if e.GetValue() != "" || !e.GetSecret() || strings.Contains(e.GetName(), "=") {
					t.Errorf("%v says too much", e)
				}
			}
		}
		if len(got.Mentions) > 0 {
			t.Error("a host is part of a value")
		}
	})
}
