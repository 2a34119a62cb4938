package metadata

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
)

// deepestXML is how deep elements may be nested; nothing below is looked at.
const deepestXML = 64

// maven reads pom.xml as a stream of tokens. Entities other than XML's own are errors, so none is expanded.
func (r *reader) maven() {
	decoder := xml.NewDecoder(bytes.NewReader(r.data))
	decoder.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	pom := pomReader{properties: map[string]string{}}
	var stack []string
	var content strings.Builder
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line, _ := decoder.InputPos()
			r.syntax(line, "XML", err)
			return
		}
		switch t := token.(type) {
		case xml.StartElement:
			if len(stack) >= deepestXML {
				r.Result.Problem(r.File, 0, "too_many", "The file nests too deeply and was not read.")
				return
			}
			stack = append(stack, t.Name.Local)
			content.Reset()
			if t.Name.Local == "dependency" || t.Name.Local == "parent" {
				pom.group, pom.artifact, pom.scope = "", "", ""
			}
		case xml.CharData:
			if content.Len() < 1024 {
				content.Write(t[:min(len(t), 1024)])
			}
		case xml.EndElement:
			line, _ := decoder.InputPos()
			pom.end(strings.Join(stack, "/"), strings.TrimSpace(content.String()), line)
			content.Reset()
			stack = stack[:len(stack)-1]
		}
	}
	r.Name = lastElement(pom.name)
	r.Runs = pom.main && pom.packaging != "pom"
	version, line := pom.version()
	r.runtime("java", version, line, pom.required)
	if pom.packaging == "pom" {
		r.Runs, r.Port = false, nil
	}
}

// pomReader gathers what the elements of a pom.xml say.
type pomReader struct {
	name, packaging        string
	group, artifact, scope string
	artifactLine           int
	properties             map[string]string
	lines                  []property
	required               []library
	main                   bool
}

// property is one of those that may say the version of Java.
type property struct {
	name string
	line int
}

// end takes in one element with its text.
func (p *pomReader) end(at, content string, line int) {
	switch at {
	case "project/artifactId":
		p.name = content
	case "project/packaging":
		p.packaging = content
	case "project/parent/groupId", "project/dependencies/dependency/groupId":
		p.group = content
	case "project/parent/artifactId", "project/dependencies/dependency/artifactId":
		p.artifact, p.artifactLine = content, line
	case "project/dependencies/dependency/scope":
		p.scope = content
	case "project/parent", "project/dependencies/dependency":
		if p.scope != "test" {
			p.required = append(p.required, library{p.group + ":" + p.artifact, p.artifactLine})
		}
	case "project/build/plugins/plugin/artifactId":
		p.main = p.main || content == "spring-boot-maven-plugin" || content == "quarkus-maven-plugin"
	default:
		if path.Base(at) == "mainClass" && strings.HasPrefix(at, "project/build/") {
			p.main = true
		}
		if name, found := strings.CutPrefix(at, "project/properties/"); found && !strings.Contains(name, "/") {
			p.properties[name] = content
			p.lines = append(p.lines, property{name, line})
		}
	}
}

// version is Java's, by the properties that set it.
func (p *pomReader) version() (string, int) {
	for _, name := range []string{"java.version", "maven.compiler.release", "maven.compiler.target", "maven.compiler.source"} {
		value := p.properties[name]
		if value == "" || strings.Contains(value, "${") {
			continue
		}
		i := slices.IndexFunc(p.lines, func(one property) bool { return one.name == name })
		return value, p.lines[i].line
	}
	return "", 0
}

// What a Gradle script says, read as text: nothing is executed.
var (
	gradleDependency = regexp.MustCompile(`^\s*(?:implementation|api|compile|runtimeOnly|developmentOnly)[\s(]+(?:platform\()?["']([A-Za-z0-9._-]+:[A-Za-z0-9._-]+)(?::[^"']*)?["']`)
	gradlePlugin     = regexp.MustCompile(`^\s*(?:id[\s(]+|apply plugin:\s*)["']([A-Za-z0-9._-]+)["']`)
	gradleVersion    = regexp.MustCompile(`(?:JavaLanguageVersion\.of\(|jvmToolchain\(|sourceCompatibility\s*=\s*["']?(?:JavaVersion\.VERSION_)?)([0-9][0-9._]*)`)
	gradleMain       = regexp.MustCompile(`^\s*(?:mainClass(?:Name)?(?:\.set\(|\s*=)|application\s*(?:\{|$))`)
	gradleName       = regexp.MustCompile(`^\s*rootProject\.name\s*=\s*["']([^"']+)["']`)
)

func (r *reader) gradle() {
	var required []library
	version, versionLine, number := "", 0, 0
	for line := range strings.Lines(string(r.data)) {
		number++
		line = line[:min(len(line), 1000)]
		if m := gradleDependency.FindStringSubmatch(line); m != nil {
			required = append(required, library{m[1], number})
		}
		if m := gradlePlugin.FindStringSubmatch(line); m != nil {
			required = append(required, library{m[1], number})
			r.Runs = r.Runs || slices.Contains([]string{"application", "org.springframework.boot", "io.quarkus"}, m[1])
		}
		if m := gradleVersion.FindStringSubmatch(line); m != nil && version == "" {
			version, versionLine = strings.ReplaceAll(m[1], "_", "."), number
		}
		r.Runs = r.Runs || gradleMain.MatchString(line)
	}
	for _, name := range []string{"settings.gradle", "settings.gradle.kts"} {
		if r.has(name) {
			for line := range strings.Lines(string(r.head(path.Join(r.Folder, name)))) {
				if m := gradleName.FindStringSubmatch(line); m != nil {
					r.Name = lastElement(m[1])
				}
			}
		}
	}
	r.runtime("java", version, versionLine, required)
}
