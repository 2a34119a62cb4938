package helm_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"proviso.dev/services/collector/internal/descriptor/factlist"
	"proviso.dev/services/collector/internal/descriptor/helm"
	"proviso.dev/services/collector/internal/descriptor/reading"
)

// chart is a chart of one template.
func chart(template string) fstest.MapFS {
	return fstest.MapFS{
		"Chart.yaml":          {Data: []byte("apiVersion: v2\nname: a\nversion: 1.0.0\n")},
		"templates/pod.yaml":  {Data: []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: beside}\n")},
		"templates/evil.yaml": {Data: []byte(template)},
	}
}

// runaway are the templates that nothing inside of a process can stop.
var runaway = map[string]string{
	"Loop":   "{{ range 1000000000000 }}{{ end }}",
	"Output": "{{ range 1000000000000 }}0123456789012345678901234567890123456789012345678901234567890123456789{{ end }}",
	"Double": `{{ define "a0" }}0123456789{{ end }}` + doubling(40) + `{{ include "a40" . }}`,
	"Tpl":    `{{ tpl "{{ tpl .Template.Name . }}{{ tpl .x . }}" (dict "x" "{{ tpl .x . }}" "Template" .Template) }}`,
}

// doubling defines templates that include the one before them twice.
func doubling(n int) string {
	var b strings.Builder
	for i := range n {
		name := func(i int) string { return "a" + string(rune('0'+i/10)) + string(rune('0'+i%10)) }
		inner := name(i)
		if i == 0 {
			inner = "a0"
		}
		outer := name(i + 1)
		if i+1 == n {
			outer = "a40"
		}
		b.WriteString(`{{ define "` + outer + `" }}{{ include "` + inner + `" . }}{{ include "` + inner + `" . }}{{ end }}`)
	}
	return b.String()
}

// TestMain reads a runaway chart when it is started as the process that does.
func TestMain(m *testing.M) {
	if name := os.Getenv("PROVISO_TEST_RUNAWAY"); name != "" {
		const most = 2 << 30
		if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: most, Max: most}); err != nil {
			os.Exit(3)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		helm.Read(ctx, chart(runaway[name]), ".")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A template that never ends, or that makes more than memory holds, ends with its process: by its limits or by its deadline.
// Nothing comes out of it but that.
func TestRunawayEndsWithItsProcess(t *testing.T) {
	for name := range runaway {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			cmd := exec.CommandContext(ctx, os.Args[0])
			cmd.Env = []string{"PROVISO_TEST_RUNAWAY=" + name}
			cmd.WaitDelay = 5 * time.Second
			start := time.Now()
			err := cmd.Run()
			if err == nil {
				t.Errorf("the process ended well after %s: the template is no runaway, and belongs in the bounded ones", time.Since(start))
			}
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

// What calls functions ends in this process when its time is over.
func TestReadHonoursItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := helm.Read(ctx, chart("{{ range until 1000 }}{{ add 1 1 }}{{ end }}"), ".")
	if len(got.Problems) != 1 || got.Problems[0].GetCode() != "too_slow" {
		t.Errorf("want one problem too_slow, got %v", got.Problems)
	}
}

// packed is a packaged chart.
func packed(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	zipped := gzip.NewWriter(&b)
	archive := tar.NewWriter(zipped)
	for name, text := range files {
		if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(text)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipped.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Packages are read as folders are, and their facts stand in the package; bombs and links are left out.
func TestReadPackages(t *testing.T) {
	const about = "apiVersion: v2\nname: db\nversion: 1.0.0\n"
	pod := "apiVersion: v1\nkind: Pod\nmetadata: {name: db}\nspec: {containers: [{name: db, image: 'db:1'}]}\n"
	tests := map[string]struct {
		reason string
		files  fstest.MapFS
		want   []string
	}{
		"Package": {
			"a chart in an archive",
			fstest.MapFS{"charts/db-1.0.0.tgz": {Data: packed(t, map[string]string{"db/Chart.yaml": about, "db/templates/pod.yaml": pod})}},
			[]string{"charts/db-1.0.0.tgz:0 | db | image run db:1", "charts/db-1.0.0.tgz:0 | db | is a service", "templates/own.yaml:3 | own | is a service"},
		},
		"Bomb": {
			"an archive that unpacks to more than is read",
			fstest.MapFS{"charts/bomb.tgz": {Data: packed(t, map[string]string{"bomb/a": strings.Repeat("\x00", 64<<20)})}},
			[]string{"charts/bomb.tgz:0 | problem | binary", "templates/own.yaml:3 | own | is a service"},
		},
		"Escape": {
			"an archive whose files climb out",
			fstest.MapFS{"charts/up.tgz": {Data: packed(t, map[string]string{"../../../etc/cron.d/x": "x", "/etc/passwd": "x"})}},
			[]string{"templates/own.yaml:3 | own | is a service"},
		},
		"NoArchive": {
			"an archive that is none",
			fstest.MapFS{"charts/none.tgz": {Data: []byte("hello")}},
			[]string{"charts/none.tgz:0 | problem | binary", "templates/own.yaml:3 | own | is a service"},
		},
		"Link": {
			"a template that is a link",
			fstest.MapFS{"templates/link.yaml": {Data: []byte("/etc/passwd"), Mode: fs.ModeSymlink}},
			[]string{"templates/link.yaml:0 | problem | link", "templates/own.yaml:3 | own | is a service"},
		},
		"Large": {
			"a template of two megabytes",
			fstest.MapFS{"templates/large.yaml": {Data: make([]byte, 2<<20)}},
			[]string{"templates/large.yaml:0 | problem | too_large", "templates/own.yaml:3 | own | is a service"},
		},
		"Missing": {
			"a folder without Chart.yaml is no chart",
			fstest.MapFS{"Chart.yaml": {Data: []byte("name: [")}},
			[]string{"Chart.yaml:0 | problem | syntax"},
		},
		"Bomb of aliases": {
			"values whose aliases expand without end",
			fstest.MapFS{"values.yaml": {Data: []byte("a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f,*f]\n")}},
			[]string{"Chart.yaml:0 | problem | syntax"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			files := fstest.MapFS{
				"Chart.yaml":         {Data: []byte("apiVersion: v2\nname: own\nversion: 1.0.0\n")},
				"templates/own.yaml": {Data: []byte("apiVersion: v1\nkind: Pod\nmetadata: {name: own}\n")},
			}
			maps.Copy(files, tc.files)
			got := helm.Read(t.Context(), files, ".")
			if diff := cmp.Diff(tc.want, factlist.Lines(got, reading.Helm)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tc.reason, diff)
			}
		})
	}
}

// Whatever a template and its values hold, reading the chart does not panic. Loops are left to the test above.
func FuzzRead(f *testing.F) {
	f.Add("a: {{ .Values.a | quote }}", "a: 1")
	f.Add("{{ toYaml .Values | nindent 2 }}", "a: [b, {c: d}]")
	f.Add("{{- with .Values.a }}\nkind: {{ .kind }}\n{{- end }}", "a: {kind: Pod}")
	f.Fuzz(func(t *testing.T, template, values string) {
		if len(template) > 2000 || len(values) > 2000 || strings.Contains(template, "range") || strings.Contains(template, "tpl") ||
			strings.Contains(template, "template") || strings.Contains(template, "include") {
			return
		}
		files := chart("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n" + template)
		files["values.yaml"] = &fstest.MapFile{Data: []byte(values)}
		got := helm.Read(t.Context(), files, ".")
		if err := factlist.Invalid(got); err != nil {
			t.Error(err)
		}
		for _, c := range got.Components {
			for _, e := range c.GetEvidence() {
				if _, known := files[e.GetFile()]; !known {
					t.Errorf("a fact stands in %q, which is not there", e.GetFile())
				}
			}
		}
	})
}
