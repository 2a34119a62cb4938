package metadata

import (
	"regexp"
	"strings"
)

// What a Gemfile says, read as text: nothing is executed.
var (
	gemLine   = regexp.MustCompile(`^\s*gem[\s(]+["']([A-Za-z0-9._-]+)["']`)
	rubyLine  = regexp.MustCompile(`^\s*ruby[\s(]+["']([^"']+)["']`)
	groupLine = regexp.MustCompile(`^\s*group[\s(].*\bdo\b`)
	blockLine = regexp.MustCompile(`\bdo\s*(\|[^|]*\|)?\s*$`)
	endLine   = regexp.MustCompile(`^\s*end\b`)
	ownGroup  = regexp.MustCompile(`group:?\s*(?:=>)?\s*\[?\s*:(development|test)\b`)
)

func (r *reader) ruby() {
	var required []library
	version, versionLine, number := "", 0, 0
	var outside []bool // for each open block: it is for development or tests only
	for line := range strings.Lines(string(r.data)) {
		number++
		line = strings.TrimRight(line[:min(len(line), 1000)], "\r\n")
		switch {
		case groupLine.MatchString(line):
			outside = append(outside, !strings.Contains(line, ":production") && !strings.Contains(line, ":default"))
		case blockLine.MatchString(line):
			outside = append(outside, false)
		case endLine.MatchString(line) && len(outside) > 0:
			outside = outside[:len(outside)-1]
		}
		if m := rubyLine.FindStringSubmatch(line); m != nil {
			version, versionLine = m[1], number
		}
		if m := gemLine.FindStringSubmatch(line); m != nil && !inside(outside) && !ownGroup.MatchString(line) {
			required = append(required, library{m[1], number})
		}
	}
	r.Runs = r.has("config.ru")
	r.runtime("ruby", version, versionLine, required)
}

func inside(outside []bool) bool {
	for _, o := range outside {
		if o {
			return true
		}
	}
	return false
}
