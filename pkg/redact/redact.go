package redact

import (
	"slices"
	"strconv"
	"strings"
)

// Kinds of secrets, as [Found] names them.
const (
	KindPassword      = "password"      // stood after a word such as password or mot de passe
	KindToken         = "token"         // an API token, ticket, JWT or key of a service
	KindPrivateKey    = "private_key"   // PEM or OpenSSH
	KindAuthorization = "authorization" // header of HTTP, or user information of a URL
	KindHash          = "hash"          // of a password, as crypt(3) writes it
	KindRandom        = "random"        // a long random string beside a word that announces a secret
)

// Found is one secret that was taken out.
type Found struct {
	// Kind is one of the kinds above.
	Kind string
}

// Text returns s with a placeholder in the place of every secret, and one Found for each different secret. Equal secrets
// get equal placeholders; a text that is clean comes back unchanged.
func Text(s string) (clean string, found []Found) {
	return new(Redactor).Text(s)
}

// Redacted reports whether something was taken out of s: whether it holds a placeholder. Such a text is not what its author wrote.
func Redacted(s string) bool { return placeholders.MatchString(s) }

// Redactor redacts several texts of one piece of work, so that equal secrets get equal placeholders in all of them. The
// zero value is ready to use. It holds the secrets and must not outlive the work; it is not safe for concurrent use.
type Redactor struct {
	secrets []string       // by number, from 1
	numbers map[string]int // secret -> number
	kinds   []string       // by number
}

// Text is [Text] with the placeholders of r.
func (r *Redactor) Text(s string) (clean string, found []Found) {
	if !suspect(s) && len(r.secrets) == 0 {
		return s, nil
	}
	r.reserve(s)
	seen := len(r.secrets)
	// What stands in a placeholder's neighbourhood may only now look like a secret; two turns are usual, and a text that
	// wants more is hostile and loses nothing that matters.
	for range 4 {
		before := s
		for _, p := range patterns {
			s = r.apply(s, p)
		}
		s = r.announced(s)
		s = r.random(s)
		s = r.repeated(s)
		if s == before {
			break
		}
	}
	for _, kind := range r.kinds[seen:] {
		if kind != "" {
			found = append(found, Found{Kind: kind})
		}
	}
	return s, found
}

// Restore puts the secrets back. Only a value that stays in this process may be restored.
func (r *Redactor) Restore(s string) string {
	for n := len(r.secrets); n > 0; n-- { // a later secret may hold the placeholder of an earlier one
		if r.secrets[n-1] != "" {
			s = strings.ReplaceAll(s, placeholder(n), r.secrets[n-1])
		}
	}
	return s
}

// Clean reports whether s holds no secret that r took out before.
func (r *Redactor) Clean(s string) bool {
	return !slices.ContainsFunc(r.secrets, func(secret string) bool { return telling(secret) && strings.Contains(s, secret) })
}

// reserve keeps the numbers of placeholders that a text already has from being given to other secrets.
func (r *Redactor) reserve(s string) {
	for _, m := range placeholders.FindAllStringSubmatch(s, -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil || n > placeholdersMost {
			continue
		}
		for len(r.secrets) < n {
			r.secrets, r.kinds = append(r.secrets, ""), append(r.kinds, "")
		}
	}
}

// take returns the placeholder of a secret.
func (r *Redactor) take(secret, kind string) string {
	if n, ok := r.numbers[secret]; ok {
		return placeholder(n)
	}
	if r.numbers == nil {
		r.numbers = map[string]int{}
	}
	r.secrets, r.kinds = append(r.secrets, secret), append(r.kinds, kind)
	r.numbers[secret] = len(r.secrets)
	return placeholder(len(r.secrets))
}

// apply replaces the first group of a pattern wherever it matches.
func (r *Redactor) apply(s string, p pattern) string {
	if p.hint != "" && !strings.Contains(s, p.hint) {
		return s
	}
	var b strings.Builder
	last := 0
	for _, m := range p.re.FindAllStringSubmatchIndex(s, -1) {
		from, to := m[2], m[3]
		if from < 0 || harmless(s[from:to]) {
			continue
		}
		b.WriteString(s[last:from])
		b.WriteString(r.take(s[from:to], p.kind))
		last = to
	}
	if last == 0 {
		return s
	}
	b.WriteString(s[last:])
	return b.String()
}

// repeated replaces further occurrences of secrets that were found. Plain words stay: somebody whose password is "debian"
// still wants the template of that name.
func (r *Redactor) repeated(s string) string {
	var pairs []string
	for n, secret := range r.secrets {
		if telling(secret) && len(pairs) < 2*repeatedMost {
			pairs = append(pairs, secret, placeholder(n+1))
		}
	}
	if pairs == nil {
		return s
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

// telling reports whether a secret would be recognised as one wherever it stood.
func telling(secret string) bool {
	return len(secret) >= 6 && len(secret) <= 256 && mixed(secret) && !strings.Contains(secret, "secret-")
}

func placeholder(n int) string { return "[secret-" + strconv.Itoa(n) + "]" }

const (
	placeholdersMost = 4096 // a text may bring placeholders along; a larger number is no placeholder of ours
	repeatedMost     = 256  // different secrets that are searched everywhere
)
