package guard

import (
	"regexp"
	"strings"
)

// introduces matches the end of a line that announces pasted material; named is what it is said to be.
var introduces = regexp.MustCompile(`(?i)\b(?:this|that|these|the following|following|here is|here's|below|its|our|cette?|ces|ceux|l[ae']s?|voici|suivante?s?|ci-dessous|son|notre|an?|une?|the)\b[^\n:]{0,40}?\b(alerts?|alarms?|incidents?|logs?|traces?|stack ?traces?|error|errors|output|dump|images?|dockerfile|containerfile|file|compose|manifest|script|code|snippet|e-?mail|message|ticket|note|notes|comment|comments|alertes?|alarmes?|journ(?:al|aux)|erreurs?|sortie|fichiers?|manifeste|extrait|courriel|commentaires?)\b[^\n:]{0,24}:\s*$`)

// surely are the words after which what follows can be nothing that is asked for.
var surely = regexp.MustCompile(`(?i)\b(?:alert|alarm|incident|log|trace|stack|error|output|dump|alerte|alarme|journ|erreur|sortie|dockerfile|containerfile)`)

// sameLine matches an alert or a message that begins on the line that announces it.
var sameLine = regexp.MustCompile(`(?i)\b(?:because of|due to|after|given|for|to handle|to resolve|see|à cause de|suite à|après|d'après|pour traiter|pour résoudre|vu|voir)\s+(?:this|the|the following|that|an?|cette|cet|ce|l'|la|le|une?)\s*(?:following |suivante? )?(?:alert|alarm|incident|log line|log|error|error message|alerte|alarme|erreur|message d'erreur|ligne de journal)(?: suivante?| below)?\s*:[ \t]*\S`)

// codeLine matches a line that no request has: of a Dockerfile, an alert, a log, or a program.
var codeLine = regexp.MustCompile(`^\s*(?:(?:FROM|RUN|CMD|ENV|LABEL|COPY|ADD|EXPOSE|USER|ARG|WORKDIR|ENTRYPOINT|HEALTHCHECK|ONBUILD|VOLUME|SHELL|STOPSIGNAL|MAINTAINER)\s|#|//|/\*|(?i:summary|description|runbook(?:_url)?|labels|annotations|severity|alert|alertname|action|expr|status|startsat|generatorurl|message|résumé|sévérité|gravité)\s*[:=]|\d{4}-\d\d-\d\d[T ]|\[?(?:ERROR|WARN|WARNING|INFO|FATAL|DEBUG|CRITICAL)\b|[{}<]|\$ |at \S+\(|Traceback|(?:image|services|build|command|environment|ports|apiVersion|kind|metadata|spec)\s*:)`)

// dockerLine and alertLine match the first line of such a thing where nothing announces it.
var (
	dockerLine = regexp.MustCompile(`^\s*(?:# syntax=|FROM [a-z0-9][\w./:@-]*(?: AS [\w-]+)?\s*$)`)
	alertLine  = regexp.MustCompile(`^\s*(?:-\s*)?(?i:alert|alertname|annotations|runbook_url)\s*[:=]\s*\S`)
	tableLine  = regexp.MustCompile(`^\s*\|.*\|\s*$`)
	// machineLine matches a line of a list of machines, or of one machine.
	machineLine = regexp.MustCompile(`(?i)^\s*(?:[-*]\s*)?(?:name|names|nom|noms|cores|cœurs|coeurs|cpu|vcpu|memory|mémoire|ram|template|modèle|disk|disque|network|réseau)\s*[:=]|^\s*(?:[-*]|\d+[.)])?\s*[a-z][\w-]*\s*[:,;]\s*\d+\s*(?:v?cpus?|cores?|cœurs?|gb|go|gib|mb|mo)\b`)
	fence       = regexp.MustCompile("^\\s*(?:```|~~~)")
)

// quoted returns what was pasted into a text: what a line announces, what stands between fences and looks like code, and a
// Dockerfile or an alert that nothing announces. A table or a list of machines is what is asked for.
func quoted(text string) []Passage {
	if !strings.ContainsAny(text, ":\n") {
		return nil
	}
	var out []Passage
	lines, at := strings.SplitAfter(text, "\n"), 0
	starts := make([]int, 0, len(lines)+1)
	for _, l := range lines {
		starts = append(starts, at)
		at += len(l)
	}
	starts = append(starts, at)
	for i := 0; i < len(lines); i++ {
		line := strings.TrimRight(lines[i], "\r\n \t")
		if colon := strings.IndexByte(line, ':'); colon >= 0 && colon < len(line)-1 {
			if m := sameLine.FindStringIndex(line); m != nil && !tableLine.MatchString(line) {
				out = append(out, Passage{starts[i] + m[1] - 1, starts[i] + len(line), KindQuoted})
			}
		}
		from, sure := -1, false
		switch {
		case strings.HasSuffix(line, ":") && introduces.MatchString(line):
			from = i + 1
			m := introduces.FindStringSubmatch(line)
			sure = surely.MatchString(m[1])
		case dockerLine.MatchString(line) && i+1 < len(lines), alertLine.MatchString(line):
			from = i
		case fence.MatchString(line):
			from = i + 1
		}
		if from < 0 {
			continue
		}
		for from < len(lines) && (strings.TrimSpace(lines[from]) == "" || fence.MatchString(lines[from])) {
			from++
		}
		end := blockEnd(lines, from)
		if from >= end || !pasted(lines[from:end], sure) {
			continue
		}
		out = append(out, Passage{starts[from], starts[end], KindQuoted})
		i = end - 1
	}
	if len(out) == 1 && strings.TrimSpace(text[:out[0].Start]+text[out[0].End:]) == "" {
		return nil // there is nothing else that could be the request
	}
	return out
}

// blockEnd returns the line after a pasted block: the fence that closes it, or a line of prose after an empty one.
func blockEnd(lines []string, from int) int {
	fenced := from > 0 && from <= len(lines) && fence.MatchString(lines[from-1])
	for i := from; i < len(lines); i++ {
		switch {
		case fence.MatchString(lines[i]):
			return i
		case !fenced && i > from && strings.TrimSpace(lines[i-1]) == "" && strings.TrimSpace(lines[i]) != "" && !codeLine.MatchString(lines[i]) && lines[i][0] != ' ' && lines[i][0] != '\t':
			return i
		}
	}
	return len(lines)
}

// pasted reports whether the lines of a block are material rather than what is asked for.
func pasted(lines []string, sure bool) bool {
	code, machines, said := 0, 0, 0
	for _, l := range lines {
		switch {
		case strings.TrimSpace(l) == "":
			continue
		case tableLine.MatchString(l):
			return false
		case machineLine.MatchString(l):
			machines++
		case codeLine.MatchString(l):
			code++
		}
		said++
	}
	if said == 0 || machines > 0 && code <= machines {
		return false
	}
	return sure || code > 0
}
