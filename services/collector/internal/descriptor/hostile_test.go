package descriptor

import (
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"proviso.dev/pkg/wire"
	provisov1 "proviso.dev/proto/proviso/v1"

	"proviso.dev/services/collector/internal/descriptor/reading"
)

// laughs is the billion laughs: each line holds the one before it nine times.
func laughs(depth int, last string) string {
	var b strings.Builder
	b.WriteString("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n")
	for i := 1; i < depth; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), ", "))
	}
	fmt.Fprintf(&b, last, depth-1)
	return b.String()
}

// merges is a mapping that merges others, which merge others, nine each.
func merges(depth int) string {
	var b strings.Builder
	b.WriteString("x0: &x0 {A0: b}\n")
	for i := 1; i < depth; i++ {
		fmt.Fprintf(&b, "x%d: &x%d {A%d: b, <<: [%s]}\n", i, i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*x%d, ", i-1), 9), ", "))
	}
	fmt.Fprintf(&b, "services:\n  a:\n    image: a\n    environment: *x%d\n", depth-1)
	return b.String()
}

// Repositories built to hurt end soon, in little memory, and as a reading that satisfies the contract.
func TestReadHostile(t *testing.T) {
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	shared := "x: &e {" + strings.TrimSuffix(many(2000, "V%d: b, "), ", ") + "}\nservices:\n" + many(2000, "  s%d: {image: a, environment: *e}\n")
	tests := map[string]struct {
		reason string
		files  map[string]string
		code   string // of a problem that must be among them; empty: none must
	}{
		"Laughs":         {"aliases multiply", map[string]string{"compose.yaml": laughs(12, "services:\n  a:\n    image: a\n    ports: *a%d\n")}, ""},
		"Merges":         {"merge keys multiply", map[string]string{"compose.yaml": merges(14)}, ""},
		"SharedTwice":    {"every service has every variable", map[string]string{"compose.yaml": shared}, "too_many"},
		"Recursive":      {"an anchor holds itself", map[string]string{"compose.yaml": "services: &s\n  a: &a\n    image: a\n    <<: *a\n    environment: *s\n    depends_on: *a\n"}, ""},
		"Extends":        {"services extend one another in a circle", map[string]string{"compose.yaml": "services:\n  a: {extends: b}\n  b: {extends: {service: a}}\n"}, "too_many"},
		"Includes":       {"a file includes itself", map[string]string{"compose.yaml": "include: [compose.yaml, b.yaml]\nservices: {a: {image: a}}\n", "b.yaml": "include: [compose.yaml]\n"}, ""},
		"Outside":        {"paths lead out of the repository", map[string]string{"compose.yaml": "include: [../../etc/passwd, /etc/passwd]\nservices: {a: {build: ../.., env_file: /etc/passwd, extends: {file: ../x, service: y}}}\n"}, "outside"},
		"DeepFlow":       {"10,000 brackets", map[string]string{"compose.yaml": "services: " + strings.Repeat("[", 10_000)}, "syntax"},
		"DeepBlock":      {"10,000 levels", map[string]string{"compose.yaml": deep(3000)}, ""},
		"LongLine":       {"a line of a megabyte", map[string]string{"compose.yaml": "services: {a: {image: " + strings.Repeat("a", 1<<20-100) + "}}\n"}, ""},
		"NUL":            {"NUL bytes", map[string]string{"compose.yaml": "services:\n\x00", "Procfile": "a: \x00", "package.json": "{\x00}"}, "binary"},
		"InvalidUTF8":    {"no text", map[string]string{"compose.yaml": "services: {a: {image: \"\xff\xfe\"}}\n", "Dockerfile": "FROM \xff\nENV A=\xfe\n", "Procfile": "web: \xff\n", ".env": "A=\xff\n", "package.json": "{\"name\":\"\xff\",\"scripts\":{\"start\":\"\xff\"}}", "README.md": "# \xff\n"}, ""},
		"ByteOrderMarks": {"marks before everything", map[string]string{"compose.yaml": "\xef\xbb\xbfservices: {a: {image: a}}\r\n", "Dockerfile": "\xef\xbb\xbfFROM a\r\n", "package.json": "\xef\xbb\xbf{\"name\":\"a\"}"}, ""},
		"ManyServices":   {"more components than a reading holds", map[string]string{"a/compose.yaml": "services:\n" + many(300, "  a%d: {image: a}\n"), "b/compose.yaml": "services:\n" + many(300, "  b%d: {image: a}\n")}, "too_many"},
		"ManyFacts":      {"lists beyond their bounds", map[string]string{"compose.yaml": "services:\n  a:\n    image: a\n    environment:\n" + many(3000, "      V%d: b\n") + "    volumes:\n" + many(3000, "      - v%[1]d:/v%[1]d\n") + "    expose:\n" + many(3000, "      - %d\n") + "    depends_on:\n" + many(3000, "      - d%d\n")}, "too_many"},
		"LongNames":      {"names beyond their bounds", map[string]string{"compose.yaml": "name: " + strings.Repeat("n", 5000) + "\nservices:\n  " + strings.Repeat("s", 500) + ": {image: a}\n  a: {image: " + strings.Repeat("i", 5000) + ", environment: {" + strings.Repeat("e", 900) + ": " + strings.Repeat("v", 5000) + "}, volumes: [" + strings.Repeat("x", 900) + ":/" + strings.Repeat("y", 5000) + "]}\n"}, ""},
		"ManyProblems":   {"more problems than a reading holds", map[string]string{"Dockerfile": "FROM a\n" + many(3000, "EXPOSE x%d\n")}, "too_many"},
		"DeepJSON":       {"400,000 brackets", map[string]string{"a.json": `{"apiVersion":"v1","kind":"Pod","x":` + strings.Repeat("[", 400_000)}, ""},
		"DeepHCL":        {"400,000 brackets", map[string]string{"a.tf": "a = " + strings.Repeat("[", 400_000), "b.tf": "b = " + strings.Repeat("(", 400_000), "c.tf": "c = " + strings.Repeat("!", 400_000), "d.tf": strings.Repeat("a {\n", 100_000), "e.tf": "e = \"" + strings.Repeat("${\"", 200_000)}, ""},
		"DeepTOML":       {"400,000 brackets", map[string]string{"pyproject.toml": "a = " + strings.Repeat("[\n", 400_000)}, "too_many"},
		"ChartLaughs":    {"aliases multiply in a chart", map[string]string{"Chart.yaml": "apiVersion: v2\nname: a\nversion: 1.0.0\n", "values.yaml": laughs(12, "x: *a%d\n"), "templates/a.yaml": "{{ toYaml .Values.x }}\n"}, ""},
		"ManifestLaughs": {"aliases multiply in a manifest", map[string]string{"a.yaml": laughs(12, "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: *a%d}\n")}, ""},
		"Overlays":       {"kustomizations build on one another in a circle", map[string]string{"a/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "resources: [../a, https://example.org/x.yaml]\n"}, ""},
		"Entities":       {"XML that multiplies", map[string]string{"pom.xml": "<!DOCTYPE p [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;\">]><project><artifactId>&c;</artifactId></project>"}, "syntax"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			files := fstest.MapFS{}
			for name, text := range tc.files {
				files[name] = &fstest.MapFile{Data: []byte(text)}
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			app := Read(t.Context(), files, shop())
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if took > 10*time.Second {
				t.Errorf("%s: it took %s", tc.reason, took)
			}
			if allocated := (after.TotalAlloc - before.TotalAlloc) >> 20; allocated > 1024 {
				t.Errorf("%s: it allocated %d MiB", tc.reason, allocated)
			}
			t.Logf("%s, %d MiB, %d components, %d problems", took, (after.TotalAlloc-before.TotalAlloc)>>20, len(app.GetComponents()), len(app.GetProblems()))
			holds(t, app)
			found := tc.code == ""
			for _, p := range app.GetProblems() {
				found = found || p.GetCode() == tc.code
			}
			if !found {
				t.Errorf("%s: want a problem %s, got %v", tc.reason, tc.code, app.GetProblems())
			}
		})
	}
}

// deep is a mapping in a mapping, and so on.
func deep(levels int) string {
	var b strings.Builder
	b.WriteString("services:\n")
	for i := range min(levels, 1000) {
		b.WriteString(strings.Repeat(" ", i+1) + "a:\n")
	}
	return b.String()
}

// fataler is what a test and a property have in common.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// holds fails unless an application satisfies the contract and survives its own encoding.
func holds(t fataler, app *provisov1.Application) {
	t.Helper()
	if err := wire.Validate(app); err != nil {
		t.Fatalf("the contract is broken: %v", err)
	}
	data, err := wire.Encode(app)
	if err != nil {
		t.Fatalf("encode: %v", err)
	}
	back, err := wire.DecodeLimit[*provisov1.Application](data, wire.Strict, 64<<20)
	if err != nil {
		t.Fatalf("decode: %v", err)
	}
	if !proto.Equal(app, back) {
		t.Fatalf("what was decoded is not what was encoded")
	}
	for _, c := range app.GetComponents() {
		for _, e := range c.GetEnvironment() {
			if e.GetSecret() && e.GetValue() != "" {
				t.Fatalf("the value of %s stands there", e.GetName())
			}
		}
	}
}

// Whatever parsers return, the application satisfies the contract.
func TestReadContract(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "web", "tcp", "run", "persistent", "service", strings.Repeat("long ", 700), "a\x00\xff"}))
		number := rapid.OneOf(rapid.Int32(), rapid.Int32Range(0, 3))
		evidence := func() *provisov1.Evidence {
			if rapid.IntRange(0, 9).Draw(t, "none") == 0 {
				return nil
			}
			return &provisov1.Evidence{File: text.Draw(t, "file"), Line: number.Draw(t, "line"), Parser: rapid.SampledFrom([]string{reading.Kubernetes, reading.Helm, "", "other"}).Draw(t, "parser"), Standing: rapid.SampledFrom([]string{reading.Observed, reading.Inferred, ""}).Draw(t, "standing")}
		}
		var result reading.Result
		for range rapid.IntRange(0, 6).Draw(t, "components") {
			c := &provisov1.Component{Name: text.Draw(t, "name"), Kind: text.Draw(t, "kind"), Evidence: []*provisov1.Evidence{evidence()}}
			for range rapid.IntRange(0, 5).Draw(t, "facts") {
				c.Images = append(c.Images, &provisov1.ImageFact{Reference: text.Draw(t, "image"), Role: text.Draw(t, "role"), Evidence: evidence()})
				c.Ports = append(c.Ports, &provisov1.PortFact{Number: number.Draw(t, "port"), Protocol: text.Draw(t, "protocol"), Name: text.Draw(t, "name"), Evidence: evidence()})
				c.Environment = append(c.Environment, &provisov1.EnvironmentFact{Name: text.Draw(t, "name"), Value: text.Draw(t, "value"), Evidence: evidence()})
				c.Volumes = append(c.Volumes, &provisov1.VolumeFact{Path: text.Draw(t, "path"), Kind: text.Draw(t, "kind"), SizeBytes: int64(number.Draw(t, "size")), Evidence: evidence()})
				c.Replicas = append(c.Replicas, &provisov1.ReplicaFact{Count: number.Draw(t, "count"), Evidence: evidence()})
			}
			result.Components = append(result.Components, c)
		}
		result.Problem(text.Draw(t, "file"), int(number.Draw(t, "line")), text.Draw(t, "code"), text.Draw(t, "message"))
		result.Hints = append(result.Hints, &provisov1.Hint{Text: text.Draw(t, "hint"), Evidence: evidence()})
		result.Resources = append(result.Resources, &provisov1.DeclaredResource{Address: text.Draw(t, "address"), Kind: "resource", Evidence: evidence()})
		with := known
		with.kubernetes = func(fs.FS, []string) reading.Result { return result }
		holds(t, read(t.Context(), fstest.MapFS{"a.yaml": {Data: []byte("a: b\n")}}, shop(), with))
	})
}

// Whatever stands in the files, the application satisfies the contract.
func FuzzRead(f *testing.F) {
	f.Add("services: {a: {image: b, ports: ['1:2'], environment: {A: b}}}\n", "FROM a\nENV A=b\nEXPOSE 1\n", "web: a\n", `{"name":"a","scripts":{"start":"b"}}`)
	f.Fuzz(func(t *testing.T, compose, dockerfile, procfile, pack string) {
		holds(t, Read(t.Context(), fstest.MapFS{
			"compose.yaml": {Data: []byte(compose)}, "k8s.yaml": {Data: []byte(compose)}, "a/Dockerfile": {Data: []byte(dockerfile)},
			"Procfile": {Data: []byte(procfile)}, "package.json": {Data: []byte(pack)}, ".env.example": {Data: []byte(procfile)}, "README.md": {Data: []byte(procfile)},
		}, shop()))
	})
}
