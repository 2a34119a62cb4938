package repository

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// nameProblem says why a name of a file or folder is not taken over; "" when it is. It refuses what would be something else on some
// file system, so that a path in a descriptor means the same wherever somebody follows it.
func nameProblem(name string) string {
	switch {
	case name == "" || name == "." || name == "..":
		return "The name is a step in a path, not a name."
	case len(name) > nameBytes:
		return "The name is longer than 255 bytes."
	case !utf8.ValidString(name):
		return "The name is no valid UTF-8."
	case strings.ContainsAny(name, "/\\"):
		return "The name holds a path."
	case strings.ContainsFunc(name, unprintable):
		return "The name holds control characters or marks that are not seen."
	case gitFolder(name):
		return "The name is that of Git's own folder."
	}
	return ""
}

// unprintable are control characters and those that change how a text looks without being seen (HFS+ ignores some of them).
func unprintable(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
}

// gitFolder reports whether some file system takes the name for .git: in other letters, under its short name on NTFS, or with what
// NTFS drops at the end.
func gitFolder(name string) bool {
	name, _, _ = strings.Cut(strings.ToLower(name), ":")
	name = strings.TrimRight(name, " .")
	return name == ".git" || name == "git~1"
}

// outside reports whether a link in a folder leads out of the tree.
func outside(folder, target string) bool {
	if path.IsAbs(target) || strings.ContainsAny(target, "\\\x00") || len(target) > 1 && target[1] == ':' {
		return true
	}
	joined := path.Join(folder, target)
	return joined == ".." || strings.HasPrefix(joined, "../")
}

// unread are the folders below the one that was asked for which hold other people's code, tests or output (ADR 0010).
var unread = map[string]bool{
	"node_modules": true, "vendor": true, "third_party": true, "testdata": true, ".terraform": true, "dist": true, "target": true,
}
