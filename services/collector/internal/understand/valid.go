package understand

import (
	"strings"
)

// validLabel reports whether a text is a DNS label, which the name of a guest must be.
func validLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c >= 0x80 || !nameByte(c) || c == '_' || c == '.' {
			return false
		}
	}
	return true
}

// labelFrom makes a DNS label of what somebody wrote, "" when nothing is left of it.
func labelFrom(s string) string {
	var b strings.Builder
	for _, r := range fold(s) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case concealed(r) || b.Len() == 0 || strings.HasSuffix(b.String(), "-"):
		default:
			b.WriteByte('-')
		}
	}
	out := b.String()
	if len(out) > 40 {
		out = out[:40]
	}
	return strings.Trim(out, "-")
}

// only reports whether a text is made of ASCII letters, digits and the bytes given, and has at most n bytes.
func only(s, more string, n int) bool {
	if s == "" || len(s) > n {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(more, c) >= 0) {
			return false
		}
	}
	return true
}

func validTag(s string) bool {
	return only(s, "_.+-", 64) && !strings.ContainsRune(".+-", rune(s[0]))
}

func validUser(s string) bool {
	return only(s, "_-", 32) && s == strings.ToLower(s) && s[0] != '-' && (s[0] < '0' || s[0] > '9')
}

func validDomain(s string) bool {
	return only(s, ".-", 253) && !strings.ContainsRune(".-", rune(s[0])) && !strings.ContainsRune(".-", rune(s[len(s)-1]))
}

// validVolume reports whether a text has the form of a volume, "storage:path".
func validVolume(s string) bool {
	storage, path, ok := strings.Cut(s, ":")
	return ok && only(storage, "._-", 100) && only(path, "._/+-", 256) && len(s) <= 256
}

// validKey reports whether a line is a public SSH key as the contract takes it.
func validKey(s string) bool {
	typ, rest, ok := strings.Cut(s, " ")
	data, _, _ := strings.Cut(rest, " ")
	known := typ == "ssh-rsa" || typ == "ssh-ed25519" || typ == "ssh-dss" ||
		strings.HasPrefix(typ, "ecdsa-sha2-") && only(typ[len("ecdsa-sha2-"):], "-", 64) && typ == strings.ToLower(typ) ||
		strings.HasPrefix(typ, "sk-") && only(typ[3:], "@.-", 64) && typ == strings.ToLower(typ)
	return ok && known && len(s) <= 4096 && only(data, "+/=", 4096) && !strings.ContainsFunc(s, concealed)
}
