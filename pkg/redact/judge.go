package redact

import (
	"math"
	"regexp"
	"strings"
	"unicode"
)

// randomOrWord finds, in order, the words that announce a secret and the strings that might be one (group 1).
var randomOrWord = regexp.MustCompile(`(?i)(?:password|passwd|secret|token|jeton|mot de passe|mdp|credential|bearer|auth|cl(?:é|e)s?\b|keys?\b)|([A-Za-z0-9+/_=.-]{32,})`)

// isRandom reports whether a long string carries about as much surprise as a generated one: words and paths stay below.
func isRandom(v string) bool {
	if strings.Count(v, "/") > len(v)/12 || !mixed(v) {
		return false
	}
	var count [256]int
	for i := range len(v) {
		count[v[i]]++
	}
	bits := 0.0
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(v))
			bits -= p * math.Log2(p)
		}
	}
	return bits >= 3.3
}

// public reports whether a long string is one that anybody may read: an SSH public key, a digest, a UUID.
func public(before, v string) bool {
	if strings.HasPrefix(v, "AAAA") || strings.HasPrefix(v, "ssh-") || strings.HasPrefix(v, "ecdsa-") || strings.HasPrefix(v, "SHA256") {
		return true
	}
	tail := strings.ToLower(before[max(0, len(before)-24):])
	for _, w := range []string{"sha1:", "sha256:", "sha512:", "md5:", "sha256=", "checksum", "digest", "somme", "uuid", "sha256 ", "fingerprint", "empreinte"} {
		if strings.Contains(tail, w) {
			return true
		}
	}
	return uuid.MatchString(v)
}

var (
	uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`)
	// reference is a value that points to a secret instead of being one.
	reference = regexp.MustCompile(`^(?:\$\{[^}]*\}|\$\([^)]*\)|\$[A-Z_][A-Z0-9_]*|\{\{.*\}\}|<[^<>]+>|%[A-Za-z_]+%|(?:var|local|data|module|env)\.[\w.\[\]]+|\*{3,}|x{4,}|\.{3,}|…|\[redacted\]|secret-\d{1,6}\]?)$`)
	// quantity is a size, a count or an address: what a request says beside a password, not the password.
	quantity = regexp.MustCompile(`(?i)^(?:\d+([.,]\d+)?(?:x|[kmgtp]i?[bo]?|v?cpus?|c|cores?|coeurs?|h|s|min|ms|%)?(?:/\d+\w{0,2})?|\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?)$`)
	name     = regexp.MustCompile(`^[a-z]+(?:-[a-z]+)*-\d{1,3}$`)
)

// harmless reports whether a value is a placeholder, or points to a secret that is kept elsewhere.
func harmless(v string) bool {
	return placeholders.FindString(v) == v && v != "" || reference.MatchString(v) || strings.HasPrefix(v, "[secret-") || strings.HasPrefix(v, "ssh-") || strings.HasPrefix(v, "ecdsa-")
}

// ordinary reports whether a word is at home in a request for infrastructure.
func ordinary(v string) bool {
	return quantity.MatchString(v) || name.MatchString(v) || stops[strings.ToLower(v)]
}

// mixed reports whether a word has letters and digits, or a sign that words do not have, or capitals in its middle.
func mixed(v string) bool {
	var letters, digits, signs, inner int
	lower := false
	for _, c := range v {
		switch {
		case unicode.IsDigit(c):
			digits++
		case unicode.IsLetter(c):
			letters++
			if unicode.IsUpper(c) && lower {
				inner++
			}
			lower = unicode.IsLower(c)
		case strings.ContainsRune("!@#$%^&*+=~?|\\<>{}", c):
			signs++
		}
	}
	return letters > 0 && digits > 0 || signs > 0 || inner > 0 || digits >= 4 && letters == 0
}

// stops are words that follow an announcement without being a secret.
var stops = set(`none null nil true false yes no on off oui non aucun aucune vide empty required optional needed necessary disabled
enabled allowed denied unset unknown stored kept generated random rotated expired changed set given provided the a an in not
never same same. reset by from with and or it to be for like as via only also please default long short strong weak secure
requis requise optionnel optionnelle nécessaire désactivé désactivée activé activée stocké stockée généré générée aléatoire
expiré expirée inconnu inconnue défini définie le la les un une dans pas jamais même par avec et ou pour comme obligatoire
facultatif facultative fort faible sécurisé oublié demandé demandée fourni fournie celui celle ci-dessous above below here
ici string str text bytes int bool todo tbd n/a`)

func set(words string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		out[w] = true
	}
	return out
}
