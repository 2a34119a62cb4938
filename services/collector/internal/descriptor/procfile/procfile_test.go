package procfile_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/services/collector/internal/descriptor/fixture"
	"proviso.dev/services/collector/internal/descriptor/procfile"
)

func TestRead(t *testing.T) {
	tests := map[string]struct {
		reason, text, want string
	}{
		"Types": {
			reason: "A process a line; a release is a job.",
			text:   "# what runs\r\nrelease: ./manage.py migrate\r\nweb: gunicorn shop.wsgi --bind :$PORT\n\nworker:celery -A shop worker\nweb: twice\n",
			want: `
component release job @ Procfile:2
command release ./manage.py migrate @ Procfile:2
component web - @ Procfile:3
command web gunicorn shop.wsgi --bind :$PORT @ Procfile:3
component worker - @ Procfile:5
command worker celery -A shop worker @ Procfile:5
`,
		},
		"Secret": {
			reason: "A command may hold a password.",
			text:   "web: run --db postgres://shop:hunter2@db/shop\n",
			want:   "component web - @ Procfile:1\ncommand web run --db postgres://shop:[secret-1]@db/shop @ Procfile:1\n",
		},
		"Prose":  {reason: "Something else of that name is named.", text: "web: a\nThis is no process\n", want: "component web - @ Procfile:1\ncommand web a @ Procfile:1\nproblem syntax @ Procfile:2\n"},
		"Binary": {reason: "NUL bytes make it no text.", text: "web: a\x00", want: "problem binary @ Procfile:0\n"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(fixture.Tidy(tc.want), fixture.Lines(procfile.Read(fixture.File("Procfile", tc.text), "Procfile"))); diff != "" {
				t.Errorf("%s\n-want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add("web: a\nrelease: b\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, c := range procfile.Read(fixture.File("Procfile", text), "Procfile").Components {
			if c.GetName() == "" {
				t.Error("a process has a name")
			}
		}
	})
}
